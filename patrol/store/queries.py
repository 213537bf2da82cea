"""What screens and commands ask the store: visits, incidents, alerts, evidence, newest first and in pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from patrol.store.tables import (
    Ack,
    Alert,
    EvidenceFile,
    Incident,
    IncidentLook,
    LookState,
    Outage,
    RegistryRevision,
    Review,
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
    outcome: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Visit]:
    """Rows of the ledger, newest first.

    Args:
        session: an open session.
        camera, outcome: only of these.
        before: only with a lower ``seq`` (the cursor of pages).
        limit: at most so many.
    """
    wanted = select(Visit).order_by(Visit.seq.desc()).limit(limit)
    if camera is not None:
        wanted = wanted.where(Visit.camera == camera)
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
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Incident]:
    """Incidents, newest first.

    Args:
        session: an open session.
        state: ``open`` or ``ended``.
        kind: only of this kind.
        before: ``(first_seen_at, id)`` of the last one of the page before.
        limit: at most so many.
    """
    wanted = select(Incident).order_by(Incident.first_seen_at.desc(), Incident.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Incident.state == state)
    if kind is not None:
        wanted = wanted.where(Incident.kind == kind)
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
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[tuple[Alert, tuple[Ack, ...]], ...]:
    """Alerts with what the departments answered, newest first; ``before`` as in :func:`incidents`."""
    wanted = select(Alert).order_by(Alert.created_at.desc(), Alert.id.desc()).limit(limit)
    if department is not None:
        wanted = wanted.where(Alert.department == department)
    if before is not None:
        at, key = before
        wanted = wanted.where((Alert.created_at < at) | ((Alert.created_at == at) & (Alert.id < key)))
    return _with_acks(session, wanted)


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
