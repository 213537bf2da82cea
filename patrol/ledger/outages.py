"""Time away: of a camera, from its first to its last failed look, and of a platform, into which its cameras' are folded."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from patrol.store.tables import LookState, Outage, PlatformOutage


def note_look(
    session: Session, state: LookState, *, inspected: bool, started_at: datetime, cause: str, platform: str | None
) -> None:
    """After a look: an inspected one ends the camera's outage, any other begins or continues it.

    Args:
        session: an open transaction.
        state: of the look; its ``outage`` is kept up to date.
        inspected: whether it counts.
        started_at: of the look.
        cause: why it does not count.
        platform: the camera's; an outage that begins while the platform is away is part of that.
    """
    current = session.get(Outage, state.outage) if state.outage is not None else None
    if inspected:
        if current is not None:
            current.ended_at = started_at
            state.outage = None
    elif current is None:
        part_of = session.scalar(_open(platform)) if platform is not None else None
        current = Outage(
            look=state.key, started_at=started_at, last_failed_at=started_at, cause=cause, looks=1, part_of=part_of
        )
        session.add(current)
        session.flush()
        state.outage = current.id
    else:
        current.last_failed_at, current.cause = started_at, cause
        current.looks += 1


def platform_went(
    session: Session, *, platform: str, keys: set[str], down: bool, since: datetime, now: datetime, looks: int
) -> None:
    """A platform went away or came back. Outages of its cameras that began with it become part of it.

    Args:
        session: an open transaction.
        platform: its id.
        keys: of its looks.
        down: True when it went away.
        since: start of the look that showed it.
        now: when it was noticed.
        looks: of the rotation that are reached through it.
    """
    current = session.scalar(select(PlatformOutage).where(PlatformOutage.id == _open(platform).scalar_subquery()))
    if not down:
        if current is not None:
            current.ended_at = since
        return
    if current is not None:
        return
    mine = [o for o in session.scalars(select(Outage).where(Outage.ended_at.is_(None))) if o.look in keys]
    begun = [outage for outage in mine if outage.started_at >= since and outage.part_of is None]
    failing = select(LookState.key, LookState.last_cause).where(LookState.last_outcome == "unreachable")
    causes = Counter(cause for key, cause in session.execute(failing) if key in keys and cause is not None)
    cause = causes.most_common(1)[0][0] if causes else "unreachable"
    current = PlatformOutage(
        platform=platform, started_at=since, noticed_at=now, ended_at=None, cause=cause, cameras=looks
    )
    session.add(current)
    session.flush()
    for outage in begun:
        outage.part_of = current.id


def close_all(session: Session, now: datetime) -> None:
    """At the start of a service: what it knew of platforms went with the process before, and is found out anew."""
    for outage in session.scalars(select(PlatformOutage).where(PlatformOutage.ended_at.is_(None))):
        outage.ended_at = now


def _open(platform: str) -> Select[int]:
    return (
        select(PlatformOutage.id)
        .where(PlatformOutage.platform == platform, PlatformOutage.ended_at.is_(None))
        .order_by(PlatformOutage.id.desc())
        .limit(1)
    )
