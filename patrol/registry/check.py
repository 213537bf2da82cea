"""The checks that bind entries: names that lead nowhere, times that cannot be, kinds that nobody is told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from patrol.registry._check_cameras import check_cameras
from patrol.registry._check_cases import check_cases
from patrol.registry._check_dispatch import check_dispatch
from patrol.registry._check_network import check_network
from patrol.registry._check_rules import check_rules
from patrol.registry._collect import Findings
from patrol.registry._source import Source
from patrol.registry._windows import check_maintenance, check_window
from patrol.registry.days import is_workday, knows_year
from patrol.registry.durations import format_duration
from patrol.registry.models import Category, Registry
from patrol.registry.problems import Loc
from patrol.registry.when import RiskWindow

_NOTHING = timedelta(0)


def check(registry: Registry, source: Source, positions: Mapping[str, Sequence[int]]) -> Findings:
    """Find everything that is wrong between entries.

    Args:
        registry: entries that are valid by themselves.
        source: where they stand.
        positions: for each list, the places in the file of its entries here.
    """
    found = Findings(source, registry, positions)
    _check_names(found)
    _check_platforms(found)
    _check_categories(found)
    check_dispatch(found)
    check_cases(found)
    _check_calendar(found)
    check_maintenance(found)
    check_rules(found)
    check_cameras(found)
    check_network(found)
    _check_use(found)
    return found


def _check_names(found: Findings) -> None:
    registry = found.registry
    found.unique(((("platforms", i, "id"), p.id) for i, p in enumerate(registry.platforms)), "platform")
    found.unique(((("categories", i, "key"), c.key) for i, c in enumerate(registry.categories)), "category")
    found.unique(((("departments", i, "id"), d.id) for i, d in enumerate(registry.departments)), "department")
    found.unique(((("rules", i, "id"), r.id) for i, r in enumerate(registry.rules)), "rule")
    found.unique(((("cameras", i, "id"), c.id) for i, c in enumerate(registry.cameras)), "camera")


def _check_platforms(found: Findings) -> None:
    for i, platform in enumerate(found.registry.platforms):
        for name in ("open_timeout", "read_timeout"):
            if getattr(platform, name) <= _NOTHING:
                found.error(("platforms", i, name), "must be more than 0s")
        if platform.max_streams_per_host > platform.max_streams and "max_streams_per_host" in platform.model_fields_set:
            found.warn(
                ("platforms", i, "max_streams_per_host"),
                f"is more than the platform allows at all ({platform.max_streams})",
            )


def _check_categories(found: Findings) -> None:
    for i, category in enumerate(found.registry.categories):
        loc: Loc = ("categories", i)
        if category.period <= _NOTHING:
            found.error((*loc, "period"), "must be more than 0s")
        if category.dwell <= _NOTHING:
            found.error((*loc, "dwell"), "must be more than 0s")
        elif _NOTHING < category.period <= category.dwell:
            found.error(
                (*loc, "dwell"),
                f"a look of {format_duration(category.dwell)} does not fit {format_duration(category.period)}",
            )
        if category.least_dwell is not None and not _NOTHING < category.least_dwell <= category.dwell:
            found.error(
                (*loc, "least_dwell"), f"must be more than 0s and at most the dwell ({format_duration(category.dwell)})"
            )
        if len(set(category.detectors)) != len(category.detectors):
            found.warn((*loc, "detectors"), "names a detector twice")
        found.unique(
            ((("categories", i, "risk_windows", k, "name"), w.name) for k, w in enumerate(category.risk_windows)),
            "risk window",
        )
        for k, window in enumerate(category.risk_windows):
            check_window(found, (*loc, "risk_windows", k), window)
            _check_risk(found, (*loc, "risk_windows", k), window, category)


def _check_risk(found: Findings, loc: Loc, window: RiskWindow, category: Category) -> None:
    if window.period is None and window.priority is None:
        found.error(loc, "changes nothing; give it a period or a priority")
    if window.period is not None:
        if window.period <= _NOTHING:
            found.error((*loc, "period"), "must be more than 0s")
        elif window.period <= category.dwell:
            found.error(
                (*loc, "period"),
                f"a look of {format_duration(category.dwell)} does not fit {format_duration(window.period)}",
            )
        elif window.period >= category.period:
            found.warn((*loc, "period"), f"is no shorter than the category's own ({format_duration(category.period)})")
    if window.priority is not None and window.priority.rank < category.priority.rank:
        found.warn(
            (*loc, "priority"), f"is lower than the category's own ({category.priority.value}), which stays in force"
        )


def _check_calendar(found: Findings) -> None:
    overlay = found.registry.calendar
    for name, other in (("workdays", "holidays"), ("holidays", "workdays")):
        days, against = getattr(overlay, name), getattr(overlay, other)
        for i, day in enumerate(days):
            if day in days[:i]:
                found.error(("calendar", name, i), f"{day} was already given")
            elif name == "holidays" and day in against:
                found.error(("calendar", name, i), f"{day} stands in both lists; it is worked or it is not")
            elif knows_year(day.year) and is_workday(day) == (name == "workdays"):
                found.warn(("calendar", name, i), f"{day} is so already by the shipped calendar")


def _check_use(found: Findings) -> None:
    if not found.registry.cameras:
        found.warn(("cameras",), "there are no cameras; nothing will be patrolled")
