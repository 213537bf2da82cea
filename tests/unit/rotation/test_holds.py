"""Maintenance, presets of one camera, looks that are shortened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrol.rotation import Limits, Planner
from tests.unit.rotation.drill import Drill, limits, plan

PERIOD = 7200.0


def test_what_is_in_maintenance_is_not_looked_at_and_its_deadlines_say_so() -> None:
    plans = [plan(f"c{n}", PERIOD) for n in range(40)]
    drill = Drill.of(plans, limits(2)).run(9000.0)
    held = {f"c{n}" for n in range(10)}
    drill.planner.set_plans([replace(p, hold="maintenance") if p.key in held else p for p in plans], 9000.0)
    assert {row.key for row in drill.planner.rows(9000.0) if row.state == "held"} == held
    drill.run(9000.0 + 3 * PERIOD)
    assert [s.key for at, s in drill.starts if s.key in held and at > 9000.0] == []
    misses = [m for m in drill.misses if m.key in held]
    assert {m.cause for m in misses} == {"maintenance"}
    assert len(misses) == 3 * len(held), "each deadline of each once"
    assert [m for m in drill.misses if m.key not in held] == []
    assert drill.planner.first_broken is None, "an arrangement is no broken promise"
    lifted = drill.now
    drill.planner.set_plans(plans, lifted)
    drill.run(lifted + PERIOD)
    for key in held:
        assert [at for at in drill.started(key) if at >= lifted], key


def test_what_is_in_maintenance_needs_no_streams() -> None:
    plans = [plan(f"c{n}", 600.0, 30.0) for n in range(36)]
    planner = Planner(limits(2))
    planner.set_plans(plans, 0.0)
    assert planner.snapshot(0.0).load == pytest.approx(0.9)
    planner.set_plans([replace(p, hold="maintenance") if n < 18 else p for n, p in enumerate(plans)], 1.0)
    now = planner.snapshot(1.0)
    assert now.load == pytest.approx(0.45)
    assert now.held == 18
    planner.set_plans(plans, 2.0)
    assert planner.snapshot(2.0).load == pytest.approx(0.9)


def test_a_follow_up_asked_for_in_maintenance_waits_for_its_end() -> None:
    plans = [plan("c0", PERIOD)]
    drill = Drill.of(plans, limits(1)).run(8000.0)
    drill.planner.set_plans([replace(plans[0], hold="maintenance")], 8000.0)
    drill.planner.follow_up("c0", 8100.0, "f1")
    drill.run(9000.0)
    assert all(start.follow_up is None for _, start in drill.starts)
    drill.planner.set_plans(plans, 9000.0)
    drill.run(9200.0)
    assert [start.follow_up for _, start in drill.starts if start.follow_up] == ["f1"]


def test_presets_of_one_camera_are_never_looked_at_at_the_same_time() -> None:
    plans = [plan(f"ptz/{n}", 600.0, 40.0, host="ptz", unit="ptz") for n in range(8)]
    plans += [plan(f"c{n}", 600.0, 20.0) for n in range(40)]
    drill = Drill.of(plans, limits(4))
    together: list[int] = []
    while drill.now < 6000.0:
        drill.run(drill.now + 1.0)
        together.append(sum(key.startswith("ptz") for key in drill.running))
    assert max(together) == 1
    assert {p.key: drill.worst(p.key) for p in plans if drill.worst(p.key) > 600.0} == {}


def test_looks_are_shortened_lowest_priority_first_and_never_below_their_floor() -> None:
    plans = [
        plan(f"c{n}", 600.0, 30.0, dwell_s=20.0, priority=n % 3, least_dwell_s=8.0, host=f"h{n}") for n in range(48)
    ]
    # 48 looks of 30 s in 600 s on two streams: 1.2 of what there is.
    drill = Drill.of(plans, limits(2))
    dwells: dict[int, list[float]] = {0: [], 1: [], 2: []}
    seen = 0
    while drill.now < 6000.0:
        drill.run(drill.now + 1.0)
        for _, start in drill.starts[seen:]:
            dwells[drill.plans[start.key].priority].append(start.dwell_s)
        seen = len(drill.starts)
    assert min(min(d) for d in dwells.values()) >= 8.0
    late = {rank: d[len(d) // 2 :] for rank, d in dwells.items()}
    mean = {rank: sum(d) / len(d) for rank, d in late.items()}
    assert mean[0] < 10.0
    assert mean[0] < mean[1] <= mean[2]
    assert mean[2] == pytest.approx(20.0)
    assert drill.misses == []
    warning = drill.planner.warning(drill.now)
    assert warning is not None
    assert "shortened" in warning


def test_a_look_is_as_long_as_planned_while_everything_fits() -> None:
    plans = [plan(f"c{n}", 600.0, 30.0, dwell_s=20.0, least_dwell_s=8.0) for n in range(20)]
    drill = Drill.of(plans, limits(2)).run(3000.0)
    assert {start.dwell_s for _, start in drill.starts} == {20.0}
    assert drill.planner.warning(drill.now) is None


def test_the_platform_that_does_not_fit_shortens_its_own_looks_only() -> None:
    plans = [
        plan(f"{name}{n}", 600.0, 30.0, dwell_s=20.0, least_dwell_s=8.0, platform=name)
        for name in "ab"
        for n in range(24)
    ]
    drill = Drill.of(plans, Limits(4, {"a": 1, "b": 3}, {})).run(900.0)
    dwells = {name: {s.dwell_s for _, s in drill.starts if s.key.startswith(name)} for name in "ab"}
    assert max(dwells["a"]) < 20.0
    assert dwells["b"] == {20.0}


def test_measured_lengths_outlive_a_restart() -> None:
    planner = Planner(limits(2))
    planner.set_plans([plan(f"c{n}", 600.0, 24.0, dwell_s=20.0) for n in range(10)], 0.0)
    before = planner.snapshot(0.0).load
    for n in range(10):
        planner.restore(f"c{n}", last_inspected=0.0, next_due=None, failures=0, away_since=None, overhead_s=16.0)
    assert before == pytest.approx(0.2)
    assert planner.snapshot(0.0).load == pytest.approx(0.3)
