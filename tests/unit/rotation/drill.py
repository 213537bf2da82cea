"""Cameras and workers for planner tests: runs a planner under a virtual clock and watches that it keeps the rules."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from patrol.rotation import Limits, LookPlan, Miss, Planner, Start


def plan(key: str, period: float = 7200.0, cost: float = 28.0, **given: object) -> LookPlan:
    values: dict[str, object] = {"platform": "p", "host": key, "dwell_s": cost * 0.7, "priority": 1, "expected_s": cost}
    return LookPlan(key=key, period_s=period, **{**values, **given})  # type: ignore[arg-type]


def limits(total: int, **platforms: int) -> Limits:
    return Limits(total, platforms, {})


def always(_key: str, _attempt: int, _now: float) -> bool:
    return True


def never_twice(chance: random.Random, share: float) -> Callable[[str, int, float], bool]:
    """Looks fail now and then, never twice in a row: the retry inside the window must save the gap."""
    failed: set[str] = set()

    def answers(key: str, _attempt: int, _now: float) -> bool:
        if key not in failed and chance.random() < share:
            failed.add(key)
            return False
        failed.discard(key)
        return True

    return answers


@dataclass
class Drill:
    """A planner, its workers and the record of what happened. Every rule that may never be broken is asserted as it runs."""

    planner: Planner
    plans: dict[str, LookPlan]
    answers: Callable[[str, int, float], bool] = always
    """Whether the look that starts now will be inspected: key, number of the attempt, time."""
    cost: Callable[[str], float] | None = None
    unusable: bool = False
    """A look that fails gives a picture that is no proof, and costs as much as a good one."""
    now: float = 0.0
    running: dict[str, float] = field(default_factory=dict)
    ends: list[tuple[float, str, bool]] = field(default_factory=list)
    starts: list[tuple[float, Start]] = field(default_factory=list)
    gaps: dict[str, list[float]] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    misses: list[Miss] = field(default_factory=list)
    first_warning: float | None = None
    next_watch: float = 0.0
    attempts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, plans: Iterable[LookPlan], limit: Limits, now: float = 0.0, **given: object) -> Drill:
        planner = Planner(limit)
        listed = list(plans)
        planner.set_plans(listed, now)
        drill = cls(planner, {p.key: p for p in listed}, now=now, **given)  # type: ignore[arg-type]
        drill.last = dict.fromkeys(drill.plans, now)
        return drill

    def run(self, until: float, beat: float = 0.5) -> Drill:
        while self.now < until:
            self._end_looks()
            if self.first_warning is None and self.now >= self.next_watch:
                self.next_watch = self.now + 10.0
                if self.planner.warning(self.now) is not None:
                    self.first_warning = self.now
            self.misses += self.planner.missed(self.now)
            free = self.planner.limits.total - len(self.running)
            for start in self.planner.decide(self.now, free):
                self._begin(start)
            wake = self.planner.next_wake(self.now)
            assert wake >= self.now
            self.now = min(until, max(min([wake, *[entry[0] for entry in self.ends[:1]]]), self.now + beat))
        return self

    def worst(self, key: str) -> float:
        """The longest gap of a look, the open one included."""
        return max([*self.gaps.get(key, []), self.now - self.last[key]])

    def started(self, key: str) -> list[float]:
        return [at for at, start in self.starts if start.key == key]

    def _begin(self, start: Start) -> None:
        key = start.key
        assert key not in self.running, f"{key} runs twice"
        self.running[key] = self.now
        self.starts.append((self.now, start))
        self.attempts[key] += 1
        self._assert_within_limits()
        answered = self.answers(key, self.attempts[key], self.now)
        cost = self.cost(key) if self.cost else self.plans[key].expected_s - self.plans[key].dwell_s + start.dwell_s
        if not answered and not self.unusable:
            cost *= 0.3  # refused, or a deadline shorter than a look
        heappush(self.ends, (self.now + cost, key, answered))

    def _end_looks(self) -> None:
        while self.ends and self.ends[0][0] <= self.now:
            ended, key, inspected = heappop(self.ends)
            started = self.running.pop(key)
            unreachable = not inspected and not self.unusable
            self.planner.finished(
                key, started=started, ended=ended, inspected=inspected, unreachable=unreachable, now=self.now
            )
            if inspected:
                self.gaps.setdefault(key, []).append(started - self.last[key])
                self.last[key] = started

    def _assert_within_limits(self) -> None:
        allowed = self.planner.limits
        platforms = Counter(self.plans[key].platform for key in self.running)
        hosts = Counter((self.plans[key].platform, self.plans[key].host) for key in self.running)
        assert len(self.running) <= allowed.total
        for name, count in platforms.items():
            assert count <= allowed.per_platform.get(name, allowed.total), f"platform {name}"
        for (name, host), count in hosts.items():
            assert count <= allowed.per_host.get(name, allowed.total), f"host {host} of {name}"
