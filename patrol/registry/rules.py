"""What is forbidden at a camera now, what is exempt, and by which document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import get_args

from patrol.registry.days import any_open
from patrol.registry.dispatch import KindName
from patrol.registry.looks import LookSpec, county_time
from patrol.registry.models import Registry, Rule
from patrol.registry.when import Days, Window, YearSpan

_KINDS: tuple[str, ...] = get_args(KindName)


def is_bound(rule: Rule, spec: LookSpec) -> bool:
    """Whether a rule speaks of this look: by its category, camera or place, and, if it names zones, by one of them.

    An ad hoc look has no zones drawn, so the whole picture stands for any zone.
    """
    if rule.categories or rule.cameras or rule.places:
        named = spec.camera.id in rule.cameras or any(key in rule.categories for key in spec.camera.categories)
        if not (named or lies_in(spec.camera.place.division_code, rule.places)):
            return False
    elif not rule.zones:
        return False
    return not rule.zones or spec.camera.id == "" or any(zone.name in rule.zones for zone in spec.zones)


def lies_in(division_code: str | None, places: Iterable[str]) -> bool:
    """Whether a place is one of these divisions or lies in one: a village's code begins with its township's."""
    return division_code is not None and any(division_code.startswith(place) for place in places)


def is_in_force(rule: Rule, registry: Registry, local_time: datetime) -> bool:
    """Whether a rule holds at a moment: by its dates of validity and its windows, county time."""
    local = county_time(registry, local_time)
    day = local.date()
    if rule.valid_from is not None and day < rule.valid_from:
        return False
    if rule.valid_until is not None and day > rule.valid_until:
        return False
    return any_open(rule.windows, local, registry.calendar)


def rules_for(registry: Registry, spec: LookSpec, kind: str, local_time: datetime) -> tuple[Rule, ...]:
    """The rules of a kind that are bound to a look and in force, in the file's order; ``allowed`` ones included."""
    return tuple(rule for rule in _bound(registry, spec, kind) if is_in_force(rule, registry, local_time))


def exemptions(registry: Registry, spec: LookSpec, local_time: datetime) -> dict[str, str]:
    """The kinds that are not forbidden at this look now, each with the sentence that says why.

    A kind is exempt when an ``allowed`` rule is in force, or when rules forbid it here but none of them now. A kind
    that no rule speaks of is not exempt: whoever set the detector wants to hear of it.
    """
    found: dict[str, str] = {}
    for kind in _KINDS:
        bound = _bound(registry, spec, kind)
        in_force = [rule for rule in bound if is_in_force(rule, registry, local_time)]
        allowed = [rule for rule in in_force if rule.mode == "allowed"]
        forbidding = [rule for rule in bound if rule.mode != "allowed"]
        if allowed:
            found[kind] = f"{kind} is allowed here now by {_cite(allowed)}"
        elif forbidding and not any(rule.mode != "allowed" for rule in in_force):
            when = f"{county_time(registry, local_time):%Y-%m-%d %H:%M}"
            found[kind] = f"{kind} is not forbidden here at {when}; it is only by {_cite(forbidding)}"
    return found


def at_once(registry: Registry, spec: LookSpec, kind: str, local_time: datetime) -> bool:
    """Whether a flagged finding of this kind is pushed without waiting for a review: if any rule in force says so."""
    return any(rule.at_once and rule.mode != "allowed" for rule in rules_for(registry, spec, kind, local_time))


def rods_allowed(registry: Registry, spec: LookSpec, local_time: datetime) -> int | None:
    """How many rods one person may use where fishing is leisure angling only; None where all fishing is forbidden.

    It is a number only when every fishing rule in force here is ``leisure_angling``: any stricter one wins.
    """
    rules = [rule for rule in rules_for(registry, spec, "fishing", local_time) if rule.mode != "allowed"]
    if not rules or any(rule.mode == "forbidden" for rule in rules):
        return None
    return min(rule.max_rods for rule in rules)


def _bound(registry: Registry, spec: LookSpec, kind: str) -> list[Rule]:
    return [rule for rule in registry.rules if rule.kind == kind and is_bound(rule, spec)]


def _cite(rules: Iterable[Rule]) -> str:
    return "; ".join(
        f"rule {rule.id} ({rule.name.zh} / {rule.name.en}), {when(rule)}; source: {rule.source}" for rule in rules
    )


def when(rule: Rule) -> str:
    """When a rule holds, in words: ``from 2025-12-24 to 2026-03-15, 18:00 to 24:00 on lunar 12-24 to 01-06``."""
    parts = []
    if rule.valid_from is not None:
        parts.append(f"from {rule.valid_from}")
    if rule.valid_until is not None:
        parts.append(f"to {rule.valid_until}")
    dates = " ".join(parts)
    windows = " or ".join(filter(None, (_window(window) for window in rule.windows)))
    return ", ".join(part for part in (dates, windows) if part) or "always"


def _window(window: Window) -> str:
    parts = []
    if window.start is not None and window.end is not None:
        parts.append(f"{window.start:%H:%M} to {'24:00' if window.end == time.max else f'{window.end:%H:%M}'}")
    days = [
        f"{word} {_span(span)}" for word, span in (("solar", window.solar), ("lunar", window.lunar)) if span is not None
    ]
    if window.days is not Days.ANY:
        days.append(f"{window.days.value}s")
    if days:
        parts.append("on " + ", ".join(days))
    return " ".join(parts)


def _span(span: YearSpan) -> str:
    first, last = (f"{day.month:02d}-{day.day:02d}" for day in (span.first, span.last))
    return first if first == last else f"{first} to {last}"
