"""What the rotation will come to, asked again and again while the service runs, and told before a gap breaks."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import Any

import structlog

from patrol._board import Board
from patrol._in_force import InForce
from patrol.clock import Clock
from patrol.registry import format_duration
from patrol.rotation import Ahead, Forecast, Planner

log = structlog.get_logger(__name__)

_SHARE = 0.05
"""A forecast takes at most this share of one processor: a large county is foreseen less often."""


class Outlook:
    """The latest forecast, made anew by :meth:`look_ahead`, which a timer calls.

    Args:
        planner: copied under ``lock``.
        lock: the service's, which guards the planner.
        in_force: for the plans that are to come.
        clock, board: to say when, and to whom.
    """

    def __init__(self, planner: Planner, lock: threading.RLock, in_force: InForce, clock: Clock, board: Board) -> None:
        self.latest: Forecast | None = None
        self._planner = planner
        self._lock = lock
        self._in_force = in_force
        self._clock = clock
        self._board = board
        self._rest_until = 0.0

    def look_ahead(self) -> None:
        """Make a forecast over twice the longest period, so that a break is seen at least one period before."""
        began = time.monotonic()
        if began < self._rest_until:
            return
        horizon = 2 * self._in_force.longest_period_s()
        with self._lock:
            changes = self._in_force.ahead(horizon)
            ahead = Ahead(self._planner, self._clock.plan(), horizon, changes)
        self.latest = ahead.run()
        self._rest_until = began + (time.monotonic() - began) / _SHARE
        self._board.problem("capacity", self.sentence(self.latest))

    def sentence(self, seen: Forecast) -> str | None:
        """What operators must know of it; None when every promise will be kept."""
        if seen.first is None:
            return None
        spec = self._in_force.specs.get(seen.first.key)
        name = spec.camera.name if spec else seen.first.key
        at = self._clock.wall_at(seen.first.deadline).astimezone(self._in_force.registry.county.zone)
        period = format_duration(spec.category.period) if spec else ""
        return (
            f"at {at:%m-%d %H:%M} the first camera, {seen.first.key} ({name}), will go past its {period}; "
            f"{seen.broken} in all until {self._local(seen.until):%H:%M}; the load reaches {seen.peak_load:.0%}"
        )

    def to_json(self) -> dict[str, Any] | None:
        """For the state message and the API; None before the first forecast."""
        seen = self.latest
        if seen is None:
            return None
        return {
            "made_at": _iso(self._clock.wall_at(seen.made_at)),
            "until": _iso(self._clock.wall_at(seen.until)),
            "worst_gap_s": _rounded(seen.worst_gap_s),
            "worst_look": seen.worst_key,
            "first_broken": None
            if seen.first is None
            else {"look": seen.first.key, "at": _iso(self._clock.wall_at(seen.first.deadline))},
            "broken": seen.broken,
            "peak_load": round(seen.peak_load, 3),
            "peak_at": _iso(self._clock.wall_at(seen.peak_at)),
            "shortened": seen.shortened,
        }

    def _local(self, plan: float) -> datetime:
        return self._clock.wall_at(plan).astimezone(self._in_force.registry.county.zone)


def every_s(period_s: float) -> float:
    """How often to look ahead: 240 times a period, at least every half minute, at most every second."""
    return min(30.0, max(1.0, period_s / 240))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
