"""The simulator: what it prints, and its own record of gaps."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.rotation import simulate
from patrol.rotation._gaps import GapBook, answering, merged
from patrol.rotation.simulation import parse_outage

_KEYS = [
    "cameras", "hours", "streams", "load", "visits", "attempts", "inspected", "max_gap_s", "p99_gap_s",
    "cameras_over_period", "misses", "first_warning_s", "first_broken_gap_s", "decisions_per_s", "peak_mib",
]  # fmt: skip


def test_a_county_that_fits_keeps_every_gap_with_failures_and_an_outage() -> None:
    result = simulate(800, 24, 4, unreachable=0.05, outage="platform:fisheries@3h+30m", seed=1).to_json()
    assert list(result)[: len(_KEYS)] == _KEYS
    assert json.loads(json.dumps(result)) == {**result, "outages": ["platform:fisheries@3h+30m"]}
    assert result["load"] == pytest.approx(0.778, abs=0.001)
    assert result["cameras_over_period"] == 0
    assert 5000 < result["p99_gap_s"] <= result["max_gap_s"] + 1 <= 7201
    # While the platform was away its cameras were not tried one by one: their deadlines passed, and say so.
    assert set(result["misses"]) == {"platform_down"}
    assert result["platform_outages"] == 1
    assert result["first_warning_s"] is None
    assert result["first_broken_gap_s"] is None
    assert result["attempts"] > result["visits"] > result["inspected"] > 800 * 11
    assert result["follow_ups_made"] == result["follow_ups"] > 0


def test_a_county_that_does_not_fit_is_told_before_and_degrades_by_priority() -> None:
    result = simulate(900, 12, 2, seed=1).to_json()
    assert result["load"] > 1.7
    assert result["first_warning_s"] < result["first_broken_gap_s"]
    assert result["misses"]["capacity"] > 0
    assert set(result["over_period_by_priority"]) <= {"0", "1"}
    assert result["over_period_by_priority"]["0"] > 0


def test_shorter_looks_make_a_county_fit_that_would_not() -> None:
    whole = simulate(2000, 12, 6, seed=1).to_json()
    short = simulate(2000, 12, 6, seed=1, shortest_dwell_s=10.0).to_json()
    assert whole["load"] == short["load"] > 1.2
    assert whole["cameras_over_period"] > 0
    assert whole["shortened"] == 0
    assert short["cameras_over_period"] == 0
    assert short["misses"] == {}
    assert 0 < short["shortened"] < short["attempts"], "no more than is needed"
    assert short["first_warning_s"] == 0.0


def test_misses_fall_on_the_lowest_priorities_first() -> None:
    result = simulate(2000, 24, 6, seed=2, shortest_dwell_s=18.0).to_json()
    assert result["first_broken_gap_s"] - result["first_warning_s"] >= 7200.0
    misses = result["capacity_misses_by_priority"]
    assert misses["0"] > misses.get("1", 0)
    assert set(misses) <= {"0", "1"}


def test_the_same_seed_gives_the_same_run() -> None:
    one, again, other = (simulate(200, 6, 1, unreachable=0.1, seed=seed).to_json() for seed in (5, 5, 6))
    measured = {"decisions_per_s", "peak_mib"}
    assert {k: v for k, v in one.items() if k not in measured} == {k: v for k, v in again.items() if k not in measured}
    assert one["attempts"] != other["attempts"] or one["max_gap_s"] != other["max_gap_s"]


def test_an_outage_of_everything_is_probed_and_everything_seen_again_within_a_period() -> None:
    result = simulate(400, 14, 3, outage=("all@5h+3h",), failure=0.0, seed=3)
    assert result.cameras_over_period == 0
    assert result.platform_outages == 5
    assert set(result.misses) == {"platform_down"}
    # One probe a minute and platform, beside the looks that showed the outage.
    assert 5 * 2.5 * 60 < result.attempts - result.inspected < 5 * 3 * 60 + 100


def test_outages_are_read() -> None:
    assert parse_outage("platform:police@3h+30m") == ("police", (10_800.0, 12_600.0))
    assert parse_outage("all@90m+1h30m") == (None, (5_400.0, 10_800.0))


@pytest.mark.parametrize("text", ["police@3h+30m", "platform:nobody@1h+1h", "platform:police@3h", "all@x+1h", ""])
def test_a_wrong_outage_is_explained(text: str) -> None:
    with pytest.raises(ValueError, match=r"write platform:NAME|is not a duration"):
        simulate(10, 1, 1, outage=text)


@pytest.mark.parametrize("wrong", [{"cameras": 0}, {"hours": 0}, {"streams": 0}, {"unreachable": 1.5}])
def test_wrong_numbers_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        simulate(**{"cameras": 10, "hours": 1.0, "streams": 1, **wrong})  # type: ignore[arg-type]


def test_gaps_are_counted_while_a_camera_answers_and_to_the_end() -> None:
    book = GapBook(100.0, {"b": [(50.0, 400.0)], "c": [(0.0, 9e9)]})
    book.inspected("a", 10.0)
    book.inspected("a", 105.0)
    book.inspected("b", 20.0)
    book.inspected("b", 480.0)
    assert (book.longest, book.over) == (95.0, set())
    book.close(500.0, ["a", "b", "c", "d"])
    assert book.over == {"a", "d"}, "c never answers; d was never seen"
    assert book.first_broken == 100.0
    assert book.longest == 500.0


def test_quantiles_count_every_gap() -> None:
    book = GapBook(1e9, {})
    for at in range(1, 101):
        book.inspected("a", at * (at + 1) / 2)
    assert book.quantile(0.99) == 99.0
    assert book.quantile(0.5) == 50.0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=8), st.integers(0, 40), st.integers(0, 40))
def test_answering_time_is_what_the_outages_leave(spans: list[tuple[int, int]], start: int, length: int) -> None:
    aways = merged((float(a), float(a + n)) for a, n in spans)
    parts = list(answering(float(start), float(start + length), aways))
    seconds = {s for a, b in parts for s in range(int(a), int(b))}
    assert seconds == {s for s in range(start, start + length) if not any(a <= s < a + n for a, n in spans)}
