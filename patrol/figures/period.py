"""The county days that figures are asked for: from midnight to midnight of the county's time. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from patrol.ledger.day import Span, span_of

LONGEST_DAYS = 366
_DAY = timedelta(days=1)


class RangeError(ValueError):
    """Days that cannot be counted; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Range:
    """Whole county days, the last one up to now.

    Attributes:
        since, until: first and last day, both counted.
        start, end: UTC, the end not counted; ``end`` is now where the last day is not over.
        zone: the county's.
        now: the moment of asking.
    """

    since: date
    until: date
    start: datetime
    end: datetime
    zone: ZoneInfo
    now: datetime

    def spans(self) -> Iterator[Span]:
        """Each day, oldest first."""
        day = self.since
        while day <= self.until:
            yield span_of(day, self.zone, self.now)
            day += _DAY

    @property
    def today(self) -> date:
        """The county's date now."""
        return self.now.astimezone(self.zone).date()


def range_of(since: date, until: date, zone: ZoneInfo, now: datetime) -> Range:
    """The days from one date to another, both counted; days to come are left out.

    Args:
        since, until: county dates.
        zone: county time zone.
        now: aware.

    Raises:
        RangeError: the first comes after the last or has not begun, or there are too many.
    """
    if until < since:
        raise RangeError(f"since {since} comes after until {until}: change places")
    today = now.astimezone(zone).date()
    if since > today:
        raise RangeError(f"since {since} has not begun in {zone.key}")
    until = min(until, today)
    if (until - since).days >= LONGEST_DAYS:
        raise RangeError(f"{since} to {until} is more than {LONGEST_DAYS} days: ask for less")
    return Range(since, until, span_of(since, zone, now).start, span_of(until, zone, now).until, zone, now)
