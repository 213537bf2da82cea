"""Whether the clock may be believed: a purge on a clock that jumped would take what the law says must stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol.retention.proof import lock
from patrol.store.tables import RetentionHead, Visit

FARTHEST = timedelta(days=7)
"""Longer than any stop of the service that nobody would notice."""
SURE = "--yes-the-clock-is-right"


class ClockError(Exception):
    """The clock may have jumped; the message says what to do."""


def problem(now: datetime, *, run_at: datetime | None, beat_at: datetime | None) -> str | None:
    """Why a clock is not to be believed; None: it may be.

    Args:
        now: what it says.
        run_at: end of the last purge, None before the first.
        beat_at: when the service was last known to be alive, None: never.
    """
    if run_at is not None and now < run_at:
        return (
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, which is before the last purge ({run_at:%Y-%m-%d %H:%M} UTC); "
            f"set the clock, or run `patrol retention run {SURE}`"
        )
    if beat_at is not None and now - beat_at > FARTHEST:
        return (
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, {(now - beat_at).days} days after the service was last alive "
            f"({beat_at:%Y-%m-%d %H:%M} UTC); nothing is purged until somebody has looked at the clock and run "
            f"`patrol retention run {SURE}`"
        )
    return None


def check(session: Session, now: datetime, *, sure: bool) -> None:
    """Take the head and see that the clock may be believed; somebody who is sure makes it so.

    Raises:
        ClockError: it may not.
    """
    head = lock(session)
    found = problem(now, run_at=head.run_at, beat_at=head.beat_at or _last_look(session, now))
    if found is not None and not sure:
        raise ClockError(found)
    head.beat_at = now


def beat(session: Session, now: datetime) -> str | None:
    """The service is alive. A clock that jumped moves no beat, so that the jump stays to be seen.

    Returns:
        What is wrong with the clock, None: nothing.
    """
    head = lock(session)
    found = problem(now, run_at=head.run_at, beat_at=head.beat_at or _last_look(session, now))
    if found is None:
        head.beat_at = now
    return found


def _last_look(session: Session, now: datetime) -> datetime | None:
    """Of a store that knows no beat yet: when the newest look before now ended."""
    newest: datetime | None = session.scalar(select(func.max(Visit.started_at)).where(Visit.started_at <= now))
    return newest


def head_of(session: Session) -> RetentionHead | None:
    """Where the chain of runs ends, without locking it."""
    return session.get(RetentionHead, 1)
