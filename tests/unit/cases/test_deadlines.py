"""Due days: a table worked out by hand, the same again by a counter that shares nothing with the service, and the edges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from patrol.cases.clocks import open_clocks
from patrol.cases.types import Clock
from patrol.registry import Calendar, Policy
from tests.unit.cases.counting import DAY, ZONE, a_month_on, cal, count_on, works
from tests.unit.cases.dated_cases import TABLE

CLOSE = Policy(day_ends="office_close")
POLICY = Policy()
GUIDE = Path(__file__).parents[3] / "docs" / "cases-clocks.md"


@dataclass(frozen=True)
class Dated:
    """One row of the table: assign, feed back, resolve, one month; each with whether it is provisional."""

    received: datetime
    dues: tuple[tuple[date, bool], ...]
    note: str


def rows() -> list[Dated]:
    found = []
    for line in TABLE.strip().splitlines():
        received, *dues, note = (part.strip() for part in line.split("|"))
        read = tuple((date.fromisoformat(due.rstrip("*")), due.endswith("*")) for due in dues)
        found.append(Dated(datetime.fromisoformat(received).replace(tzinfo=ZONE), read, note))
    return found


ROWS = rows()


def four(policy: Policy, at: datetime, overlay: Calendar | None = None) -> tuple[Clock, ...]:
    calendar = cal(policy, overlay)
    return (
        *open_clocks(calendar, policy, at.astimezone(UTC), "general"),
        open_clocks(calendar, policy, at.astimezone(UTC), "major")[2],
    )


def test_the_table_has_more_than_sixty_dated_cases_each_once() -> None:
    assert len({row.received for row in ROWS}) == len(ROWS) == 74


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.received:%Y-%m-%dT%H:%M}")
def test_due_days_are_those_worked_out_by_hand(row: Dated) -> None:
    clocks = four(POLICY, row.received)
    found = tuple((c.due.astimezone(ZONE).date(), c.provisional) for c in clocks)
    assert found == row.dues, row.note
    assert all(c.due.astimezone(ZONE).time() == time.max for c in clocks)
    assert all(c.original_due == c.due for c in clocks)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.received:%Y-%m-%dT%H:%M}")
def test_where_the_day_ends_with_the_offices_the_days_are_the_same(row: Dated) -> None:
    clocks = four(CLOSE, row.received)
    assert tuple(c.due.astimezone(ZONE).date() for c in clocks) == tuple(day for day, _ in row.dues)
    assert all(c.due.astimezone(ZONE).time() == time(17, 30) for c in clocks)


def test_the_examples_of_the_guide_are_rows_of_the_table() -> None:
    told = [
        [cell.strip() for cell in line.strip("|").split("|")][:5]
        for line in GUIDE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| 20")
    ]
    table = [[cell.strip() for cell in line.split("|")][:5] for line in TABLE.strip().splitlines()]
    assert len(told) == 6
    assert [row for row in told if row not in table] == []


# --- the same, counted day by day from the notices ----------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.received:%Y-%m-%dT%H:%M}")
def test_the_table_agrees_with_the_notices_counted_day_by_day(row: Dated) -> None:
    day = row.received.date()
    counted = (count_on(day, 1), count_on(day, 3), count_on(day, 7), a_month_on(day))
    assert counted == tuple(due for due, _ in row.dues), row.note


def test_every_day_of_three_years_is_worked_or_not_as_the_notices_say() -> None:
    calendar, day = cal(), date(2024, 1, 1)
    while day.year < 2027:
        assert calendar.is_workday(day) == works(day), day
        day += DAY


def test_every_day_of_three_years_gives_the_counted_dues() -> None:
    day = date(2024, 1, 1)
    while day < date(2026, 11, 20):
        at = datetime.combine(day, time(9, 0), ZONE)
        found = tuple(c.due.astimezone(ZONE).date() for c in four(POLICY, at))
        assert found == (count_on(day, 1), count_on(day, 3), count_on(day, 7), a_month_on(day)), day
        day += DAY


# --- edges ----------------------------------------------------------------------------------------------------------


def test_an_instant_is_of_the_countys_day_and_not_of_utcs() -> None:
    # 16:00 UTC on Thursday is Friday in the county.
    before = datetime(2026, 11, 26, 15, 59, 59, 999999, UTC)
    assert four(POLICY, before)[0].due.astimezone(ZONE).date() == date(2026, 11, 27)
    assert four(POLICY, before + timedelta(microseconds=1))[0].due.astimezone(ZONE).date() == date(2026, 11, 30)


def test_after_office_close_it_is_still_the_day_of_receipt() -> None:
    for clock in (time(0, 0), time(17, 30), time(17, 30, 0, 1), time(23, 59, 59, 999999)):
        at = datetime.combine(date(2026, 11, 26), clock, ZONE)
        assert four(CLOSE, at)[0].due == datetime(2026, 11, 27, 17, 30, tzinfo=ZONE)


def test_a_month_that_does_not_roll_ends_on_its_day_whatever_that_is() -> None:
    stays = Policy(month_rolls=False)
    clock = four(stays, datetime(2025, 2, 8, 10, 0, tzinfo=ZONE))[3]
    assert clock.due.astimezone(ZONE).date() == date(2025, 3, 8), "a Saturday"


def test_an_overlay_that_announces_a_year_makes_its_dates_certain() -> None:
    # As if the notice for 2027 gave 01-01 to 01-03 and made Saturday 01-09 a working day.
    overlay = Calendar(holidays=(date(2027, 1, 2), date(2027, 1, 3)), workdays=(date(2027, 1, 9),), announced=(2027,))
    clocks = four(POLICY, datetime(2026, 12, 31, 10, 0, tzinfo=ZONE), overlay)
    assert [c.due.astimezone(ZONE).date() for c in clocks] == [
        date(2027, 1, 4),
        date(2027, 1, 6),
        date(2027, 1, 11),  # 04 05 06 07 08, Saturday 09, 11
        date(2027, 2, 1),
    ]
    assert not any(c.provisional for c in clocks)


def test_an_overlay_goes_before_the_shipped_calendar() -> None:
    overlay = Calendar(holidays=(date(2026, 11, 27),), workdays=(date(2026, 11, 28),))
    clocks = four(POLICY, datetime(2026, 11, 26, 10, 0, tzinfo=ZONE), overlay)
    assert clocks[0].due.astimezone(ZONE).date() == date(2026, 11, 28)


def test_the_calendars_version_names_the_shipped_one_and_the_overlay() -> None:
    plain, more = cal().version, cal(overlay=Calendar(announced=(2027,))).version
    assert plain.startswith("chinesecalendar 1.")
    assert more.startswith(f"{plain}+")
    assert len(more) <= 64
    assert more != cal(overlay=Calendar(announced=(2028,))).version
