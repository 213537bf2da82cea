"""Provisional dates anew, once the State Council has announced the year: shown first, then done, with who and why in each case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.cases.book import clock_rows, history, move, state_of
from patrol.cases.desk import Desk
from patrol.cases.loop import recomputed
from patrol.cases.moves import RULES, Command, Move
from patrol.cases.types import Clock
from patrol.store import Store
from patrol.store.tables import CaseFile

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """A case whose dates would be, or are, others.

    Attributes:
        number: of the case.
        version: that was looked at.
        clocks: those that differ, before and after.
    """

    number: str
    version: int
    clocks: tuple[tuple[Clock, Clock], ...]


def preview(store: Store, desk: Desk) -> Iterator[Moved]:
    """Every open case with provisional dates whose dates are others by the calendar as it is known now. Changes nothing."""
    after = ""
    while True:
        with store.reading() as session:
            rows = session.scalars(
                select(CaseFile)
                .where(
                    CaseFile.provisional,
                    CaseFile.stage.in_(RULES[Move.RECOMPUTE].stages),
                    CaseFile.number > after,
                )
                .order_by(CaseFile.number)
                .limit(_BATCH)
            ).all()
            found = [_look(session, desk, row) for row in rows]
        yield from (moved for moved in found if moved.clocks)
        if len(rows) < _BATCH:
            return
        after = rows[-1].number


def recompute(store: Store, desk: Desk, moved: Moved, *, by: str, reason: str, now: datetime) -> None:
    """Do what :func:`preview` has shown of one case, in a transaction of its own.

    Raises:
        StaleError: the case was changed meanwhile; look again.
        MoveError: nothing differs any more, or something was not said.
    """
    with store.sessions.begin() as session:
        move(session, desk, moved.number, Command(Move.RECOMPUTE, by, now, reason=reason), seen=moved.version)


def _look(session: Session, desk: Desk, row: CaseFile) -> Moved:
    reckoning = replace(desk.reckoning(session, row.policy), history=tuple(history(session, row.number)))
    state = state_of(row, clock_rows(session, row.number))
    both = zip(state.clocks, recomputed(state, reckoning), strict=True)
    return Moved(row.number, row.version, tuple((was, is_) for was, is_ in both if was != is_))
