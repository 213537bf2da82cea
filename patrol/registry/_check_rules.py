"""Checks of the rules: bound to something that is there, with dates that can be, able to speak at all."""

from __future__ import annotations

from patrol.registry._collect import Findings
from patrol.registry._windows import check_window
from patrol.registry.models import Camera, Rule
from patrol.registry.problems import Loc
from patrol.registry.rules import lies_in


def check_rules(found: Findings) -> None:
    """Check every rule of the registry."""
    categories, cameras = found.names("categories", "key"), found.names("cameras", "id")
    looked_for = {category.key: set(category.detectors) for category in found.registry.categories}
    by_category: dict[str, list[Camera]] = {}
    for camera in found.registry.cameras:
        for key in camera.categories:
            by_category.setdefault(key, []).append(camera)
    by_id = found.registry.by_id
    for i, rule in enumerate(found.registry.rules):
        loc: Loc = ("rules", i)
        for k, key in enumerate(rule.categories):
            found.known((*loc, "categories", k), key, categories, "category")
        for k, name in enumerate(rule.cameras):
            found.known((*loc, "cameras", k), name, cameras, "camera")
        _check_terms(found, loc, rule)
        named = [by_id[name] for name in rule.cameras if name in by_id]
        found.within_county((*loc, "places"), rule.places)
        there = [c for c in found.registry.cameras if lies_in(c.place.division_code, rule.places)]
        bound = named + there + [camera for key in rule.categories for camera in by_category.get(key, ())]
        narrowed = rule.categories or rule.cameras or rule.places
        _check_zones(found, loc, rule, bound if narrowed else list(found.registry.cameras))
        kinds = set().union(
            *(
                looked_for.get(key, set())
                for key in (*rule.categories, *(k for c in (*named, *there) for k in c.categories))
            )
        )
        if narrowed and rule.kind not in kinds:
            found.warn(
                (*loc, "kind"),
                f"none of its categories, cameras and places looks for {rule.kind}; the rule stays silent",
            )


def _check_terms(found: Findings, loc: Loc, rule: Rule) -> None:
    if not (rule.categories or rule.cameras or rule.places or rule.zones):
        found.error(loc, "binds nothing; name categories, cameras, places or zones")
    if rule.valid_from is not None and rule.valid_until is not None and rule.valid_until < rule.valid_from:
        found.error((*loc, "valid_until"), f"{rule.valid_until} is before valid_from ({rule.valid_from})")
    for k, window in enumerate(rule.windows):
        check_window(found, (*loc, "windows", k), window)
    if rule.mode == "leisure_angling":
        if rule.kind != "fishing":
            found.error((*loc, "mode"), f"leisure_angling speaks of fishing, not of {rule.kind}")
    elif "max_rods" in rule.model_fields_set:
        found.warn((*loc, "max_rods"), f"means nothing with mode {rule.mode}")
    if rule.mode == "allowed":
        if rule.zones:
            found.error(
                (*loc, "zones"),
                "an allowed rule exempts the whole picture; leave zones out, or draw the place as an ignore zone",
            )
        if rule.at_once:
            found.error((*loc, "at_once"), "what is allowed is not pushed at all")


def _check_zones(found: Findings, loc: Loc, rule: Rule, bound: list[Camera]) -> None:
    if not rule.zones or (not bound and (rule.categories or rule.cameras or rule.places)):
        # A rule for a category that has no camera yet waits for its zones.
        return
    drawn = {
        zone.name for camera in bound for zones in (camera.zones, *(p.zones for p in camera.presets)) for zone in zones
    }
    for k, name in enumerate(rule.zones):
        found.known((*loc, "zones", k), name, drawn, "zone on any camera it binds named")
