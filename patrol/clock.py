"""The service's two clocks: the wall clock for what is written down, a steady one for what is planned.

A wall clock can be stepped (NTP after an outage, a hand on the wrong button). Were the rotation planned on it, a step
forward would make every camera late at once and a step back would stop the patrol. So the planner runs on a time line
that starts at the wall clock and then only ever advances with the monotonic clock.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def iso(moment: datetime) -> str:
    """UTC with milliseconds and Z, as machines are told a moment. Cut, not rounded: a day's last instant stays on its day."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Clock:
    """Wall and plan time.

    Plan time is in seconds since the epoch as the wall clock had it when the service started.
    """

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def plan(self) -> float:
        """Seconds on the planner's time line."""
        return time.monotonic() + self._offset

    def wall(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(UTC)

    def drift_s(self) -> float:
        """Seconds that the wall clock was moved since the service started (positive: forward)."""
        return time.time() - self.plan()

    def wall_at(self, plan: float) -> datetime:
        """The wall-clock time of a moment on the planner's time line, as the clock runs now."""
        return self.wall() + timedelta(seconds=plan - self.plan())

    def plan_at(self, wall: datetime) -> float:
        """The moment on the planner's time line of a wall-clock time."""
        return self.plan() + (wall - self.wall()).total_seconds()
