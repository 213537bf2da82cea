"""Checks of dispatch: routes that lead somewhere and are reached, limits in order, contacts that can be called."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from patrol.registry._collect import Findings
from patrol.registry._windows import check_window
from patrol.registry.dispatch import Contact, Limits, Route
from patrol.registry.durations import format_duration
from patrol.registry.models import Registry
from patrol.registry.problems import Loc

_STEPS = ("received", "accepted", "on_scene", "disposed")


def check_dispatch(found: Findings) -> None:
    """Check departments, routes and what happens when nobody answers."""
    _check_routes(found)
    _check_departments(found)
    _check_ladder(found)
    _check_told(found)


def _check_routes(found: Findings) -> None:
    categories, departments = found.names("categories", "key"), found.names("departments", "id")
    cameras, rules = found.names("cameras", "id"), found.names("rules", "id")
    for i, route in enumerate(found.registry.routes):
        loc: Loc = ("routes", i)
        for field, names, what in (
            ("categories", categories, "category"),
            ("cameras", cameras, "camera"),
            ("rules", rules, "rule"),
        ):
            for k, key in enumerate(getattr(route, field)):
                found.known((*loc, field, k), key, names, what)
        found.within_county((*loc, "places"), route.places)
        for k, window in enumerate(route.windows):
            check_window(found, (*loc, "windows", k), window)
        found.known((*loc, "to"), route.to, departments, "department")
        if (
            route.fallback is not None
            and found.known((*loc, "fallback"), route.fallback, departments, "department")
            and route.fallback == route.to
        ):
            found.error((*loc, "fallback"), f"{route.fallback!r} is the department that did not answer; name another")
        for k, copy in enumerate(route.copy_to):
            if found.known((*loc, "copy_to", k), copy, departments, "department") and (
                copy == route.to or copy in route.copy_to[:k]
            ):
                found.error((*loc, "copy_to", k), f"{copy!r} is told already by this route")
        earlier = next((k for k, other in enumerate(found.registry.routes[:i]) if _covers(other, route)), None)
        if earlier is not None:
            found.warn(loc, f"is never reached: the route in line {found.line(('routes', earlier))} matches first")


def _covers(first: Route, second: Route) -> bool:
    """Whether whatever the second would match, the first has matched already."""
    return (
        first.kind == second.kind
        and _within(second.categories, first.categories)
        and _within(second.cameras, first.cameras)
        and _within(second.rules, first.rules)
        and (not first.places or (bool(second.places) and all(p.startswith(first.places) for p in second.places)))
        and (not first.windows or first.windows == second.windows)
    )


def _within(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _check_departments(found: Findings) -> None:
    registry = found.registry
    channels = {channel.key for channel in registry.dispatch.channels}
    told = {name for route in registry.routes for name in (route.to, *route.copy_to, route.fallback)}
    for i, department in enumerate(registry.departments):
        loc: Loc = ("departments", i)
        _check_contacts(found, (*loc, "contacts"), department.contacts, channels)
        _check_limits(found, (*loc, "limits"), department.limits)
        if department.id not in {*told, registry.dispatch.county, registry.cases.keeper}:
            found.warn(loc, "no route leads here")


def _check_ladder(found: Findings) -> None:
    dispatch = found.registry.dispatch
    channels = {channel.key for channel in dispatch.channels}
    found.unique(((("dispatch", "channels", i, "key"), c.key) for i, c in enumerate(dispatch.channels)), "channel")
    _check_contacts(found, ("dispatch", "shift_lead"), dispatch.shift_lead, channels)
    _check_limits(found, ("dispatch", "limits"), dispatch.limits)
    if dispatch.county is not None:
        found.known(("dispatch", "county"), dispatch.county, found.names("departments", "id"), "department")
    for name in ("rung", "again", "update_interval"):
        if getattr(dispatch, name).total_seconds() <= 0:
            found.error(("dispatch", name), "must be more than 0s")


def _check_contacts(found: Findings, loc: Loc, contacts: Sequence[Contact], channels: set[str]) -> None:
    for i, contact in enumerate(contacts):
        for k, key in enumerate(contact.channels):
            found.known((*loc, i, "channels", k), key, channels, "channel")
        for k, window in enumerate(contact.windows):
            check_window(found, (*loc, i, "windows", k), window)
        if contact.phone is None and not contact.channels:
            found.error((*loc, i), f"{contact.name!r} cannot be reached; give a phone or a channel")


def _check_limits(found: Findings, loc: Loc, limits: Sequence[Limits]) -> None:
    for i, entry in enumerate(limits):
        for earlier, later in itertools.pairwise(_STEPS):
            if getattr(entry, later) < getattr(entry, earlier):
                found.error(
                    (*loc, i, later),
                    f"{format_duration(getattr(entry, later))} is less than {earlier} ({format_duration(getattr(entry, earlier))})",
                )
        if entry.received.total_seconds() <= 0:
            found.error((*loc, i, "received"), "must be more than 0s")
        first = next((k for k, other in enumerate(limits[:i]) if other.kind in {None, entry.kind}), None)
        if first is not None:
            found.warn((*loc, i), f"is never used: entry {first + 1} of this list fits first")


def _check_told(found: Findings) -> None:
    """A kind that can be found must reach somebody, at any hour and place.

    Routes match any category of a camera, and what is looked for at a camera is looked for by one of its categories:
    so no camera is left out when every category's detectors have a route without further conditions.
    """
    registry = found.registry
    for i, category in enumerate(registry.categories):
        for kind in category.detectors:
            if not _is_routed(registry, kind, category.key):
                found.error(
                    ("categories", i, "detectors"),
                    f"{kind} found here reaches nobody; add a route for it"
                    + (
                        " without cameras, rules, places and windows"
                        if _routed_sometimes(registry, kind, category.key)
                        else ""
                    ),
                )
    routed = {route.kind for route in registry.routes}
    for i, rule in enumerate(registry.rules):
        if rule.mode != "allowed" and rule.kind not in routed:
            found.error(("rules", i, "kind"), f"{rule.kind} is forbidden here, but no route says who is told; add one")


def _is_routed(registry: Registry, kind: str, category: str) -> bool:
    return any(
        _routed(route, kind, category) and not (route.cameras or route.rules or route.places or route.windows)
        for route in registry.routes
    )


def _routed_sometimes(registry: Registry, kind: str, category: str) -> bool:
    return any(_routed(route, kind, category) for route in registry.routes)


def _routed(route: Route, kind: str, category: str) -> bool:
    return route.kind == kind and (not route.categories or category in route.categories)
