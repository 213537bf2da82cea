"""Days counted once: makes the rolls of days that are over, finds those that must be made again, reads a range of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from patrol.figures.period import Range
from patrol.figures.roll import FORM, Looks, Roll, from_row, looks_from, looks_row, roll_of, to_row
from patrol.ledger.day import Span, read_day, span_of
from patrol.store.tables import FigureDay, FigureLooks, RegistryRevision, Visit

GRACE = timedelta(minutes=15)
"""How long after its end a day is counted: looks that ran over midnight have been written by then."""
_LATE_DAYS = 3
"""Days that are searched for visits that came after they were counted (a database that was away)."""
_READ_AT_ONCE = 8
_KNOWN: dict[str, Looks] = {}
"""Looks by their hash, which names the same ones for ever: a county has few sets of them in a month."""
_KNOWN_AT_MOST = 16
_LOCK = Lock()


def first_day(session: Session, zone: ZoneInfo) -> date | None:
    """The county day on which the first registry came into force; before it there is nothing to count."""
    first = session.scalar(select(func.min(RegistryRevision.loaded_at, type_=RegistryRevision.loaded_at.type)))
    return first.astimezone(zone).date() if first is not None else None


def wanting(session: Session, zone: ZoneInfo, now: datetime, *, days: int) -> list[date]:
    """Days that are over and not counted, or not as they are now; the latest first.

    Args:
        session: reading.
        zone: the county's.
        now: aware.
        days: how far back.
    """
    first = first_day(session, zone)
    if first is None:
        return []
    last = (now - GRACE).astimezone(zone).date() - timedelta(days=1)
    known = {
        day: (form, seq)
        for day, form, seq in session.execute(select(FigureDay.day, FigureDay.form, FigureDay.last_seq))
    }
    found = []
    for back in range(days):
        day = last - timedelta(days=back)
        if day < first:
            break
        form, seq = known.get(day.isoformat(), (0, 0))
        if form != FORM or (back < _LATE_DAYS and _last_seq(session, span_of(day, zone, now)) != seq):
            found.append(day)
    return found


def count(session: Session, day: date, zone: ZoneInfo, now: datetime) -> tuple[Roll, int]:
    """Count a day from the ledger as it stands.

    Args:
        session: reading; counting a large county takes seconds, and no writer must wait for it.
        day: county date.
        zone: the county's.
        now: aware.

    Returns:
        The day, and the highest ``seq`` of its visits.

    Raises:
        DayError: there is no report of the day.
    """
    seq = _last_seq(session, span_of(day, zone, now))
    return roll_of(read_day(session, day, now, zone=zone)), seq


def keep(session: Session, roll: Roll, last_seq: int, now: datetime) -> None:
    """Write a day's roll in an open transaction."""
    if session.get(FigureLooks, roll.looks.sha256) is None:
        session.add(looks_row(roll.looks))
        session.flush()
    session.execute(delete(FigureDay).where(FigureDay.day == roll.day.isoformat()))
    session.execute(insert(FigureDay).values(**to_row(roll, last_seq), made_at=now))


def kept(session: Session, asked: Range) -> Iterator[Roll]:
    """The kept days of a range, oldest first; a few are in memory at a time."""
    days = [span.day.isoformat() for span in asked.spans() if span.day < asked.today]
    for at in range(0, len(days), _READ_AT_ONCE):
        rows = session.scalars(
            select(FigureDay)
            .where(FigureDay.day.in_(days[at : at + _READ_AT_ONCE]), FigureDay.form == FORM)
            .order_by(FigureDay.day)
        ).all()
        for row in rows:
            yield from_row(row, _looks(session, row.looks))
            session.expunge(row)


def _looks(session: Session, sha256: str) -> Looks:
    with _LOCK:
        found = _KNOWN.get(sha256)
    if found is None:
        found = looks_from(sha256, session.get_one(FigureLooks, sha256).looks)
        with _LOCK:
            if len(_KNOWN) >= _KNOWN_AT_MOST:
                _KNOWN.clear()
            _KNOWN[sha256] = found
    return found


def _last_seq(session: Session, span: Span) -> int:
    inside = select(func.max(Visit.seq)).where(Visit.started_at >= span.start, Visit.started_at < span.end)
    return session.scalar(inside) or 0
