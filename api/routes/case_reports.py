"""Figures and reports of a month or a year of cases."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response

from api.callers import asks
from api.deps import ReadSession, TheService
from patrol.cases import report as reports
from patrol.cases.letters.book import write_register
from patrol.cases.period import PeriodError, period_of

router = APIRouter(tags=["cases"], dependencies=[Depends(asks("figures.read"))])

_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {"pdf": "application/pdf", "xlsx": _BOOK}
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in _TYPES.values()}}}
PeriodName = Annotated[str, Query(pattern=r"^\d{4}(-\d{2})?$", description="A month, 2026-10, or a year, 2026.")]
Language = Annotated[Literal["zh", "en"], Query(description="Language of the report.")]


@router.get("/case-figures")
def case_figures(service: TheService, session: ReadSession, period: PeriodName) -> dict[str, Any]:
    """All figures of a month or a year: in time, late, returned, clocks, letters, grades, the appraisal with its formula."""
    return reports.as_json(_read(service, session, period))


@router.get("/case-report", response_class=Response, responses=_FILES)
def case_report(
    service: TheService,
    session: ReadSession,
    period: PeriodName,
    form: Annotated[Literal["pdf", "xlsx"], Query(alias="format")] = "pdf",
    lang: Language = "zh",
) -> Response:
    """The report of a month or a year as a document or a workbook."""
    found = _read(service, session, period)
    words = reports.Words(lang, found.period.zone)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"report.{form}"
        reports.write(session, found, words, file)
        content = file.read_bytes()
    return _file(content, f"cases-{period}-{lang}.{form}", _TYPES[form])


@router.get("/letter-register", response_class=Response, responses={200: {"content": {_BOOK: {}}}})
def letter_register(
    service: TheService,
    session: ReadSession,
    year: Annotated[int, Query(ge=2000, le=2100)],
    lang: Language = "zh",
) -> Response:
    """The register of letters (登记簿) of a year as a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "register.xlsx"
        write_register(session, year, service.loaded.registry.county.zone, file, lang=lang)
        content = file.read_bytes()
    return _file(content, f"letters-{year}-{lang}.xlsx", _BOOK)


def _read(service: TheService, session: ReadSession, name: str) -> reports.CaseReport:
    registry, now = service.loaded.registry, datetime.now(UTC)
    try:
        period = period_of(name, registry.county.zone, now)
    except PeriodError as error:
        raise HTTPException(422, f"period: {error}") from error
    return reports.read_report(session, period, registry, now)


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(content, media_type=kind, headers=headers)
