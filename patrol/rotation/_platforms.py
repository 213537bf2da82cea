"""Platforms that go away: noticed by several cameras in a row without a picture, then probed, not hammered.

While a platform is away none of its looks is started but one probe at a time, first soon after each other, then at an
even pace, each through another camera. The first picture opens it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from patrol.rotation._load import Gate
from patrol.rotation._look import Look
from patrol.rotation._pace import CROWD, first_spread, second_spread
from patrol.rotation._types import PlatformChange

if TYPE_CHECKING:
    from patrol.rotation.planner import Planner

DOWN_AFTER = 8
"""Different cameras that answered before, in a row without a picture, that show that a platform is away.

Retries of cameras that failed before say nothing: dead ones come in clusters. A small platform needs all that answered.
"""

_SMALL = 16
"""A platform with no more looks than this goes away when all that answered, at least two, have failed."""

_FIRST_PROBE, _PROBE_EVERY = 1 / 1440, 1 / 120
"""Wait before the first probe and, doubled from there, at most, as shares of the period: 5 and 60 seconds of two hours.

Shares of the shortest period on the platform. A camera that failed is not tried before its own retry.
"""

_FLOOR_S = 0.5


class Away:
    """What is known of platforms that fail.

    Attributes:
        changes: told once by ``Planner.platform_changes``.
        due: platforms whose next probe may start.
    """

    def __init__(self) -> None:
        self.changes: list[PlatformChange] = []
        self.due: list[Gate] = []
        self._failing: dict[Gate, dict[str, float]] = {}
        self._probed: dict[Gate, set[str]] = {}
        self._pause: dict[Gate, float] = {}
        self._period: dict[Gate, float] = {}
        self._waiting: set[Gate] = set()
        """Platforms with a timer: one each."""
        self._timers: list[tuple[float, int, Gate]] = []
        self._numbers = count()

    def wake(self) -> float:
        """When the next probe is due."""
        return self._timers[0][0] if self._timers else float("inf")

    def pass_time(self, now: float) -> None:
        """Let the probes become due whose time has come."""
        while self._timers and self._timers[0][0] <= now:
            gate = heappop(self._timers)[2]
            self._waiting.discard(gate)
            # One that still has looks open from before waits for their end, which may be the answer.
            if gate.down_since is not None and gate.running == 0 and gate not in self.due:
                self.due.append(gate)

    def probe(self, gate: Gate, looks: Iterable[Look], now: float) -> Look | None:
        """The look to probe a platform with: one not tried in this outage that answered last.

        None when there is none that may be tried again yet; the next probe is set for later.
        """
        tried = self._probed.setdefault(gate, set())
        free = [
            look
            for look in looks
            if look.gates[0] is gate and look.started is None and look.plan.hold is None and _open(look, now)
        ]
        if not free:
            self._probe_again(gate, now)
            return None
        fresh = [look for look in free if look.plan.key not in tried]
        if not fresh:
            tried.clear()
            fresh = free
        best = max(fresh, key=lambda look: (-1.0 if look.inspected is None else look.inspected, look.plan.key))
        tried.add(best.plan.key)
        return best

    # --- what came of looks -----------------------------------------------------------------------------------------

    def answered(self, planner: Planner, look: Look, started: float) -> None:
        """A look gave a picture, good or not: its platform is there."""
        gate = look.gates[0]
        self._failing.pop(gate, None)
        if gate.down_since is not None:
            self._come_up(planner, gate, started)

    def failed(self, planner: Planner, look: Look, started: float, *, fresh: bool) -> None:
        """A look gave no picture; ``fresh``: the look before gave one, or there was none."""
        gate = look.gates[0]
        if gate.down_since is not None:
            self._probe_again(gate, planner.now)
            return
        if not fresh:
            return
        failing = self._failing.setdefault(gate, {})
        failing[look.plan.key] = started
        if len(failing) >= 2 and len(failing) >= self._needed(planner, gate):
            self._go_down(planner, gate)

    def not_tried(self, look: Look, now: float) -> None:
        """A start never became a look: if it was a probe, another one is made."""
        if look.gates[0].down_since is not None:
            self._probe_again(look.gates[0], now)

    def _needed(self, planner: Planner, gate: Gate) -> int:
        if gate.looks > _SMALL:
            return DOWN_AFTER
        failing = self._failing[gate]
        answering = sum(
            1
            for look in planner.looks.values()
            if look.gates[0] is gate and look.plan.hold is None and (look.pictured or look.plan.key in failing)
        )
        return min(DOWN_AFTER, answering)

    def _go_down(self, planner: Planner, gate: Gate) -> None:
        failing = self._failing.pop(gate)
        gate.down_since = min(failing.values())
        gate.cap = 0
        self._probed[gate] = set()
        self._pause.pop(gate, None)
        looks = [look for look in planner.looks.values() if look.gates[0] is gate]
        for look in looks:
            planner.capacity.withdraw(look)
        self.changes.append(PlatformChange(gate.name, True, gate.down_since, len(looks)))
        self._period[gate] = min((look.plan.period_s for look in looks), default=7200.0)
        self._probe_again(gate, planner.now)

    def _probe_again(self, gate: Gate, now: float) -> None:
        if gate in self._waiting:
            return
        self._waiting.add(gate)
        period = self._period[gate]
        longest = max(_FLOOR_S, _PROBE_EVERY * period)
        pause = min(longest, self._pause.get(gate, max(_FLOOR_S, _FIRST_PROBE * period)))
        self._pause[gate] = min(longest, 2 * pause)
        heappush(self._timers, (now + pause, next(self._numbers), gate))

    def _come_up(self, planner: Planner, gate: Gate, started: float) -> None:
        """Open it again. What fell due meanwhile gets new deadlines in the old order: the promise is to cameras that answer.

        They lie in the second half of the coming period: soon, and never ahead of what other platforms are owed.
        """
        since = gate.down_since if gate.down_since is not None else started
        gate.down_since, gate.cap = None, gate.limit
        self._probed.pop(gate, None)
        self._pause.pop(gate, None)
        if gate in self.due:
            self.due.remove(gate)
        now = planner.now
        held_up: list[Look] = []
        looks = 0
        for look in planner.looks.values():
            if look.gates[0] is not gate:
                continue
            looks += 1
            if look.started is not None:
                continue
            if look.failures and look.failed is not None and look.failed >= since:
                look.failures, look.away = 0, False
            if not look.away and not look.failures and (look.due_at <= now or look.deadline <= now):
                held_up.append(look)
            else:
                planner.capacity.ask(look)
        held_up.sort(key=lambda look: look.deadline)
        width = first_spread(max(g.load(planner.capacity.ratio) for g in (planner.capacity.total, gate)))
        for place, look in enumerate(held_up, 1):
            if len(held_up) >= CROWD:
                look.spread = second_spread(width, place / len(held_up))
            look.deadline = look.window_end = now + look.plan.period_s * (0.5 + 0.5 * place / len(held_up))
            look.attempted = False
            look.not_before = now
            planner.requeue(look)
        planner.ready.release(gate)
        self.changes.append(PlatformChange(gate.name, False, started, looks))


def _open(look: Look, now: float) -> bool:
    rested = not look.failures or look.not_before <= now
    return rested and all(gate.running < gate.cap for gate in look.gates[1:])
