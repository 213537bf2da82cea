"""What is due: never before its day, never under a hold, never below the floor, and the same however often it is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from patrol.registry import LOG_FLOOR, VIDEO_FLOOR, Retention
from patrol.retention.plan import FLOORS, Class, FloorError, Kept, Matter, class_of_look, plan, term_of

NOW = datetime(2026, 11, 26, tzinfo=UTC)
DAYS = st.integers(0, 4000).map(lambda days: timedelta(days=days)) | st.timedeltas(timedelta(0), timedelta(days=100))
TERMS = st.builds(
    Retention,
    **{each.value: st.integers(FLOORS[each].days, 3600).map(lambda d: timedelta(days=d)) for each in Class},
)
KEPT = st.builds(
    Kept,
    kind=st.sampled_from(("evidence", "answer_photo", "attachment", "letter", "notice")),
    ref=st.text("0123456789abcdef", min_size=1, max_size=4),
    path=st.just("evidence/a/b"),
    sha256=st.none(),
    bytes=st.integers(0, 10**9),
    class_=st.sampled_from(Class),
    since=DAYS.map(lambda days: NOW - days),
    holds=st.lists(st.just("the incident is still open"), max_size=1).map(tuple),
)
MATTERS = st.lists(
    st.builds(
        Matter,
        verdict=st.sampled_from(("candidate", "flagged")),
        review=st.sampled_from((None, "confirmed", "false_alarm", "duplicate", "unclear", "exempt")),
        ended_at=DAYS.map(lambda days: NOW - days),
    ),
    max_size=4,
)


@given(st.lists(KEPT, max_size=30), TERMS)
def test_nothing_is_due_before_its_day_under_a_hold_or_below_the_floor(kept: list[Kept], terms: Retention) -> None:
    found = plan(kept, terms, NOW)
    for one in found.due:
        assert NOW - one.kept.since >= term_of(terms, one.kept.class_) >= FLOORS[one.kept.class_]
        if one.kept.class_ not in {Class.MESSAGES, Class.SIGN_INS}:
            assert NOW - one.kept.since >= VIDEO_FLOOR
        assert one.kept.holds == ()
    for held in found.held:
        assert held.why == held.kept.holds != ()
    named = [one.kept for one in (*found.due, *found.held)]
    left = [one for one in kept if one not in named]
    assert all(NOW - one.since < term_of(terms, one.class_) for one in left), "what is due was forgotten"


@given(st.lists(KEPT, max_size=30), TERMS, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_asking_again_says_the_same_and_later_never_less(kept: list[Kept], terms: Retention, more: timedelta) -> None:
    found = plan(kept, terms, NOW)
    assert plan([one.kept for one in found.due], terms, NOW).due == found.due
    assert plan([one.kept for one in found.held], terms, NOW).due == ()
    later = plan(kept, terms, NOW + more)
    assert {id(one.kept) for one in found.due} <= {id(one.kept) for one in later.due}


@given(DAYS, MATTERS, TERMS, st.booleans())
def test_a_look_is_kept_as_long_as_whatever_keeps_it_longest(
    ago: timedelta, matters: list[Matter], terms: Retention, drawn: bool
) -> None:
    ended = NOW - ago
    class_, since = class_of_look(ended, matters, terms, drawn=drawn)
    goes = since + term_of(terms, class_)
    assert goes >= ended + terms.routine
    if drawn:
        assert goes >= ended + terms.spot_checks
    for matter in matters:
        assert since >= ended
        if matter.review == "confirmed":
            assert goes >= matter.ended_at + terms.confirmed
        if matter.verdict == "flagged" and matter.review in {None, "unclear"}:
            assert goes >= matter.ended_at + terms.flagged


def test_a_false_alarm_has_served_its_purpose_and_a_flag_nobody_judged_has_not() -> None:
    def class_of(verdict: str, review: str | None) -> Class:
        return class_of_look(NOW, [Matter(verdict, review, NOW)], Retention(), drawn=False)[0]

    assert class_of("flagged", "false_alarm") is Class.ROUTINE
    assert class_of("candidate", None) is Class.ROUTINE
    assert class_of("flagged", None) is Class.FLAGGED
    assert class_of("flagged", "unclear") is Class.FLAGGED
    assert class_of("candidate", "confirmed") is Class.CONFIRMED


@pytest.mark.parametrize("class_", list(Class))
def test_a_term_below_the_floor_is_refused_by_the_registry_and_by_the_plan(class_: Class) -> None:
    short = FLOORS[class_] - timedelta(seconds=1)
    with pytest.raises(ValidationError, match="too short"):
        Retention(**{class_.value: short})
    made = Retention.model_construct(**{**Retention().__dict__, class_.value: short})
    with pytest.raises(FloorError, match=rf"retention\.{class_}"):
        plan([], made, NOW)


def test_photos_of_departments_are_kept_as_long_as_the_confirmed_incident_that_they_answer() -> None:
    assert Retention().answer_photos == Retention().confirmed == timedelta(days=1095)
    assert FLOORS[Class.ANSWER_PHOTOS] == VIDEO_FLOOR


def test_the_floors_are_the_laws() -> None:
    assert (timedelta(days=30), timedelta(days=184)) == (VIDEO_FLOOR, LOG_FLOOR)
