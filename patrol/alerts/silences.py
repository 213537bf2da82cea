"""Silences and what is held back: nobody is told of it for a time and a reason, and nothing of it is dropped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.alerts.route import Matter
from patrol.registry import lies_in
from patrol.store.tables import Held, Silence


class SilenceError(Exception):
    """A silence that cannot be; nothing was changed."""


def add(
    session: Session,
    *,
    reason: str,
    by: str,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    kind: str | None = None,
    category: str | None = None,
    camera: str | None = None,
    place: str | None = None,
) -> Silence:
    """Begin a silence. All parts given must match an incident.

    Raises:
        SilenceError: it has no reason, nobody's name, no end in the future, or would silence everything.
    """
    if not reason.strip() or not by.strip():
        raise SilenceError("a silence needs a reason and the name of who asks for it")
    if ends_at <= starts_at or ends_at <= now:
        raise SilenceError("a silence must end after it begins, and in the future")
    if not (kind or category or camera or place):
        raise SilenceError(
            "a silence names a kind, category, camera or place; one of everything is no silence but an outage"
        )
    row = Silence(
        kind=kind,
        category=category,
        camera=camera,
        place=place,
        reason=reason.strip(),
        by=by.strip()[:64],
        created_at=now,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    session.add(row)
    session.flush()
    return row


def end(session: Session, silence: int, by: str, now: datetime) -> Silence:
    """End a silence before its time; what it held and is still there is told at the next sweep.

    Raises:
        SilenceError: there is none of that number, or it is over.
    """
    row = session.get(Silence, silence, with_for_update=True)
    if row is None:
        raise SilenceError(f"no silence {silence}")
    if row.ends_at <= now:
        raise SilenceError(f"silence {silence} is over since {row.ends_at.isoformat(timespec='seconds')}")
    row.ends_at, row.ended_by = now, by.strip()[:64]
    row.starts_at = min(row.starts_at, now)
    session.flush()
    return row


def in_force(session: Session, matter: Matter, now: datetime) -> Silence | None:
    """The silence that an incident falls under now, the one that lasts longest; None: none."""
    rows = session.scalars(
        select(Silence).where(Silence.starts_at <= now, Silence.ends_at > now).order_by(Silence.ends_at.desc())
    )
    return next((row for row in rows if matches(row, matter)), None)


def matches(row: Silence, matter: Matter) -> bool:
    """Whether a silence speaks of an incident: by every part it names."""
    return (
        (row.kind is None or row.kind == matter.kind)
        and (row.category is None or row.category in matter.categories)
        and (row.camera is None or row.camera == matter.camera)
        and (row.place is None or lies_in(matter.division_code, (row.place,)))
    )


def hold(session: Session, incident: str, because: str, now: datetime, silence: int | None = None) -> bool:
    """Note that nobody was told of an incident, and why. False: it stands there already."""
    known = session.scalar(select(Held.id).where(Held.incident == incident, Held.released_at.is_(None)))
    if known is not None:
        return False
    session.add(Held(incident=incident, silence=silence, because=because, at=now))
    session.flush()
    return True


def release(session: Session, incident: str, outcome: str, now: datetime) -> None:
    """It was told, or it is over."""
    for row in session.scalars(select(Held).where(Held.incident == incident, Held.released_at.is_(None))):
        row.released_at, row.outcome = now, outcome
    session.flush()
