"""What holds of every clock, whatever the day, the policy, the overlay and what was done to it: made up by hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from patrol.cases.clocks import Change, extend, letter_due, open_clocks, pause, rebuild, reopen, resume, stop
from patrol.cases.lights import light_of
from patrol.cases.types import Clock, ClockName, Light, Severity
from patrol.cases.worktime import WorkCalendar
from patrol.registry import Calendar, Policy
from tests.unit.cases.counting import (
    DAY,
    MOMENTS,
    OVERLAYS,
    POLICIES,
    THOROUGH,
    TICK,
    WAITS,
    ZONE,
    cal,
    count_on,
    works,
)

SEVERITIES: st.SearchStrategy[Severity] = st.sampled_from(("general", "major"))
NAMES = st.sampled_from(tuple(ClockName))


def one(calendar: WorkCalendar, policy: Policy, opened: datetime, severity: Severity, name: ClockName) -> Clock:
    return next(clock for clock in open_clocks(calendar, policy, opened, severity) if clock.name is name)


@THOROUGH
@given(MOMENTS, SEVERITIES, POLICIES, OVERLAYS)
def test_a_clock_is_due_at_the_end_of_a_working_day(
    opened: datetime, severity: Severity, policy: Policy, overlay: Calendar
) -> None:
    calendar = cal(policy, overlay)
    for clock in open_clocks(calendar, policy, opened, severity):
        last = clock.due.astimezone(ZONE).date()
        assert works(last, overlay) or (clock.limit.endswith("m") and not policy.month_rolls)
        assert clock.due == calendar.end_of(last)
        assert clock.original_due == clock.due
        assert opened <= clock.yellow_at <= clock.due
        if clock.limit.endswith("wd"):
            assert last == count_on(opened.astimezone(ZONE).date(), int(clock.limit[:-2]), overlay)


@THOROUGH
@given(MOMENTS, SEVERITIES, POLICIES, OVERLAYS)
def test_dates_are_provisional_where_they_touch_a_year_that_is_not_announced(
    opened: datetime, severity: Severity, policy: Policy, overlay: Calendar
) -> None:
    for clock in open_clocks(cal(policy, overlay), policy, opened, severity):
        years = range(opened.astimezone(ZONE).year, clock.due.astimezone(ZONE).year + 1)
        assert clock.provisional == any(year > 2026 and year not in overlay.announced for year in years)


@THOROUGH
@given(MOMENTS, WAITS, SEVERITIES, POLICIES, OVERLAYS)
def test_what_is_opened_later_is_never_due_earlier(
    opened: datetime, wait: timedelta, severity: Severity, policy: Policy, overlay: Calendar
) -> None:
    calendar = cal(policy, overlay)
    first = open_clocks(calendar, policy, opened, severity)
    second = open_clocks(calendar, policy, opened + wait, severity)
    for sooner, later in zip(first, second, strict=True):
        assert sooner.due <= later.due
        # Months have more and fewer working days, and their quarter is longer and shorter.
        assert sooner.yellow_at <= later.yellow_at or sooner.limit.endswith("m")


@THOROUGH
@given(MOMENTS, POLICIES, NAMES)
def test_all_instants_of_a_day_are_the_same_day_of_receipt(opened: datetime, policy: Policy, name: ClockName) -> None:
    calendar, here = cal(policy), opened.astimezone(ZONE)
    first = here.replace(hour=0, minute=0, second=0, microsecond=0)
    last = first + DAY - TICK
    dues = {one(calendar, policy, moment, "general", name).due for moment in (first, opened, last)}
    assert len(dues) == 1
    after = one(calendar, policy, last + TICK, "general", name)
    days = int(after.limit[:-2])
    assert after.due == calendar.end_of(count_on((first + DAY).date(), days))


@THOROUGH
@given(MOMENTS, SEVERITIES, POLICIES, NAMES)
def test_it_is_in_time_at_its_last_instant_and_late_a_microsecond_after(
    opened: datetime, severity: Severity, policy: Policy, name: ClockName
) -> None:
    calendar = cal(policy)
    clock = one(calendar, policy, opened, severity, name)
    assert light_of(clock, clock.due) is Light.YELLOW
    assert light_of(clock, clock.due + TICK) is Light.RED
    assert light_of(stop(calendar, clock, opened, clock.due), clock.due + DAY) is Light.GREEN
    assert light_of(stop(calendar, clock, opened, clock.due + TICK), clock.due + DAY) is Light.CLOSED_LATE
    assert letter_due(calendar, policy, clock, 0) == clock.due + TICK


@THOROUGH
@given(MOMENTS, SEVERITIES, POLICIES, OVERLAYS, NAMES)
def test_yellow_comes_as_late_as_the_policys_rest_allows(
    opened: datetime, severity: Severity, policy: Policy, overlay: Calendar, name: ClockName
) -> None:
    calendar = cal(policy, overlay)
    clock = one(calendar, policy, opened, severity, name)
    whole = calendar.working_s(calendar.end_of(opened.astimezone(ZONE).date()), clock.due)
    if clock.limit.endswith("wd"):
        assert whole == int(clock.limit[:-2]) * 6.5 * 3600
    near = max(policy.yellow_share * whole, policy.yellow_hours * 3600)
    rest = calendar.working_s(clock.yellow_at, clock.due)
    assert abs(rest - near) < 1e-5 or (rest < near and clock.yellow_at == opened)


# --- suspension -------------------------------------------------------------------------------------------------------


@THOROUGH
@given(MOMENTS, SEVERITIES, POLICIES, OVERLAYS, NAMES, WAITS, WAITS, WAITS)
def test_a_pause_never_shortens_and_a_longer_one_never_ends_earlier(
    opened: datetime,
    severity: Severity,
    policy: Policy,
    overlay: Calendar,
    name: ClockName,
    before: timedelta,
    short: timedelta,
    more: timedelta,
) -> None:
    calendar = cal(policy, overlay)
    clock = one(calendar, policy, opened, severity, name)
    paused = pause(clock, opened + before)
    back, later = opened + before + short, opened + before + short + more
    first, second = resume(calendar, policy, paused, back), resume(calendar, policy, paused, later)
    assert clock.due <= first.due <= second.due
    assert clock.yellow_at <= first.yellow_at <= second.yellow_at
    assert opened <= first.yellow_at <= first.due
    assert first.original_due == second.original_due == clock.original_due
    assert first.paused_s == calendar.working_s(opened + before, back)
    if opened + before > clock.due:
        assert first.due == second.due == clock.due, "what was overdue stays so"
    else:
        assert back <= first.due, "what was in time is not overdue when it runs on"
        left = calendar.workdays_between(calendar.local_day(opened + before), calendar.local_day(clock.due))
        today = back.astimezone(ZONE).date()
        assert calendar.workdays_between(today, first.due.astimezone(ZONE).date()) >= left
    if first.due > clock.due:
        assert works(first.due.astimezone(ZONE).date(), overlay)


@THOROUGH
@given(MOMENTS, SEVERITIES, POLICIES, NAMES, WAITS, st.timedeltas(timedelta(), timedelta(hours=20)))
def test_a_pause_within_a_day_moves_nothing(
    opened: datetime, severity: Severity, policy: Policy, name: ClockName, before: timedelta, long: timedelta
) -> None:
    calendar = cal(policy)
    clock = one(calendar, policy, opened, severity, name)
    start, end = opened + before, opened + before + long
    assume(start.astimezone(ZONE).date() == end.astimezone(ZONE).date())
    assume(policy.day_ends == "midnight" or end <= calendar.end_of(calendar.local_day(end)))
    assume(start > clock.due or works(start.astimezone(ZONE).date()))
    found = resume(calendar, policy, pause(clock, start), end)
    assert (found.due, found.yellow_at) == (clock.due, clock.yellow_at)


@THOROUGH
@given(MOMENTS, SEVERITIES, POLICIES, NAMES, WAITS)
def test_an_extension_ends_that_day_and_keeps_what_was_first_set(
    opened: datetime, severity: Severity, policy: Policy, name: ClockName, after: timedelta
) -> None:
    calendar = cal(policy)
    clock = one(calendar, policy, opened, severity, name)
    day = calendar.nth_workday_after(calendar.local_day(max(clock.due, opened + after)), 1)
    found = extend(calendar, policy, clock, day, opened + after)
    assert found.due == calendar.end_of(day)
    assert found.original_due == clock.original_due
    assert clock.yellow_at <= found.yellow_at <= found.due
    assert replace(found, due=clock.due, yellow_at=clock.yellow_at, provisional=clock.provisional) == clock


# --- reckoned anew ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Life:
    """A clock that things were done to, one after the other, and what was done."""

    opened: datetime
    severity: Severity
    policy: Policy
    overlay: Calendar
    clock: Clock
    changes: tuple[Change, ...]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    opened, severity, policy, overlay = draw(MOMENTS), draw(SEVERITIES), draw(POLICIES), draw(OVERLAYS)
    calendar = cal(policy, overlay)
    clock, now, changes = one(calendar, policy, opened, severity, draw(NAMES)), opened, []
    for wait in draw(st.lists(WAITS, max_size=6)):
        now += wait
        if clock.paused_at is not None:
            change = Change("resume", now)
            clock = resume(calendar, policy, clock, now)
        elif clock.stopped_at is not None:
            change = Change("reopen", now)
            clock = reopen(clock)
        else:
            what = draw(st.sampled_from(("pause", "stop", "extend")))
            if what == "pause":
                change, clock = Change("pause", now), pause(clock, now)
            elif what == "stop":
                change, clock = Change("stop", now), stop(calendar, clock, opened, now)
            else:
                latest = max(clock.due, now)
                day = calendar.nth_workday_after(calendar.local_day(latest), draw(st.integers(1, 5)))
                change = Change("extend", now, until=day)
                clock = extend(calendar, policy, clock, day, now)
        changes.append(change)
    return Life(opened, severity, policy, overlay, clock, tuple(changes))


@THOROUGH
@given(lives())
def test_reckoned_anew_by_the_same_calendar_it_is_what_it_became(life: Life) -> None:
    calendar = cal(life.policy, life.overlay)
    found = rebuild(calendar, life.policy, life.opened, life.severity, life.clock.name, life.changes)
    assert found == life.clock


@THOROUGH
@given(lives())
def test_whatever_was_done_it_is_due_no_earlier_than_first_set_and_yellow_before_it_is_due(life: Life) -> None:
    calendar, clock = cal(life.policy, life.overlay), life.clock
    assert clock.original_due == one(calendar, life.policy, life.opened, life.severity, clock.name).due
    assert clock.original_due <= clock.due
    assert life.opened <= clock.yellow_at <= clock.due
    years = range(life.opened.astimezone(ZONE).year, clock.due.astimezone(ZONE).year + 1)
    assert clock.provisional == any(year > 2026 and year not in life.overlay.announced for year in years)
    if clock.used_s is not None and clock.stopped_at is not None:
        assert clock.used_s == calendar.working_s(life.opened, clock.stopped_at) - clock.paused_s


@THOROUGH
@given(lives(), OVERLAYS)
def test_reckoned_anew_by_another_calendar_it_is_due_on_a_day_that_one_works(life: Life, notice: Calendar) -> None:
    found = rebuild(cal(life.policy, notice), life.policy, life.opened, life.severity, life.clock.name, life.changes)
    last = found.due.astimezone(ZONE).date()
    assert works(last, notice) or (found.limit.endswith("m") and not life.policy.month_rolls)
    assert (found.paused_at, found.stopped_at) == (life.clock.paused_at, life.clock.stopped_at)


@THOROUGH
@given(lives())
def test_letters_follow_one_after_the_other(life: Life) -> None:
    calendar = cal(life.policy, life.overlay)
    first, *steps = (letter_due(calendar, life.policy, life.clock, step) for step in range(3))
    assert first is not None
    for days, moment in zip(life.policy.letter_steps, steps, strict=True):
        assert moment is not None
        there = calendar.local_day(moment - TICK)
        assert there == count_on(calendar.local_day(life.clock.due), days, life.overlay)
        assert moment > first
