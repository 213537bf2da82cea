"""Counties made up by hypothesis, filled to a load: a promise that is only tested on empty streams is not tested."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import strategies as st

from patrol.rotation import Limits, LookPlan
from tests.unit.rotation.drill import plan

_PERIODS = (600.0, 1800.0, 3600.0, 7200.0)
_STREAMS_PER_HOST, _HOST_LOAD, _PLATFORM_LOAD = 2, 0.75, 0.8


def needed(plans: Iterable[LookPlan]) -> float:
    """Streams that these looks hold on the average."""
    return sum(p.expected_s / p.period_s for p in plans)


@st.composite
def counties(draw: st.DrawFn, load: float, fullest: float = _PLATFORM_LOAD) -> tuple[list[LookPlan], Limits]:
    """A county of one to five streams and one to four platforms, filled to ``load``, its platforms and hosts to ``fullest`` at most."""
    chance = random.Random(draw(st.integers(0, 10**9)))
    return filled(chance, draw(st.integers(1, 5)), draw(st.integers(1, 4)), load, fullest)


def filled(
    chance: random.Random, streams: int, platforms: int, load: float, fullest: float = _PLATFORM_LOAD
) -> tuple[list[LookPlan], Limits]:
    """Cameras of random periods, lengths and priorities, on platforms and hosts, as many as fill the streams to ``load``."""
    names = [f"p{n}" for n in range(platforms)]
    plans: list[LookPlan] = []
    while True:
        period, cost = chance.choice(_PERIODS), chance.uniform(8.0, 28.0)
        if needed(plans) + cost / period > load * streams:
            break
        where = chance.choice(names)
        plans.append(plan(f"c{len(plans)}", period, cost, platform=where, priority=chance.randrange(4)))
    per_platform: dict[str, int] = {}
    placed: list[LookPlan] = []
    for name in names:
        mine = [p for p in plans if p.platform == name]
        per_platform[name] = min(streams, max(1, math.ceil(needed(mine) / fullest)))
        host: list[LookPlan] = []
        hosts = 0
        for p in mine:
            if needed([*host, p]) > _STREAMS_PER_HOST * min(_HOST_LOAD, fullest):
                host, hosts = [], hosts + 1
            host.append(p)
            placed.append(replace(p, host=f"{name}-{hosts}"))
    return placed, Limits(streams, per_platform, dict.fromkeys(names, _STREAMS_PER_HOST))
