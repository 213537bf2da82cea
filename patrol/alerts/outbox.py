"""Writes what must be told as rows, in the transaction of its cause. The relay publishes them until they are received."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from patrol.alerts.envelope import draft
from patrol.alerts.route import departments_for
from patrol.incidents import Change
from patrol.registry.models import Registry
from patrol.store.tables import Alert

ACK_WITHIN = timedelta(minutes=5)
"""How long a department has to say that it has received an alert; the relay sends it again long before."""
_LOCK = 0x70617472
"""Key of the PostgreSQL advisory lock that hands out ``seq``."""


def notify(session: Session, registry: Registry, change: Change, now: datetime, *, at_once: bool) -> tuple[str, ...]:
    """Write the alerts that follow from a change of an incident.

    A department first hears of an incident when a person has confirmed it, or when it is flagged and a rule says
    ``at_once``. From then on it hears of every update, of the review, and of the end, once.

    Args:
        session: the open transaction of the cause.
        registry: the registry in force: routes, camera, rules.
        change: what became of the incident.
        now: UTC, aware.
        at_once: whether a rule in force pushes a flagged finding of this kind without waiting for a review.

    Returns:
        Ids of the rows written.

    Raises:
        RouteError: it must be told and no route matches; nothing was written by this call.
    """
    told = _told(session, change.incident_id)
    following = [department for department, last in told.items() if last != "end"]
    if following:
        kind = "end" if change.what == "end" or change.muted else "update"
        departments = following
    elif _is_news(change, at_once=at_once, told=bool(told)):
        kind = "new"
        departments = list(departments_for(registry, change.kind, _categories(registry, change)))
    else:
        return ()
    return tuple(_write(session, registry, change, department, kind, now) for department in departments)


def _is_news(change: Change, *, at_once: bool, told: bool) -> bool:
    if change.what == "reviewed":
        return change.reviewed
    if told or change.what == "end":
        return False
    return change.reviewed or (at_once and change.verdict == "flagged" and change.review is None)


def _told(session: Session, incident: str) -> dict[str, str]:
    """Departments that have an alert of this incident, each with the type of its last one."""
    rows = session.execute(select(Alert.department, Alert.type).where(Alert.incident == incident).order_by(Alert.seq))
    return {row.department: row.type for row in rows}


def _categories(registry: Registry, change: Change) -> tuple[str, ...]:
    camera = next((c for c in registry.cameras if c.id == change.camera), None)
    if camera is not None:
        return camera.categories
    return (change.category,) if change.category else ()


def _write(session: Session, registry: Registry, change: Change, department: str, kind: str, now: datetime) -> str:
    alert_id = uuid.uuid4().hex
    seq = _next_seq(session, department)
    ack_by = now + ACK_WITHIN
    envelope = draft(
        registry, change, alert_id=alert_id, seq=seq, kind_of_alert=kind, department=department, ack_by=ack_by
    )
    session.add(
        Alert(
            id=alert_id,
            seq=seq,
            department=department,
            kind=change.kind,
            type=kind,
            incident=change.incident_id,
            envelope=envelope,
            state="queued",
            created_at=now,
            next_attempt_at=now,
            attempts=0,
            ack_by=ack_by,
        )
    )
    session.flush()
    return alert_id


def _next_seq(session: Session, department: str) -> int:
    if session.get_bind().dialect.name == "postgresql":
        # Two writers must not take the same number. SQLite has one writer at a time by itself.
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.scalar(select(func.max(Alert.seq)).where(Alert.department == department))
    return (last or 0) + 1
