"""Working days and working time of the county: what the clocks of 13710 count in."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version
from itertools import count
from typing import Literal
from zoneinfo import ZoneInfo

from patrol.registry import Calendar, Policy, Registry, is_workday, knows_year, office_spans

_DAY = timedelta(days=1)
_NOTHING = timedelta()
_SHIPPED = f"chinesecalendar {version('chinesecalendar')}"


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The county's working days and office hours.

    Attributes:
        zone: the county's.
        overlay: days that differ from the shipped State Council calendar.
        office: the parts of a working day in which offices are open, in order.
        day_ends: whether a limit's last day ends at 24:00 or when the offices close.
    """

    zone: ZoneInfo
    overlay: Calendar
    office: tuple[tuple[time, time], ...]
    day_ends: Literal["midnight", "office_close"]

    @classmethod
    def of(cls, registry: Registry, policy: Policy | None = None) -> WorkCalendar:
        """That of a registry, under its own policy or another one."""
        policy = policy or registry.cases.policy
        return cls(registry.county.zone, registry.calendar, office_spans(policy), policy.day_ends)

    @property
    def version(self) -> str:
        """Which calendar this is: the shipped one's version, and a digest of the overlay where there is one."""
        if self.overlay == Calendar():
            return _SHIPPED
        return f"{_SHIPPED}+{hashlib.sha256(self.overlay.model_dump_json().encode()).hexdigest()[:12]}"

    def is_workday(self, day: date) -> bool:
        """Whether the county works that day."""
        days, _ = self._year(day.year)
        at = bisect.bisect_left(days, day)
        return at < len(days) and days[at] == day

    def is_announced(self, day: date) -> bool:
        """Whether the State Council's notice for that day's year is known."""
        return self._year(day.year)[1]

    def nth_workday_after(self, day: date, n: int) -> date:
        """The n-th working day after a day, which is not counted itself.

        Raises:
            ValueError: n is less than 1.
        """
        if n < 1:
            raise ValueError(f"working days are counted from 1, not from {n}")
        for year in count(day.year):
            days, _ = self._year(year)
            first = bisect.bisect_right(days, day)
            if first + n <= len(days):
                return days[first + n - 1]
            n -= len(days) - first
        raise AssertionError("years do not end")

    def first_workday_from(self, day: date) -> date:
        """The day itself if it is worked, else the next one that is."""
        return day if self.is_workday(day) else self.nth_workday_after(day, 1)

    def workdays_between(self, after: date, until: date) -> int:
        """Working days after the first day, up to and with the second; 0 where that is no later."""
        if until <= after:
            return 0
        between = sum(len(self._year(year)[0]) for year in range(after.year, until.year))
        first, last = self._year(after.year)[0], self._year(until.year)[0]
        return between + bisect.bisect_right(last, until) - bisect.bisect_right(first, after)

    def end_of(self, day: date) -> datetime:
        """The last instant of a day that is in time, UTC: 23:59:59.999999, or the offices' close."""
        return self._at(day, time.max if self.day_ends == "midnight" else self.office[-1][1])

    def working_s(self, start: datetime, end: datetime) -> float:
        """Seconds between two instants inside office hours of working days; 0 where the second is no later."""
        if end <= start:
            return 0.0
        first, last = self.local_day(start), self.local_day(end)
        if first == last:
            return self._within(first, start, end).total_seconds()
        whole = self._within(first, start, None) + self._within(last, None, end)
        if (days := self.workdays_between(first, last - _DAY)) > 0:
            whole += days * self._office_time()
        return whole.total_seconds()

    def left_at(self, due: datetime, seconds: float) -> datetime:
        """The latest instant from which there are at least so many working seconds until ``due``; to the microsecond."""
        # Not in floats: a rest of a trillionth of a second would look for its place in the part of the day before.
        left, day = timedelta(seconds=seconds), self.local_day(due)
        if left <= _NOTHING:
            return due
        while True:
            if self.is_workday(day):
                for start, end in reversed(self.office):
                    opens, closes = self._at(day, start), min(self._at(day, end), due)
                    there = max(_NOTHING, closes - opens)
                    if there >= left:
                        return closes - left
                    left -= there
            day -= _DAY

    def local_day(self, moment: datetime) -> date:
        """The county's day of an instant."""
        return moment.astimezone(self.zone).date()

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _office_time(self) -> timedelta:
        return sum((_since_midnight(end) - _since_midnight(start) for start, end in self.office), _NOTHING)

    def _within(self, day: date, start: datetime | None, end: datetime | None) -> timedelta:
        """Working time of one day, from and to instants of it."""
        if not self.is_workday(day):
            return _NOTHING
        found = _NOTHING
        for opens, closes in ((self._at(day, a), self._at(day, b)) for a, b in self.office):
            begin = opens if start is None else max(opens, start)
            stop = closes if end is None else min(closes, end)
            found += max(_NOTHING, stop - begin)
        return found

    def _year(self, year: int) -> tuple[tuple[date, ...], bool]:
        return _year_of(self.overlay, year)


@lru_cache(maxsize=256)
def _year_of(overlay: Calendar, year: int) -> tuple[tuple[date, ...], bool]:
    """A year's working days in order, and whether it is announced."""
    return tuple(day for day in _days_of(year) if is_workday(day, overlay)), knows_year(year, overlay)


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += _DAY


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
