"""When messages to people go out: few, none too early, none too late, and no matter dropped."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from patrol.alerts.grouping import goes_at, is_time, named_again_at, put_together
from patrol.registry import Grouping
from tests.support.examples import examples
from tests.support.incidents import T0

_SECONDS = st.integers(0, 3600).map(lambda s: timedelta(seconds=s))
GROUPINGS = st.builds(Grouping, wait=_SECONDS, interval=_SECONDS, repeat=_SECONDS, most=st.integers(1, 20))
_BEFORE = st.one_of(st.none(), _SECONDS.map(lambda s: T0 - s))


@examples(100)
@given(GROUPINGS, _BEFORE, st.booleans())
def test_no_message_goes_before_its_time_and_none_waits_longer_than_wait_and_interval(
    grouping: Grouping, last: datetime | None, urgent: bool
) -> None:
    at = goes_at(grouping, T0, last, urgent=urgent)
    assert T0 <= at <= T0 + grouping.wait + grouping.interval
    if urgent:
        assert at == T0 if last is None or last + grouping.wait <= T0 else at == last + grouping.wait
    else:
        assert at >= T0 + grouping.wait
        assert last is None or at >= last + grouping.interval


@examples(100)
@given(GROUPINGS, _SECONDS)
def test_a_message_that_went_late_keeps_the_next_one_no_longer_than_wait_and_interval(
    grouping: Grouping, late: timedelta
) -> None:
    assert goes_at(grouping, T0, T0 + late, urgent=False) <= T0 + grouping.wait + grouping.interval


@examples(100)
@given(GROUPINGS, st.integers(1, 10_000))
def test_a_moment_set_by_a_clock_that_was_stepped_back_has_come(grouping: Grouping, seconds: int) -> None:
    at = T0 + grouping.wait + grouping.interval
    assert is_time(grouping, at, at)
    assert not is_time(grouping, at + timedelta(seconds=1), at)
    assert is_time(grouping, at + timedelta(seconds=60 + seconds), T0)


@examples(100)
@given(st.lists(st.sampled_from(["congestion", "fireworks", "fishing"]), min_size=1), st.integers(0, 20))
def test_every_matter_is_told_or_counted(kinds: list[str], most: int) -> None:
    matters = list(range(len(kinds)))
    together = put_together(matters, kinds, most)
    assert list(together.told) == matters[:most]
    assert together.total == sum(count for _, count in together.counts) == len(kinds)
    assert dict(together.counts) == {kind: kinds.count(kind) for kind in set(kinds)}
    assert together.digest == (len(kinds) > most)


def test_with_a_repeat_of_zero_nothing_is_named_again() -> None:
    assert named_again_at(Grouping(repeat=timedelta(0)), T0) is None
    assert named_again_at(Grouping(), T0) == T0 + timedelta(minutes=30)
