"""Follows the clocks: turns lights when their time has come and drafts the letters that a red light asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from patrol.cases import drafts, notices
from patrol.cases.book import relight
from patrol.cases.desk import Desk
from patrol.cases.types import ClockName
from patrol.store import Store
from patrol.store.tables import CaseClock, CaseFile

_BATCH = 500
"""Cases of one transaction: at the end of a day thousands turn at once, and others must be able to write in between."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A light that is another one now."""

    number: str
    was: str
    light: str


@dataclass(frozen=True, slots=True)
class Swept:
    """What one look did."""

    turned: tuple[Turned, ...] = ()
    letters: tuple[int, ...] = ()
    """Drafts written, by id."""
    more: bool = False
    """Whether as many again may be due."""


def sweep(store: Store, desk: Desk, now: datetime) -> Swept:
    """One batch of what is due.

    Args:
        store: the book.
        desk: of the registry in force.
        now: UTC.
    """
    with store.sessions.begin() as session:
        due = session.scalars(
            select(CaseFile)
            .where(or_(CaseFile.light_due_at <= now, CaseFile.letter_due_at <= now))
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        clocks = _clocks(session, [row.number for row in due])
        turned, owed = [], []
        for row in due:
            was, mine = row.light, clocks[row.number]
            if relight(row, mine, desk.reckoning(session, row.policy), now):
                turned.append(Turned(row.number, was, row.light))
                notices.say(session, row, mine, now)
            if row.letter_due_at is not None and row.letter_due_at <= now:
                owed.append((row, mine))
        letters = drafts.write(session, desk, owed, now) if owed else []
        for row, mine in owed:
            relight(row, mine, desk.reckoning(session, row.policy), now)
        session.flush()
        return Swept(tuple(turned), tuple(letter.id for letter in letters), more=len(due) == _BATCH)


def _clocks(session: Session, numbers: Iterable[str]) -> dict[str, list[CaseClock]]:
    """The clocks of each case, in order."""
    order = list(ClockName)
    found: dict[str, list[CaseClock]] = {number: [] for number in numbers}
    for row in session.scalars(select(CaseClock).where(CaseClock.case.in_(list(found)))):
        found[row.case].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: order.index(ClockName(row.name)))
    return found
