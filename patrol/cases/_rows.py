"""Events and clocks as rows and back: what the store can hold of them, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.cases._json import day, moment, plain, same
from patrol.cases.clocks import Change
from patrol.cases.moves import CaseState, Event, Move
from patrol.cases.types import Clock, ClockName, Stage
from patrol.store.tables import CaseClock, CaseEvent

_CLOCK_FIELDS = tuple(f.name for f in fields(Clock) if f.name != "name")
_CHANGE_FIELDS = tuple(f.name for f in fields(Change))


def event_row(case: str, seq: int, event: Event) -> CaseEvent:
    """An event as it is kept."""
    changes = [{"clock": name, **plain(change)} for name, change in event.changes]
    return CaseEvent(
        case=case,
        seq=seq,
        move=event.move,
        at=event.at,
        by=event.by,
        approver=event.approver,
        reason=event.reason,
        document=event.document,
        data={
            **({"set": {name: plain(value) for name, value in event.set.items()}} if event.set else {}),
            **({"changes": changes} if changes else {}),
            **event.data,
        },
    )


def event_of(row: CaseEvent) -> Event:
    """The event that a row keeps."""
    data = dict(row.data)
    return Event(
        move=Move(row.move),
        at=row.at,
        by=row.by,
        set={name: _READ.get(name, same)(value) for name, value in data.pop("set", {}).items()},
        approver=row.approver,
        reason=row.reason,
        document=row.document,
        changes=tuple(
            (
                ClockName(change["clock"]),
                Change(**{name: _CHANGE_READ.get(name, same)(change.get(name)) for name in _CHANGE_FIELDS}),
            )
            for change in data.pop("changes", ())
        ),
        data=data,
    )


def rows_by_case(session: Session, table: Any, numbers: Sequence[str], *order: Any) -> dict[str, list[Any]]:
    """The rows of a table that belong to some cases, read together, in order within each case."""
    found: dict[str, list[Any]] = {number: [] for number in numbers}
    with session.no_autoflush:
        for row in session.scalars(select(table).where(table.case.in_(numbers)).order_by(*order)):
            found[row.case].append(row)
    return found


def clocks_by_case(session: Session, numbers: Sequence[str]) -> dict[str, list[CaseClock]]:
    """The three clocks of some cases, in the order assign, feedback, resolve."""
    found = rows_by_case(session, CaseClock, numbers)
    order = list(ClockName)
    return {number: sorted(rows, key=lambda row: order.index(ClockName(row.name))) for number, rows in found.items()}


def clock_of(row: CaseClock) -> Clock:
    """The clock that a row keeps."""
    return Clock(name=ClockName(row.name), **{name: getattr(row, name) for name in _CLOCK_FIELDS})


def put_clock(row: CaseClock, clock: Clock) -> None:
    """Write a clock onto its row; when it was first breached, and its letters, stay."""
    for name in _CLOCK_FIELDS:
        setattr(row, name, getattr(clock, name))


def _read_clock(value: Mapping[str, Any]) -> Clock:
    moments = {"original_due", "due", "yellow_at", "paused_at", "stopped_at"}
    said: dict[str, Any] = {name: moment(each) if name in moments else each for name, each in value.items()}
    return Clock(**{**said, "name": ClockName(value["name"])})


_READ: Mapping[str, Any] = {
    "stage": Stage,
    "opened_at": moment,
    "closed_at": moment,
    "co_units": tuple,
    "clocks": lambda clocks: tuple(map(_read_clock, clocks)),
}
_CHANGE_READ: Mapping[str, Any] = {
    "at": moment,
    "until": day,
}

STATE_FIELDS = tuple(f.name for f in fields(CaseState) if f.name != "clocks")
