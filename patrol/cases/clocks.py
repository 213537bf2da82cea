"""The three clocks of 13710 as pure functions: set, paused, resumed, stopped, reopened, extended, reckoned anew.

The day of receipt is not counted; a limit ends with its last working day (Civil Code 201 to 203, read for offices).
"""

from __future__ import annotations

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from patrol.cases.types import Clock, ClockName, Severity
from patrol.cases.worktime import WorkCalendar
from patrol.registry import Policy

_TICK = timedelta(microseconds=1)


class ClockError(Exception):
    """A clock that cannot be set so; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was done to a clock, kept so that it can be reckoned anew."""

    what: Literal["pause", "resume", "extend", "stop", "reopen", "severity"]
    at: datetime
    until: date | None = None
    severity: Severity | None = None


def open_clocks(
    cal: WorkCalendar, policy: Policy, opened_at: datetime, severity: Severity
) -> tuple[Clock, Clock, Clock]:
    """The three clocks of a case opened at an instant: assign, feedback, resolve."""
    return (
        _set(cal, policy, ClockName.ASSIGN, opened_at, severity),
        _set(cal, policy, ClockName.FEEDBACK, opened_at, severity),
        _set(cal, policy, ClockName.RESOLVE, opened_at, severity),
    )


def pause(clock: Clock, at: datetime) -> Clock:
    """Suspend it (挂账); one that is stopped, void or suspended stays as it is."""
    runs = clock.stopped_at is None and clock.paused_at is None and not clock.void
    return replace(clock, paused_at=at) if runs else clock


def resume(cal: WorkCalendar, policy: Policy, clock: Clock, at: datetime) -> Clock:
    """Let it run on, with as many working days after today as it had left after the day of its pause.

    With none left it has until the end of today, or of the next working day where today is none or the offices have
    closed. It never becomes shorter; one that was overdue when it was paused stays overdue.
    """
    if clock.paused_at is None or clock.stopped_at is not None:
        return clock
    paused_s = clock.paused_s + cal.working_s(clock.paused_at, at)
    free = replace(clock, paused_at=None, paused_s=paused_s)
    if clock.paused_at > clock.due:
        return free
    left = cal.workdays_between(cal.local_day(clock.paused_at), cal.local_day(clock.due))
    today = cal.local_day(at)
    day = cal.nth_workday_after(today, left) if left else cal.first_workday_from(today)
    if cal.end_of(day) < at:
        # What was in time when it was paused is not overdue the moment it runs on.
        day = cal.nth_workday_after(day, 1)
    return _moved(cal, policy, free, max(clock.due, cal.end_of(day)))


def stop(cal: WorkCalendar, clock: Clock, opened_at: datetime, at: datetime) -> Clock:
    """What it waits for was done."""
    paused_s = clock.paused_s + (cal.working_s(clock.paused_at, at) if clock.paused_at is not None else 0.0)
    used_s = max(0.0, cal.working_s(opened_at, at) - paused_s)
    return replace(clock, stopped_at=at, paused_at=None, paused_s=paused_s, used_s=used_s)


def reopen(clock: Clock) -> Clock:
    """As if it had never been stopped: what was done did not hold. A pause that the stop has ended stays ended."""
    return replace(clock, stopped_at=None, used_s=None)


def void(clock: Clock) -> Clock:
    """Its case was merged or withdrawn."""
    return replace(clock, void=True, paused_at=None)


def extend(cal: WorkCalendar, policy: Policy, clock: Clock, until: date, now: datetime) -> Clock:
    """Give it until the end of a later working day; what was first set is kept.

    Raises:
        ClockError: it is stopped or void, or the day is no working day, has passed, or is no later than what it has.
    """
    if clock.void:
        raise ClockError(f"the {clock.name} clock counts no longer: its case was merged or withdrawn")
    if clock.stopped_at is not None:
        raise ClockError(f"the {clock.name} clock has stopped; there is nothing to extend")
    if not cal.is_workday(until):
        raise ClockError(f"{until} is no working day; the next one is {cal.nth_workday_after(until, 1)}")
    due = cal.end_of(until)
    if due <= clock.due:
        raise ClockError(f"{until} is no later than the day it is due now ({cal.local_day(clock.due)})")
    if due < now:
        raise ClockError(f"{until} has passed")
    return _moved(cal, policy, clock, due)


def rebuild(
    cal: WorkCalendar,
    policy: Policy,
    opened_at: datetime,
    severity: Severity,
    name: ClockName,
    changes: Sequence[Change],
) -> Clock:
    """The clock as it would be had this calendar been known all along.

    An extension to what turns out to be no working day goes to the next one.
    """
    clock = _set(cal, policy, name, opened_at, severity)
    past: list[Change] = []
    for change in changes:
        clock = _changed(cal, policy, opened_at, clock, change, past)
        past.append(change)
    return clock


def letter_due(cal: WorkCalendar, policy: Policy, clock: Clock, step: int) -> datetime | None:
    """From when on an open clock's step-th letter is due; None beyond the last step.

    Step 0 is the first instant that is too late, step k the first after the policy's k-th number of working days since.
    """
    if step == 0:
        return clock.due + _TICK
    if step > len(policy.letter_steps):
        return None
    return cal.end_of(cal.nth_workday_after(cal.local_day(clock.due), policy.letter_steps[step - 1])) + _TICK


def _changed(
    cal: WorkCalendar, policy: Policy, opened_at: datetime, clock: Clock, change: Change, past: Sequence[Change]
) -> Clock:
    if change.what == "pause":
        return pause(clock, change.at)
    if change.what == "resume":
        return resume(cal, policy, clock, change.at)
    if change.what == "stop":
        return stop(cal, clock, opened_at, change.at)
    if change.what == "reopen":
        return reopen(clock)
    if change.what == "extend" and change.until is not None:
        due = cal.end_of(cal.first_workday_from(change.until))
        return _moved(cal, policy, clock, max(due, clock.due))
    if change.what == "severity" and change.severity is not None and clock.name is ClockName.RESOLVE:
        # From the start under the other severity, with all that was done since; what was first promised stays.
        other = rebuild(cal, policy, opened_at, change.severity, clock.name, [c for c in past if c.what != "severity"])
        return replace(other, original_due=clock.original_due)
    return clock


def _set(cal: WorkCalendar, policy: Policy, name: ClockName, opened_at: datetime, severity: Severity) -> Clock:
    day = cal.local_day(opened_at)
    if name is ClockName.RESOLVE and severity == "major":
        limit, last = f"{policy.major_months}m", _months_after(day, policy.major_months)
        last = cal.first_workday_from(last) if policy.month_rolls else last
    else:
        days = {
            ClockName.ASSIGN: policy.assign_days,
            ClockName.FEEDBACK: policy.feedback_days,
            ClockName.RESOLVE: policy.resolve_days,
        }[name]
        limit, last = f"{days}wd", cal.nth_workday_after(day, days)
    due = cal.end_of(last)
    near_s = max(policy.yellow_share * cal.working_s(cal.end_of(day), due), _least_s(policy))
    yellow_at = max(cal.left_at(due, near_s), opened_at)
    return Clock(name, limit, due, due, yellow_at, _provisional(cal, day, last))


def _moved(cal: WorkCalendar, policy: Policy, clock: Clock, due: datetime) -> Clock:
    """The clock with a due instant no earlier than its own: when it is near it, and whether that is provisional, follow."""
    # More time to do it is not more time to warn: it turns yellow with as much left as before. Only where the case began
    # with less than that left does the distance from yellow to due not say how much it is, and then it is the policy's least.
    near_s = max(cal.working_s(clock.yellow_at, clock.due), _least_s(policy))
    yellow_at = max(cal.left_at(due, near_s), clock.yellow_at)
    provisional = clock.provisional or _provisional(cal, cal.local_day(clock.due), cal.local_day(due))
    return replace(clock, due=due, yellow_at=yellow_at, provisional=provisional)


def _least_s(policy: Policy) -> float:
    return policy.yellow_hours * 3600


def _provisional(cal: WorkCalendar, first: date, last: date) -> bool:
    """Whether a day from one to another lies in a year that is not announced."""
    return not all(cal.is_announced(date(year, 1, 1)) for year in range(first.year, last.year + 1))


def _months_after(day: date, number: int) -> date:
    """The corresponding day, or the month's last (Civil Code 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))
