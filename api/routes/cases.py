"""Cases by 13710: the list, one case with its trail, opening one, moving one."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.callers import allow, asks
from api.deps import ReadSession, TheService
from api.versions import version_of
from patrol import access, audit
from patrol.access import Caller
from patrol.cases import listing
from patrol.cases.book import Opening, StaleError, move, open_case
from patrol.cases.moves import Command, Move, MoveError, PlanStep
from patrol.cases.numbers import NumberError
from patrol.cases.types import CaseKind, ClockName, Grade, Level, Light, Severity, Source, Stage
from patrol.cases.view import CaseView, CaseWhole, case_view, case_whole
from patrol.service import Service
from patrol.store.tables import CaseEvent, CaseFile

router = APIRouter(tags=["cases"])

_Text = Annotated[str, Field(max_length=4000)]
_Line = Annotated[str, Field(min_length=1, max_length=200)]
Who = Annotated[str, Field(min_length=1, max_length=120)]
_DIVISION = r"^(\d{6}|\d{9}|\d{12}|\d{15})$"


class CasesPage(BaseModel):
    """One page of cases."""

    cases: list[CaseView]
    next: str | None = Field(description="Cursor of the page after it; null: this is the last.")


class CaseCounts(BaseModel):
    """How many cases a filter finds."""

    total: int
    lights: dict[Light, int]
    stages: dict[Stage, int]


class NewCase(BaseModel):
    """A matter that no alert has brought."""

    model_config = ConfigDict(extra="forbid")

    title: _Line
    description: _Text = ""
    address: _Line
    division: str | None = Field(None, pattern=_DIVISION, description="Where it is; left out: the county.")
    kind: CaseKind = "other"
    severity: Severity = "general"
    source: Source | None = Field(None, description="Of a reporter: grid or resident. Left out: operator.")
    occurred_at: AwareDatetime | None = Field(None, description="With an offset; left out: now.")
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    datum: Literal["WGS84", "GCJ-02", "CGCS2000"] | None = None
    by: Who | None = Field(None, description="Of the centre: the post that opens it. A token's name stands for itself.")


class Plan(BaseModel):
    """One step of a consultation's plan."""

    what: _Line
    unit: _Line
    by: date


class MoveRequest(BaseModel):
    """A move, with what it needs; `moves` of the case says what is possible now."""

    model_config = ConfigDict(extra="forbid")

    move: Move
    by: Who | None = Field(None, description="Of the centre: the post that does it.")
    reason: _Text | None = None
    approver: Who | None = None
    document: _Line | None = None
    text: _Text | None = None
    unit: str | None = Field(None, max_length=64)
    co_units: list[Annotated[str, Field(max_length=64)]] = Field([], max_length=20)
    clock: ClockName | None = None
    until: date | None = None
    severity: Severity | None = None
    into: str | None = Field(None, pattern=r"^\d{20}$")
    plan: list[Plan] = Field([], max_length=50)
    grade: Grade | None = None
    satisfaction: int | None = Field(None, ge=1, le=5)


_NOT_BY_HAND = (Move.OPEN, Move.ATTACH, Move.LETTER, Move.RECOMPUTE)
"""These come with what they are about, by routes and commands of their own."""


def wanted(
    caller: Annotated[Caller, Depends(asks("case.read"))],
    stage: Annotated[list[Stage] | None, Query()] = None,
    light: Annotated[list[Light] | None, Query()] = None,
    level: Annotated[list[Level] | None, Query()] = None,
    kind: Annotated[list[CaseKind] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    source: Annotated[list[Source] | None, Query()] = None,
    unit: Annotated[str | None, Query(description="Who has it.")] = None,
    mine: Annotated[str | None, Query(description="Who has it or helps with it.")] = None,
    division: Annotated[str | None, Query(pattern=_DIVISION, description="It lies in it.")] = None,
    opened_from: AwareDatetime | None = None,
    opened_to: AwareDatetime | None = None,
    due_from: AwareDatetime | None = None,
    due_to: AwareDatetime | None = None,
    suspended: bool | None = None,
    provisional: bool | None = None,
    text: Annotated[str | None, Query(max_length=100, description="In number, title or address.")] = None,
) -> listing.Filter:
    """The filter, cut down to what the caller may see."""
    return listing.Filter(
        stages=tuple(stage or ()),
        lights=tuple(light or ()),
        levels=tuple(level or ()),
        kinds=tuple(kind or ()),
        severities=tuple(severity or ()),
        sources=tuple(source or ()),
        unit=unit,
        mine=mine,
        division=division,
        opened_from=opened_from,
        opened_to=opened_to,
        due_from=due_from,
        due_to=due_to,
        suspended=suspended,
        provisional=provisional,
        text=text,
        scope=caller.unit if caller.role is access.Role.DEPARTMENT else None,
        brought_by=caller.name if caller.role is access.Role.REPORTER else None,
        places=tuple(sorted(caller.sight.divisions)) if caller.sight else None,
        cameras=tuple(sorted(caller.sight.cameras)) if caller.sight else None,
    )


Wanted = Annotated[listing.Filter, Depends(wanted)]


@router.get("/cases")
def cases(
    service: TheService,
    session: ReadSession,
    wanted: Wanted,
    order: listing.Order = "resolve_due",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CasesPage:
    """Cases, what is due first first, or the newest first."""
    try:
        page = listing.page(session, wanted, order=order, cursor=cursor, limit=limit)
    except listing.CursorError as error:
        raise HTTPException(422, f"cursor: {error}") from error
    desk = service.cases.desk()
    return CasesPage(cases=[case_view(row, desk) for row in page.cases], next=page.cursor)


@router.get("/cases/counts")
def case_counts(session: ReadSession, wanted: Wanted) -> CaseCounts:
    """How many cases a filter finds, by light and by stage."""
    found = listing.counts(session, wanted)
    return CaseCounts(total=found.total, lights=found.lights, stages=found.stages)


@router.get("/cases/{number}")
def case(
    service: TheService,
    session: ReadSession,
    caller: Annotated[Caller, Depends(asks("case.read"))],
    number: str,
    response: Response,
) -> CaseWhole:
    """One case with its clocks, its trail, its letters and attachments, and what is possible now."""
    row = seen_by(session, caller, number)
    response.headers["ETag"] = f'"{row.version}"'
    return case_whole(session, row, service.cases.desk(), datetime.now(UTC))


@router.post("/cases", status_code=201, responses={200: {"model": CaseWhole, "description": "The same request again."}})
def new_case(
    service: TheService,
    caller: Annotated[Caller, Depends(asks("case.open", "case.report"))],
    asked: NewCase,
    response: Response,
    key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", min_length=8, max_length=64, description="The same key again opens nothing."),
    ] = None,
) -> CaseWhole:
    """Open a case that an operator has seen or that a resident or grid worker reports. Photos are attached to it afterwards."""
    built_in(service)
    reporting = caller.role is access.Role.REPORTER
    allow(access.may(caller, "case.report" if reporting else "case.open"))
    if reporting and asked.source not in {"grid", "resident"}:
        raise HTTPException(422, "source: a report is of a `grid` worker or a `resident`")
    now, desk = datetime.now(UTC), service.cases.desk()
    said = asked.model_dump_json(exclude_none=True)
    opening = Opening(
        by=who(caller, asked.by),
        source=asked.source or "operator",
        title=asked.title,
        description=asked.description,
        occurred_at=asked.occurred_at or now,
        division=asked.division or desk.county,
        address=asked.address,
        kind=asked.kind,
        severity=asked.severity,
        lon=asked.lon,
        lat=asked.lat,
        datum=asked.datum,
        request_key=None if key is None else hashlib.sha256(f"{caller.name}\n{key}".encode()).hexdigest(),
        data={"request": hashlib.sha256(said.encode()).hexdigest()},
    )
    try:
        with service.store.sessions.begin() as session:
            row = _same_request(session, opening)
            if row is not None:
                response.status_code = 200
            else:
                row = open_case(session, desk, opening, now)
            whole = case_whole(session, row, desk, now)
            if response.status_code != 200:
                audit.write(session, caller, "case.open", now=now, kind="case", ref=row.number, camera=row.camera)
    except (MoveError, NumberError) as error:
        raise HTTPException(422, str(error)) from error
    except IntegrityError as error:
        # Two of the same request at the same moment: the other one has opened it.
        raise HTTPException(409, "the same request is being answered; ask again", {"Retry-After": "1"}) from error
    response.headers["ETag"] = f'"{whole.version}"'
    response.headers["Location"] = f"/api/v1/cases/{whole.number}"
    if response.status_code != 200:
        service.cases.changed(whole.number)
    return whole


@router.post("/cases/{number}/moves")
def move_case(
    service: TheService,
    caller: Annotated[Caller, Depends(asks("case.read"))],
    number: str,
    asked: MoveRequest,
    response: Response,
    if_match: Annotated[
        str | None, Header(description="The ETag that was read: who has read an older one is refused.")
    ] = None,
) -> CaseWhole:
    """Make a move. 409: it is not legal now, and why; 412: somebody else has changed the case since it was read."""
    built_in(service)
    if asked.move in _NOT_BY_HAND:
        raise HTTPException(422, f"move: {asked.move} is not made by hand")
    seen = version_of(if_match)
    command = Command(
        move=asked.move,
        by=who(caller, asked.by),
        at=datetime.now(UTC),
        reason=asked.reason,
        approver=asked.approver,
        document=asked.document,
        text=asked.text,
        unit=asked.unit,
        co_units=tuple(asked.co_units),
        clock=asked.clock,
        until=asked.until,
        severity=asked.severity,
        into=asked.into,
        plan=tuple(PlanStep(step.what, step.unit, step.by) for step in asked.plan),
        grade=asked.grade,
        satisfaction=asked.satisfaction,
    )
    desk = service.cases.desk()
    try:
        with service.store.sessions.begin() as session:
            row = seen_by(session, caller, number)
            closed = asked.move is Move.RETURN and row.stage == Stage.CLOSED
            allow(access.may(caller, f"case.move:{'return_closed' if closed else asked.move}", view_of(row)))
            if command.into is not None:
                seen_by(session, caller, command.into)
            row = move(session, desk, number, command, seen=seen)
            whole = case_whole(session, row, desk, command.at)
            audit.write(
                session,
                caller,
                f"case.{asked.move}",
                now=command.at,
                kind="case",
                ref=number,
                camera=row.camera,
                reason=asked.reason,
                detail={"version": row.version},
            )
    except MoveError as error:
        raise HTTPException(409, str(error)) from error
    except StaleError as error:
        raise HTTPException(412, str(error)) from error
    response.headers["ETag"] = f'"{whole.version}"'
    service.cases.changed(number)
    return whole


def seen_by(session: Session, caller: access.Caller, number: str) -> CaseFile:
    """A case that the caller may read.

    Raises:
        HTTPException: 404: there is none of that number; 403: it is not for this caller.
    """
    row = case_row(session, number)
    allow(access.may(caller, "case.read", view_of(row)))
    return row


def case_row(session: Session, number: str) -> CaseFile:
    """A case, whoever asks.

    Raises:
        HTTPException: 404: there is none of that number.
    """
    row = session.get(CaseFile, number)
    if row is None:
        raise HTTPException(404, f"no case {number!r}")
    return row


def view_of(row: CaseFile) -> access.CaseView:
    """As much of a case as decides who may do what with it."""
    return access.CaseView(
        unit=row.unit,
        co_units=tuple(row.co_units),
        opened_by=row.opened_by,
        camera=row.camera,
        division=row.division,
    )


def _same_request(session: Session, opening: Opening) -> CaseFile | None:
    """The case that the same request has opened already."""
    if opening.request_key is None:
        return None
    row = session.scalar(select(CaseFile).where(CaseFile.request_key == opening.request_key))
    if row is not None and session.get_one(CaseEvent, (row.number, 1)).data.get("request") != opening.data["request"]:
        raise HTTPException(422, "Idempotency-Key: this key was used for another request")
    return row


def who(caller: access.Caller, said: str | None) -> str:
    """Who does it: a token's name, and the post it names; of the centre the post."""
    if caller == access.CENTRE:
        if said is None:
            raise HTTPException(422, "by: name the post that does it")
        return said
    return f"{caller.name}: {said}"[:120] if said and caller.role is not access.Role.REPORTER else caller.name


def built_in(service: Service) -> None:
    """Pass where this service keeps the cases.

    Raises:
        HTTPException: 409: it does not.
    """
    if not service.cases.built_in:
        raise HTTPException(409, "this service does not keep the cases; the registry's `cases.system` names who does")
