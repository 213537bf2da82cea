"""Calendars for tests, and a counter of days that shares nothing with the service: one day after the other, from the notices."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from patrol.cases.worktime import WorkCalendar
from patrol.registry import Calendar, Policy, office_spans
from tests.unit.cases.dated_cases import DAYS_OFF, WORKED

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
HOURS = ((time(8, 30), time(12, 0)), (time(14, 30), time(17, 30)))
"""Of the default policy, written out."""
THOROUGH = settings(derandomize=True, max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cal(policy: Policy | None = None, overlay: Calendar | None = None) -> WorkCalendar:
    policy = policy or Policy()
    return WorkCalendar(ZONE, overlay or Calendar(), office_spans(policy), policy.day_ends)


def at(text: str) -> datetime:
    """County time as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def local(moment: datetime) -> str:
    """UTC as county time."""
    return f"{moment.astimezone(ZONE).replace(tzinfo=None)}"


def works(day: date, overlay: Calendar | None = None) -> bool:
    if overlay is not None and day in (*overlay.workdays, *overlay.holidays):
        return day in overlay.workdays
    stamp = f"{day:%m-%d}"
    if stamp in WORKED[day.year].split():
        return True
    return day.weekday() < 5 and stamp not in DAYS_OFF[day.year].split()


def count_on(day: date, number: int, overlay: Calendar | None = None) -> date:
    while number:
        day += DAY
        number -= works(day, overlay)
    return day


def a_month_on(day: date) -> date:
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    there = date(year, month, min(day.day, monthrange(year, month)[1]))
    while not works(there):
        there += DAY
    return there


# --- made up by hypothesis ------------------------------------------------------------------------------------------

_EDGES = ("00:00", "08:30", "12:00", "14:30", "17:29:59.999999", "17:30", "17:30:00.000001", "23:59:59.999999")
CLOCKS = st.one_of(st.sampled_from(_EDGES).map(time.fromisoformat), st.times())
DAYS = st.dates(date(2024, 1, 1), date(2028, 2, 29))
MOMENTS = st.builds(lambda day, clock: datetime.combine(day, clock, ZONE).astimezone(UTC), DAYS, CLOCKS)
WAITS = st.one_of(
    st.timedeltas(timedelta(), timedelta(days=40)),
    st.integers(0, 40).map(lambda days: timedelta(days=days)),
    st.sampled_from((TICK, timedelta(hours=1), timedelta(hours=13, minutes=30))),
)
"""Between one thing done and the next."""
POLICIES = st.builds(
    Policy,
    day_ends=st.sampled_from(("midnight", "office_close")),
    month_rolls=st.booleans(),
    assign_days=st.integers(1, 3),
    resolve_days=st.integers(3, 30),
    major_months=st.integers(1, 3),
    yellow_share=st.sampled_from((0, 0.1, 0.25, 1 / 3, 0.99)),
    yellow_hours=st.sampled_from((0, 0.1, 4, 6.5, 7, 60, 200)),
)
OVERLAYS = st.builds(
    lambda days, half, years: Calendar(workdays=days[:half], holidays=days[half:], announced=years),
    st.lists(DAYS, max_size=12, unique=True).map(tuple),
    st.integers(0, 12),
    st.sampled_from(((), (2027,), (2028,), (2027, 2028))),
)
