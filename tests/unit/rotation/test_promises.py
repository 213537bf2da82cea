"""The rotation's promises, on counties made up by hypothesis."""

from __future__ import annotations

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from patrol.rotation import Limits, LookPlan, Planner
from patrol.rotation._patience import PATIENCE
from tests.support.examples import examples
from tests.unit.rotation.counties import counties
from tests.unit.rotation.drill import Drill, limits, never_twice, plan

county = examples(40)


@county
@given(counties(load=0.8), st.integers(0, 10**9))
def test_no_gap_is_longer_than_its_period_while_the_load_fits(made: tuple[list[LookPlan], Limits], seed: int) -> None:
    plans, limit = made
    chance = random.Random(seed)
    answers = never_twice(chance, 0.03)
    drill = Drill.of(plans, limit, answers=answers, cost=lambda k: drill.plans[k].expected_s * chance.uniform(0.8, 1.2))
    drill.run(3 * 7200.0)
    assert {p.key: drill.worst(p.key) for p in plans if drill.worst(p.key) > p.period_s} == {}
    assert drill.misses == []


def _with_dead(
    made: tuple[list[LookPlan], Limits], share: float, seed: int, *, unusable: bool
) -> tuple[Drill, set[str]]:
    """Three of the longest periods with a share of the cameras never answering."""
    plans, limit = made
    chance = random.Random(seed)
    dead = {p.key for p in plans if chance.random() < share}
    drill = Drill.of(plans, limit, answers=lambda key, _attempt, _now: key not in dead, unusable=unusable)
    return drill.run(3 * 7200.0), dead


@county
# A camera that gives an unusable picture costs a whole look at each of four tries: with those the load is 0.8.
@given(counties(load=0.5), st.floats(0.05, 0.2), st.integers(0, 10**9), st.booleans())
def test_cameras_that_do_not_answer_starve_nobody(
    made: tuple[list[LookPlan], Limits], share: float, seed: int, unusable: bool
) -> None:
    drill, dead = _with_dead(made, share, seed, unusable=unusable)
    for p in made[0]:
        assert p.key in dead or drill.worst(p.key) <= p.period_s, p
    assert {m.key for m in drill.misses} <= dead


@county
# Their turns come behind those that answer: on fuller platforms one may come some seconds after its period.
@given(counties(load=0.4, fullest=0.4), st.floats(0.05, 0.2), st.integers(0, 10**9), st.booleans())
def test_cameras_that_do_not_answer_are_tried_every_period(
    made: tuple[list[LookPlan], Limits], share: float, seed: int, unusable: bool
) -> None:
    drill, dead = _with_dead(made, share, seed, unusable=unusable)
    for p in made[0]:
        if p.key in dead:
            tries = [0.0, *drill.started(p.key), drill.now]
            assert max(b - a for a, b in itertools.pairwise(tries)) <= p.period_s, p
            assert len(tries) <= 3 + 8 * (1 + drill.now / p.period_s), "retries are bounded"
    assert drill.misses == []


@county
@given(counties(load=0.8), st.floats(600.0, 3 * 7200.0), st.floats(0.0, 60.0))
def test_a_restart_keeps_the_gaps(made: tuple[list[LookPlan], Limits], at: float, down: float) -> None:
    plans, limit = made
    drill = Drill.of(plans, limit).run(at)
    rows = {row.key: row for row in drill.planner.rows(drill.now)}
    again = Planner(limit)
    drill.running.clear()  # what ran is lost with the process
    drill.ends.clear()
    drill.now += down
    again.set_plans(plans, drill.now)
    for key, row in rows.items():
        again.restore(
            key,
            last_inspected=drill.last[key] if row.last_inspected is not None else None,
            next_due=row.next_at if row.failures else None,
            failures=row.failures,
            away_since=None,
            added=0.0,
        )
    drill.planner = again
    drill.run(at + down + 2 * 7200.0)
    # What ran when the process ended must be made again: one look a stream and the down time are all it may cost.
    lost = down + max(p.expected_s for p in plans)
    assert {p.key: drill.worst(p.key) for p in plans if drill.worst(p.key) > p.period_s + lost} == {}
    if down == 0.0:
        assert drill.misses == []


@county
@given(st.integers(20, 80), st.integers(0, 10**9), st.floats(1.1, 4.0))
def test_overload_is_told_before_the_first_gap_breaks_and_starves_nobody(count: int, seed: int, load: float) -> None:
    chance = random.Random(seed)
    cost = load * 2 * 600.0 / count
    if cost > 60:
        count = int(count * cost / 60)
        cost = load * 2 * 600.0 / count
    plans = [plan(f"c{n}", 600.0, cost, priority=chance.randrange(4)) for n in range(count)]
    drill = Drill.of(plans, limits(2)).run(600.0 * 12 * load)
    broken = [gap for p in plans for gap in drill.gaps.get(p.key, []) if gap > 600.0]
    assert broken or drill.misses, "the load must not have fitted"
    assert drill.first_warning is not None
    assert drill.first_warning < 600.0
    assert {m.cause for m in drill.misses} == {"capacity"}
    assert len({(m.key, m.deadline) for m in drill.misses}) == len(drill.misses), "each deadline once"
    # The patient turns alone reach everybody: one start in PATIENCE + 1 goes to the one that has waited longest.
    patient_round = (PATIENCE + 1) * count * cost / 2
    for p in plans:
        assert drill.worst(p.key) <= 600.0 + patient_round + 60.0, p


@county
@given(st.integers(30, 100), st.integers(0, 10**9), st.floats(1.2, 2.5))
def test_under_overload_the_highest_priorities_keep_their_period(count: int, seed: int, load: float) -> None:
    chance = random.Random(seed)
    cost = load * 3 * 7200.0 / (count * 10)
    # One in four is of the highest priority, and those alone need at most 0.63 of the streams.
    plans = [plan(f"c{n}", 7200.0, cost, priority=3 if n % 4 == 0 else chance.randrange(3)) for n in range(count * 10)]
    drill = Drill.of(plans, limits(3)).run(3 * 7200.0, beat=2.0)
    late = {p.key: drill.worst(p.key) for p in plans if p.priority == 3 and drill.worst(p.key) > 7200.0}
    assert late == {}
    assert any(drill.worst(p.key) > 7200.0 for p in plans if p.priority == 0)


@county
@given(counties(load=0.75), st.integers(0, 10**9))
def test_follow_ups_break_nobody_elses_gap(made: tuple[list[LookPlan], Limits], seed: int) -> None:
    plans, limit = made
    chance = random.Random(seed)
    drill = Drill.of(plans, limit)
    for n in range(400):
        drill.planner.follow_up(chance.choice(plans).key, chance.uniform(0.0, 4 * 7200.0), f"f{n}")
    drill.run(5 * 7200.0)
    assert {p.key: drill.worst(p.key) for p in plans if drill.worst(p.key) > p.period_s} == {}
    served = [start.follow_up for _, start in drill.starts if start.follow_up]
    assert sorted(served) == sorted(set(served)), "each once"
    assert len(served) == 400
