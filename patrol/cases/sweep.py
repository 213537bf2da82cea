"""Follows the clocks: turns lights when their time has come and drafts the letters that a red light asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from patrol.cases import drafts, notices
from patrol.cases._rows import clocks_by_case
from patrol.cases.book import relight
from patrol.cases.desk import Desk
from patrol.store import Store
from patrol.store.tables import CaseFile

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
        store: the book; nothing is locked while nothing is due.
        desk: of the registry in force.
        now: UTC.
    """
    is_due = or_(CaseFile.light_due_at <= now, CaseFile.letter_due_at <= now)
    with store.reading() as session:
        if session.scalar(select(CaseFile.number).where(is_due).limit(1)) is None:
            return Swept()
    with store.sessions.begin() as session:
        due = session.scalars(select(CaseFile).where(is_due).limit(_BATCH).with_for_update(skip_locked=True)).all()
        clocks = clocks_by_case(session, [row.number for row in due])
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
