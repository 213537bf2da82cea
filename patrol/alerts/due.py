"""The outbox as the relay sees it: which rows are due, and what became of them at the broker. Each call is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, or_, select, update

from patrol.store import Store
from patrol.store.tables import Alert

_OPEN = ("queued", "sent")
"""Nobody has said that it has arrived."""
_SLACK = timedelta(minutes=1)


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

    What no broker has acknowledged yet goes first, and within a department in the order of ``seq``.

    Args:
        store: the store.
        now: UTC, aware.
        again: seconds until the next attempt, by attempts made; the last repeats.
        room: how many at most.
        in_flight: alerts published on this connection whose PUBACK has not come.
    """
    # A wall clock stepped back must not hold alerts up: no attempt is ever planned further ahead than the longest wait.
    implausible = now + timedelta(seconds=max(again)) + _SLACK
    with store.reading() as session:
        rows = session.execute(
            select(Alert.id, Alert.department, Alert.kind, Alert.envelope, Alert.attempts)
            .where(Alert.state.in_(_OPEN), or_(Alert.next_attempt_at <= now, Alert.next_attempt_at > implausible))
            .order_by(case((Alert.state == "queued", 0), else_=1), Alert.department, Alert.seq)
            .limit(room + len(in_flight))
        ).all()
    due = tuple(
        Due(row.id, row.department, row.kind, row.envelope, row.attempts) for row in rows if row.id not in in_flight
    )[:room]
    if due:
        with store.sessions.begin() as session:
            for alert in due:
                wait = timedelta(seconds=again[min(alert.attempts, len(again) - 1)])
                session.execute(
                    update(Alert)
                    .where(Alert.id == alert.id)
                    .values(attempts=alert.attempts + 1, next_attempt_at=now + wait)
                )
    return due


def mark_sent(store: Store, alerts: Collection[str], now: datetime) -> None:
    """The broker has acknowledged them."""
    with store.sessions.begin() as session:
        session.execute(
            update(Alert)
            .where(Alert.id.in_(alerts), Alert.state == "queued")
            .values(state="sent", sent_at=now, last_error=None)
        )


def mark_refused(store: Store, alert: str, problem: str) -> None:
    """It could not be published; it is tried again when its next attempt is due, and the screen shows why not."""
    with store.sessions.begin() as session:
        session.execute(update(Alert).where(Alert.id == alert).values(last_error=problem[:500]))


def all_again(store: Store, now: datetime, *, broker_forgot: bool) -> None:
    """A new connection: publish at once what no broker has acknowledged.

    Args:
        store: the store.
        now: UTC, aware.
        broker_forgot: it no longer knew our session, so it may have lost what it had acknowledged as well: that too.
    """
    states = _OPEN if broker_forgot else ("queued",)
    with store.sessions.begin() as session:
        session.execute(update(Alert).where(Alert.state.in_(states), Alert.attempts > 0).values(next_attempt_at=now))
