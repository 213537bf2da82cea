"""A registry in a handful of numbers, for screens, logs and ``patrol check``."""

from __future__ import annotations

from collections import Counter
from typing import Any

from patrol.registry.days import knows_year
from patrol.registry.looks import look_specs, priority_of
from patrol.registry.models import Registry


def describe(registry: Registry, *, year: int | None = None) -> dict[str, Any]:
    """What is patrolled and how often. All values are plain and fit JSON.

    Args:
        registry: a checked one.
        year: when given, ``calendar_provisional`` says whether working days of that year are provisional.
    """
    specs = look_specs(registry)
    summary: dict[str, Any] = {
        "county": {"code": registry.county.code, "zh": registry.county.name.zh, "en": registry.county.name.en},
        "cameras": len(registry.cameras),
        "enabled": sum(camera.enabled for camera in registry.cameras),
        "looks": len(specs),
        "platforms": dict(Counter(spec.platform.id for spec in specs)),
        "categories": dict(Counter(category.key for spec in specs for category in spec.categories)),
        "priorities": {
            priority_of(rank).value: count for rank, count in sorted(Counter(spec.priority for spec in specs).items())
        },
        "detectors": dict(Counter(kind for spec in specs for kind in spec.detectors)),
        "rules": len(registry.rules),
        "shortest_period_s": min((spec.period_s for spec in specs), default=None),
        "stream_seconds_per_s": round(sum(spec.dwell_s / spec.period_s for spec in specs), 3),
    }
    if year is not None:
        summary["calendar_provisional"] = not knows_year(year)
    return summary
