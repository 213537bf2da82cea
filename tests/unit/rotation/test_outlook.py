"""The forecast: what it foresees comes, and it changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrol.rotation import LookPlan, Planner, forecast
from tests.unit.rotation.drill import Drill, limits, plan

PERIOD = 7200.0


def county(count: int, cost: float = 28.0) -> list[LookPlan]:
    return [plan(f"c{n}", PERIOD, cost, priority=n % 3) for n in range(count)]


def test_a_rotation_that_fits_breaks_nothing() -> None:
    drill = Drill.of(county(200), limits(1)).run(20_000.0)
    seen = forecast(drill.planner, drill.now, 2 * PERIOD)
    assert seen.first is None
    assert seen.broken == 0
    assert seen.worst_gap_s is not None
    drill.run(drill.now + 2 * PERIOD)
    assert seen.worst_gap_s == pytest.approx(max(drill.worst(k) for k in drill.plans), rel=0.02)
    assert seen.worst_share == pytest.approx(seen.worst_gap_s / PERIOD)
    assert seen.peak_load == pytest.approx(200 * 28 / PERIOD, rel=0.01)


def test_it_leaves_the_planner_as_it_was() -> None:
    one, other = (Drill.of(county(120), limits(1)).run(9000.0) for _ in range(2))
    rows = one.planner.rows(one.now)
    forecast(one.planner, one.now, 3 * PERIOD, [(one.now + 60.0, county(300))])
    assert one.planner.rows(one.now) == rows
    for drill in (one, other):
        drill.run(30_000.0)
    assert one.starts == other.starts


def test_a_window_that_will_not_fit_is_told_a_period_before_the_first_gap_breaks() -> None:
    """At second 30,000 half the cameras are to be looked at every 20 minutes: that is three times what there is."""
    plans = county(120)
    busy = [replace(p, period_s=1200.0, priority=0) if n % 2 else p for n, p in enumerate(plans)]
    opens = 30_000.0
    drill = Drill.of(plans, limits(1))
    told: float | None = None
    while drill.now < opens - 300.0:
        drill.run(drill.now + 300.0)
        seen = forecast(drill.planner, drill.now, 2 * PERIOD, [(opens, busy)])
        if seen.first is not None and told is None:
            told = drill.now
    assert told is not None
    drill.run(opens)
    drill.planner.set_plans(busy, opens)
    drill.plans = {p.key: p for p in busy}
    broken: float | None = None
    while broken is None and drill.now < opens + 2 * PERIOD:
        drill.run(drill.now + 30.0)
        broken = drill.planner.first_broken
    assert broken is not None
    assert broken - told >= PERIOD
    assert seen.first is not None
    assert seen.first.deadline == pytest.approx(broken, abs=120.0)
    assert seen.first.priority == 0
    assert seen.peak_at == pytest.approx(opens, abs=2.0)


def test_lasting_overload_names_the_first_camera_of_the_lowest_priority() -> None:
    planner = Planner(limits(1))
    planner.set_plans(county(400), 0.0)
    seen = forecast(planner, 0.0, 2 * PERIOD)
    assert seen.first is not None
    assert seen.first.priority == 0
    assert seen.first.deadline >= PERIOD, "a whole period before"


def test_cameras_that_are_away_are_no_broken_promise() -> None:
    drill = Drill.of(county(60), limits(1), answers=lambda key, _attempt, _now: key not in {"c1", "c2"}).run(30_000.0)
    assert drill.planner.snapshot(drill.now).away == 2
    seen = forecast(drill.planner, drill.now, 2 * PERIOD)
    assert seen.first is None
    assert seen.worst_gap_s is not None
    assert seen.worst_gap_s <= PERIOD


def test_an_empty_rotation_has_nothing_to_foresee() -> None:
    planner = Planner(limits(1))
    planner.set_plans([], 0.0)
    seen = forecast(planner, 0.0, 2 * PERIOD)
    assert (seen.worst_gap_s, seen.first, seen.looks) == (None, None, 0)
