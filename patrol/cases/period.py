"""The month or year a report is of, in county time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


class PeriodError(ValueError):
    """No month or year, or one that has not begun; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Period:
    """From one county midnight to another.

    Attributes:
        label: ``2026-10`` or ``2026``.
        zone: county time.
        start, end: UTC; ``start`` belongs to it, ``end`` does not.
        until: UTC; up to where it is known: ``end``, or now where it is not over.
    """

    label: str
    zone: ZoneInfo
    start: datetime
    end: datetime
    until: datetime

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen in it any more."""
        return self.until == self.end


def period_of(label: str, zone: ZoneInfo, now: datetime) -> Period:
    """The period that a label names.

    Args:
        label: ``2026-10`` for a month, ``2026`` for a year.
        zone: county time.
        now: aware.

    Raises:
        PeriodError: it names none, or one that has not begun.
    """
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", label, re.ASCII)
    year, month = (int(found[1]), int(found[2]) if found[2] else None) if found else (0, None)
    if not 1 <= year < date.max.year or (month is not None and not 1 <= month <= 12):
        raise PeriodError(f"{label!r} is no month like 2026-10 and no year like 2026")
    first = date(year, month or 1, 1)
    last = date(year + 1, 1, 1) if month in (None, 12) else date(year, (month or 0) + 1, 1)
    start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, last))
    if now < start:
        raise PeriodError(f"{label} has not begun")
    return Period(label, zone, start, end, min(end, now.astimezone(UTC)))
