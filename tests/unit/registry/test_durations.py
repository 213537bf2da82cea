"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.registry import format_duration, parse_duration
from tests.unit.registry.county import load_changed, problems


@given(st.integers(0, 400 * 86_400))
def test_what_is_written_is_read_again(seconds: int) -> None:
    value = timedelta(seconds=seconds)
    assert parse_duration(format_duration(value)) == value


@given(st.integers(0, 9), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_parts_add_up(days: int, hours: int, minutes: int, seconds: int) -> None:
    text = f"{days}d{hours}h{minutes}m{seconds}s"
    assert parse_duration(text) == timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "2", "h", "2 h", "h2", "-2h", "2h30", "1m1h", "2hours", "１h x", "0.5h", "20s20s"]
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write one like 2h, 90m, 1h30m or 20s"):
        parse_duration(text)


@given(st.text(alphabet="0123456789.dhms ", max_size=12))
def test_anything_is_a_duration_or_a_value_error(text: str) -> None:
    said = "duration"
    value = timedelta(0)
    try:
        value = parse_duration(text)
    except ValueError as error:
        said = str(error)
    assert value >= timedelta(0)
    assert "duration" in said


def test_a_number_without_a_unit_is_no_duration() -> None:
    assert "is not a duration" in problems(("period: 1h", "period: 3600"))[0]
    assert load_changed(("period: 1h", "period: 3600s")).registry.categories[1].period == timedelta(hours=1)


def test_a_duration_of_ages_is_refused_not_a_crash() -> None:
    for days in ("9" * 20, "9" * 400, "3661"):
        assert "surely a slip" in problems(("period: 1h", f"period: {days}d"))[0]
