"""What a changed registry would ask of the patrol: looks an hour, and the load of the streams there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from patrol._looks import limits_of, plans_at
from patrol.registry import Registry, look_specs
from patrol.rotation import Planner


@dataclass(frozen=True, slots=True)
class Asked:
    """What one registry asks for at one moment.

    Attributes:
        looks: in the rotation: cameras, and presets of PTZ cameras.
        looks_per_hour: by the periods of now, risk windows included.
        load: stream seconds needed over those there are; above 1 gaps will be broken.
        load_shortened: the same with looks as short as they may be.
        platforms: the same for each platform.
        warning: in words, where it does not fit.
    """

    looks: int
    looks_per_hour: float
    load: float
    load_shortened: float
    platforms: Mapping[str, float]
    warning: str | None


def asked(registry: Registry, local: datetime, streams: int, overheads: Mapping[str, float | None]) -> Asked:
    """What a registry asks for.

    Args:
        registry: a checked one.
        local: aware time.
        streams: the service may hold open in all.
        overheads: measured seconds a look holds its stream beside its dwell, by look; None where not measured.
    """
    now = local.timestamp()
    plans = plans_at(look_specs(registry), registry, local.astimezone(registry.county.zone))
    planner = Planner(limits_of(registry, streams))
    planner.set_plans(plans, now)
    for plan in plans:
        measured = overheads.get(plan.key)
        if measured is not None:
            planner.restore(
                plan.key,
                last_inspected=now,
                next_due=None,
                failures=0,
                away_since=None,
                added=now,
                recorded_until=now,
                overhead_s=measured,
            )
    stands = planner.snapshot(now)
    return Asked(
        looks=len(plans),
        looks_per_hour=round(sum(3600 / plan.period_s for plan in plans if plan.hold is None), 1),
        load=round(stands.load, 4),
        load_shortened=round(stands.shortened, 4),
        platforms={share.name: round(share.load, 4) for share in stands.platforms},
        warning=stands.warning,
    )
