"""三色亮灯: what each light stands for, the worst open clock, and that every turn is told of before it happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.cases.clocks import open_clocks, pause, reopen, resume, stop, void
from patrol.cases.lights import case_light, light_of, next_change
from patrol.cases.types import OPEN_STAGES, Clock, Light, Stage
from patrol.registry import Policy
from tests.unit.cases.counting import MOMENTS, POLICIES, THOROUGH, TICK, WAITS, at, cal

POLICY, CAL = Policy(), cal()
OPENED = at("2026-11-26 10:00")
ASSIGN, FEEDBACK, RESOLVE = open_clocks(CAL, POLICY, OPENED, "general")
"""Yellow and due: 11-27 11:00 and 24:00; 12-01 10:07:30 and 24:00; 12-04 10:07:30 and 12-07 24:00."""
ALL = (ASSIGN, FEEDBACK, RESOLVE)


def stopped(clock: Clock, moment: str) -> Clock:
    return stop(CAL, clock, OPENED, at(moment))


@pytest.mark.parametrize(
    ("now", "light"),
    [
        ("2026-11-26 10:00", Light.UNLIT),
        ("2026-11-27 10:59:59.999999", Light.UNLIT),
        ("2026-11-27 11:00", Light.YELLOW),
        ("2026-11-27 23:59:59.999999", Light.YELLOW),
        ("2026-11-28 00:00", Light.RED),
        ("2027-11-28 00:00", Light.RED),
    ],
)
def test_an_open_clock_is_unlit_then_yellow_then_red(now: str, light: Light) -> None:
    assert light_of(ASSIGN, at(now)) is light


@pytest.mark.parametrize(
    ("done", "light"),
    [
        ("2026-11-26 10:05", Light.GREEN),
        ("2026-11-27 12:00", Light.GREEN),  # it was yellow, and in time
        ("2026-11-27 23:59:59.999999", Light.GREEN),
        ("2026-11-28 00:00", Light.CLOSED_LATE),
    ],
)
def test_a_stopped_clock_is_green_in_time_and_keeps_that_it_was_late(done: str, light: Light) -> None:
    assert light_of(stopped(ASSIGN, done), at("2026-12-31 10:00")) is light


@pytest.mark.parametrize(
    ("since", "light"),
    [("2026-11-27 10:00", Light.UNLIT), ("2026-11-27 12:00", Light.YELLOW), ("2026-11-28 12:00", Light.RED)],
)
def test_a_suspended_clock_shows_what_it_showed_when_it_was_suspended(since: str, light: Light) -> None:
    assert light_of(pause(ASSIGN, at(since)), at("2027-01-15 10:00")) is light


def test_a_void_clock_is_dark() -> None:
    for clock in (ASSIGN, stopped(ASSIGN, "2026-11-30 10:00"), pause(ASSIGN, at("2026-11-30 10:00"))):
        assert light_of(void(clock), at("2026-12-31 10:00")) is Light.UNLIT


@pytest.mark.parametrize(
    ("clocks", "now", "light"),
    [
        (ALL, "2026-11-26 10:00", Light.UNLIT),
        (ALL, "2026-11-27 11:00", Light.YELLOW),
        (ALL, "2026-11-28 00:00", Light.RED),
        # What is stopped counts no longer while the case is open, be it late.
        ((stopped(ASSIGN, "2026-11-28 10:00"), FEEDBACK, RESOLVE), "2026-11-28 10:00", Light.UNLIT),
        ((stopped(ASSIGN, "2026-11-26 11:00"), FEEDBACK, RESOLVE), "2026-12-01 11:00", Light.YELLOW),
        ((stopped(ASSIGN, "2026-11-26 11:00"), FEEDBACK, RESOLVE), "2026-12-04 11:00", Light.RED),
        (tuple(stopped(clock, "2026-11-26 11:00") for clock in ALL), "2026-12-31 10:00", Light.UNLIT),
        (tuple(pause(clock, at("2026-11-27 12:00")) for clock in ALL), "2026-12-31 10:00", Light.YELLOW),
    ],
)
def test_the_light_of_an_open_case_is_its_worst_open_clocks(clocks: tuple[Clock, ...], now: str, light: Light) -> None:
    for stage in OPEN_STAGES:
        assert case_light(stage, clocks, at(now)) is light


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.EVALUATED])
def test_a_closed_case_is_green_only_if_every_clock_was_in_time(stage: Stage) -> None:
    in_time = tuple(stopped(clock, "2026-11-27 10:00") for clock in ALL)
    late = (stopped(ASSIGN, "2026-11-30 10:00"), *in_time[1:])
    now = at("2026-12-31 10:00")
    assert case_light(stage, in_time, now) is Light.GREEN
    assert case_light(stage, late, now) is Light.CLOSED_LATE
    assert next_change(stage, late, OPENED) is None


@pytest.mark.parametrize("stage", [Stage.MERGED, Stage.WITHDRAWN])
def test_a_case_that_was_merged_or_withdrawn_has_no_light(stage: Stage) -> None:
    clocks = tuple(map(void, (stopped(ASSIGN, "2026-11-30 10:00"), FEEDBACK, RESOLVE)))
    assert case_light(stage, clocks, at("2026-12-31 10:00")) is Light.UNLIT
    assert next_change(stage, clocks, OPENED) is None


# --- what turns by itself -----------------------------------------------------------------------------------------------


def test_each_clock_tells_of_yellow_and_of_red() -> None:
    told, now = [], OPENED
    while (turn := next_change(Stage.HANDLING, ALL, now)) is not None:
        told.append(turn)
        now = turn
    # A case that is red already is told of too: each clock's own breach is written down when it happens.
    assert told == [turn for clock in ALL for turn in (clock.yellow_at, clock.due + TICK)]


def test_what_is_suspended_stopped_or_red_turns_no_more() -> None:
    paused = tuple(pause(clock, at("2026-11-26 11:00")) for clock in ALL)
    done = tuple(stopped(clock, "2026-11-26 11:00") for clock in ALL)
    for clocks, now in ((paused, OPENED), (done, OPENED), (ALL, RESOLVE.due + TICK)):
        assert next_change(Stage.HANDLING, clocks, now) is None


@st.composite
def cases(draw: st.DrawFn) -> tuple[Stage, tuple[Clock, ...], datetime]:
    """A case to which things were done up to now."""
    policy, now = draw(POLICIES), draw(MOMENTS)
    opened, calendar = now, cal(policy)
    clocks = list(open_clocks(calendar, policy, now, draw(st.sampled_from(("general", "major")))))
    for wait in draw(st.lists(WAITS, max_size=4)):
        now += wait
        i = draw(st.integers(0, 2))
        clock = clocks[i]
        if clock.paused_at is not None:
            clocks[i] = resume(calendar, policy, clock, now)
        elif clock.stopped_at is not None:
            clocks[i] = reopen(clock)
        else:
            clocks[i] = draw(st.sampled_from((pause(clock, now), stop(calendar, clock, opened, now))))
    if draw(st.integers(0, 9)) == 0:
        clocks = [replace(clock, void=True) for clock in clocks]
    return draw(st.sampled_from(tuple(Stage))), tuple(clocks), now


@THOROUGH
@given(cases(), st.lists(WAITS, max_size=20))
def test_no_light_turns_untold_and_none_is_told_that_does_not_turn(
    case: tuple[Stage, tuple[Clock, ...], datetime], waits: list[timedelta]
) -> None:
    stage, clocks, start = case

    def seen(moment: datetime) -> tuple[Light, ...]:
        return case_light(stage, clocks, moment), *(light_of(clock, moment) for clock in clocks)

    # By brute force: look around every instant that any clock knows, and at some that none does.
    edges = {getattr(clock, name) for clock in clocks for name in ("yellow_at", "due", "paused_at", "stopped_at")}
    around = {edge + k * TICK for edge in edges - {None} for k in (-2, -1, 0, 1, 2)}
    looks = sorted(look for look in around | {start + wait for wait in waits} if look > start)
    turn, before = next_change(stage, clocks, start), seen(start)
    for look in looks:
        if turn is not None and look >= turn:
            assert look == turn, "the instant itself is among those looked at"
            assert seen(look) != before, "told, and nothing turned"
            assert seen(look - TICK) == before
            before, turn = seen(look), next_change(stage, clocks, look)
        assert seen(look) == before or stage not in OPEN_STAGES, "turned, and was not told of"
    assert turn is None
    if stage not in OPEN_STAGES:
        assert {case_light(stage, clocks, look) for look in looks} <= {case_light(stage, clocks, start)}
