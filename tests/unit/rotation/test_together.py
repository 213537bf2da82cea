"""The one promise under everything at once: failures, follow-ups, risk windows, maintenance, restarts, cameras that come and go."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from patrol.rotation import Limits, LookPlan, Planner
from tests.support.examples import examples
from tests.unit.rotation.counties import counties
from tests.unit.rotation.drill import Drill, never_twice

_END = 4 * 7200.0


@dataclass
class Promises:
    """What is owed to each camera, kept by the rules of docs/rotation.md and not by the planner.

    A deadline is the start of the last inspected look (or the entry) plus the period. A period that becomes shorter counts
    at once; a deadline that would then lie in the past, or within 15 % of the period, is one new period from then, or the
    old one if that is sooner.
    After maintenance it is one period from its end.
    """

    deadline: dict[str, float] = field(default_factory=dict)
    anchor: dict[str, float] = field(default_factory=dict)
    plans: dict[str, LookPlan] = field(default_factory=dict)

    def take(self, plans: list[LookPlan], now: float) -> None:
        wanted = {p.key: p for p in plans}
        for key in self.plans.keys() - wanted.keys():
            del self.plans[key], self.deadline[key], self.anchor[key]
        for key, p in wanted.items():
            old = self.plans.get(key)
            if old is None:
                self.anchor[key], self.deadline[key] = now, now + p.period_s
            elif old.hold is not None and p.hold is None:
                self.deadline[key] = max(self.anchor[key] + p.period_s, now + p.period_s)
            elif old.period_s != p.period_s:
                fresh = self.anchor[key] + p.period_s
                if p.period_s < old.period_s and fresh <= now + 0.15 * p.period_s and now < self.deadline[key]:
                    fresh = min(self.deadline[key], now + p.period_s)
                if p.period_s > old.period_s:
                    self.deadline[key] = max(self.deadline[key], fresh)
                elif now < self.deadline[key]:
                    self.deadline[key] = fresh
            self.plans[key] = p

    def inspected(self, key: str, started: float) -> float:
        """How late the look was."""
        late = started - self.deadline[key]
        self.anchor[key], self.deadline[key] = started, started + self.plans[key].period_s
        return late


class Life:
    """A planner and all that can happen to it. ``log`` is what it decided."""

    def __init__(self, plans: list[LookPlan], limit: Limits, seed: int, hectic: float) -> None:
        self.chance = random.Random(seed)
        self.limit, self.hectic = limit, hectic
        self.everyday = {p.key: p for p in plans}
        self.promises = Promises()
        self.drill = Drill.of(plans, limit, answers=never_twice(self.chance, 0.02), cost=self._cost)
        self.promises.take(plans, 0.0)
        self.worst_late = float("-inf")
        self.restarts = self.asked = 0
        self.seen = 0
        self.pauses: dict[str, float] = {}

    def run(self) -> None:
        drill = self.drill
        next_event = self.chance.uniform(300.0, 1500.0)
        while drill.now < _END:
            drill.run(min(next_event, drill.now + 5.0))
            self._note_inspected()
            if drill.now >= next_event:
                next_event = drill.now + self.chance.expovariate(self.hectic)
                self.chance.choice(
                    [self._window, self._follow_up, self._follow_up, self._maintain, self._come_and_go, self._restart]
                )()

    def _cost(self, key: str) -> float:
        return self.drill.plans[key].expected_s * self.chance.uniform(0.85, 1.15)

    def _note_inspected(self) -> None:
        for key in self.promises.plans:
            gaps = self.drill.last.get(key)
            if (
                gaps is not None
                and gaps != self.promises.anchor[key]
                and gaps > 0.0
                and gaps > self.promises.anchor[key]
            ):
                self.worst_late = max(self.worst_late, self.promises.inspected(key, gaps))
        for key, p in self.promises.plans.items():
            if p.hold is None and key not in self.drill.running:
                self.worst_late = max(self.worst_late, self.drill.now - self.promises.deadline[key])

    def _take(self, changed: dict[str, LookPlan]) -> None:
        plans = list(changed.values())
        self.drill.planner.set_plans(plans, self.drill.now)
        self.drill.plans |= changed
        self.promises.take(plans, self.drill.now)

    def _now(self) -> dict[str, LookPlan]:
        return dict(self.promises.plans)

    def _window(self) -> None:
        """A risk window opens or closes. The county's load was judged with every window open."""
        plans = self._now()
        for key in plans:
            if self.chance.random() < 0.3:
                whole = self.everyday[key].period_s
                period = whole if plans[key].period_s != whole else whole * 2
                plans[key] = replace(plans[key], period_s=period)
        self._take(plans)

    def _follow_up(self) -> None:
        if self.promises.plans:
            self.asked += 1
            at = self.drill.now + self.chance.uniform(0.0, 1800.0)
            self.drill.planner.follow_up(self.chance.choice(sorted(self.promises.plans)), at, f"f{self.asked}")

    def _maintain(self) -> None:
        plans = self._now()
        for key in plans:
            hold = plans[key].hold
            if hold is not None:
                plans[key] = replace(plans[key], hold=None)
            elif self.chance.random() < 0.05:
                plans[key] = replace(plans[key], hold="maintenance")
        self._take(plans)

    def _come_and_go(self) -> None:
        plans = self._now()
        for key in sorted(self.everyday):
            if key in plans and self.chance.random() < 0.05 and key not in self.drill.running:
                del plans[key]
            elif key not in plans and self.chance.random() < 0.5:
                plans[key] = self.everyday[key]
                self.drill.last[key] = self.drill.now
        self._take(plans)

    def _restart(self) -> None:
        """The process ends and comes back: what ran is lost, deadlines are rebuilt from what was written down."""
        drill = self.drill
        rows = {row.key: row for row in drill.planner.rows(drill.now)}
        drill.running.clear()
        drill.ends.clear()
        again = Planner(self.limit)
        again.set_plans(self.promises.plans.values(), drill.now)
        for key, row in rows.items():
            again.restore(
                key,
                last_inspected=row.last_inspected,
                next_due=row.next_at if row.failures else None,
                failures=row.failures,
                away_since=None,
                added=self.promises.anchor[key],
            )
        drill.planner = again
        self.restarts += 1


@examples(40)
@given(counties(load=0.75), st.integers(0, 10**9), st.floats(1 / 3000, 1 / 600))
def test_no_camera_that_answers_exceeds_its_period(
    made: tuple[list[LookPlan], Limits], seed: int, hectic: float
) -> None:
    plans, limit = made
    life = Life(plans, limit, seed, hectic)
    life.run()
    # A restart loses what runs: each stream makes one look again.
    lost = max(p.expected_s for p in plans) if life.restarts else 0.0
    assert life.worst_late <= lost, "a promise was broken"
    if not life.restarts:
        assert {m.cause for m in life.drill.misses} <= {"maintenance"}


@examples(10)
@given(counties(load=0.9), st.integers(0, 10**9))
def test_the_same_history_leads_to_the_same_decisions(made: tuple[list[LookPlan], Limits], seed: int) -> None:
    plans, limit = made
    one, other = Life(plans, limit, seed, 1 / 900), Life(plans, limit, seed, 1 / 900)
    one.run()
    other.run()
    assert one.drill.starts == other.drill.starts
    assert one.drill.misses == other.drill.misses
    assert len(one.drill.starts) > len(plans)
