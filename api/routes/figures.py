"""Figures over county days (统计), each with a workbook or text table of the same numbers."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response

from api import figure_answers as answers
from api import models
from api.callers import asks
from api.deps import ReadSession, TheService, seen_cameras
from patrol.access import Caller, can
from patrol.figures import sheets
from patrol.figures.coverage import coverage_of, looks_over
from patrol.figures.departments import departments_of
from patrol.figures.false_alarms import false_alarms_of
from patrol.figures.incidents import incidents_of
from patrol.figures.period import Range, RangeError, range_of
from patrol.figures.response import response_of
from patrol.figures.spot_checks import spot_checks_of
from patrol.paper.book import write_book
from patrol.paper.text_table import text_table
from patrol.service import Service

router = APIRouter(prefix="/figures", tags=["figures"])

_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": _BOOK}
_LAST = timedelta(days=6)

Reader = Annotated[Caller, Depends(asks("figures.read"))]
ReaderOrDepartment = Annotated[Caller, Depends(asks("figures.read", "inbox.read"))]
PlaceBy = Annotated[
    Literal["category", "platform", "division"], Query(description="What the groups are; a division is its township.")
]
Figure = Literal["coverage", "incidents", "false-alarms", "response", "departments", "spot-checks"]


def _asked(
    service: TheService,
    since: Annotated[date | None, Query(description="First county day; left out: six days before the last.")] = None,
    until: Annotated[date | None, Query(description="Last county day, counted too; left out: today.")] = None,
) -> Range:
    now, zone = service.clock.wall(), service.loaded.registry.county.zone
    last = until or now.astimezone(zone).date()
    try:
        return range_of(since or last - _LAST, last, zone, now)
    except RangeError as error:
        raise HTTPException(422, str(error)) from error


Asked = Annotated[Range, Depends(_asked)]


@router.get("/coverage")
def coverage_figures(
    caller: Reader, service: TheService, session: ReadSession, asked: Asked, by: PlaceBy = "category"
) -> models.Coverage:
    """Coverage: looks due and made, gaps, misses with causes; whole, by day and by group. One day agrees with the printed report.

    One look on one day counts once. Days that are over are counted once, today again and again (`counted_at`).
    """
    rolls, counted_at = service.figures.rolls(session, asked)
    found = coverage_of(rolls, by, seen_cameras(caller, service.loaded.registry))
    missing = service.figures.missing(session, asked)
    return answers.coverage(found, asked, by, service.figures.places(), counted_at, missing)


@router.get("/coverage/looks")
def coverage_looks(
    caller: Reader,
    service: TheService,
    session: ReadSession,
    asked: Asked,
    by: PlaceBy = "category",
    key: Annotated[str | None, Query(max_length=130, description="Only looks of this group.")] = None,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,9}$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.Page[models.CoverageLook]:
    """The looks behind the coverage, the one longest past its period first."""
    rolls, _ = service.figures.rolls(session, asked)
    found = looks_over(rolls, seen_cameras(caller, service.loaded.registry), by=by, key=key)
    start = int(cursor or 0)
    return models.Page(
        items=[answers.look(each, service.figures.places()) for each in found[start : start + limit]],
        next=str(start + limit) if start + limit < len(found) else None,
    )


@router.get("/incidents")
def incident_figures(
    caller: Reader,
    service: TheService,
    session: ReadSession,
    asked: Asked,
    by: Annotated[
        Literal["kind", "category", "platform", "division", "camera"], Query(description="What the groups are.")
    ] = "kind",
) -> models.IncidentFigures:
    """Incidents by the day they were first seen, by group, by last verdict, and how many nobody had judged at each day's end.

    By camera the 500 with the most incidents are given; the workbook has all.
    """
    places = service.figures.places()
    found = incidents_of(session, asked, by, places, seen_cameras(caller, service.loaded.registry))
    return answers.incidents(found, asked, by, places)


@router.get("/false-alarms")
def false_alarm_shares(
    caller: Reader,
    service: TheService,
    session: ReadSession,
    asked: Asked,
    limit: Annotated[int, Query(ge=1, le=500, description="Cameras and kinds at most.")] = 100,
) -> models.FalseAlarms:
    """Of flags whose last verdict was given in the days: the share that was a false alarm, with its interval and reasons.

    Judged are those confirmed, false alarm or exempt; candidates claimed nothing and are left out.
    """
    found = false_alarms_of(session, asked, seen_cameras(caller, service.loaded.registry), limit=limit)
    return answers.false_alarms(found, asked, service.figures.places())


@router.get("/response")
def response_figures(
    caller: ReaderOrDepartment,
    service: TheService,
    session: ReadSession,
    asked: Asked,
    by: Annotated[Literal["department", "kind"], Query(description="What the groups are.")] = "department",
) -> models.ResponseFigures:
    """Seconds from the alert to each step: median, 90th percentile, share in time. A department sees its own.

    For a reviewed incident the alert is written with its confirmation. Copies are left out; a limit that passed without an answer
    counts as due.
    """
    cameras = seen_cameras(caller, service.loaded.registry)
    found = response_of(session, asked, by, cameras=cameras, department=_own(caller))
    return answers.response(found, asked, by, service.figures.places())


@router.get("/departments")
def department_figures(
    caller: ReaderOrDepartment, service: TheService, session: ReadSession, asked: Asked
) -> models.DepartmentsFigures:
    """What each department was told in the days, and what became of it; what is open and late now. A department sees its own."""
    cameras = seen_cameras(caller, service.loaded.registry)
    found = departments_of(session, asked, cameras=cameras, department=_own(caller))
    return answers.departments(found, asked, service.figures.places())


@router.get("/spot-checks")
def spot_check_figures(
    caller: Reader, service: TheService, session: ReadSession, asked: Asked, by: PlaceBy = "category"
) -> models.SpotCheckRange:
    """Of clear looks of the days that were drawn by chance: the share in which a person found something overlooked."""
    places = service.figures.places()
    found = spot_checks_of(session, asked, by, places, seen_cameras(caller, service.loaded.registry))
    return answers.spot_checks(found, asked, by, places)


@router.get(
    "/file",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in _TYPES.values()}}},
)
def figure_file(
    caller: Reader,
    service: TheService,
    session: ReadSession,
    asked: Asked,
    figure: Annotated[Figure, Query(description="Which figure.")],
    by: Annotated[
        Literal["category", "platform", "division", "kind", "camera", "department"] | None,
        Query(description="What the groups are; left out: what the figure has without it."),
    ] = None,
    form: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "xlsx",
    lang: Annotated[Literal["zh", "en"], Query(description="Language of the headings.")] = "zh",
) -> Response:
    """A figure as a workbook, or its first sheet as comma-separated text."""
    words = sheets.Words(lang, asked.zone)
    pages = _sheets(caller, service, session, asked, figure, by, words)
    if form == "csv":
        content = text_table(pages[1], words)
    else:
        county = service.loaded.registry.county
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figures.xlsx"
            title = f"{words('title', county=words.name(county.name))} {asked.since} – {asked.until}"
            write_book(pages, words, file, title=title, creator="patrol")
            content = file.read_bytes()
    name = f"{figure}-{asked.since}-{asked.until}-{lang}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(content, media_type=_TYPES[form], headers=headers)


def _sheets(
    caller: Caller,
    service: Service,
    session: ReadSession,
    asked: Range,
    figure: Figure,
    by: str | None,
    words: sheets.Words,
) -> list[Any]:
    """What was asked for, then the figure's sheets."""
    places, cameras = service.figures.places(), seen_cameras(caller, service.loaded.registry)
    allowed = _BY[figure]
    by = by or next(iter(allowed), "")
    if allowed and by not in allowed:
        raise HTTPException(422, f"by: {figure} has groups by {', '.join(allowed)}")
    group: Any = by
    counted_at, missing = None, []
    if figure == "coverage":
        rolls, counted_at = service.figures.rolls(session, asked)
        missing = service.figures.missing(session, asked)
        pages = sheets.coverage_sheets(coverage_of(rolls, group, cameras), by, places, words)
    elif figure == "incidents":
        pages = sheets.incident_sheets(incidents_of(session, asked, group, places, cameras), by, places, words)
    elif figure == "false-alarms":
        pages = sheets.false_alarm_sheets(false_alarms_of(session, asked, cameras), places, words)
    elif figure == "response":
        pages = sheets.response_sheets(response_of(session, asked, group, cameras=cameras), by, places, words)
    elif figure == "departments":
        pages = sheets.department_sheets(departments_of(session, asked, cameras=cameras), places, words)
    else:
        pages = sheets.spot_check_sheets(spot_checks_of(session, asked, group, places, cameras), by, places, words)
    return [sheets.about(figure, asked, words, counted_at=counted_at, uncounted=missing), *pages]


_PLACES = ("category", "platform", "division")
_BY: dict[Figure, tuple[str, ...]] = {
    "coverage": _PLACES,
    "incidents": ("kind", *_PLACES, "camera"),
    "false-alarms": (),
    "response": ("department", "kind"),
    "departments": (),
    "spot-checks": _PLACES,
}


def _own(caller: Caller) -> str | None:
    """The one department whose figures somebody sees who may not see all; nobody's where it has none."""
    return None if can(caller, "figures.read") is None else caller.unit or ""
