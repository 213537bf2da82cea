"""Which person works on which incident, so that two never work on one. A lease is taken whole or not at all, and runs out by itself.

The database decides: one statement inserts the lease or takes over one that has run out, and two at once are put in a row
by its primary key, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from patrol.incidents.changes import IncidentError
from patrol.incidents.queue import rank_column, waits
from patrol.store.tables import Incident, ReviewLease

LASTS = timedelta(minutes=2)
"""The page renews it every half minute: three renewals may get lost before anybody else gets the incident."""
_TRIES = 50
"""Incidents that one call tries to take before it says that none is free; each is one that somebody took in between."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One incident before one person until a moment (UTC), unless it is renewed."""

    incident: str
    holder: str
    until: datetime


class HeldError(IncidentError):
    """Somebody else works on it. ``holder`` and ``until`` say who, and until when at the latest."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(f"{lease.holder} is working on it, until {lease.until:%H:%M:%S} UTC at the latest")
        self.holder = lease.holder
        self.until = lease.until


def take(session: Session, incident: str, holder: str, now: datetime) -> Lease:
    """Take an incident, or renew the lease on it.

    Args:
        session: writes; what else it does is seen by whoever asks for the incident next.
        incident: id of one that exists.
        holder: name of the account.
        now: UTC, aware.

    Raises:
        HeldError: somebody else holds it.
    """
    lease = _take(session, incident, holder, now)
    if lease is None:
        held = holders(session, [incident], now).get(incident)
        # Between the two statements it may have run out; then it is free and this is its second chance.
        lease = _take(session, incident, holder, now) if held is None else None
        if lease is None:
            raise HeldError(held or Lease(incident, "somebody else", now))
    return lease


def take_next(
    session: Session,
    holder: str,
    now: datetime,
    *,
    among: Iterable[ColumnElement[bool]] = (),
    at_once: frozenset[str] = frozenset(),
    besides: Iterable[str] = (),
) -> Lease | None:
    """Take the first incident of the queue that nobody else works on.

    Args:
        session: writes.
        holder: name of the account.
        now: UTC, aware.
        among: what else it must fulfil, e.g. that its camera is in sight.
        at_once: ids of the rules that push without waiting for a verdict; they come earlier in the queue.
        besides: incidents that are passed over.

    Returns:
        None: nothing waits that is free.
    """
    passed = set(besides)
    order = (rank_column(at_once), Incident.first_seen_at, Incident.id)
    for _ in range(_TRIES):
        wanted = select(Incident.id).where(waits(), ~held_by_others(holder, now), *among).order_by(*order).limit(1)
        found = session.scalar(wanted.where(Incident.id.not_in(sorted(passed))) if passed else wanted)
        if found is None:
            return None
        lease = _take(session, found, holder, now)
        # Whoever held it a moment ago may have judged it.
        if lease is not None and session.scalar(select(Incident.id).where(Incident.id == found, waits())) is not None:
            return lease
        if lease is not None:
            give_back(session, found, holder)
        passed.add(found)
    return None


def give_back(session: Session, incident: str, holder: str) -> bool:
    """Let an incident go; whether the holder had it."""
    gone = delete(ReviewLease).where(ReviewLease.incident == incident, ReviewLease.holder == holder)
    return session.scalar(gone.returning(ReviewLease.incident)) is not None


def holders(session: Session, incidents: Iterable[str], now: datetime) -> dict[str, Lease]:
    """Who works on these now, by incident; those on which nobody does are left out."""
    wanted = select(ReviewLease).where(ReviewLease.incident.in_(list(incidents)), ReviewLease.until > now)
    return {row.incident: Lease(row.incident, row.holder, row.until) for row in session.scalars(wanted)}


def held_by_others(holder: str, now: datetime) -> ColumnElement[bool]:
    """Whether somebody else works on an incident now, as part of a question about incidents."""
    return exists().where(
        and_(ReviewLease.incident == Incident.id, ReviewLease.until > now, ReviewLease.holder != holder)
    )


def _take(session: Session, incident: str, holder: str, now: datetime) -> Lease | None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    until = now + LASTS
    statement = insert(ReviewLease).values(incident=incident, holder=holder, taken_at=now, until=until)
    statement = statement.on_conflict_do_update(
        index_elements=[ReviewLease.incident],
        set_={"holder": holder, "until": until},
        where=or_(ReviewLease.until <= now, ReviewLease.holder == holder),
    )
    taken = session.scalar(statement.returning(ReviewLease.incident))
    return Lease(incident, holder, until) if taken is not None else None
