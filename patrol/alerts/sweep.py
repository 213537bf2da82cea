"""Finds what is overdue: tracks nobody answers, updates that waited long enough, incidents that a silence held back.

Everything it does stands in one transaction for each matter, and every open track has a moment at which it comes here again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from patrol import incidents
from patrol.alerts import notices, outbox, silences, tracks
from patrol.alerts.ladder import Rung, climb
from patrol.alerts.pace import CLOCK_SLACK
from patrol.alerts.route import Role, RouteError, reachable_at
from patrol.registry import Registry
from patrol.store import Store
from patrol.store.tables import DispatchTrack, Escalation, Held, Silence

_AT_ONCE = 50
"""Matters a sweep takes at most; the next one follows at once."""


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who is told because a step is overdue. ``alert``: the one that was written, where it went to a department."""

    incident: str
    department: str
    step: str
    rung: Rung
    alert: str | None


@dataclass(slots=True)
class Swept:
    """What a sweep did. ``more``: it took as many as it may, there are others."""

    called: list[Called] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    more: bool = False


def sweep(store: Store, registry: Registry, now: datetime) -> Swept:
    """Do what is due now.

    Args:
        store: the store; nothing is locked while nothing is due.
        registry: the registry in force.
        now: UTC, aware.

    Raises:
        SQLAlchemyError: the store is away; what was done stands, the rest is due at the next sweep.
    """
    done = Swept()
    with store.reading() as session:
        overdue = list(session.scalars(_overdue(registry, now).with_only_columns(DispatchTrack.id).limit(_AT_ONCE)))
        updates = list(session.scalars(_updates(registry, now).with_only_columns(DispatchTrack.id).limit(_AT_ONCE)))
        held = list(session.scalars(select(Held.id).where(Held.released_at.is_(None)).order_by(Held.id)))
    for track in overdue:
        with store.sessions.begin() as session:
            _climb(session, registry, track, now, done)
    for track in updates:
        with store.sessions.begin() as session:
            _update(session, registry, track, now, done)
    for row in held:
        with store.sessions.begin() as session:
            _let_go(session, registry, row, now, done)
    done.more = max(len(overdue), len(updates)) >= _AT_ONCE
    return done


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A track that is overdue: why, and who was told of it last."""

    incident: str
    department: str
    because: str
    whom: str
    phone: str | None


def unanswered(store: Store) -> list[Unanswered]:
    """Open tracks on whose present step a rung was climbed, the longest overdue first."""
    other = aliased(Escalation)
    last = (
        select(func.max(other.id)).where(other.dispatch == DispatchTrack.id).correlate(DispatchTrack).scalar_subquery()
    )
    with store.reading() as session:
        rows = session.execute(
            select(DispatchTrack, Escalation)
            .join(Escalation, Escalation.id == last)
            # Closed tracks have no moment: the index on it finds the open ones among years of them.
            .where(DispatchTrack.due_at.is_not(None), DispatchTrack.rung > 0)
            .order_by(DispatchTrack.opened_at, DispatchTrack.id)
        ).all()
    return [Unanswered(t.incident, t.department, e.because, e.whom, e.phone) for t, e in rows]


def _overdue(registry: Registry, now: datetime) -> Select[DispatchTrack]:
    return (
        select(DispatchTrack)
        .where(
            or_(DispatchTrack.due_at <= now, DispatchTrack.due_at > now + _longest(registry)),
        )
        .order_by(DispatchTrack.due_at)
    )


def _updates(registry: Registry, now: datetime) -> Select[DispatchTrack]:
    latest = now + registry.dispatch.update_interval + CLOCK_SLACK
    return (
        select(DispatchTrack)
        .where(or_(DispatchTrack.update_due_at <= now, DispatchTrack.update_due_at > latest))
        .order_by(DispatchTrack.update_due_at)
    )


def _longest(registry: Registry) -> timedelta:
    every = [limits.disposed for d in registry.departments for limits in d.limits]
    every += [limits.disposed for limits in registry.dispatch.limits]
    return max([*every, registry.dispatch.again, timedelta(hours=8)]) + CLOCK_SLACK


def _climb(session: Session, registry: Registry, number: int, now: datetime, done: Swept) -> None:
    row = session.get(DispatchTrack, number, with_for_update=True)
    if row is None or row.closed_at is not None:
        return
    local = now.astimezone(registry.county.zone)
    track, reachable = tracks.view(row), reachable_at(registry, row.department, row.role, local)
    rung = climb(track, reachable, now)
    awaits = track.awaits
    if rung is None or awaits is None:
        # A change of the registry, or a stepped clock, has moved it.
        row.due_at = min(tracks.next_due(row, registry, now) or now, now + _longest(registry))
        return
    row.rung, row.rung_at = rung.number, now
    alert = _tell_department(session, registry, row, rung, now) if rung.department is not None else None
    session.add(
        Escalation(
            dispatch=row.id,
            at=now,
            step=awaits,
            rung=rung.number,
            who=rung.who,
            whom=rung.whom[:120],
            phone=rung.phone,
            alert=alert,
            because=rung.because,
        )
    )
    notices.rung_climbed(session, registry, row, rung, now)
    row.due_at = tracks.next_due(row, registry, now)
    session.flush()
    if alert is not None:
        done.alerts.append(alert)
    done.called.append(Called(row.incident, row.department, awaits, rung, alert))


def _tell_department(session: Session, registry: Registry, row: DispatchTrack, rung: Rung, now: datetime) -> str:
    """Another department is told in this one's place; one that has been told so already is reminded, its time goes on."""
    department = rung.department or ""
    role: Role = "fallback" if rung.who == "fallback" else "escalation"
    there = tracks.track_of(session, row.incident, department)
    change = incidents.as_it_stands(session, row.incident)
    escalation = {"level": rung.number, "from": row.department, "because": rung.because}
    if there is not None and there.role == role and there.closed_at is None:
        return outbox.write_update(session, registry, change, there, now, escalation)
    return outbox.open_matter(session, registry, change, department, role, row.route, None, now, escalation)


def _update(session: Session, registry: Registry, number: int, now: datetime, done: Swept) -> None:
    row = session.get(DispatchTrack, number, with_for_update=True)
    if row is None or row.update_due_at is None:
        return
    change = incidents.as_it_stands(session, row.incident)
    done.alerts.append(outbox.write_update(session, registry, change, row, now))


def _let_go(session: Session, registry: Registry, number: int, now: datetime, done: Swept) -> None:
    row = session.get(Held, number, with_for_update=True)
    if row is None or row.released_at is not None:
        return
    change = incidents.as_it_stands(session, row.incident)
    if change.status != "open" or change.muted:
        silences.release(session, row.incident, "over", now)
        return
    if row.silence is not None:
        silence = session.get(Silence, row.silence)
        if silence is not None and silence.starts_at <= now < silence.ends_at:
            return
    try:
        done.alerts += outbox.tell_new(session, registry, change, now)
    except RouteError as error:
        done.problems.append(str(error))
