"""Writes what must be told as rows, in the transaction of its cause. The relay publishes them until they are received."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from patrol import incidents
from patrol.alerts import case_links, notices, silences, tracks
from patrol.alerts.envelope import draft
from patrol.alerts.route import Matter, Role, RouteError, matter_of, route, told_first
from patrol.incidents import Change
from patrol.registry import Registry
from patrol.store.tables import Alert, DispatchTrack

_LOCK = 0x70617472
"""Key of the PostgreSQL advisory lock that hands out ``seq``."""
_LEAST_LEFT = timedelta(seconds=30)


class AgainError(Exception):
    """A department that cannot be told again; nothing was changed. The message says why."""


def notify(session: Session, registry: Registry, change: Change, now: datetime, *, at_once: bool) -> tuple[str, ...]:
    """Write the alerts that follow from a change of an incident.

    A department first hears of an incident when a person has confirmed it, or when it is flagged and a rule says
    ``at_once``. From then on it hears of updates (put together where they come thick), of the review, and of the end, once.
    While a silence is in force nobody new is told; what is held back is written down.

    Args:
        session: the open transaction of the cause.
        registry: the registry in force: routes, camera, rules.
        change: what became of the incident.
        now: UTC, aware.
        at_once: whether a rule in force pushes a flagged finding of this kind without waiting for a review.

    Returns:
        Ids of the rows written.

    Raises:
        RouteError: it must be told and no route matches; it is held, and told when a route is there.
    """
    told = _told(session, change.incident_id)
    following = [department for department, last in told.items() if last != "end"]
    if following:
        written = [_follow(session, registry, change, department, now) for department in following]
        return tuple(alert for alert in written if alert is not None)
    if change.what == "end" or change.muted:
        silences.release(session, change.incident_id, "over", now)
        return ()
    if not _is_news(change, at_once=at_once, told=bool(told)):
        return ()
    return tell_new(session, registry, change, now)


def tell_new(session: Session, registry: Registry, change: Change, now: datetime) -> tuple[str, ...]:
    """Tell the departments of a matter's route for the first time, unless a silence holds it back.

    Raises:
        RouteError: no route matches; the incident is held.
    """
    matter = matter_for(registry, change)
    silence = silences.in_force(session, matter, now)
    if silence is not None:
        silences.hold(session, change.incident_id, f"silence {silence.id}: {silence.reason}", now, silence.id)
        return ()
    try:
        found = route(registry, matter, now.astimezone(registry.county.zone))
    except RouteError as error:
        silences.hold(session, change.incident_id, str(error), now)
        raise
    silences.release(session, change.incident_id, "told", now)
    told = told_first(registry, found)
    routed = {department for department, _ in found.told}
    return tuple(
        open_matter(
            session,
            registry,
            change,
            department,
            role,
            found.route,
            # The fallback stands in for those who act, and not for who keeps the case.
            found.fallback if department in routed else None,
            now,
            told=told,
        )
        for department, role in told
    )


def open_matter(
    session: Session,
    registry: Registry,
    change: Change,
    department: str,
    role: Role,
    route_name: str,
    fallback: str | None,
    now: datetime,
    escalation: dict[str, Any] | None = None,
    told: tuple[tuple[str, Role], ...] | None = None,
) -> str:
    """Write a department's first alert of a matter (or the next one, where it is told again in another's place)."""
    last = _told(session, change.incident_id).get(department)
    track = tracks.open_track(
        session,
        registry,
        incident=change.incident_id,
        kind=change.kind,
        department=department,
        role=role,
        route=route_name,
        fallback=fallback,
        now=now,
    )
    kind = "new" if last in {None, "end"} else "update"
    alert = _write(session, registry, change, track, kind, now, escalation, told)
    notices.department_told(session, registry, track, alert, now, escalated=escalation is not None)
    return alert


def write_update(
    session: Session,
    registry: Registry,
    change: Change,
    track: DispatchTrack,
    now: datetime,
    escalation: dict[str, Any] | None = None,
) -> str:
    """Write the updates that were put together, as one: the incident as it stands now."""
    by = tracks.taken_on_by(track)
    if by is not None:
        escalation = {"level": 0, "from": by, "because": f"{by} has taken it on"}
    track.update_due_at, track.updated_at = None, now
    return _write(session, registry, change, track, "update", now, escalation)


def tell_again(session: Session, registry: Registry, incident: str, department: str, now: datetime) -> str:
    """Tell a department again of an open matter, because a person asks for it: a new alert, and everybody on duty there.

    Raises:
        AgainError: nothing is awaited there, or its last alert has not even left; nothing was written.
    """
    track = tracks.track_of(session, incident, department, lock=True)
    if track is None or track.closed_at is not None:
        because = "it was never told" if track is None else f"it is closed ({track.closed_because})"
        raise AgainError(f"{department} cannot be told again: {because}")
    last = tracks.last_alert(session, incident, department)
    if last is not None and session.get_one(Alert, last).state == "queued":
        raise AgainError(f"the last alert to {department} has not left yet; it goes out as soon as the broker takes it")
    alert = write_update(session, registry, incidents.as_it_stands(session, incident), track, now)
    notices.department_told(session, registry, track, alert, now, escalated=True)
    return alert


def matter_for(registry: Registry, change: Change) -> Matter:
    """What routes and silences go by."""
    return matter_of(registry, kind=change.kind, camera=change.camera, category=change.category, rule=change.rule)


def _follow(session: Session, registry: Registry, change: Change, department: str, now: datetime) -> str | None:
    """An update or the end for a department that was told; None where the update waits for others."""
    track = tracks.track_of(session, change.incident_id, department, lock=True)
    over = change.what == "end" or change.muted
    if over:
        tracks.ended(
            session,
            change.incident_id,
            department,
            change.review if change.muted and change.review else "it ended",
            now,
        )
        return _write(session, registry, change, track or department, "end", now, None)
    if track is None:
        return _write(session, registry, change, department, "update", now, None)
    free_at = track.updated_at + registry.dispatch.update_interval
    if change.what != "reviewed" and track.updated_at <= now < free_at:
        track.update_due_at = track.update_due_at or free_at
        return None
    return write_update(session, registry, change, track, now)


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


def _write(
    session: Session,
    registry: Registry,
    change: Change,
    to: DispatchTrack | str,
    kind: str,
    now: datetime,
    escalation: dict[str, Any] | None,
    told: tuple[tuple[str, Role], ...] | None = None,
) -> str:
    track = to if isinstance(to, DispatchTrack) else None
    department = track.department if track is not None else str(to)
    alert_id = uuid.uuid4().hex
    seq = _next_seq(session, department)
    # Each message is to be acknowledged in the time the first one had.
    ack_by = now + max(track.received_by - track.opened_at, _LEAST_LEFT) if track is not None else now + _LEAST_LEFT
    envelope = draft(
        registry,
        change,
        alert_id=alert_id,
        seq=seq,
        kind_of_alert=kind,
        department=department,
        ack_by=ack_by,
        track=track,
        escalation=escalation,
        case=case_links.number_of(session, change.incident_id),
        told=told,
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
