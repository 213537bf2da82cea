"""The ladder: who is told when a step is overdue, in which order, and that it never comes to an end without an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.alerts.ladder import Reachable, Track, climb, due_at, rungs
from patrol.registry import Step
from tests.support.incidents import T0

MINUTE = timedelta(minutes=1)
BY = {
    "received": T0 + 2 * MINUTE,
    "accepted": T0 + 5 * MINUTE,
    "on_scene": T0 + 40 * MINUTE,
    "disposed": T0 + 480 * MINUTE,
}
TOLD = Track("told", "primary", BY, 0, None, "traffic_police", "public_security")
ALL = Reachable(
    contacts=(("desk", "0730-1"), ("leader", None)),
    shift_leads=(("shift", "0730-2"),),
    county="county_office",
    ladder=tuple(Step),
    rung=3 * MINUTE,
    again=15 * MINUTE,
)
NOBODY = Reachable((), (), None, tuple(Step), 3 * MINUTE, 15 * MINUTE)


def climbed(track: Track, reachable: Reachable, minutes: int) -> list[tuple[int, str, str]]:
    """Who is told in so many minutes, a look a minute."""
    told = []
    for minute in range(minutes + 1):
        now = T0 + minute * MINUTE
        while (rung := climb(track, reachable, now)) is not None:
            told.append((minute, rung.who, rung.whom))
            track = replace(track, rung=rung.number, rung_at=now)
    return told


def test_each_rung_gets_its_time_and_the_last_one_repeats() -> None:
    assert climbed(TOLD, ALL, 50) == [
        (2, "contacts", "desk"),
        (5, "contacts", "leader"),
        (8, "shift_lead", "shift"),
        (11, "fallback", "public_security"),
        (14, "county", "county_office"),
        (29, "county", "county_office"),
        (44, "county", "county_office"),
    ]


def test_a_rung_carries_the_telephone_and_says_why() -> None:
    rung = climb(TOLD, ALL, T0 + timedelta(minutes=2, seconds=5))
    assert rung is not None
    assert (rung.phone, rung.department) == ("0730-1", None)
    assert rung.because == "traffic_police has not received it, 0 min 5 s over the limit"


def test_a_refusal_goes_to_another_department_at_once_and_calls_nobody_there_again() -> None:
    refused = replace(TOLD, state="refused")
    assert climbed(refused, ALL, 6) == [
        (0, "fallback", "public_security"),
        (3, "county", "county_office"),
        (6, "shift_lead", "shift"),
    ]


def test_where_the_ladder_reaches_nobody_the_people_at_the_screen_are_told_again_and_again() -> None:
    alone = replace(TOLD, fallback=None)
    assert climbed(alone, NOBODY, 40) == [(2, "desk", ""), (17, "desk", ""), (32, "desk", "")]


def test_a_department_told_in_anothers_place_calls_its_own_people_only_until_it_has_taken_it_on() -> None:
    fallback = replace(TOLD, role="fallback", department="fisheries", fallback=None)
    assert [who for who, *_ in rungs(fallback, ALL)] == ["contacts", "contacts"]
    assert rungs(replace(fallback, state="refused"), ALL) == []
    assert [who for who, *_ in rungs(replace(fallback, state="accepted"), ALL)][-1] == "county"


def test_nobody_is_told_in_his_own_place() -> None:
    own = replace(TOLD, fallback="traffic_police")
    assert all(who != "fallback" for who, *_ in rungs(own, ALL))
    assert all(who != "county" for who, *_ in rungs(replace(TOLD, department="county_office"), ALL))


def test_a_copy_has_only_to_be_received() -> None:
    copy = replace(TOLD, role="copy")
    assert due_at(copy, ALL, T0) == BY["received"]
    assert due_at(replace(copy, state="received"), ALL, T0) is None


def test_a_phone_call_asks_for_the_next_step_as_an_acceptance_does() -> None:
    for state in ("accepted", "phoned"):
        assert due_at(replace(TOLD, state=state), ALL, T0) == BY["on_scene"]
    assert due_at(replace(TOLD, state="disposed"), ALL, T0) is None


STATES = st.sampled_from(["told", "received", "accepted", "refused", "phoned", "on_scene"])
PEOPLE = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([None, "1"])), max_size=3).map(tuple)


@given(
    state=STATES,
    role=st.sampled_from(["primary", "fallback", "escalation"]),
    fallback=st.sampled_from([None, "traffic_police", "other"]),
    contacts=PEOPLE,
    leads=PEOPLE,
    county=st.sampled_from([None, "county_office", "traffic_police"]),
    ladder=st.permutations(list(Step)).flatmap(lambda s: st.integers(1, 4).map(lambda n: tuple(s[:n]))),
    looks=st.lists(st.integers(0, 600), min_size=1, max_size=40),
)
def test_an_open_track_always_has_its_moment_and_at_that_moment_somebody_is_told(
    state: str,
    role: str,
    fallback: str | None,
    contacts: tuple[tuple[str, str | None], ...],
    leads: tuple[tuple[str, str | None], ...],
    county: str | None,
    ladder: tuple[Step, ...],
    looks: list[int],
) -> None:
    reachable = Reachable(contacts, leads, county, ladder, 3 * MINUTE, 15 * MINUTE)
    track = replace(TOLD, state=state, role=role, fallback=fallback)
    now = T0
    for minutes in looks:
        now += minutes * MINUTE
        due = due_at(track, reachable, now)
        assert due is not None
        rung = climb(track, reachable, now)
        assert (rung is not None) == (due <= now)
        if not rungs(track, reachable):
            assert track.waits_on_another, "only where another's ladder goes on may there be nobody to tell"
            assert due > now
        if rung is not None:
            assert rung.number == track.rung + 1
            track = replace(track, rung=rung.number, rung_at=now)
            again = due_at(track, reachable, now)
            assert again is not None
            assert now < again <= now + 15 * MINUTE


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=2)])
def test_a_clock_stepped_back_holds_no_rung_up(back: timedelta) -> None:
    track = replace(TOLD, rung=1, rung_at=T0 + 5 * MINUTE)
    due = due_at(track, ALL, T0 - back)
    assert due == T0 - back + 3 * MINUTE
