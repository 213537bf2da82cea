"""The days of a year on which each rule holds, with their hours and lunar dates, for people who set windows and want to see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from patrol.registry.days import knows_year, lunar_of, opens_on
from patrol.registry.models import Registry, Rule
from patrol.registry.when import Window

_DAY = timedelta(days=1)
_MONTHS = "正二三四五六七八九十冬腊"
_DIGITS = "一二三四五六七八九十"
FIRST, LAST = 1902, 2098
"""Years that the lunar tables cover from the first day to the last."""

Hours = tuple[tuple[str, str], ...]
"""``("18:00", "01:00")`` each, county time; an end that is earlier is on the next morning."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row with the same hours, first and last included.

    Attributes:
        first, last: solar dates.
        lunar_first, lunar_last: the same by the lunar calendar, in Chinese: 腊月三十.
        hours: when it holds on each of these days.
    """

    first: date
    last: date
    lunar_first: str
    lunar_last: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class RuleYear:
    """One rule in one year.

    Attributes:
        rule: the rule.
        days: on how many days it holds.
        spans: which.
        provisional: some of them depend on working days that the State Council has not announced yet.
    """

    rule: Rule
    days: int
    spans: tuple[Span, ...]
    provisional: bool


def lunar_text(day: date) -> str:
    """The lunar date in Chinese: 正月初一, 闰六月十五, 腊月三十."""
    month, number, leap = lunar_of(day)
    if number <= 10:
        said = "初" + _DIGITS[number - 1]
    elif number < 20:
        said = "十" + _DIGITS[number - 11]
    elif number == 20:
        said = "二十"
    else:
        said = "三十" if number == 30 else "廿" + _DIGITS[number - 21]
    return f"{'闰' if leap else ''}{_MONTHS[month - 1]}月{said}"


def rule_years(registry: Registry, year: int) -> tuple[RuleYear, ...]:
    """Every rule in a year from ``FIRST`` to ``LAST``, in the file's order."""
    return tuple(_rule_year(rule, registry, year) for rule in registry.rules)


def _rule_year(rule: Rule, registry: Registry, year: int) -> RuleYear:
    by_day: list[tuple[date, Hours]] = []
    day = date(year, 1, 1)
    while day.year == year:
        hours = _hours(rule, day, registry)
        if hours:
            by_day.append((day, hours))
        day += _DAY
    breaks = [i + 1 for i, (one, other) in enumerate(pairwise(by_day)) if other != (one[0] + _DAY, one[1])]
    edges = [0, *breaks, len(by_day)] if by_day else []
    spans = tuple(
        Span(
            by_day[start][0],
            by_day[end - 1][0],
            lunar_text(by_day[start][0]),
            lunar_text(by_day[end - 1][0]),
            by_day[start][1],
        )
        for start, end in pairwise(edges)
    )
    of_workdays = any(window.days.value != "any" for window in rule.windows)
    return RuleYear(rule, len(by_day), spans, of_workdays and not knows_year(year, registry.calendar))


def _hours(rule: Rule, day: date, registry: Registry) -> Hours:
    if (rule.valid_from is not None and day < rule.valid_from) or (
        rule.valid_until is not None and day > rule.valid_until
    ):
        return ()
    if not rule.windows:
        return (("00:00", "24:00"),)
    return tuple(sorted({_span(w) for w in rule.windows if opens_on(w, day, registry.calendar)}))


def _span(window: Window) -> tuple[str, str]:
    if window.start is None or window.end is None:
        return "00:00", "24:00"
    return f"{window.start:%H:%M}", "24:00" if window.end == time.max else f"{window.end:%H:%M}"
