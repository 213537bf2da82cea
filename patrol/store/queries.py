"""What screens and commands ask the store: visits, incidents, alerts, evidence, newest first and in pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from patrol.store.tables import (
    Ack,
    Alert,
    CaseFile,
    CaseLink,
    DispatchTrack,
    Escalation,
    EvidenceFile,
    Held,
    Incident,
    IncidentLook,
    LookState,
    Outage,
    RegistryRevision,
    Review,
    Silence,
    Visit,
)


@dataclass(frozen=True, slots=True)
class IncidentWhole:
    """An incident with everything that belongs to it, oldest first."""

    incident: Incident
    sightings: tuple[tuple[IncidentLook, Visit, tuple[EvidenceFile, ...]], ...]
    reviews: tuple[Review, ...]
    alerts: tuple[tuple[Alert, tuple[Ack, ...]], ...]


def registry_in_force(session: Session) -> RegistryRevision | None:
    """The registry the service loaded last, None before its first start."""
    return session.scalar(select(RegistryRevision).order_by(RegistryRevision.id.desc()).limit(1))


def look_states(session: Session) -> dict[str, LookState]:
    """Every look that is or was in the rotation, by key."""
    return {state.key: state for state in session.scalars(select(LookState))}


def visits(
    session: Session,
    *,
    camera: str | None = None,
    cameras: Collection[str] | None = None,
    outcome: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Visit]:
    """Rows of the ledger, newest first.

    Args:
        session: an open session.
        camera, outcome: only of these.
        cameras: only of one of these; None: of any.
        before: only with a lower ``seq`` (the cursor of pages).
        limit: at most so many.
    """
    wanted = select(Visit).order_by(Visit.seq.desc()).limit(limit)
    if camera is not None:
        wanted = wanted.where(Visit.camera == camera)
    if cameras is not None:
        wanted = wanted.where(Visit.camera.in_(cameras))
    if outcome is not None:
        wanted = wanted.where(Visit.outcome == outcome)
    if before is not None:
        wanted = wanted.where(Visit.seq < before)
    return session.scalars(wanted).all()


def visit(session: Session, visit_id: str) -> Visit | None:
    """One row of the ledger."""
    return session.scalar(select(Visit).where(Visit.id == visit_id))


def evidence_of(session: Session, visit_ids: Iterable[str]) -> dict[str, tuple[EvidenceFile, ...]]:
    """The kept files of visits, by visit id; visits without any are left out."""
    found: dict[str, list[EvidenceFile]] = {}
    for file in session.scalars(
        select(EvidenceFile).where(EvidenceFile.visit.in_(list(visit_ids))).order_by(EvidenceFile.id)
    ):
        found.setdefault(file.visit, []).append(file)
    return {key: tuple(files) for key, files in found.items()}


def gaps(session: Session, since: datetime) -> dict[str, list[float]]:
    """Seconds between the starts of successive inspected looks, by look, of those made since then."""
    found: dict[str, list[float]] = {}
    wanted = select(Visit.look, Visit.gap_s).where(Visit.started_at >= since, Visit.gap_s.is_not(None))
    for look, gap in session.execute(wanted):
        if gap is not None:
            found.setdefault(look, []).append(gap)
    return found


def open_outages(session: Session) -> Sequence[Outage]:
    """Cameras that are away now, longest first."""
    return session.scalars(select(Outage).where(Outage.ended_at.is_(None)).order_by(Outage.started_at)).all()


def incidents(
    session: Session,
    *,
    state: str | None = None,
    kind: str | None = None,
    case: str | None = None,
    cameras: Collection[str] | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Incident]:
    """Incidents, newest first.

    Args:
        session: an open session.
        state: ``open`` or ``ended``.
        kind: only of this kind.
        case: only those that the case of this number follows.
        cameras: only of one of these; None: of any.
        before: ``(first_seen_at, id)`` of the last one of the page before.
        limit: at most so many.
    """
    wanted = select(Incident).order_by(Incident.first_seen_at.desc(), Incident.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Incident.state == state)
    if kind is not None:
        wanted = wanted.where(Incident.kind == kind)
    if cameras is not None:
        wanted = wanted.where(Incident.camera.in_(cameras))
    if case is not None:
        wanted = wanted.where(Incident.id.in_(select(CaseLink.incident).where(CaseLink.number == case)))
    if before is not None:
        at, key = before
        wanted = wanted.where((Incident.first_seen_at < at) | ((Incident.first_seen_at == at) & (Incident.id < key)))
    return session.scalars(wanted).all()


def incident_id(session: Session, beginning: str) -> str | None:
    """The id of the one incident whose id begins so; None when there is none or more than one."""
    if not beginning:
        return None
    found = session.scalars(
        select(Incident.id).where(Incident.id.startswith(beginning, autoescape=True)).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def alert_id(session: Session, beginning: str) -> str | None:
    """The id of the one alert whose id begins so; None when there is none or more than one."""
    if not beginning:
        return None
    found = session.scalars(select(Alert.id).where(Alert.id.startswith(beginning, autoescape=True)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def incident(session: Session, incident_id: str) -> IncidentWhole | None:
    """One incident, whole."""
    found = session.get(Incident, incident_id)
    if found is None:
        return None
    pairs = session.execute(
        select(IncidentLook, Visit)
        .join(Visit, Visit.id == IncidentLook.visit)
        .where(IncidentLook.incident == incident_id)
        .order_by(Visit.seq)
    ).all()
    kept = evidence_of(session, [v.id for _, v in pairs])
    reviews = session.scalars(select(Review).where(Review.incident == incident_id).order_by(Review.id)).all()
    return IncidentWhole(
        incident=found,
        sightings=tuple((look, seen, kept.get(seen.id, ())) for look, seen in pairs),
        reviews=tuple(reviews),
        alerts=_with_acks(
            session, select(Alert).where(Alert.incident == incident_id).order_by(Alert.created_at, Alert.seq)
        ),
    )


def alerts(
    session: Session,
    *,
    department: str | None = None,
    cameras: Collection[str] | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[tuple[Alert, tuple[Ack, ...]], ...]:
    """Alerts with what the departments answered, newest first; ``cameras`` and ``before`` as in :func:`incidents`."""
    wanted = select(Alert).order_by(Alert.created_at.desc(), Alert.id.desc()).limit(limit)
    if department is not None:
        wanted = wanted.where(Alert.department == department)
    if cameras is not None:
        wanted = wanted.where(Alert.incident.in_(select(Incident.id).where(Incident.camera.in_(cameras))))
    if before is not None:
        at, key = before
        wanted = wanted.where((Alert.created_at < at) | ((Alert.created_at == at) & (Alert.id < key)))
    return _with_acks(session, wanted)


def answers_of(
    session: Session, matters: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Alert, tuple[Ack, ...]]]:
    """The last alert and all answers of each matter, by ``(incident, department)``; those without an alert are left out."""
    wanted = set(matters)
    rows = _with_acks(
        session, select(Alert).where(Alert.incident.in_({incident for incident, _ in wanted})).order_by(Alert.seq)
    )
    found: dict[tuple[str, str], tuple[Alert, tuple[Ack, ...]]] = {}
    for alert, acks in rows:
        key = alert.incident, alert.department
        if key in wanted:
            before = found[key][1] if key in found else ()
            found[key] = alert, tuple(sorted((*before, *acks), key=lambda ack: ack.id))
    return found


def dispatches(
    session: Session,
    *,
    incident: str | None = None,
    department: str | None = None,
    kind: str | None = None,
    closed: bool | None = None,
    cameras: Collection[str] | None = None,
    limit: int = 50,
) -> tuple[tuple[DispatchTrack, tuple[Escalation, ...]], ...]:
    """Matters at departments with the rungs that were climbed, the longest overdue first, then the newest.

    Args:
        session: an open session.
        incident, department, kind: only of this one.
        closed: only closed ones, or only open ones; None: both.
        cameras: only of one of these; None: of any.
        limit: at most so many.
    """
    wanted = select(DispatchTrack).order_by(
        DispatchTrack.due_at.is_(None), DispatchTrack.due_at, DispatchTrack.id.desc()
    )
    if incident is not None:
        wanted = wanted.where(DispatchTrack.incident == incident)
    if cameras is not None:
        wanted = wanted.where(DispatchTrack.incident.in_(select(Incident.id).where(Incident.camera.in_(cameras))))
    if department is not None:
        wanted = wanted.where(DispatchTrack.department == department)
    if kind is not None:
        wanted = wanted.where(DispatchTrack.kind == kind)
    if closed is not None:
        wanted = wanted.where(DispatchTrack.closed_at.is_not(None) if closed else DispatchTrack.closed_at.is_(None))
    found = session.scalars(wanted.limit(limit)).all()
    climbed: dict[int, list[Escalation]] = {}
    for row in session.scalars(
        select(Escalation).where(Escalation.dispatch.in_([t.id for t in found])).order_by(Escalation.id)
    ):
        climbed.setdefault(row.dispatch, []).append(row)
    return tuple((track, tuple(climbed.get(track.id, ()))) for track in found)


def incidents_by_id(session: Session, wanted: Iterable[str]) -> dict[str, Incident]:
    """Incidents by id."""
    return {row.id: row for row in session.scalars(select(Incident).where(Incident.id.in_(set(wanted))))}


def cases(session: Session, incidents: Iterable[str]) -> dict[str, CaseLink]:
    """The case that follows each incident, by the incident's id; those without one are left out."""
    return {row.incident: row for row in session.scalars(select(CaseLink).where(CaseLink.incident.in_(set(incidents))))}


def knows_case(session: Session, number: str) -> bool:
    """Whether there is a case of that number, ours or one that the county's own system has named."""
    ours = select(CaseFile.number).where(CaseFile.number == number)
    return session.scalar(ours) is not None or (
        session.scalar(select(CaseLink.number).where(CaseLink.number == number).limit(1)) is not None
    )


def silences(session: Session, *, since: datetime | None = None) -> tuple[tuple[Silence, int], ...]:
    """Silences, the newest first, each with how many incidents it holds back now; ``since``: only those that end later."""
    holds = (
        select(Held.silence, func.count().label("count"))
        .where(Held.released_at.is_(None))
        .group_by(Held.silence)
        .subquery()
    )
    wanted = select(Silence, holds.c.count).outerjoin(holds, holds.c.silence == Silence.id).order_by(Silence.id.desc())
    if since is not None:
        wanted = wanted.where(Silence.ends_at > since)
    return tuple((row, count or 0) for row, count in session.execute(wanted))


def _with_acks(session: Session, wanted: Select[Alert]) -> tuple[tuple[Alert, tuple[Ack, ...]], ...]:
    found = session.scalars(wanted).all()
    acks: dict[str, list[Ack]] = {}
    for ack in session.scalars(select(Ack).where(Ack.alert.in_([a.id for a in found])).order_by(Ack.id)):
        acks.setdefault(ack.alert or "", []).append(ack)
    return tuple((alert, tuple(acks.get(alert.id, ()))) for alert in found)


def row(found: Any, columns: Iterable[str] | None = None) -> dict[str, Any]:
    """A table row as plain values, times in ISO 8601, for ``--json``."""
    names = columns if columns is not None else [c.key for c in found.__table__.columns]
    values = {name: getattr(found, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
