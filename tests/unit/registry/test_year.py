"""The days of a rule, as they are shown to whoever sets its windows, are the days on which it holds."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.registry import is_in_force, parse
from patrol.registry.edit import Operation, apply
from patrol.registry.year import lunar_text, rule_years
from tests.unit.registry.county import TEXT


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 2, 16), "腊月廿九"),
        (date(2026, 2, 17), "正月初一"),
        (date(2025, 1, 28), "腊月廿九"),
        (date(2025, 7, 25), "闰六月初一"),
        (date(2026, 9, 25), "八月十五"),
        (date(2026, 3, 8), "正月二十"),
        (date(2024, 2, 9), "腊月三十"),
        (date(2026, 12, 9), "冬月初一"),
    ],
)
def test_lunar_dates_are_written_as_calendars_do(day: date, text: str) -> None:
    assert lunar_text(day) == text


_month_day = st.dates(date(2024, 1, 1), date(2024, 12, 28)).map(lambda day: f"{day:%m-%d}")
_window = st.fixed_dictionaries(
    {"from": st.just("18:00"), "to": st.sampled_from(["24:00", "01:00", "20:00"])},
    optional={
        "days": st.sampled_from(["workday", "holiday"]),
        "solar": st.fixed_dictionaries({"from": _month_day, "to": _month_day}),
        "lunar": st.just({"from": "12-24", "to": "01-06"}),
    },
)


@given(
    windows=st.lists(_window, max_size=2),
    year=st.integers(2024, 2028),
    start=st.dates(date(2024, 1, 1), date(2028, 1, 1)),
)
@settings(max_examples=25)
def test_a_rule_holds_in_the_evening_of_just_the_days_that_are_shown(
    windows: list[dict[str, str]], year: int, start: date
) -> None:
    text = apply(
        TEXT,
        [
            Operation("set", ("rules", "ban", "windows"), windows),
            Operation("set", ("rules", "ban", "valid_from"), start.isoformat()),
            Operation("remove", ("rules", "ban", "valid_until")),
        ],
    ).text
    registry = parse(text, "x").registry
    shown = rule_years(registry, year)[0]
    days = {span.first + timedelta(days=i) for span in shown.spans for i in range((span.last - span.first).days + 1)}
    assert len(days) == shown.days
    everyday = (date(year, 1, 1) + timedelta(days=i) for i in range(365))
    evening = {day for day in everyday if is_in_force(registry.rules[0], registry, datetime.combine(day, time(19)))}
    assert {day for day in days if (day.month, day.day) != (12, 31) or day in evening} == evening


def test_days_that_wait_for_the_state_council_are_provisional() -> None:
    text = apply(TEXT, [Operation("set", ("rules", "ban", "windows"), [{"days": "holiday"}])]).text
    registry = parse(text, "x").registry
    assert [each.provisional for each in rule_years(registry, 2090)] == [True, False]
    assert [each.provisional for each in rule_years(registry, 2025)] == [False, False]
