"""Working days, lunar dates, windows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.registry import Calendar, Window, is_open, is_workday, knows_year, lunar_of
from patrol.registry.days import _qingming

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
MOMENTS = st.datetimes(datetime(2004, 1, 2), datetime(2090, 12, 30))  # noqa: DTZ001 - county time, as is_open takes it
CLOCKS = st.times().map(lambda clock: f"{clock:%H:%M}")
MONTH_DAYS = st.tuples(st.integers(1, 12), st.integers(1, 28)).map(lambda pair: f"{pair[0]}-{pair[1]}")


def window(**parts: object) -> Window:
    return Window.model_validate(parts)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-14", True),  # Saturday, made up for the Spring Festival
        ("2026-09-20", True),  # Sunday, made up for the National Day
        ("2026-02-16", False),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-11-24", True),
        ("2026-11-22", False),
    ],
)
def test_known_years_follow_the_state_council(day: str, works: bool) -> None:
    assert knows_year(2026)
    assert is_workday(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2035-03-06", True),  # Tuesday
        ("2035-03-10", False),  # Saturday
        ("2035-10-01", False),  # Monday, National Day
        ("2035-02-07", False),  # Wednesday, last day of the lunar year
        ("2035-02-08", False),  # Thursday, first day of the lunar year
    ],
)
def test_unknown_years_are_judged_provisionally_and_never_crash(day: str, works: bool) -> None:
    assert not knows_year(2035)
    assert is_workday(date.fromisoformat(day)) is works


def test_the_overlay_goes_first() -> None:
    overlay = Calendar(workdays=(date(2026, 11, 22),), holidays=(date(2026, 11, 24),))
    assert is_workday(date(2026, 11, 22), overlay)
    assert not is_workday(date(2026, 11, 24), overlay)


def test_qingming_is_a_day_off_in_every_year_the_calendar_knows() -> None:
    for year in range(2008, 2027):
        assert not chinese_calendar.is_workday(date(year, 4, _qingming(year)))


@given(DAYS)
def test_no_day_crashes(day: date) -> None:
    assert is_workday(day) in {True, False}
    month, number, leap = lunar_of(day)
    assert 1 <= month <= 12
    assert 1 <= number <= 30
    assert isinstance(leap, bool)


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        ("2026-02-16", (12, 29, False)),
        ("2026-02-17", (1, 1, False)),
        ("2027-02-05", (12, 29, False)),
        ("2027-02-06", (1, 1, False)),
        ("2024-02-09", (12, 30, False)),
        ("2025-07-25", (6, 1, True)),
        ("2025-06-25", (6, 1, False)),
    ],
)
def test_lunar_dates(day: str, lunar: tuple[int, int, bool]) -> None:
    assert lunar_of(date.fromisoformat(day)) == lunar


@pytest.mark.parametrize(
    ("moment", "is_it"),
    [
        ("2026-02-16T17:59", False),
        ("2026-02-16T18:00", True),  # the eve is a 29th in that year
        ("2026-02-17T00:59", True),  # still the eve's window
        ("2026-02-17T01:00", False),
        ("2026-02-17T18:00", False),
        ("2024-02-09T20:00", True),  # and a 30th in this
        ("2024-02-08T20:00", False),
        ("2024-02-09T00:30", False),
    ],
)
def test_day_30_means_the_last_day_and_the_night_belongs_to_it(moment: str, is_it: bool) -> None:
    eve = window(lunar={"from": "12-30", "to": "12-30"}, **{"from": "18:00", "to": "01:00"})
    assert is_open(eve, at(moment)) is is_it


def test_lunar_spans_run_over_the_new_year() -> None:
    festival = window(lunar={"from": "12-24", "to": "01-15"})
    open_days = [day for day in range(80) if is_open(festival, datetime(2026, 1, 15) + timedelta(day))]  # noqa: DTZ001
    first, last = datetime(2026, 1, 15) + timedelta(open_days[0]), datetime(2026, 1, 15) + timedelta(open_days[-1])  # noqa: DTZ001
    assert (lunar_of(first.date()), lunar_of(last.date())) == ((12, 24, False), (1, 15, False))
    assert open_days == list(range(open_days[0], open_days[-1] + 1))


def test_a_festival_is_not_kept_again_in_the_leap_month_but_a_season_runs_through_it() -> None:
    day, season = window(lunar={"from": "06-15", "to": "06-15"}), window(lunar={"from": "05-01", "to": "07-30"})
    regular, leap = at("2025-07-09T12:00"), at("2025-08-08T12:00")
    assert lunar_of(regular.date()) == (6, 15, False)
    assert lunar_of(leap.date()) == (6, 15, True)
    assert is_open(day, regular)
    assert not is_open(day, leap)
    assert is_open(season, leap)


def test_solar_spans_run_over_the_new_year() -> None:
    span = window(solar={"from": "12-24", "to": "01-06"})
    assert [is_open(span, at(f"{day}T12:00")) for day in ("2025-12-23", "2025-12-24", "2026-01-06", "2026-01-07")] == [
        False,
        True,
        True,
        False,
    ]


def test_a_workdays_night_ends_on_the_morning_after() -> None:
    night = window(days="workday", **{"from": "22:00", "to": "06:00"})
    assert is_open(night, at("2026-11-21T05:00"))  # Saturday morning after Friday's night
    assert not is_open(night, at("2026-11-21T23:00"))
    assert not is_open(night, at("2026-11-23T05:00"))  # Monday morning after Sunday's night


def test_24_00_is_the_end_of_the_day() -> None:
    evening = window(**{"from": "18:00", "to": "24:00"})
    assert evening.end == time.max
    assert is_open(evening, datetime(2026, 1, 1, 23, 59, 59, 999_999))  # noqa: DTZ001
    assert not is_open(evening, at("2026-01-02T00:00"))


def test_dates_outside_the_lunar_tables_are_in_no_lunar_window() -> None:
    assert not is_open(window(lunar={"from": "01-01", "to": "12-30"}), at("2150-05-05T12:00"))
    with pytest.raises(ValueError, match="outside the lunar tables"):
        lunar_of(date(2150, 5, 5))


@given(CLOCKS, CLOCKS, MOMENTS)
def test_hours_and_their_complement_share_no_moment_and_leave_none_out(start: str, end: str, moment: datetime) -> None:
    if start == end:
        return
    inside = is_open(window(**{"from": start, "to": end}), moment)
    outside = is_open(window(**{"from": end, "to": start}), moment)
    assert inside is not outside


@given(MONTH_DAYS, MONTH_DAYS, MOMENTS)
def test_a_span_and_the_rest_of_the_year_cover_it(first: str, last: str, moment: datetime) -> None:
    here = (moment.month, moment.day)
    ends = [tuple(map(int, text.split("-"))) for text in (first, last)]
    expected = ends[0] <= here <= ends[1] if ends[0] <= ends[1] else here >= ends[0] or here <= ends[1]
    assert is_open(window(solar={"from": first, "to": last}), moment) is expected


@given(MONTH_DAYS, MONTH_DAYS, MOMENTS)
def test_lunar_windows_never_crash_and_close_somewhere(first: str, last: str, moment: datetime) -> None:
    span = window(lunar={"from": first, "to": last})
    year = [is_open(span, moment + timedelta(days=offset)) for offset in range(390)]
    assert any(year)


@given(CLOCKS, CLOCKS, MOMENTS, st.sampled_from(["workday", "holiday"]))
def test_a_days_window_is_the_hours_window_on_those_days(start: str, end: str, moment: datetime, days: str) -> None:
    hours = {"from": start, "to": end}
    begun = moment.date()
    if start >= end and moment.time() < time.fromisoformat(start):
        begun -= timedelta(days=1)
    expected = is_open(window(**hours), moment) and is_workday(begun) == (days == "workday")
    assert is_open(window(days=days, **hours), moment) is expected
