"""Who would be told of a matter at an hour, by which route, and who after him if nobody answers. Nothing is written or sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from patrol.alerts.ladder import Track, climb, due_at
from patrol.alerts.route import Matter, Routed, contacts_of, department_of, limits_for, reachable_at, route, told_first
from patrol.registry import Contact, Registry, look_specs_of
from patrol.registry.rules import exemptions

_HORIZON = timedelta(hours=2)
_RUNGS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """A department that is told at once, who is on duty there, and by when it is to answer (seconds from then; None: not asked)."""

    department: str
    name: str
    role: str
    contacts: tuple[Contact, ...]
    respond_s: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Later:
    """Who is told so many seconds later, if nobody answers until then."""

    after_s: float
    who: str
    whom: str
    phone: str | None
    because: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """The answer.

    Attributes:
        matter: what was asked of.
        at: county time.
        routed: the route with all that were tried before it.
        told: who is told at once.
        later: who is told after them while nobody answers at all, as far as two hours ahead.
        exempt: why it is not forbidden there now, so that nothing is flagged; empty where it is.
    """

    matter: Matter
    at: datetime
    routed: Routed
    told: tuple[Told, ...]
    later: tuple[Later, ...]
    exempt: str


def dry_run(registry: Registry, matter: Matter, at: datetime) -> DryRun:
    """Answer for an hour.

    Args:
        registry: the registry in force.
        matter: the incident.
        at: aware.

    Raises:
        RouteError: nobody would be told.
    """
    local = at.astimezone(registry.county.zone)
    routed = route(registry, matter, local)
    told = tuple(_told(registry, matter, department, role, local) for department, role in told_first(registry, routed))
    return DryRun(
        matter, local, routed, told, _later(registry, matter, routed, local), _exempt(registry, matter, local)
    )


def _told(registry: Registry, matter: Matter, department: str, role: str, local: datetime) -> Told:
    limits = limits_for(registry, department, matter.kind)
    asked = ("received",) if role == "copy" else ("received", "accepted", "on_scene", "disposed")
    known = department_of(registry, department)
    return Told(
        department,
        known.name.zh if known else department,
        role,
        contacts_of(registry, department, local),
        {
            step: getattr(limits, step).total_seconds() if step in asked else None
            for step in ("received", "accepted", "on_scene", "disposed")
        },
    )


def _later(registry: Registry, matter: Matter, routed: Routed, local: datetime) -> tuple[Later, ...]:
    """The ladder itself, played with nobody answering."""
    limits = limits_for(registry, routed.to, matter.kind)
    by = {step: local + getattr(limits, step) for step in ("received", "accepted", "on_scene", "disposed")}
    track = Track("told", "primary", by, 0, None, routed.to, routed.fallback)
    found: list[Later] = []
    now = local
    while len(found) < _RUNGS:
        due = due_at(track, reachable_at(registry, routed.to, "primary", now), now)
        if due is None or due > local + _HORIZON:
            break
        now = max(due, now)
        rung = climb(track, reachable_at(registry, routed.to, "primary", now), now)
        if rung is None:
            break
        found.append(Later((now - local).total_seconds(), rung.who, rung.whom, rung.phone, rung.because))
        track = replace(track, rung=rung.number, rung_at=now)
    return tuple(found)


def _exempt(registry: Registry, matter: Matter, local: datetime) -> str:
    camera = registry.camera(matter.camera)
    if camera is None:
        return ""
    return exemptions(registry, look_specs_of(registry, camera)[0], local).get(matter.kind, "")
