"""The planner, one rule at a time."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

import patrol.rotation
from patrol.rotation import Limits, Planner, Row
from patrol.rotation._load import Gate
from tests.unit.rotation.drill import Drill, limits, plan

P = 7200.0


def _row(planner: Planner, key: str, now: float) -> Row:
    return next(row for row in planner.rows(now) if row.key == key)


def _ended(planner: Planner, key: str, started: float, ended: float, *, inspected: bool) -> None:
    planner.finished(key, started=started, ended=ended, inspected=inspected, unreachable=not inspected, now=ended)


def test_the_surface() -> None:
    assert set(patrol.rotation.__all__) == {
        "MAINTENANCE", "Ahead", "Breach", "Forecast", "Limits", "LookPlan", "Miss", "PlatformChange", "Planner", "Row",
        "Share", "SimulationResult", "Snapshot", "Start", "forecast", "simulate",
    }  # fmt: skip


def test_first_looks_are_spread_and_all_made_within_a_period() -> None:
    plans = [plan(f"c{n}") for n in range(100)]
    drill = Drill.of(plans, limits(4)).run(P)
    firsts = sorted(at for at, start in drill.starts if start.reason == "first")
    assert len(firsts) == 100
    assert sum(at < 60.0 for at in firsts) <= 5, "no herd at the start"
    assert firsts[-1] < 0.9 * P


def test_a_look_is_started_with_slack_before_its_deadline() -> None:
    drill = Drill.of([plan("a")], limits(1)).run(3 * P)
    assert [start.reason for _, start in drill.starts] == ["first", "due", "due", "due"]
    assert drill.gaps["a"][1:] == pytest.approx([0.85 * P] * 3, abs=1)
    assert drill.starts[1][1].deadline == drill.starts[0][0] + P


def test_only_an_inspected_look_restarts_the_gap() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a")], 0.0)
    (start,) = planner.decide(0.0, 1)
    assert start.deadline == P
    _ended(planner, "a", 0.0, 10.0, inspected=False)
    assert _row(planner, "a", 10.0).deadline == P
    assert _row(planner, "a", 10.0).last_inspected is None
    planner.decide(130.0, 1)
    _ended(planner, "a", 130.0, 158.0, inspected=True)
    assert _row(planner, "a", 158.0).deadline == 130.0 + P


def test_retries_back_off_and_stay_inside_the_window() -> None:
    drill = Drill.of([plan("a")], limits(1), answers=lambda _k, attempt, _t: attempt == 1).run(2 * P)
    first, due, *retries = drill.started("a")
    deadline = first + P
    waits = [b - a for a, b in zip([due, *retries], retries, strict=False)]
    assert waits[0] == pytest.approx(P / 60, abs=30)
    assert waits[1] == pytest.approx(P / 12, abs=30)
    assert sum(at < deadline for at in retries) == 3, "the fourth attempt is the last chance, inside the window"
    assert drill.misses == [], "it was tried: nothing was missed for want of a stream"


def test_short_periods_scale_the_back_off() -> None:
    drill = Drill.of([plan("a", 45.0, 6.0)], limits(1), answers=lambda _k, attempt, _t: attempt != 2).run(90.0)
    assert drill.worst("a") <= 45.0


def test_a_full_platform_and_a_full_host_stand_in_nobodys_way() -> None:
    limit = Limits(10, {"slow": 2}, {"nvr": 1})
    plans = [plan(f"s{n}", platform="slow") for n in range(30)]
    plans += [plan(f"n{n}", platform="nvr", host="one") for n in range(10)]
    plans += [plan(f"z{n}", platform="free") for n in range(10)]
    planner = Planner(limit)
    planner.set_plans(plans, 0.0)
    started = planner.decide(0.99 * P, 10)
    assert sum(start.key[0] == "s" for start in started) == 2
    assert sum(start.key[0] == "n" for start in started) == 1
    assert sum(start.key[0] == "z" for start in started) == 7
    for key in [start.key for start in started if start.key[0] in "sn"]:
        _ended(planner, key, 0.99 * P, 0.99 * P + 5, inspected=True)
    again = planner.decide(0.99 * P + 5, 10)
    assert sorted(start.key[0] for start in again) == ["n", "s", "s"]


def test_a_running_look_is_not_started_again_nor_missed_at_its_deadline() -> None:
    planner = Planner(limits(2))
    planner.set_plans([plan("a", 60.0, 5.0)], 0.0)
    assert len(planner.decide(0.0, 2)) == 1
    for now in (30.0, 61.0, 130.0):
        assert planner.decide(now, 1) == ()
        assert planner.missed(now) == ()
    assert planner.snapshot(130.0).running == 1
    _ended(planner, "a", 0.0, 131.0, inspected=False)
    assert planner.missed(131.0) == ()


def test_a_deadline_without_an_attempt_is_told_once_with_its_cause() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a", 600.0), plan("b", 600.0)], 0.0)
    for now in range(0, 1500, 10):
        planner.decide(float(now), 0)
    misses = planner.missed(1500.0)
    assert sorted((m.key, m.deadline, m.cause) for m in misses) == [
        (key, deadline, "capacity") for key in ("a", "b") for deadline in (600.0, 1200.0)
    ]
    assert planner.missed(1500.0) == ()
    assert planner.snapshot(1500.0).first_broken_s == 600.0
    assert {row.state for row in planner.rows(1500.0)} == {"late"}


def test_a_planner_that_was_not_asked_says_that_the_service_was_down() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a")], 0.0)
    planner.decide(0.0, 1)
    _ended(planner, "a", 0.0, 28.0, inspected=True)
    planner.decide(28.0, 1)
    (miss,) = planner.missed(5 * P)
    assert (miss.deadline, miss.cause, miss.last_inspected) == (P, "service_down", 0.0)
    assert len(planner.decide(5 * P, 1)) == 1


def test_an_aborted_start_is_no_attempt_and_comes_back() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a")], 0.0)
    planner.follow_up("a", 0.0, "f1")
    (start,) = planner.decide(0.0, 1)
    planner.aborted("a", 1.0)
    assert _row(planner, "a", 1.0).failures == 0
    (again,) = planner.decide(10.0, 1)
    assert (start.follow_up, again.follow_up) == ("f1", "f1")


def test_a_shorter_period_holds_from_now_on_and_a_longer_one_lets_go() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a")], 0.0)
    planner.decide(0.0, 1)
    _ended(planner, "a", 0.0, 28.0, inspected=True)
    planner.set_plans([replace(plan("a"), period_s=600.0)], 100.0)
    assert _row(planner, "a", 100.0).deadline == 600.0
    planner.set_plans([plan("a")], 200.0)
    assert _row(planner, "a", 200.0).deadline == P
    assert planner.decide(700.0, 1) == ()
    planner.set_plans([replace(plan("a"), period_s=600.0)], 3000.0)
    row = _row(planner, "a", 3000.0)
    assert row.deadline == 3600.0, "nobody can keep a promise made after the fact"
    assert planner.missed(3000.0) == ()
    assert [start.reason for start in planner.decide(3000.0, 1)] == ["due"], "but it is due at once"


def test_looks_that_leave_are_forgotten_and_those_that_come_back_do_not_run_twice() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a"), plan("b")], 0.0)
    (start,) = planner.decide(0.9 * P, 1)
    other = "b" if start.key == "a" else "a"
    planner.set_plans([plan(other)], 0.9 * P)
    assert [s.key for s in planner.decide(0.9 * P, 1)] == [other], "its stream is free again"
    planner.finished(start.key, started=0.9 * P, ended=0.9 * P, inspected=True, unreachable=False, now=0.9 * P)
    _ended(planner, other, 0.9 * P, 0.9 * P + 28, inspected=True)
    planner.set_plans([plan(start.key)], 0.9 * P + 28)
    assert planner.snapshot(0.9 * P + 28).cameras == 1


def test_a_look_that_comes_back_while_its_old_run_may_last_waits_for_it() -> None:
    planner = Planner(limits(2))
    planner.set_plans([plan("a")], 0.0)
    planner.decide(0.0, 2)
    planner.set_plans([], 5.0)
    planner.set_plans([plan("a")], 6.0)
    assert planner.decide(10.0, 2) == ()
    assert len(planner.decide(3 * 28.0 + 1, 2)) == 1


def test_smaller_limits_hold_for_new_starts_and_larger_ones_at_once() -> None:
    planner = Planner(limits(2, p=2))
    planner.set_plans([plan(f"c{n}", platform="p") for n in range(6)], 0.0)
    first = planner.decide(0.99 * P, 6)
    assert len(first) == 2
    planner.set_limits(limits(6, p=1))
    assert planner.decide(0.99 * P, 4) == ()
    planner.set_limits(limits(6, p=4))
    assert len(planner.decide(0.99 * P, 4)) == 2


def test_restore_puts_a_look_where_it_was() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan(key) for key in "abcde"], 10_000.0)
    state = {"next_due": None, "failures": 0, "away_since": None}
    planner.restore("a", last_inspected=9_000.0, **state)
    planner.restore("b", last_inspected=99_000.0, **state)
    planner.restore("c", last_inspected=1_000.0, next_due=10_500.0, failures=7, away_since=4_000.0)
    planner.restore("d", last_inspected=1_000.0, recorded_until=9_000.0, **state)
    planner.restore("nobody", last_inspected=1.0, **state)
    rows = {row.key: row for row in planner.rows(10_000.0)}
    assert rows["a"].deadline == 9_000.0 + P
    assert rows["b"].deadline == 10_000.0 + P, "nothing was seen in the future"
    assert (rows["c"].state, rows["c"].next_at, rows["c"].failures) == ("away", 10_500.0, 7)
    assert rows["d"].state == "late"
    assert rows["e"].deadline == 10_000.0 + P
    assert planner.missed(10_000.0) == (), "d's miss has been told before, c was being tried"
    assert [start.key for start in planner.decide(10_000.0, 1)] == ["d"]


def test_a_restored_look_that_came_too_late_is_told_once_as_down_time() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a")], 100_000.0)
    planner.restore("a", last_inspected=10_000.0, next_due=None, failures=0, away_since=None)
    misses = planner.missed(100_000.0)
    assert [(m.deadline, m.cause) for m in misses] == [(17_200.0, "service_down")]


def test_time_that_goes_back_is_taken_as_standing_still() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a")], 1000.0)
    planner.decide(2000.0, 1)
    _ended(planner, "a", 2000.0, 1500.0, inspected=True)
    assert planner.decide(10.0, 1) == ()
    assert _row(planner, "a", 10.0).deadline == 2000.0 + P


def test_next_wake_is_the_next_thing_to_happen() -> None:
    planner = Planner(limits(1))
    assert planner.next_wake(5.0) == math.inf
    planner.set_plans([plan("a")], 0.0)
    planner.decide(0.0, 1)
    assert planner.next_wake(0.0) == math.inf, "it runs: its end will wake the service"
    _ended(planner, "a", 0.0, 28.0, inspected=True)
    assert planner.next_wake(28.0) == pytest.approx(0.85 * P)
    planner.follow_up("a", 500.0, "f")
    assert planner.next_wake(28.0) == 500.0


# --- follow-ups -------------------------------------------------------------------------------------------------------


def test_a_follow_up_is_made_in_its_time_and_restarts_the_gap_like_any_look() -> None:
    drill = Drill.of([plan("a"), plan("b")], limits(1)).run(100.0)
    drill.planner.follow_up("a", 500.0, "f1")
    drill.planner.follow_up("a", 500.0, "f1")
    drill.run(3000.0)
    served = [(at, start.key, start.reason) for at, start in drill.starts if start.follow_up == "f1"]
    assert served == [(500.0, "a", "follow_up")]
    assert _row(drill.planner, "a", 3000.0).deadline == 500.0 + P


def test_a_look_that_is_due_serves_the_follow_up_too() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan("a")], 0.0)
    planner.follow_up("a", 0.0, "f1")
    (start,) = planner.decide(0.0, 1)
    assert start.follow_up == "f1"
    _ended(planner, "a", 0.0, 28.0, inspected=True)
    assert planner.snapshot(28.0).follow_ups == 0


def test_a_follow_up_that_was_not_inspected_is_made_again_a_few_times() -> None:
    drill = Drill.of([plan("a")], limits(1), answers=lambda _k, attempt, _t: attempt == 1).run(100.0)
    drill.planner.follow_up("a", 500.0, "f1")
    drill.run(5000.0)
    assert [start.follow_up for _, start in drill.starts].count("f1") == 3


def test_a_follow_up_goes_before_what_can_wait_and_not_before_what_cannot() -> None:
    plans = [plan(f"c{n}") for n in range(40)]
    planner = Planner(limits(1))
    planner.set_plans(plans, 0.0)
    planner.decide(0.6 * P, 0)
    planner.follow_up("c7", 0.6 * P, "f1")
    assert [start.follow_up for start in planner.decide(0.6 * P, 1)] == ["f1"]
    busy = Planner(limits(1))
    busy.set_plans(plans, 0.0)
    now = P - 30 * 28.0  # forty looks of 28 s are due within thirty looks' time
    busy.decide(now, 0)
    busy.follow_up("c7", now, "f1")
    started = busy.decide(now, 1)
    assert started[0].reason == "first", "the follow-up would cost another its gap"


# --- warning ----------------------------------------------------------------------------------------------------------


def test_no_warning_while_all_fits() -> None:
    drill = Drill.of([plan(f"c{n}") for n in range(200)], limits(1)).run(4 * P)
    assert drill.planner.snapshot(drill.now).load == pytest.approx(200 * 28 / P, rel=0.01)
    assert drill.first_warning is None


def test_the_warning_names_what_does_not_fit() -> None:
    planner = Planner(Limits(10, {"p": 1}, {"q": 1}))
    planner.set_plans([plan(f"c{n}", platform="p") for n in range(300)], 0.0)
    assert "the cameras of p need 1.2 of 1 streams" in (planner.warning(0.0) or "")
    planner.set_plans([plan(f"c{n}", platform="q", host="nvr-3") for n in range(300)], 0.0)
    assert "q: nvr-3" in (planner.warning(0.0) or "")
    planner.set_plans([plan(f"c{n}") for n in range(3000)], 0.0)
    assert "all cameras together" in (planner.warning(0.0) or "")
    planner.set_plans([plan("c1")], 0.0)
    assert planner.warning(0.0) is None


def test_looks_that_take_longer_than_expected_are_told_before_the_first_gap_breaks() -> None:
    # By the plan the load is 0.78; in truth each look takes twice as long.
    plans = [plan(f"c{n}", cost=28.0) for n in range(200)]
    drill = Drill.of(plans, limits(1), cost=lambda _key: 56.0).run(2 * P)
    assert drill.first_warning is not None
    assert drill.first_warning < 0.5 * P


def test_a_backlog_is_told_although_the_load_fits() -> None:
    planner = Planner(limits(1))
    planner.set_plans([plan(f"c{n}") for n in range(150)], 0.0)
    warned = None
    for now in range(0, 7200, 20):
        planner.decide(float(now), 0)  # no worker is free
        if warned is None and planner.warning(float(now)) is not None:
            warned = now
            assert "first gap breaks in" in (planner.warning(float(now)) or "")
    assert warned is not None
    assert planner.missed(7199.0) == ()


def test_a_snapshot_counts() -> None:
    planner = Planner(Limits(2, {"p": 1}, {}))
    planner.set_plans([plan("a"), plan("b"), plan("c", platform="q")], 0.0)
    planner.decide(0.5 * P, 2)
    snapshot = planner.snapshot(0.5 * P)
    assert (snapshot.cameras, snapshot.running, snapshot.due, snapshot.late, snapshot.away) == (3, 2, 1, 0, 0)
    assert snapshot.worst_gap_s == 0.5 * P
    assert {(s.name, s.running, s.limit) for s in snapshot.platforms} == {("p", 1, 1), ("q", 1, 2)}
    assert Planner(limits(1)).snapshot(0.0).worst_gap_s is None


def test_what_was_asked_of_a_gate_and_taken_back_leaves_nothing_behind() -> None:
    # A rest of rounding in a bucket of the past would be work that is never done: no follow-up would be admitted again.
    chance = random.Random(3)
    gate = Gate("p", 4)
    asked = [
        (chance.randrange(3), chance.uniform(1, 40), chance.randrange(3), chance.uniform(1e-3, 0.02))
        for _ in range(9_999)
    ]
    for one in asked:
        gate.ask(one)
    chance.shuffle(asked)
    for one in asked:
        gate.withdraw(one)
    assert gate.demand == {}
    assert gate.again == {}
