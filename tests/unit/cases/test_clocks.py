"""The three clocks: when they turn yellow, what pauses, stops and extensions make of them, when letters are due. By hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from patrol.cases.clocks import (
    Change,
    ClockError,
    extend,
    letter_due,
    open_clocks,
    pause,
    rebuild,
    reopen,
    resume,
    stop,
    void,
)
from patrol.cases.types import Clock, ClockName, Severity
from patrol.registry import Calendar, Policy
from tests.unit.cases.counting import TICK, at, cal, local

POLICY, CAL = Policy(), cal()
OPENED = at("2026-11-26 10:00")
"""A Thursday: assign due Friday 11-27, feedback Tuesday 12-01, resolve Monday 12-07 (27, 30, 01, 02, 03, 04, 07)."""
HOUR = 3600


def clocks(opened: str = "2026-11-26 10:00", severity: Severity = "general", **policy: Any) -> tuple[Clock, ...]:
    said = Policy(**policy)
    return open_clocks(cal(said), said, at(opened), severity)


def the(name: ClockName, opened: str = "2026-11-26 10:00", severity: Severity = "general", **policy: Any) -> Clock:
    return next(clock for clock in clocks(opened, severity, **policy) if clock.name is name)


RESOLVE = the(ClockName.RESOLVE)


def day_of(clock: Clock) -> str:
    return local(clock.due).split()[0]


def test_a_case_has_three_clocks_by_the_policys_limits() -> None:
    assert [(c.name.value, c.limit, local(c.due)) for c in clocks()] == [
        ("assign", "1wd", "2026-11-27 23:59:59.999999"),
        ("feedback", "3wd", "2026-12-01 23:59:59.999999"),
        ("resolve", "7wd", "2026-12-07 23:59:59.999999"),
    ]
    # 12-26 is a Saturday, 01-26 a Tuesday.
    assert [(c.limit, day_of(c)) for c in clocks(severity="major")][2] == ("1m", "2026-12-28")
    assert [(c.limit, day_of(c)) for c in clocks(severity="major", major_months=2)][2] == ("2m", "2027-01-26")
    assert [(c.limit, day_of(c)) for c in clocks(assign_days=2, feedback_days=4, resolve_days=5)] == [
        ("2wd", "2026-11-30"),
        ("4wd", "2026-12-02"),
        ("5wd", "2026-12-03"),
    ]


# --- yellow -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day_ends", ["midnight", "office_close"])
@pytest.mark.parametrize(
    ("opened", "name", "severity", "yellow"),
    [
        # 6.5 h, a quarter is less than 4 h: the afternoon's 3 h and one of the morning.
        ("2026-11-26 10:00", "assign", "general", "2026-11-27 11:00:00"),
        # 19.5 h, a quarter is 4.875 h: 3 h and 1 h 52 min 30 s before noon.
        ("2026-11-26 10:00", "feedback", "general", "2026-12-01 10:07:30"),
        # 45.5 h, a quarter is 11.375 h: all of 12-07 and 4.875 h of Friday 12-04.
        ("2026-11-26 10:00", "resolve", "general", "2026-12-04 10:07:30"),
        # 22 days are 143 h, a quarter is 35.75 h: 28, 25, 24, 23, 22 and 3.25 h of the 21st.
        ("2026-11-26 10:00", "resolve", "major", "2026-12-21 11:45:00"),
        # Due on Monday 03-02 (Sat 14, 24, 25, 26, 27, Sat 28, 02): the day before is the worked Saturday.
        ("2026-02-13 10:00", "resolve", "general", "2026-02-28 10:07:30"),
        # Due on Wednesday 02-25 (Sat 14, 24, 25), the second day after nine days off.
        ("2026-02-13 10:00", "feedback", "general", "2026-02-25 10:07:30"),
        # Due on Thursday 10-08 (22, 23, 24, 28, 29, 30, 08): the day before is the last before National Day.
        ("2026-09-21 10:00", "resolve", "general", "2026-09-30 10:07:30"),
        # Received at night, due the next day.
        ("2026-11-26 23:00", "assign", "general", "2026-11-27 11:00:00"),
    ],
)
def test_yellow_comes_with_a_quarter_of_the_working_time_left_or_four_hours(
    opened: str, name: str, severity: Severity, yellow: str, day_ends: str
) -> None:
    assert local(the(ClockName(name), opened, severity, day_ends=day_ends).yellow_at) == yellow


@pytest.mark.parametrize(
    ("opened", "hours", "yellow"),
    [
        ("2026-11-26 10:00", 6.5, "2026-11-27 08:30:00"),
        ("2026-11-26 10:00", 7, "2026-11-26 17:00:00"),
        ("2026-11-26 17:10", 7, "2026-11-26 17:10:00"),  # less than that is left when it is opened
        ("2026-11-26 10:00", 200, "2026-11-26 10:00:00"),
        ("2026-11-26 10:00", 0, "2026-11-27 15:52:30"),  # the share alone: 1.625 h
    ],
)
def test_yellow_never_comes_before_the_case_is_opened(opened: str, hours: float, yellow: str) -> None:
    assert local(the(ClockName.ASSIGN, opened, yellow_hours=hours).yellow_at) == yellow


def test_without_share_and_hours_it_is_never_yellow_before_it_is_due() -> None:
    clock = the(ClockName.RESOLVE, yellow_share=0, yellow_hours=0)
    assert clock.yellow_at == clock.due


# --- suspension -------------------------------------------------------------------------------------------------------


def test_a_resumed_clock_has_as_many_working_days_as_it_had_left() -> None:
    # After Monday 11-30 there were 12-01, 02, 03, 04, 07; after Thursday 12-10 come 11, 14, 15, 16, 17.
    paused = pause(RESOLVE, at("2026-11-30 09:00"))
    assert (paused.paused_at, paused.due) == (at("2026-11-30 09:00"), RESOLVE.due)
    found = resume(CAL, POLICY, paused, at("2026-12-10 16:00"))
    assert (day_of(found), found.original_due, found.paused_at) == ("2026-12-17", RESOLVE.due, None)
    # 6 h of 11-30, 01 to 04, 07 to 09, 5 h of 12-10.
    assert found.paused_s == (6 + 4 * 6.5 + 3 * 6.5 + 5) * HOUR
    assert local(found.yellow_at) == "2026-12-16 10:07:30", "as long before it is due as before"


def test_a_second_suspension_adds_to_the_first() -> None:
    clock = resume(CAL, POLICY, pause(RESOLVE, at("2026-11-30 09:00")), at("2026-12-10 16:00"))
    # After Friday 12-11 there were 14, 15, 16, 17; after Monday 12-14 come 15, 16, 17, 18.
    clock = resume(CAL, POLICY, pause(clock, at("2026-12-11 16:30")), at("2026-12-14 09:30"))
    assert (day_of(clock), clock.paused_s) == ("2026-12-18", (56.5 + 1 + 1) * HOUR)


def test_over_a_holiday_only_working_days_count_as_left() -> None:
    clock = the(ClockName.RESOLVE, "2026-09-21 10:00")  # 22, 23, 24, 28, 29, 30, 10-08
    paused = pause(clock, at("2026-09-24 10:00"))  # left: 28, 29, 30, 08
    for back in ("2026-10-10 09:00", "2026-10-11 09:00"):  # the worked Saturday and the Sunday after it
        assert day_of(resume(CAL, POLICY, paused, at(back))) == "2026-10-15"  # 12, 13, 14, 15


def test_a_suspension_within_a_day_changes_no_date() -> None:
    found = resume(CAL, POLICY, pause(RESOLVE, at("2026-11-30 11:00")), at("2026-11-30 15:00"))
    assert (found.due, found.yellow_at) == (RESOLVE.due, RESOLVE.yellow_at)
    assert found.paused_s == 1.5 * HOUR


@pytest.mark.parametrize(
    ("day_ends", "back", "due"),
    [
        ("midnight", "2026-12-09 10:00", "2026-12-09 23:59:59.999999"),
        ("midnight", "2026-12-09 18:00", "2026-12-09 23:59:59.999999"),
        ("midnight", "2026-12-12 10:00", "2026-12-14 23:59:59.999999"),  # Saturday
        ("office_close", "2026-12-09 17:30", "2026-12-09 17:30:00"),
        # A microsecond after office close the day is over: it would be overdue the moment it runs on.
        ("office_close", "2026-12-09 17:30:00.000001", "2026-12-10 17:30:00"),
        ("office_close", "2026-12-11 18:00", "2026-12-14 17:30:00"),  # Friday evening
    ],
)
def test_with_no_day_left_it_has_until_the_end_of_the_day_it_runs_on(day_ends: str, back: str, due: str) -> None:
    policy = Policy(day_ends=day_ends)
    paused = pause(the(ClockName.RESOLVE, day_ends=day_ends), at("2026-12-07 09:00"))
    assert local(resume(cal(policy), policy, paused, at(back)).due) == due


def test_suspended_at_its_last_instant_it_was_in_time_and_a_microsecond_later_overdue() -> None:
    back = at("2026-12-09 10:00")
    assert day_of(resume(CAL, POLICY, pause(RESOLVE, RESOLVE.due), back)) == "2026-12-09"
    overdue = resume(CAL, POLICY, pause(RESOLVE, RESOLVE.due + TICK), back)
    assert (overdue.due, overdue.paused_s) == (RESOLVE.due, (6.5 + 1.5) * HOUR)


def test_a_month_that_ends_on_a_day_off_does_not_become_shorter_by_a_pause() -> None:
    # A month from 2025-02-08 ends on Saturday 03-08 and does not roll; after Thursday 03-06 one working day was left.
    policy = Policy(month_rolls=False)
    clock = the(ClockName.RESOLVE, "2025-02-08 10:00", "major", month_rolls=False)
    paused = pause(clock, at("2025-03-06 10:00"))
    assert day_of(resume(CAL, policy, paused, at("2025-03-06 11:00"))) == "2025-03-08"
    assert day_of(resume(CAL, policy, paused, at("2025-03-07 11:00"))) == "2025-03-10"


def test_a_yellow_that_began_with_the_case_does_not_move_back_behind_it() -> None:
    policy = Policy(yellow_hours=60)
    clock = the(ClockName.ASSIGN, yellow_hours=60)
    found = resume(CAL, policy, pause(clock, at("2026-11-26 11:00")), at("2026-11-26 11:30"))
    assert found.yellow_at == clock.yellow_at == OPENED


@pytest.mark.parametrize("opened", ["2026-01-31 10:00", "2026-09-01 10:00"])
def test_a_months_yellow_is_as_long_before_it_is_due_after_a_pause_as_before(opened: str) -> None:
    # A month from 01-31 ends on 02-28, one from 09-01 rolls to 10-08: neither says by itself where it began.
    clock = the(ClockName.RESOLVE, opened, "major")
    later = at(opened.replace("10:00", "11:00"))
    found = resume(CAL, POLICY, pause(clock, at(opened)), later)
    assert (found.due, found.yellow_at) == (clock.due, clock.yellow_at)


def test_a_clock_that_is_stopped_or_void_is_not_suspended() -> None:
    for clock in (stop(CAL, RESOLVE, OPENED, at("2026-11-26 15:00")), void(RESOLVE)):
        assert pause(clock, at("2026-11-27 09:00")) == clock
        assert resume(CAL, POLICY, clock, at("2026-11-30 09:00")) == clock
    assert resume(CAL, POLICY, RESOLVE, at("2026-11-30 09:00")) == RESOLVE, "nor resumed when it runs"
    paused = pause(RESOLVE, at("2026-11-27 09:00"))
    assert pause(paused, at("2026-11-30 09:00")) == paused, "nor suspended twice"


# --- stopped, reopened, extended --------------------------------------------------------------------------------------


def test_a_stopped_clock_has_used_the_working_time_since_it_was_opened() -> None:
    found = stop(CAL, RESOLVE, OPENED, at("2026-11-26 15:00"))
    assert (found.stopped_at, found.used_s, found.due) == (at("2026-11-26 15:00"), 2.5 * HOUR, RESOLVE.due)
    assert stop(CAL, RESOLVE, OPENED, at("2026-11-30 09:00")).used_s == (5 + 6.5 + 0.5) * HOUR


def test_what_was_suspended_was_not_used() -> None:
    paused = pause(RESOLVE, at("2026-11-26 11:00"))
    resumed = resume(CAL, POLICY, paused, at("2026-11-26 14:45"))
    assert stop(CAL, resumed, OPENED, at("2026-11-26 15:00")).used_s == 1.25 * HOUR
    # Stopped while suspended: the suspension ends there.
    found = stop(CAL, paused, OPENED, at("2026-11-26 15:00"))
    assert (found.used_s, found.paused_s, found.paused_at) == (1 * HOUR, 1.5 * HOUR, None)


def test_a_clock_stopped_before_it_was_opened_has_used_nothing() -> None:
    assert stop(CAL, RESOLVE, OPENED, at("2026-11-26 09:00")).used_s == 0


def test_a_reopened_clock_is_as_if_it_had_never_been_stopped() -> None:
    assert reopen(stop(CAL, RESOLVE, OPENED, at("2026-11-27 09:00"))) == RESOLVE


def test_an_extension_moves_due_and_yellow_and_keeps_what_was_first_set() -> None:
    found = extend(CAL, POLICY, RESOLVE, date(2026, 12, 15), at("2026-12-01 09:00"))
    assert (day_of(found), found.original_due) == ("2026-12-15", RESOLVE.due)
    assert local(found.yellow_at) == "2026-12-14 10:07:30"
    assert not found.provisional
    # Overdue already, and given more time all the same.
    assert day_of(extend(CAL, POLICY, RESOLVE, date(2026, 12, 15), at("2026-12-10 09:00"))) == "2026-12-15"


@pytest.mark.parametrize(
    ("until", "now", "because"),
    [
        ("2026-12-12", "2026-12-01 09:00", "2026-12-12 is no working day; the next one is 2026-12-14"),
        ("2026-12-07", "2026-12-01 09:00", "no later than the day it is due now \\(2026-12-07\\)"),
        ("2026-12-04", "2026-12-01 09:00", "no later than the day it is due now"),
        ("2026-12-08", "2026-12-09 00:00", "2026-12-08 has passed"),
    ],
)
def test_an_extension_to_a_day_that_makes_no_sense_is_refused(until: str, now: str, because: str) -> None:
    with pytest.raises(ClockError, match=because):
        extend(CAL, POLICY, RESOLVE, date.fromisoformat(until), at(now))


def test_what_runs_no_longer_is_not_extended() -> None:
    until, now = date(2026, 12, 15), at("2026-12-01 09:00")
    with pytest.raises(ClockError, match="the resolve clock has stopped"):
        extend(CAL, POLICY, stop(CAL, RESOLVE, OPENED, now), until, now)
    with pytest.raises(ClockError, match="merged or withdrawn"):
        extend(CAL, POLICY, void(RESOLVE), until, now)


def test_an_extension_over_a_year_that_is_not_announced_is_provisional() -> None:
    assert extend(CAL, POLICY, RESOLVE, date(2027, 1, 8), at("2026-12-01 09:00")).provisional
    # The year it ends in is announced, the one before it is not: when it turns yellow is not certain.
    overlay = Calendar(announced=(2028,))
    assert extend(cal(overlay=overlay), POLICY, RESOLVE, date(2028, 1, 5), at("2026-12-01 09:00")).provisional
    # Received in a year that is not announced, due and extended within one that is: what was counted before stays uncertain.
    calendar = cal(overlay=overlay)
    clock = open_clocks(calendar, POLICY, at("2027-12-30 10:00"), "general")[2]
    assert extend(calendar, POLICY, clock, date(2028, 1, 20), at("2028-01-04 10:00")).provisional
    overlay = Calendar(announced=(2027, 2028))
    assert not extend(cal(overlay=overlay), POLICY, RESOLVE, date(2028, 1, 5), at("2026-12-01 09:00")).provisional


# --- reckoned anew ------------------------------------------------------------------------------------------------------

OPENED_LAST = at("2026-12-31 10:00")
NOTICE = Calendar(holidays=(date(2027, 1, 4), date(2027, 1, 20)), workdays=(date(2027, 1, 9),), announced=(2027,))
"""A made-up notice: Monday 01-04 and Wednesday 01-20 off, Saturday 01-09 worked."""


def rebuilt(
    name: ClockName, *changes: Change, overlay: Calendar | None = None, severity: Severity = "general"
) -> Clock:
    return rebuild(cal(overlay=overlay), POLICY, OPENED_LAST, severity, name, changes)


def test_once_the_year_is_announced_the_dates_are_what_they_would_have_been() -> None:
    was = [rebuilt(name) for name in ClockName]
    assert [(day_of(c), c.provisional) for c in was] == [
        ("2027-01-04", True),
        ("2027-01-06", True),
        ("2027-01-12", True),
    ]
    now = [rebuilt(name, overlay=NOTICE) for name in ClockName]
    # 05; 05, 06, 07; 05, 06, 07, 08, Sat 09, 11, 12.
    assert [(day_of(c), c.provisional) for c in now] == [
        ("2027-01-05", False),
        ("2027-01-07", False),
        ("2027-01-12", False),
    ]
    assert all(c.original_due == c.due for c in now)
    # 01-31 is a Sunday: Monday 02-01.
    assert day_of(rebuilt(ClockName.RESOLVE, overlay=NOTICE, severity="major")) == "2027-02-01"


def test_an_extension_to_what_turns_out_to_be_a_day_off_goes_to_the_next_working_day() -> None:
    longer = Change("extend", at("2027-01-05 09:00"), until=date(2027, 1, 20))
    assert day_of(rebuilt(ClockName.RESOLVE, longer)) == "2027-01-20"
    found = rebuilt(ClockName.RESOLVE, longer, overlay=NOTICE)
    assert (day_of(found), local(found.original_due)[:10]) == ("2027-01-21", "2027-01-12")


def test_an_extension_that_a_longer_holiday_has_overtaken_takes_nothing_away() -> None:
    # The first week off: 11, 12, 13, 14, 15, 18, 19, and the extension to the 13th gave less.
    week = Calendar(holidays=tuple(date(2027, 1, day) for day in range(4, 9)), announced=(2027,))
    longer = Change("extend", at("2027-01-05 09:00"), until=date(2027, 1, 13))
    assert day_of(rebuilt(ClockName.RESOLVE, longer)) == "2027-01-13"
    assert day_of(rebuilt(ClockName.RESOLVE, longer, overlay=week)) == "2027-01-19"


def test_a_suspension_is_reckoned_anew_too() -> None:
    told = (Change("pause", at("2027-01-06 09:00")), Change("resume", at("2027-01-11 09:00")))
    # By the law's days: left after 01-06 were 07, 08, 11, 12; after 01-11 come 12, 13, 14, 15.
    was = rebuilt(ClockName.RESOLVE, *told)
    assert (day_of(was), was.paused_s) == ("2027-01-15", (6 + 2 * 6.5 + 0.5) * HOUR)
    # By the notice: left were 07, 08, Sat 09, 11, 12; after 01-11 come 12, 13, 14, 15, 18. Saturday was worked and suspended.
    now = rebuilt(ClockName.RESOLVE, *told, overlay=NOTICE)
    assert (day_of(now), now.paused_s) == ("2027-01-18", (6 + 3 * 6.5 + 0.5) * HOUR)


def test_what_was_stopped_is_judged_by_the_dates_of_the_announced_year() -> None:
    # On Tuesday 01-05 it was late by the law's days; by the notice that is the first working day.
    done = Change("stop", at("2027-01-05 10:00"))
    was, now = rebuilt(ClockName.ASSIGN, done), rebuilt(ClockName.ASSIGN, done, overlay=NOTICE)
    assert was.stopped_at is not None
    assert was.stopped_at > was.due
    assert now.stopped_at == was.stopped_at
    assert now.stopped_at <= now.due
    assert (was.used_s, now.used_s) == ((5 + 6.5 + 1.5) * HOUR, (5 + 1.5) * HOUR)


def test_another_severity_counts_from_the_start_with_all_that_was_done_since() -> None:
    told = (
        Change("pause", at("2026-11-30 09:00")),
        Change("resume", at("2026-12-10 16:00")),
        Change("severity", at("2026-12-11 10:00"), severity="major"),
    )
    found = rebuild(CAL, POLICY, OPENED, "general", ClockName.RESOLVE, told)
    # A month was 12-28: 20 days were left after 11-30; after 12-10 come 11, 14–18, 21–25, 28–31, 01-04–08.
    assert (day_of(found), found.limit, found.provisional) == ("2027-01-08", "1m", True)
    assert found.original_due == RESOLVE.due, "what was first set stays"
    back = (*told, Change("severity", at("2026-12-11 11:00"), severity="general"))
    found = rebuild(CAL, POLICY, OPENED, "general", ClockName.RESOLVE, back)
    assert (day_of(found), found.limit, found.provisional) == ("2026-12-17", "7wd", False)


def test_severity_is_no_matter_of_the_other_clocks() -> None:
    graver = Change("severity", at("2026-11-26 11:00"), severity="major")
    for name in (ClockName.ASSIGN, ClockName.FEEDBACK):
        assert rebuild(CAL, POLICY, OPENED, "general", name, (graver,)) == the(name)


# --- letters ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "day_ends", "dues"),
    [
        # Due Monday 12-07; 08, 09, 10; 11, 14, 15, 16.
        ("2026-11-26 10:00", "midnight", ("2026-12-08 00:00:00", "2026-12-11 00:00:00", "2026-12-17 00:00:00")),
        (
            "2026-11-26 10:00",
            "office_close",
            ("2026-12-07 17:30:00.000001", "2026-12-10 17:30:00.000001", "2026-12-16 17:30:00.000001"),
        ),
        # Due Thursday 02-12 (04, 05, 06, 09, 10, 11, 12); 13, worked Sat 14, 24; 25, 26, 27, Sat 28.
        ("2026-02-03 10:00", "midnight", ("2026-02-13 00:00:00", "2026-02-25 00:00:00", "2026-03-01 00:00:00")),
    ],
)
def test_a_letter_is_due_with_red_and_again_after_three_and_seven_working_days(
    opened: str, day_ends: str, dues: tuple[str, ...]
) -> None:
    policy = Policy(day_ends=day_ends)
    clock = the(ClockName.RESOLVE, opened, day_ends=day_ends)
    found = [letter_due(cal(policy), policy, clock, step) for step in range(4)]
    assert [None if moment is None else local(moment) for moment in found] == [*dues, None]


def test_without_steps_there_is_one_letter() -> None:
    policy = Policy(letter_steps=())
    assert letter_due(CAL, policy, RESOLVE, 0) == RESOLVE.due + TICK
    assert letter_due(CAL, policy, RESOLVE, 1) is None
