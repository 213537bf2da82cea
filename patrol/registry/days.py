"""Which day it is in the county: working day or holiday, lunar date, and whether a window is open.

Working days follow the State Council calendar that ``chinesecalendar`` ships, corrected by the registry's overlay.
For a year it does not know yet the statutory days of the law stand in, without make-up workdays: provisional.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
from lunardate import LunarDate

from patrol.registry.when import Calendar, Days, MonthDay, Window, YearSpan

_DAY = timedelta(days=1)
_NO_OVERLAY = Calendar()
_FIRST_LUNAR, _LAST_LUNAR = date(1901, 1, 1), date(2099, 12, 31)

# 全国年节及纪念日放假办法 (revision of 2024-11-10), art. 2: the days off of every year.
_STATUTORY_SOLAR = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
_STATUTORY_LUNAR = {(1, 1), (1, 2), (1, 3), (5, 5), (8, 15)}


def is_workday(day: date, calendar: Calendar = _NO_OVERLAY) -> bool:
    """Whether the county works that day.

    The overlay goes first, then the shipped State Council calendar. A year that it does not know is judged by
    weekday and by the law's own days off; such an answer is provisional, see :func:`knows_year`.
    """
    if day in calendar.workdays:
        return True
    if day in calendar.holidays:
        return False
    return _shipped_workday(day)


def knows_year(year: int, calendar: Calendar = _NO_OVERLAY) -> bool:
    """Whether the State Council's notice for that year is known, shipped or in the overlay; if not, answers are provisional."""
    if year in calendar.announced:
        return True
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=4096)
def _shipped_workday(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and not _is_statutory(day)


def _is_statutory(day: date) -> bool:
    if (day.month, day.day) in _STATUTORY_SOLAR or (day.month == 4 and day.day == _qingming(day.year)):
        return True
    try:
        month, number, leap = lunar_of(day)
    except ValueError:
        return False
    # 除夕 is the day before the first of the first month, whether that is a 29th or a 30th.
    return (not leap and (month, number) in _STATUTORY_LUNAR) or (
        month == 12 and number >= 29 and _ends_lunar_month(day)
    )


def _qingming(year: int) -> int:
    """Day of April of 清明. The usual formula for the 21st century; a test holds it against the shipped years."""
    short = year % 100
    return int(short * 0.2422 + 4.81) - short // 4


@lru_cache(maxsize=4096)
def lunar_of(day: date) -> tuple[int, int, bool]:
    """The lunar date: month 1 to 12, day 1 to 30, whether the month is a leap month.

    Raises:
        ValueError: outside the years the tables cover (1901 to 2099).
    """
    if not _FIRST_LUNAR <= day <= _LAST_LUNAR:
        # The library goes on counting days in the last month it knows.
        raise ValueError(f"{day} lies outside the lunar tables ({_FIRST_LUNAR} to {_LAST_LUNAR})")
    lunar = LunarDate.from_solar_date(day.year, day.month, day.day)
    return lunar.month, lunar.day, bool(lunar.is_leap_month)


def _ends_lunar_month(day: date) -> bool:
    return lunar_of(day + _DAY)[1] == 1


def is_open(window: Window, moment: datetime, calendar: Calendar = _NO_OVERLAY) -> bool:
    """Whether a window is open.

    A window that runs over midnight belongs to the day it begins on: 12-30 lunar from 18:00 to 01:00 is still open
    at half past midnight of the first day of the new year, and a workday's night ends on the morning after.

    Args:
        window: all parts given must be true.
        moment: county time.
        calendar: the registry's overlay.
    """
    day, clock = moment.date(), moment.time()
    if window.start is not None and window.end is not None:
        whole_evening = window.end == time.max
        if window.start < window.end:
            if clock < window.start or (clock >= window.end and not whole_evening):
                return False
        elif clock < window.start:
            if clock >= window.end:
                return False
            day -= _DAY
    return opens_on(window, day, calendar)


def any_open(windows: Iterable[Window], moment: datetime, calendar: Calendar = _NO_OVERLAY) -> bool:
    """Whether one of them is open; no window at all means always."""
    listed = tuple(windows)
    return not listed or any(is_open(window, moment, calendar) for window in listed)


def opens_on(window: Window, day: date, calendar: Calendar = _NO_OVERLAY) -> bool:
    """Whether a window opens on a day, whatever its hours; a night belongs to the day it begins on."""
    if window.solar is not None and not _in_solar(window.solar, day):
        return False
    if window.lunar is not None and not _in_lunar(window.lunar, day):
        return False
    return window.days is Days.ANY or is_workday(day, calendar) == (window.days is Days.WORKDAY)


def _in_solar(span: YearSpan, day: date) -> bool:
    return _between((span.first.month, span.first.day), (day.month, day.day), (span.last.month, span.last.day))


def _in_lunar(span: YearSpan, day: date) -> bool:
    try:
        month, number, leap = lunar_of(day)
        last = _ends_lunar_month(day)
    except ValueError:
        return False
    # A leap month follows the month whose number it has; a festival is kept in the month itself.
    first, end = _ordinary(span.first), _ordinary(span.last)
    return _between(first, (month, leap, number), end) or (last and _between(first, (month, leap, 30), end))


def _ordinary(day: MonthDay) -> tuple[int, bool, int]:
    return (day.month, False, day.day)


def _between(first: tuple[int, ...], here: tuple[int, ...], last: tuple[int, ...]) -> bool:
    if first <= last:
        return first <= here <= last
    return here >= first or here <= last
