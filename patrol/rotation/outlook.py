"""What the rotation will come to: a copy of the planner, run ahead under a virtual clock with measured look lengths.

The copy is the real planner, so limits, priorities, shortened looks and risk windows count as they will. It assumes that
cameras which answer go on answering, and that those away stay away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import asdict, dataclass
from heapq import heappop, heappush
from typing import Any

from patrol.rotation._look import Look
from patrol.rotation._types import LookPlan
from patrol.rotation.planner import Planner

_BEAT = 1 / 7200
"""Smallest step of the virtual clock, as a share of the shortest period: a second of two hours."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A gap that will be longer than its period.

    Attributes:
        key: of the look.
        deadline: when it breaks, planner time.
        priority: rank of the look then.
    """

    key: str
    deadline: float
    priority: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What comes until ``until``.

    Attributes:
        made_at, until: planner time.
        worst_gap_s: longest predicted time between two inspected looks, of cameras that answer; None without any.
        worst_key: of which look.
        worst_share: longest predicted gap as a share of its period.
        first: the first gap that will break, None when none will.
        broken: looks with such a gap.
        peak_load: highest load, of stream seconds needed over those there are.
        peak_at: when it comes.
        shortened: looks with a dwell shorter than planned.
        looks: looks made.
    """

    made_at: float
    until: float
    worst_gap_s: float | None
    worst_key: str | None
    worst_share: float | None
    first: Breach | None
    broken: int
    peak_load: float
    peak_at: float
    shortened: int
    looks: int

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def forecast(
    planner: Planner, now: float, horizon_s: float, changes: Sequence[tuple[float, Sequence[LookPlan]]] = ()
) -> Forecast:
    """Run a copy of the planner ahead; the planner itself is not changed.

    Args:
        planner: with its state, its measured look lengths and its running looks.
        now: planner time.
        horizon_s: how far ahead, seconds. Twice the longest period shows every break at least one period before.
        changes: plans that come into force later (risk windows, maintenance), with their times, in order.
    """
    return Ahead(planner, now, horizon_s, changes).run()


class Ahead:
    """A forecast in two steps: making it copies the planner, running it does not touch the planner any more.

    So whoever guards the planner with a lock holds it for the copy alone. Arguments as of :func:`forecast`.
    """

    def __init__(
        self,
        planner: Planner,
        now: float,
        horizon_s: float,
        changes: Sequence[tuple[float, Sequence[LookPlan]]] = (),
    ) -> None:
        until = now + horizon_s
        self.now, self.made_at, self.until = now, now, until
        self.changes = [change for change in changes if change[0] < until]
        self.twin, self.ends = _copy_of(planner, now)
        self.dead = {key for key, look in self.twin.looks.items() if look.away}
        self.worst: tuple[float, str] | None = None
        self.worst_share = 0.0
        self.broken: dict[str, Breach] = {}
        self.peak = (self.twin.capacity.total.load(self.twin.capacity.ratio), now)
        self.shortened = self.looks = 0

    def run(self) -> Forecast:
        """Run the copy ahead. Once."""
        twin, ends = self.twin, self.ends
        shortest = min((look.plan.period_s for look in twin.looks.values()), default=7200.0)
        beat = max(0.05, _BEAT * shortest)
        while self.now < self.until:
            self._change_plans()
            self._finish()
            for start in twin.decide(self.now, twin.limits.total - len(ends)):
                look = twin.looks[start.key]
                self._begin(look, late=start.deadline < self.now, dwell_s=start.dwell_s)
            wake = twin.next_wake(self.now)
            if ends:
                wake = min(wake, ends[0][0])
            if self.changes:
                wake = min(wake, self.changes[0][0])
            self.now = max(wake, self.now + beat)
        self.now = self.until
        for key, look in twin.looks.items():
            if look.started is None and key not in self.dead and look.plan.hold is None:
                self._saw_gap(look, self.until - look.anchor)
                if look.deadline < self.until:
                    self._break(look)
        return self._result()

    def _begin(self, look: Look, *, late: bool, dwell_s: float) -> None:
        self.looks += 1
        self.shortened += dwell_s < look.plan.dwell_s
        dead = look.plan.key in self.dead
        if not dead:
            self._saw_gap(look, self.now - look.anchor)
            if late:
                self._break(look)
        took = max(0.0, dwell_s + look.overhead)
        heappush(self.ends, (self.now + took, self.now, look.plan.key))

    def _finish(self) -> None:
        while self.ends and self.ends[0][0] <= self.now:
            ended, started, key = heappop(self.ends)
            dead = key in self.dead
            self.twin.finished(key, started=started, ended=ended, inspected=not dead, unreachable=dead, now=self.now)

    def _change_plans(self) -> None:
        while self.changes and self.changes[0][0] <= self.now:
            self.twin.set_plans(self.changes.pop(0)[1], self.now)
            load = self.twin.capacity.total.load(self.twin.capacity.ratio)
            if load > self.peak[0]:
                self.peak = (load, self.now)

    def _saw_gap(self, look: Look, gap: float) -> None:
        if self.worst is None or gap > self.worst[0]:
            self.worst = (gap, look.plan.key)
        self.worst_share = max(self.worst_share, gap / look.plan.period_s)

    def _break(self, look: Look) -> None:
        known = self.broken.get(look.plan.key)
        if known is None or look.deadline < known.deadline:
            self.broken[look.plan.key] = Breach(look.plan.key, look.deadline, look.plan.priority)

    def _result(self) -> Forecast:
        return Forecast(
            made_at=self.made_at,
            until=self.until,
            worst_gap_s=self.worst[0] if self.worst else None,
            worst_key=self.worst[1] if self.worst else None,
            worst_share=self.worst_share if self.worst else None,
            first=min(self.broken.values(), key=lambda breach: (breach.deadline, breach.key), default=None),
            broken=len(self.broken),
            peak_load=self.peak[0],
            peak_at=self.peak[1],
            shortened=self.shortened,
            looks=self.looks,
        )


def _copy_of(planner: Planner, now: float) -> tuple[Planner, list[tuple[float, float, str]]]:
    """The same planner again, and the ends of what runs. Looks of a platform that is away count as away."""
    twin = Planner(planner.limits)
    twin.now = now
    twin.capacity.ratio = planner.capacity.ratio
    ends: list[tuple[float, float, str]] = []
    for key, look in planner.looks.items():
        other = twin.looks[key] = copy(look)
        other.gates = twin.capacity.gates_of(look.plan)
        other.extras = list(look.extras)
        other.asked = None
        other.turn = other.extra = other.timer = other.later = other.overdue = 0
        if look.gates[0].down_since is not None and not other.away:
            other.away, other.owed = True, now + other.plan.period_s
        if other.started is not None:
            for gate in (twin.capacity.total, *other.gates):
                gate.running += 1
            heappush(ends, (max(now, other.started + max(0.0, other.given + other.overhead)), other.started, key))
    twin.capacity.rebuild(twin.looks.values())
    for look in _waiting(twin.looks.values()):
        twin.requeue(look)
    return twin, ends


def _waiting(looks: Iterable[Look]) -> list[Look]:
    return [look for look in looks if look.started is None]
