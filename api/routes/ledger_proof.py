"""The proof for auditors: where the chain ends, daily roots, a walk through all of it, the printed log of a day."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from sqlalchemy import select

from api import models
from api.callers import Address, asks
from api.deps import ReadSession, TheService
from patrol import audit, report
from patrol._checking import Check
from patrol.access import Caller
from patrol.ledger.day import DayError, ledger_lines, read_day
from patrol.store.tables import DailyRoot

_READS = Depends(asks("ledger.read"))
router = APIRouter(prefix="/ledger", tags=["ledger"], dependencies=[_READS])

_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {"pdf": "application/pdf", "xlsx": _BOOK}
Reader = Annotated[Caller, _READS]


@router.get("/state")
def ledger_state(service: TheService) -> models.LedgerState:
    """Where the chain ends, the last day's root, and what the last walk through it found."""
    state = service.proof.state or {}
    last = service.checking.last
    return models.LedgerState(
        position=state.get("position"),
        hash=state.get("hash"),
        day=state.get("day"),
        root=state.get("root"),
        check=_check(last) if last is not None else None,
    )


@router.post("/checks", status_code=202)
def check_ledger(caller: Reader, service: TheService, address: Address) -> models.LedgerCheck:
    """Walk through the whole ledger beside everything else; while a walk is under way it is that one. `state` tells how it goes."""
    now = service.clock.wall()
    with service.store.sessions.begin() as session:
        audit.write(session, caller, "ledger.check", now=now, kind="ledger", address=address)
    return _check(service.checking.begin(caller.name))


@router.get("/roots")
def ledger_roots(
    session: ReadSession,
    cursor: Annotated[date | None, Query(description="Only days before it.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.Page[models.LedgerRoot]:
    """The roots of all closed days, newest first. A root written down elsewhere holds everything up to it."""
    wanted = select(DailyRoot).order_by(DailyRoot.day.desc()).limit(limit)
    if cursor is not None:
        wanted = wanted.where(DailyRoot.day < cursor.isoformat())
    rows = session.scalars(wanted).all()
    return models.Page(
        items=[
            models.LedgerRoot(
                day=date.fromisoformat(row.day),
                first_position=row.first_position,
                last_position=row.last_position,
                last_hash=row.last_hash,
                root=row.root,
                made_at=row.made_at,
            )
            for row in rows
        ],
        next=rows[-1].day if len(rows) == limit else None,
    )


@router.get(
    "/day-report",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in _TYPES.values()}}},
)
def day_report(
    caller: Reader,
    service: TheService,
    session: ReadSession,
    day: Annotated[date, Query(description="County day.")],
    form: Annotated[Literal["pdf", "xlsx"], Query(alias="format")] = "pdf",
    lang: Annotated[Literal["zh", "en"], Query(description="Language of the report.")] = "zh",
) -> Response:
    """The patrol log (巡查台账) of one county day as a document or a workbook. A workbook of ten thousand cameras takes most of a minute."""
    if caller.sight is not None:
        raise HTTPException(403, "the day's log names every camera of the county, and you may see some of them only")
    try:
        found = read_day(session, day, service.clock.wall(), zone=service.loaded.registry.county.zone)
    except DayError as error:
        raise HTTPException(404, str(error)) from error
    words = report.Words(lang, found.span.zone)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"report.{form}"
        if form == "xlsx":
            report.write_xlsx(found, ledger_lines(session, found.span), words, file)
        else:
            report.write_pdf(found, words, file)
        content = file.read_bytes()
    name = f"patrol-{found.county_code}-{day}-{lang}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(content, media_type=_TYPES[form], headers=headers)


def _check(found: Check) -> models.LedgerCheck:
    return models.LedgerCheck(
        state=found.state,
        by=found.by,
        started_at=found.started_at,
        ended_at=found.ended_at,
        done=found.done,
        total=found.total,
        roots=found.roots,
        found=found.found,
        problems=[
            models.LedgerProblem(what=p.what, position=p.position, kind=p.kind, ref=p.ref, detail=p.detail)
            for p in found.problems
        ],
        why=found.why,
    )
