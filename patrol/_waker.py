"""Wakes the service at steady intervals. APScheduler does it, by the wall clock; a watch beside it sees that clock step.

A clock set back by an hour would leave every job waiting for an hour: the patrol would stand still while the screen said
all was well. So a thread compares the wall clock with the monotonic one and sets all jobs anew when they come apart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from patrol.clock import Clock

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 0.5
_STEP_S = 2.0
"""Less than this is a clock that is being slewed, or a busy machine."""


class Waker:
    """Calls functions at intervals, each never twice at the same time, whatever the wall clock does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._drift = clock.drift_s()
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._run, name="clock-watch", daemon=True)

    def every(self, seconds: float, call: Callable[[], None]) -> None:
        """Call a function so often; a call that is late is made once, at once."""
        self._scheduler.add_job(
            call, "interval", seconds=seconds, max_instances=1, coalesce=True, misfire_grace_time=None
        )

    def start(self) -> None:
        """Begin to wake."""
        self._scheduler.start()
        self._watch.start()

    def stop(self) -> None:
        """End; calls under way are waited for."""
        self._ended.set()
        self._watch.join(5)
        self._scheduler.shutdown(wait=True)

    def _run(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            drift = self._clock.drift_s()
            if abs(drift - self._drift) < _STEP_S:
                continue
            log.warning("the wall clock was stepped; deadlines stay as they are", by_s=round(drift - self._drift, 1))
            self._drift = drift
            now = datetime.now(UTC)
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=now)
