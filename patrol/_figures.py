"""Keeps the figures at hand while the service runs: counts each day once when it is over, and today again and again.

Today is counted inline while that is quick; a large county's is counted beside the questions and is a little older.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from patrol.clock import Clock
from patrol.figures import rolls
from patrol.figures.period import Range
from patrol.figures.places import Places, places_of
from patrol.figures.roll import Roll
from patrol.ledger.day import DayError
from patrol.registry import LoadedRegistry
from patrol.store import Store

log = structlog.get_logger(__name__)

EVERY_S = 60.0
_AT_ONCE_S = 5.0
"""Seconds of counting days of the past in one go; the rest waits for the next one."""
_QUICK_S = 0.3
"""What takes no longer is counted for whoever asks; what does, beside."""
_FRESH_S = 10.0
_SHARE = 20
"""Counting today takes at most one part in so many of the time."""
_ASKED_WITHIN_S = 900.0
"""Today is counted beside the questions only while somebody asks for it."""
_DAYS_BACK = 400


@dataclass(frozen=True, slots=True)
class Today:
    """Today as last counted: None where there is no registry of it yet."""

    day: date
    roll: Roll | None
    counted_at: datetime
    steady_s: float
    took_s: float


class Figures:
    """The days of a county in columns, each counted once.

    Args:
        store: the ledger's.
        loaded: the registry in force.
        clock: the service's.
    """

    def __init__(self, store: Store, loaded: Callable[[], LoadedRegistry], clock: Clock) -> None:
        self._store = store
        self._loaded = loaded
        self._clock = clock
        self._today: Today | None = None
        self._counting = threading.Lock()
        self._asked_s = -_ASKED_WITHIN_S
        self._places: tuple[str, Places] | None = None

    def look(self) -> None:
        """Count the days that are over and not counted yet, and today where somebody asks; a timer calls it."""
        try:
            self._count_past()
            if self._today is None or time.monotonic() - self._asked_s < _ASKED_WITHIN_S:
                with self._counting:
                    if self._stale(self._today, beside=True):
                        self._count_today()
        except DBAPIError as error:
            log.warning("figures cannot be counted; will try again", error=str(error.orig))

    def rolls(self, session: Session, asked: Range) -> tuple[Iterator[Roll], datetime | None]:
        """The days of a range that are counted, oldest first, and when today was, where it is in the range."""
        today = self._now(asked.today) if asked.until == asked.today else None
        return self._days(session, asked, today), today.counted_at if today is not None else None

    def missing(self, session: Session, asked: Range) -> list[date]:
        """Days of a range that are over and not counted yet, the latest first."""
        days = (asked.today - asked.since).days
        wanted = rolls.wanting(session, asked.zone, asked.now, days=max(days, 0))
        return [day for day in wanted if asked.since <= day <= asked.until]

    def places(self) -> Places:
        """Of the registry in force."""
        loaded = self._loaded()
        if self._places is None or self._places[0] != loaded.sha256:
            self._places = (loaded.sha256, places_of(loaded.registry))
        return self._places[1]

    def _days(self, session: Session, asked: Range, today: Today | None) -> Iterator[Roll]:
        yield from rolls.kept(session, asked)
        if today is not None and today.roll is not None:
            yield today.roll

    def _now(self, day: date) -> Today:
        self._asked_s = time.monotonic()
        found = self._today
        if found is not None and found.day == day and not self._stale(found, beside=False):
            return found
        with self._counting:
            found = self._today
            if found is None or found.day != day or self._stale(found, beside=False):
                found = self._count_today()
            return found

    def _stale(self, found: Today | None, *, beside: bool) -> bool:
        if found is None:
            return True
        age = time.monotonic() - found.steady_s
        quick = found.took_s <= _QUICK_S
        if beside:
            return not quick and age > max(EVERY_S, _SHARE * found.took_s)
        # A slow one is left to the timer, unless the timer has not come for long.
        return age > (_FRESH_S if quick else 4 * max(EVERY_S, _SHARE * found.took_s))

    def _count_today(self) -> Today:
        zone, now, begun = self._loaded().registry.county.zone, self._clock.wall(), time.monotonic()
        day = now.astimezone(zone).date()
        try:
            with self._store.reading() as session:
                roll, _ = rolls.count(session, day, zone, now)
        except DayError:
            roll = None
        ended = time.monotonic()
        self._today = Today(day, roll, now, ended, ended - begun)
        return self._today

    def _count_past(self) -> None:
        zone, now, begun = self._loaded().registry.county.zone, self._clock.wall(), time.monotonic()
        with self._store.reading() as session:
            wanted = rolls.wanting(session, zone, now, days=_DAYS_BACK)
        for day in wanted:
            if time.monotonic() - begun > _AT_ONCE_S:
                return
            try:
                with self._store.reading() as session:
                    roll, seq = rolls.count(session, day, zone, now)
            except DayError as error:
                log.warning("a day has no figures", day=day.isoformat(), problem=str(error))
                continue
            with self._store.sessions.begin() as writing:
                rolls.keep(writing, roll, seq, now)
            log.info("a day was counted", day=day.isoformat(), looks=len(roll.looks.rows))
