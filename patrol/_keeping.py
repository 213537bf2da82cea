"""Keeps what is kept as long as it must be: runs the purge once a day, and says when the disk or the clock is not right."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from patrol import audit, retention
from patrol._board import Board
from patrol.registry import Registry
from patrol.retention import clockwatch, space
from patrol.store import Store, plain

log = structlog.get_logger(__name__)

EVERY_S = 300.0
_AT = time(3, 10)
"""County time: after the night's last display, before the morning's first look at the figures."""


class Keeping:
    """Called by a timer; asks each time whether the day's purge is still to be made.

    Args:
        store: open.
        registry: the one in force.
        wall: the wall clock.
        board: for problems and events.
        data: the service's data folder.
        most: things one run takes at most.
    """

    def __init__(
        self,
        store: Store,
        registry: Callable[[], Registry],
        wall: Callable[[], datetime],
        board: Board,
        data: Path,
        *,
        most: int = retention.MOST,
    ) -> None:
        self._store = store
        self._data = data
        self._registry = registry
        self._wall = wall
        self._board = board
        self._most = most
        self._stopping = threading.Event()
        self._left = False
        """The last run took as much as one may, and more is due."""
        self._met: str | None = None
        """What the last run met that a person must look at."""

    def look(self) -> None:
        """Beat, look at the disk, and purge when the day's run is due. What fails is tried again at the next look."""
        now, registry = self._wall(), self._registry()
        try:
            with self._store.sessions.begin() as session:
                wrong = retention.beat(session, now)
                head = clockwatch.head_of(session)
                ran = head.run_at if head else None
            with self._store.reading() as session:
                disk = retention.measure(session, self._data, now)
        except DBAPIError as error:
            log.warning("what is kept cannot be looked at; will try again", error=plain(error))
            return
        except OSError as error:
            self._board.problem("disk", f"the data folder's disk cannot be read: {error.strerror}")
            return
        self._board.problem("disk", space.problem(disk, registry.retention.least_free_gb))
        if wrong is None and (self._left or due(now, ran, registry)):
            self._met = self._purge(registry)
        self._board.problem("retention", wrong or self._met)

    def stop(self) -> None:
        """Let a purge that is under way end after the files in its hands."""
        self._stopping.set()

    def _purge(self, registry: Registry) -> str | None:
        """One run; what a person must know of it."""
        try:
            report = retention.run(
                self._store,
                self._data,
                registry.retention,
                by=audit.SERVICE,
                wall=self._wall,
                most=self._most,
                pause=self._stopping.wait,
            )
        except retention.BusyError as error:
            log.info("the purge waits", because=str(error))
            return self._met
        except (retention.ClockError, retention.FloorError) as error:
            return str(error)
        except DBAPIError as error:
            log.warning("the purge was cut off; the next one ends it", error=plain(error))
            return self._met
        except OSError as error:
            return f"the purge cannot delete: {error.strerror}; it will try again"
        self._left = bool(report.record["left"])
        log.info("purged", run=report.run, items=report.record["items"], left=self._left)
        self._board.tell({"event": "retention", "run": report.run})
        told = report.record["problems"]
        return f"the last purge (run {report.run}) met what a person must look at: {told[0]}" if told else None


def due(now: datetime, ran: datetime | None, registry: Registry) -> bool:
    """Whether the day's purge is still to be made, by county time. A service that never purged waits for the hour, too."""
    zone = registry.county.zone
    local = now.astimezone(zone)
    hour = datetime.combine(local.date(), _AT, zone).astimezone(UTC)
    return now >= hour and (ran is None or ran < hour)
