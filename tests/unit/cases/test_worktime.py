"""Working days and working time: by hand, against a counter of days, and at every edge of the offices' hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.cases.worktime import WorkCalendar
from patrol.registry import Calendar, Policy
from tests.support.cases import case_registry
from tests.unit.cases.counting import (
    CLOCKS,
    DAY,
    DAYS,
    HOURS,
    MOMENTS,
    OVERLAYS,
    THOROUGH,
    TICK,
    WAITS,
    ZONE,
    at,
    cal,
    count_on,
    local,
    works,
)

CAL = cal()
CLOSE = cal(Policy(day_ends="office_close"))


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-26 10:00", "2026-11-26 11:30", 1.5),
        ("2026-11-26 10:00", "2026-11-26 15:00", 2.5),  # 2 until noon, 0.5 after the break
        ("2026-11-26 12:00", "2026-11-26 14:30", 0),  # the break
        ("2026-11-26 17:30", "2026-11-27 08:30", 0),  # the night
        ("2026-11-26 17:00", "2026-11-27 09:00", 1),
        ("2026-11-27 16:30", "2026-11-30 09:00", 1.5),  # over a weekend
        ("2026-11-28 09:00", "2026-11-29 18:00", 0),  # a weekend
        ("2026-02-13 16:00", "2026-02-14 09:30", 2.5),  # Friday and the worked Saturday
        ("2026-02-14 16:30", "2026-02-24 10:00", 2.5),  # over nine days off: 1 and 1.5
        ("2025-09-28 00:00", "2025-09-29 00:00", 6.5),  # a worked Sunday
        ("2025-10-01 00:00", "2025-10-09 00:00", 0),  # National Day and Mid-Autumn
        ("2025-12-31 17:00", "2026-01-04 09:00", 1),  # over New Year into a worked Sunday
        ("2026-11-27 09:00", "2026-11-26 09:00", 0),  # backwards
    ],
)
def test_working_time_is_what_lies_in_office_hours_of_working_days(start: str, end: str, hours: float) -> None:
    assert CAL.working_s(at(start), at(end)) == hours * 3600


def by_hand_s(start: datetime, end: datetime) -> float:
    """Day by day and span by span, in county time."""
    found, day = timedelta(), start.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        for opens, closes in HOURS if works(day) else ():
            begin = max(start, datetime.combine(day, opens, ZONE))
            stop = min(end, datetime.combine(day, closes, ZONE))
            found += max(timedelta(), stop - begin)
        day += DAY
    return found.total_seconds()


@THOROUGH
@given(MOMENTS, WAITS)
def test_working_time_is_that_counted_day_by_day(start: datetime, wait: timedelta) -> None:
    assert CAL.working_s(start, start + wait) == by_hand_s(start, start + wait)


@THOROUGH
@given(MOMENTS, WAITS, WAITS)
def test_parts_of_working_time_make_the_whole(start: datetime, one: timedelta, other: timedelta) -> None:
    middle, end = start + one, start + one + other
    parts = CAL.working_s(start, middle) + CAL.working_s(middle, end)
    assert parts == pytest.approx(CAL.working_s(start, end), abs=1e-9)


@pytest.mark.parametrize("edge", ["08:30", "12:00", "14:30", "17:30"])
def test_a_microsecond_counts_on_the_right_side_of_opening_and_closing(edge: str) -> None:
    opens = edge in {"08:30", "14:30"}
    moment = at(f"2026-11-26 {edge}")
    assert CAL.working_s(moment - TICK, moment) == (0 if opens else 1e-6)
    assert CAL.working_s(moment, moment + TICK) == (1e-6 if opens else 0)


# --- how much is left -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "hours", "start"),
    [
        ("2026-11-27 23:59:59.999999", 4, "2026-11-27 11:00:00"),  # the afternoon and an hour
        ("2026-11-27 23:59:59.999999", 3, "2026-11-27 14:30:00"),  # the afternoon: 12:00 would do, 14:30 is the latest
        ("2026-11-27 23:59:59.999999", 6.5, "2026-11-27 08:30:00"),
        ("2026-11-27 23:59:59.999999", 7, "2026-11-26 17:00:00"),
        ("2026-11-30 17:30", 7, "2026-11-27 17:00:00"),  # over a weekend
        ("2026-02-24 17:30", 7, "2026-02-14 17:00:00"),  # over nine days off
        ("2026-11-28 23:59:59.999999", 1, "2026-11-27 16:30:00"),  # due on a Saturday off
        ("2026-11-27 09:00", 1, "2026-11-26 17:00:00"),  # due in the middle of a morning
    ],
)
def test_the_latest_instant_with_so_much_working_time_left(due: str, hours: float, start: str) -> None:
    assert local(CAL.left_at(at(due), hours * 3600)) == start


@THOROUGH
@given(MOMENTS, st.timedeltas(TICK, timedelta(hours=300)))
def test_so_much_is_left_then_and_no_longer_a_microsecond_later(due: datetime, left: timedelta) -> None:
    found = CAL.left_at(due, left.total_seconds())
    assert CAL.working_s(found, due) == left.total_seconds()
    assert CAL.working_s(found + TICK, due) < left.total_seconds()


@given(MOMENTS)
def test_with_nothing_left_it_is_due(due: datetime) -> None:
    assert CAL.left_at(due, 0) == due


def test_a_third_of_a_morning_is_found_in_the_morning_and_not_a_rounding_away() -> None:
    # 3 × 4200 s are the 3.5 hours of the morning; 12600.000000000002 would look for its rest in the day before.
    assert local(CAL.left_at(at("2026-11-27 12:00"), 12600.000000000002)) == "2026-11-27 08:30:00"


# --- days -------------------------------------------------------------------------------------------------------------


@THOROUGH
@given(DAYS, st.integers(1, 60), OVERLAYS)
def test_the_nth_working_day_is_found_by_counting(day: date, n: int, overlay: Calendar) -> None:
    calendar = cal(overlay=overlay)
    found = calendar.nth_workday_after(day, n)
    assert found == count_on(day, n, overlay)
    assert calendar.workdays_between(day, found) == n
    assert calendar.workdays_between(day, found - DAY) == n - 1
    assert calendar.workdays_between(found, day) == 0


@THOROUGH
@given(DAYS, OVERLAYS)
def test_the_first_working_day_from_a_day_is_itself_or_the_next(day: date, overlay: Calendar) -> None:
    found = cal(overlay=overlay).first_workday_from(day)
    assert found == (day if works(day, overlay) else count_on(day, 1, overlay))


@THOROUGH
@given(DAYS)
def test_a_day_is_over_at_midnight_or_when_the_offices_close_and_not_a_microsecond_later(day: date) -> None:
    midnight = datetime.combine(day + DAY, datetime.min.time(), ZONE)
    assert CAL.end_of(day) + TICK == midnight
    assert CAL.local_day(CAL.end_of(day)) == day
    assert CAL.local_day(CAL.end_of(day) + TICK) == day + DAY
    assert CLOSE.end_of(day).astimezone(ZONE).isoformat() == f"{day}T17:30:00+08:00"
    assert CLOSE.end_of(day).tzinfo is UTC


@THOROUGH
@given(DAYS, CLOCKS)
def test_an_instant_is_of_the_countys_day(day: date, clock: time) -> None:
    assert CAL.local_day(datetime.combine(day, clock, ZONE).astimezone(UTC)) == day


def test_working_days_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="from 1, not from 0"):
        CAL.nth_workday_after(date(2026, 11, 26), 0)


def test_a_year_is_announced_where_the_shipped_calendar_or_the_overlay_knows_it() -> None:
    announced = cal(overlay=Calendar(announced=(2027,)))
    assert [c.is_announced(date(2026, 12, 31)) for c in (CAL, announced)] == [True, True]
    assert [c.is_announced(date(2027, 1, 1)) for c in (CAL, announced)] == [False, True]


def test_the_registrys_calendar_has_its_zone_overlay_hours_and_end_of_day() -> None:
    extra = "  policy: {version: '2', day_ends: office_close, office: [{from: '09:00', to: '16:00'}]}\n"
    registry = case_registry(extra=extra)
    calendar = WorkCalendar.of(registry)
    assert local(calendar.end_of(date(2026, 11, 26))) == "2026-11-26 16:00:00"
    assert calendar.working_s(at("2026-11-26 00:00"), at("2026-11-27 00:00")) == 7 * 3600
    other = WorkCalendar.of(registry, Policy())
    assert local(other.end_of(date(2026, 11, 26))) == "2026-11-26 23:59:59.999999"
