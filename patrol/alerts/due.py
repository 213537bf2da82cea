"""The outbox as the relay sees it: which rows are due, and what became of them at the broker. Each call is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, literal, or_, select, update

from patrol.alerts.pace import CLOCK_SLACK, wait_after
from patrol.store import Store
from patrol.store.tables import Alert


@dataclass(frozen=True, slots=True)
class Due:
    """An alert to publish now."""

    id: str
    department: str
    kind: str
    envelope: Mapping[str, Any]
    attempts: int


def take_due(
    store: Store, now: datetime, *, again: tuple[float, ...], room: int, in_flight: Collection[str]
) -> tuple[Due, ...]:
    """The next alerts to publish, with their next attempt already written down.

    What no broker has acknowledged goes first, within a department in the order of ``seq``, and whatever its next attempt:
    a later alert never overtakes one that the broker has not got. Only what could not be published (``last_error``)
    waits aside for its time.

    Args:
        store: the store.
        now: UTC, aware.
        again: seconds until the next attempt, by attempts made; the last repeats.
        room: how many at most.
        in_flight: alerts published on this connection for which `sent` is not written yet.
    """
    # A wall clock stepped back must not hold alerts up: no attempt is ever planned further ahead than the longest wait.
    implausible = now + timedelta(seconds=max(again)) + CLOCK_SLACK
    its_time = or_(Alert.next_attempt_at <= now, Alert.next_attempt_at > implausible)
    queued, sent = Alert.state == "queued", Alert.state == "sent"
    with store.reading() as session:
        rows = session.execute(
            select(Alert.id, Alert.department, Alert.kind, Alert.envelope, Alert.attempts)
            .where(or_(queued & or_(Alert.last_error.is_(None), its_time), sent & its_time))
            .order_by(case((queued, 0), else_=1), Alert.department, Alert.seq)
            .limit(room + len(in_flight))
        ).all()
    due = tuple(
        Due(row.id, row.department, row.kind, row.envelope, row.attempts) for row in rows if row.id not in in_flight
    )[:room]
    if due:
        planned = [
            {
                "id": alert.id,
                "attempts": alert.attempts + 1,
                "next_attempt_at": now + wait_after(alert.attempts, again),
            }
            for alert in due
        ]
        with store.sessions.begin() as session:
            session.execute(update(Alert), planned)
    return due


def mark_sent(store: Store, alerts: Collection[str], now: datetime) -> None:
    """The broker has acknowledged them. ``sent_at`` is of the first time."""
    with store.sessions.begin() as session:
        session.execute(
            update(Alert)
            .where(Alert.id.in_(alerts), Alert.state == "queued")
            .values(
                state="sent", sent_at=func.coalesce(Alert.sent_at, literal(now, Alert.sent_at.type)), last_error=None
            )
        )


def mark_refused(store: Store, alert: str, problem: str) -> None:
    """It could not be published; it is tried again when its next attempt is due, and the screen shows why not."""
    with store.sessions.begin() as session:
        session.execute(update(Alert).where(Alert.id == alert).values(last_error=problem[:500]))


def all_again(store: Store, now: datetime, *, broker_forgot: bool, unsaved_s: float) -> None:
    """A new connection: publish at once, and in the order of ``seq``, what the broker may not have.

    That is what no broker has acknowledged, and of what one has, and nobody has received, what it may have lost: such
    alerts are `queued` again. A broker that was killed comes back as it last wrote itself to disk, and says nothing of it.

    Args:
        store: the store.
        now: UTC, aware.
        broker_forgot: it no longer knew our session, so it may have lost everything.
        unsaved_s: how long a broker may keep in memory only what it has acknowledged.
    """
    unsaved = Alert.state == "sent"
    if not broker_forgot:
        unsaved &= Alert.sent_at > now - timedelta(seconds=unsaved_s)
    with store.sessions.begin() as session:
        session.execute(update(Alert).where(unsaved).values(state="queued", last_error=None))
        session.execute(update(Alert).where(Alert.state == "queued", Alert.attempts > 0).values(next_attempt_at=now))
