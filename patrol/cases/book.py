"""The book of cases: opens them, moves them, and keeps row, clocks, light and trail together in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.cases import loop, notices, numbers
from patrol.cases._rows import STATE_FIELDS, clock_of, clocks_by_case, event_of, event_row, put_clock
from patrol.cases.clocks import letter_due, open_clocks
from patrol.cases.desk import Desk
from patrol.cases.lights import case_light, light_of, next_change
from patrol.cases.moves import CaseState, Command, Event, Move, MoveError, Reckoning
from patrol.cases.types import OPEN_STAGES, CaseKind, ClockName, Light, Severity, Source, Stage, level_of
from patrol.store.tables import CaseAttachment, CaseClock, CaseEvent, CaseFile

_TICK = timedelta(microseconds=1)
_NEEDS_HISTORY = (Move.REGRADE, Move.RECOMPUTE)
_LONGEST_TITLE = 200


class NoCaseError(Exception):
    """There is no case of that number."""


class StaleError(Exception):
    """Somebody else has changed the case since it was read. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new case is about; words as in :class:`patrol.store.tables.CaseFile`.

    Attributes:
        by: who opens it.
        data: what else the first event keeps.
    """

    by: str
    source: Source
    title: str
    description: str
    occurred_at: datetime
    division: str
    address: str
    kind: CaseKind = "other"
    severity: Severity = "general"
    lon: float | None = None
    lat: float | None = None
    datum: str | None = None
    camera: str | None = None
    incident: str | None = None
    request_key: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def open_case(session: Session, desk: Desk, opening: Opening, now: datetime) -> CaseFile:
    """Open a case: number, clocks, first event, notice.

    Args:
        session: an open transaction.
        desk: of the registry in force.
        opening: what it is about.
        now: UTC; where its clocks start.

    Raises:
        MoveError: something is missing or wrong.
        NumberError: no number is left today.
    """
    _check_opening(desk, opening, now)
    policy = desk.frozen(session, now)
    reckoning = desk.reckoning(session, policy)
    clocks = open_clocks(reckoning.calendar, reckoning.policy, now, opening.severity)
    event = loop.opening(reckoning, clocks, opening.severity, now, opening.by.strip())
    number = numbers.case_number(session, desk.county, desk.registry.county.zone, now)
    row = CaseFile(
        number=number,
        version=0,
        light=Light.UNLIT,
        kind=opening.kind,
        source=opening.source,
        title=opening.title.strip()[:_LONGEST_TITLE],
        description=opening.description.strip(),
        occurred_at=opening.occurred_at,
        division=opening.division,
        address=opening.address.strip(),
        lon=opening.lon,
        lat=opening.lat,
        datum=opening.datum,
        camera=opening.camera,
        incident=opening.incident,
        request_key=opening.request_key,
        opened_by=opening.by.strip(),
        policy=policy,
        policy_version=reckoning.policy.version,
    )
    rows = [CaseClock(case=number, name=clock.name, letters=0, breached_at=None) for clock in clocks]
    _write(session, desk, row, rows, replace(event, data=opening.data), loop.apply(None, event), now)
    return row


def move(session: Session, desk: Desk, number: str, command: Command, *, seen: int | None = None) -> CaseFile:
    """Make a move, whole or not at all.

    Args:
        session: an open transaction.
        desk: of the registry in force.
        number: of the case.
        command: what, by whom, when; ``at`` never goes back behind the event before it.
        seen: the version that whoever asks has read; None: whatever it is now.

    Raises:
        NoCaseError: no such case.
        StaleError: it has another version.
        MoveError: not legal here, or something is missing or wrong.
    """
    row = _locked(session, number, command)
    if seen is not None and row.version != seen:
        raise StaleError(f"the case has changed since you read it: version {row.version}, not {seen}")
    for unit in filter(None, (command.unit, *command.co_units)):
        desk.check_unit(unit)
    clocks = clock_rows(session, number)
    reckoning = desk.reckoning(session, row.policy)
    if command.move in _NEEDS_HISTORY:
        reckoning = replace(reckoning, history=tuple(history(session, number)))
    before = session.get_one(CaseEvent, (number, row.version)).at
    command = replace(command, at=max(command.at, before))
    state = state_of(row, clocks)
    event = loop.decide(state, command, reckoning)
    if command.move is Move.MERGE:
        _note_merged(session, desk, row, command)
    _write(session, desk, row, clocks, event, loop.apply(state, event), command.at)
    return row


def attached(session: Session, desk: Desk, row: CaseAttachment, now: datetime) -> None:
    """Put a file that came or went into its case's trail.

    Args:
        session: the transaction of the file's row.
        desk: of the registry in force.
        row: the file; ``removed_at`` is set where it went.
        now: UTC.
    """
    went = row.removed_at is not None
    data = {"attachment": row.id, "name": row.name, "sha256": row.sha256, "removed": went}
    by = row.removed_by if went and row.removed_by else row.by
    move(session, desk, row.case, Command(Move.ATTACH, by, now, reason=row.removed_because, data=data))


def state_of(row: CaseFile, clocks: Sequence[CaseClock]) -> CaseState:
    """The state that the rows keep."""
    said = {name: getattr(row, name) for name in STATE_FIELDS}
    return CaseState(
        **{**said, "stage": Stage(row.stage), "co_units": tuple(row.co_units)}, clocks=tuple(map(clock_of, clocks))
    )


def history(session: Session, number: str) -> list[Event]:
    """All events of a case, in order."""
    rows = session.scalars(select(CaseEvent).where(CaseEvent.case == number).order_by(CaseEvent.seq))
    return [event_of(row) for row in rows]


def clock_rows(session: Session, number: str) -> list[CaseClock]:
    """The three, in the order assign, feedback, resolve."""
    return clocks_by_case(session, [number])[number]


def relight(row: CaseFile, clocks: Sequence[CaseClock], reckoning: Reckoning, now: datetime) -> bool:
    """Bring lights, breaches and what is due next up to ``now``; whether the case's light is another one."""
    state = state_of(row, clocks)
    for kept, clock in zip(clocks, state.clocks, strict=True):
        if kept.breached_at is None and light_of(clock, now) in {Light.RED, Light.CLOSED_LATE}:
            kept.breached_at = clock.due + _TICK
    light, was = case_light(state.stage, state.clocks, now), row.light
    row.light = light
    row.light_due_at = next_change(state.stage, state.clocks, now)
    row.letter_due_at = _next_letter(state, clocks, reckoning)
    return light != was


# --- parts --------------------------------------------------------------------------------------------------------


def _write(
    session: Session,
    desk: Desk,
    row: CaseFile,
    clocks: Sequence[CaseClock],
    event: Event,
    state: CaseState,
    now: datetime,
) -> None:
    """The event, and the rows as the state after it says."""
    stage, light = row.stage, row.light
    for name in STATE_FIELDS:
        setattr(row, name, getattr(state, name))
    row.co_units = list(state.co_units)
    row.level = None if state.unit is None else level_of(state.unit, desk.county)
    for kept, clock in zip(clocks, state.clocks, strict=True):
        put_clock(kept, clock)
    row.version += 1
    row.resolve_due = state.clock(ClockName.RESOLVE).due
    row.provisional = any(clock.provisional and not clock.void for clock in state.clocks)
    relight(row, clocks, desk.reckoning(session, row.policy), now)
    session.add(row)
    session.flush()
    session.add_all([*clocks, event_row(row.number, row.version, event)])
    if (row.stage, row.light) != (stage, light):
        notices.say(session, row, clocks, now)
    session.flush()


def _locked(session: Session, number: str, command: Command) -> CaseFile:
    """The row, held until the transaction ends; with it that of the case it is merged into, lower number first."""
    wanted = {number, *([command.into] if command.move is Move.MERGE and command.into else [])}
    found = {
        row.number: row
        for row in session.scalars(
            select(CaseFile)
            .where(CaseFile.number.in_(wanted))
            .order_by(CaseFile.number)
            .with_for_update()
            # What this session read before it held the row may be old.
            .execution_options(populate_existing=True)
        )
    }
    if number not in found:
        raise NoCaseError(f"no case {number}")
    return found[number]


def _note_merged(session: Session, desk: Desk, row: CaseFile, command: Command) -> None:
    """The case that takes over must be there and open, and its trail says what it took over."""
    into = session.get(CaseFile, command.into)
    if into is None:
        raise MoveError(f"no case {command.into} to merge into")
    if into.number == row.number:
        raise MoveError("a case is not merged into itself")
    if into.stage not in OPEN_STAGES:
        raise MoveError(f"case {into.number} is {into.stage}; merge into an open one")
    note = Command(Move.NOTE, command.by, command.at, text=f"took over {row.number}", data={"merged_from": row.number})
    move(session, desk, into.number, replace(note, reason=command.reason))


def _next_letter(state: CaseState, clocks: Sequence[CaseClock], reckoning: Reckoning) -> datetime | None:
    """When a letter is due next; none while the case is suspended or not open."""
    if state.stage not in OPEN_STAGES or state.suspended:
        return None
    due = (
        letter_due(reckoning.calendar, reckoning.policy, clock, kept.letters)
        for kept, clock in zip(clocks, state.clocks, strict=True)
        if clock.stopped_at is None
    )
    return min(filter(None, due), default=None)


def _check_opening(desk: Desk, opening: Opening, now: datetime) -> None:
    for name in ("by", "title", "address"):
        if not getattr(opening, name).strip():
            raise MoveError(f"a case needs `{name}`")
    try:
        level_of(opening.division, desk.county)
    except ValueError as error:
        raise MoveError(f"`division`: {error}") from error
    if opening.occurred_at > now + timedelta(minutes=10):
        raise MoveError("`occurred_at` lies in the future")
    if (opening.lon is None) != (opening.lat is None):
        raise MoveError("give both `lon` and `lat`, or neither")
