"""Dispatch as rows: one track for each incident and department, opened with the alert, moved by answers, closed at its end.

Whatever changes a track sets the moment at which it is looked at again, in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.alerts.ladder import RANK, Track, due_at
from patrol.alerts.route import Role, limits_for, reachable_at
from patrol.registry import Registry
from patrol.store.tables import Alert, DispatchTrack

_TAKEN = "taken on by "
TAKEN_OVER = frozenset({"accepted", "phoned", "on_scene", "disposed"})
"""Answers with which a department that was told in another's place takes the matter on."""


def track_of(session: Session, incident: str, department: str, *, lock: bool = False) -> DispatchTrack | None:
    """The track of an incident at a department."""
    wanted = select(DispatchTrack).where(DispatchTrack.incident == incident, DispatchTrack.department == department)
    return session.scalar(wanted.with_for_update() if lock else wanted)


def last_alert(session: Session, incident: str, department: str) -> str | None:
    """Id of the last alert that a department had of an incident; None: it had none."""
    wanted = select(Alert.id).where(Alert.incident == incident, Alert.department == department)
    return session.scalar(wanted.order_by(Alert.seq.desc()).limit(1))


def open_track(
    session: Session,
    registry: Registry,
    *,
    incident: str,
    kind: str,
    department: str,
    role: Role,
    route: str,
    fallback: str | None,
    now: datetime,
) -> DispatchTrack:
    """Begin, or begin anew, to follow a matter at a department; its limits are frozen from now on."""
    row = track_of(session, incident, department, lock=True)
    if row is None:
        row = DispatchTrack(incident=incident, department=department)
        session.add(row)
    limits = limits_for(registry, department, kind)
    row.role, row.route, row.fallback, row.kind = role, route[:120], fallback, kind
    row.state, row.opened_at, row.updated_at = "told", now, now
    row.received_by, row.accepted_by = now + limits.received, now + limits.accepted
    row.on_scene_by, row.disposed_by = now + limits.on_scene, now + limits.disposed
    row.rung, row.rung_at, row.update_due_at = 0, None, None
    row.received_at = row.accepted_at = row.on_scene_at = row.disposed_at = None
    row.closed_at = row.closed_because = None
    row.due_at = row.received_by
    session.flush()
    return row


def answered(session: Session, incident: str, department: str, status: str, now: datetime) -> None:
    """A department has answered: the track moves on, never back, and the ladder begins anew for the next step."""
    row = track_of(session, incident, department, lock=True)
    if row is None:
        return
    if not moves_on(row, status):
        return
    row.state = status
    _reached(row, status, now)
    if row.closed_at is None:
        row.rung, row.rung_at = 0, None
        awaits = view(row).awaits
        if awaits is None:
            close(row, status, now)
        else:
            # The sweep knows the ladder and the roster; the first telling needs neither.
            row.due_at = now if awaits == "refused" else view(row).by[awaits]
    if status in TAKEN_OVER and row.role != "copy":
        _take_over(session, row, now)
    session.flush()


def _reached(row: DispatchTrack, status: str, now: datetime) -> None:
    row.received_at = row.received_at or now
    if status == "refused":
        return
    rank = RANK[status]
    if rank >= RANK["accepted"]:
        row.accepted_at = row.accepted_at or now
    if rank >= RANK["on_scene"]:
        row.on_scene_at = row.on_scene_at or now
    if rank >= RANK["disposed"]:
        row.disposed_at = row.disposed_at or now


def moves_on(row: DispatchTrack, status: str) -> bool:
    """Whether an answer takes a track further: never back, but who refused may accept after all."""
    return RANK[status] > RANK[row.state] or (status == "accepted" and row.state == "refused")


def _take_over(session: Session, by: DispatchTrack, now: datetime) -> None:
    """Whoever was told beside it and has not taken it on is called no more, and hears who has it."""
    others = session.scalars(
        select(DispatchTrack)
        .where(
            DispatchTrack.incident == by.incident,
            DispatchTrack.id != by.id,
            DispatchTrack.closed_at.is_(None),
            DispatchTrack.role != "copy",
        )
        .with_for_update()
    )
    for row in others:
        if RANK[row.state] < RANK["accepted"] or row.state == "refused":
            close(row, f"{_TAKEN}{by.department}", now)
            row.update_due_at = now


def taken_on_by(row: DispatchTrack) -> str | None:
    """The department that has a closed matter in this one's place."""
    because = row.closed_because or ""
    return because.removeprefix(_TAKEN) if because.startswith(_TAKEN) else None


def close(row: DispatchTrack, because: str, now: datetime) -> None:
    """Nothing more is awaited."""
    row.closed_at, row.closed_because, row.due_at = now, because[:120], None


def ended(session: Session, incident: str, department: str, because: str, now: datetime) -> None:
    """The incident is over or judged to be nothing: nobody is called about it any more."""
    row = track_of(session, incident, department, lock=True)
    if row is None:
        return
    row.update_due_at = None
    if row.closed_at is None:
        close(row, because, now)
    session.flush()


def view(row: DispatchTrack) -> Track:
    """A row as the ladder sees it."""
    return Track(
        state=row.state,
        role=row.role,
        by={
            "received": row.received_by,
            "accepted": row.accepted_by,
            "on_scene": row.on_scene_by,
            "disposed": row.disposed_by,
        },
        rung=row.rung,
        rung_at=row.rung_at,
        department=row.department,
        fallback=row.fallback,
    )


def next_due(row: DispatchTrack, registry: Registry, now: datetime) -> datetime | None:
    """When the ladder looks at it again."""
    local = now.astimezone(registry.county.zone)
    return due_at(view(row), reachable_at(registry, row.department, row.role, local), now)
