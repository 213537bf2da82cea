"""Which departments hear of an incident, and who is on duty there. Pure: registry, incident and hour in, the answer and its reasons out.

The first route that matches wins; every route before it says why it did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from patrol.alerts.ladder import Reachable
from patrol.registry import Contact, Department, Limits, Registry, Route, is_open, lies_in
from patrol.registry.days import any_open

Role = Literal["primary", "copy", "fallback", "escalation"]


class RouteError(Exception):
    """An incident that no department would hear of. It is never dropped in silence: the service shows this sentence."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What routing needs to know of an incident.

    Attributes:
        kind: of the incident.
        categories: of the camera.
        camera: its id.
        rule: what it breaks, None: no rule.
        division_code: of the camera's place.
    """

    kind: str
    categories: tuple[str, ...]
    camera: str | None = None
    rule: str | None = None
    division_code: str | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """One route of the registry: its name, and why it did not match; empty for the one that did."""

    name: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Routed:
    """Who is told.

    Attributes:
        route: the name of the route that matched.
        to: the department that acts.
        copies: departments told beside it.
        fallback: told when the first refuses or does not answer, None: nobody.
        tried: the routes that were looked at, in order; the last one matched.
    """

    route: str
    to: str
    copies: tuple[str, ...]
    fallback: str | None
    tried: tuple[Tried, ...]

    @property
    def told(self) -> tuple[tuple[str, Role], ...]:
        """Departments with their part, nobody twice."""
        copies: list[tuple[str, Role]] = [(name, "copy") for name in dict.fromkeys(self.copies) if name != self.to]
        return ((self.to, "primary"), *copies)


def matter_of(registry: Registry, *, kind: str, camera: str | None, category: str | None, rule: str | None) -> Matter:
    """An incident's matter. A camera that the registry has dropped since is known by the incident's category alone."""
    known = registry.camera(camera)
    if known is None:
        return Matter(kind, (category,) if category else (), camera, rule)
    return Matter(kind, known.categories, known.id, rule, known.place.division_code)


def route(registry: Registry, matter: Matter, local: datetime) -> Routed:
    """Find the departments to tell.

    Args:
        registry: the registry in force.
        matter: the incident.
        local: county time.

    Raises:
        RouteError: no route matches; the sentence says why each did not.
    """
    tried: list[Tried] = []
    for number, entry in enumerate(registry.routes, 1):
        name = entry.name or f"routes[{number - 1}]"
        why_not = _why_not(registry, entry, matter, local)
        tried.append(Tried(name, why_not))
        if not why_not:
            return Routed(name, entry.to, entry.copy_to, entry.fallback, tuple(tried))
    of = ", ".join(sorted(matter.categories)) or "no category"
    near = [f"{t.name}: {t.why_not}" for t in tried if not t.why_not.startswith("for ")]
    raise RouteError(
        f"no route for {matter.kind} at a camera of {of}: nobody was told; add one to `routes`"
        + (f" ({'; '.join(near)})" if near else "")
    )


def _why_not(registry: Registry, entry: Route, matter: Matter, local: datetime) -> str:
    if entry.kind != matter.kind:
        return f"for {entry.kind}"
    if entry.categories and not set(entry.categories) & set(matter.categories):
        return f"only for {_listed(entry.categories)}"
    if entry.cameras and matter.camera not in entry.cameras:
        return f"only for {_listed(entry.cameras)}"
    if entry.rules and matter.rule not in entry.rules:
        return f"only where {_listed(entry.rules)} is broken"
    if entry.places and not lies_in(matter.division_code, entry.places):
        return f"only in {_listed(entry.places)}"
    if not any_open(entry.windows, local, registry.calendar):
        return f"not at {local:%Y-%m-%d %H:%M}"
    return ""


def _listed(names: Iterable[str]) -> str:
    return " or ".join(names)


def told_first(registry: Registry, found: Routed) -> tuple[tuple[str, Role], ...]:
    """Who hears of a matter when it is told for the first time: the route's departments, and who keeps the cases.

    The case system gets an alert of its own, as a copy: what is asked of a department is never answered by another.
    """
    keeper = registry.cases.keeper
    if keeper is None or any(keeper == department for department, _ in found.told):
        return found.told
    return (*found.told, (keeper, "copy"))


def on_duty(registry: Registry, contacts: Sequence[Contact], local: datetime) -> tuple[Contact, ...]:
    """Who of a roster is on duty at an hour, in the order in which they are tried."""
    return tuple(c for c in contacts if not c.windows or any(is_open(w, local, registry.calendar) for w in c.windows))


def department_of(registry: Registry, name: str) -> Department | None:
    """The department of that id; None where the registry has dropped it since."""
    return next((d for d in registry.departments if d.id == name), None)


def contacts_of(registry: Registry, name: str, local: datetime) -> tuple[Contact, ...]:
    """Who is on duty at a department, its own duty phone last where no contact carries it."""
    department = department_of(registry, name)
    if department is None:
        return ()
    found = on_duty(registry, department.contacts, local)
    if department.phone is not None and all(c.phone != department.phone for c in found):
        found = (*found, Contact(name=department.name.zh, phone=department.phone))
    return found


def limits_for(registry: Registry, name: str, kind: str) -> Limits:
    """By when a department must have answered: its own limits, else the county's, else the defaults."""
    department = department_of(registry, name)
    for limits in (*(department.limits if department else ()), *registry.dispatch.limits):
        if limits.kind in {None, kind}:
            return limits
    return Limits()


def reachable_at(registry: Registry, department: str, role: str, local: datetime) -> Reachable:
    """Who can be told about a department's matter at an hour of county time.

    Of a case system that does not take its copy only people are told: a department that were called in its place would
    think that nobody acts, and those who act would be called no more once it took that on.
    """
    dispatch = registry.dispatch
    keeps_it = role == "copy" and department == registry.cases.keeper
    return Reachable(
        contacts=tuple((c.name, c.phone) for c in contacts_of(registry, department, local)),
        shift_leads=tuple((c.name, c.phone) for c in on_duty(registry, dispatch.shift_lead, local)),
        county=None if keeps_it else dispatch.county,
        ladder=dispatch.ladder,
        rung=dispatch.rung,
        again=dispatch.again,
    )
