from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.ledger.day import LookDay
from tests.unit.ledger_day.county_day import SHANGHAI, away, camera, local, looked, made, revision

FORCE = [revision(1, local("08:00", days=-30), camera("a"))]
START = local("00:00")
moments = st.integers(-4 * 3600, 24 * 3600 - 1)
outcomes = st.sampled_from(["inspected"] * 4 + ["unusable", "unreachable", "missed"])


def the_look(rows: list[tuple[int, str]], outages: list[tuple[int, int]] = ()) -> LookDay:
    visits = [looked("a", START + timedelta(seconds=at), outcome) for at, outcome in rows]
    out = [
        away(START + timedelta(seconds=at), START + timedelta(seconds=at + length), look="a", number=n)
        for n, (at, length) in enumerate(outages)
    ]
    return made(FORCE, visits, outages=out).looks[0]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(60, 7200), min_size=8, max_size=60), st.integers(1, 7200))
def test_a_look_that_keeps_every_gap_has_filled_every_window(steps: list[int], begin: int) -> None:
    rows, at = [], -begin
    for step in [*steps, *[7200] * 13]:
        if at < 86400:
            rows.append((at, "inspected"))
        at += step
    look = the_look(rows)
    assert look.state == "kept"
    assert look.windows_seen == look.windows == 12


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(moments, outcomes), max_size=40))
def test_coverage_by_gap_is_never_kinder_than_coverage_by_window(rows: list[tuple[int, str]]) -> None:
    look = the_look(rows)
    if look.windows_seen < look.windows and any(row[1] == "inspected" for row in rows):
        assert look.state != "kept"
    assert all(gap.seconds <= (look.worst_gap_s or 0) for gap in look.gaps)
    assert (look.over_s > 0) == any(gap.over_s > 0 for gap in look.gaps)
    assert look.state == ("kept" if look.over_s == 0 else "over")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(moments, outcomes), max_size=30),
    st.lists(st.tuples(moments, st.integers(1, 6 * 3600)), max_size=4),
)
def test_stretches_fill_the_day_and_gaps_meet(rows: list[tuple[int, str]], outages: list[tuple[int, int]]) -> None:
    look = the_look(rows, outages)
    edges = [s.start_s for s in look.stretches] + [look.stretches[-1].end_s]
    assert edges[0] == 0
    assert edges[-1] == 86400
    assert all(a.end_s == b.start_s for a, b in zip(look.stretches, look.stretches[1:], strict=False))
    assert all(a.end == b.start for a, b in zip(look.gaps, look.gaps[1:], strict=False))
    assert 0 <= look.away_s <= look.over_s <= look.on_duty_s == 86400
    painted = sum(s.end_s - s.start_s for s in look.stretches if s.shade == "over")
    assert abs(painted - (look.over_s - look.away_s)) < 1e-3
    # An outage hides no look that kept its gaps, and saves none that did not in the first denominator.
    assert (look.state == "kept") == (the_look(rows).state == "kept")
    assert look.windows_seen + look.windows_away <= look.windows


def test_the_county_of_these_tests_has_no_clock_changes() -> None:
    assert SHANGHAI.utcoffset(local("12:00").astimezone(SHANGHAI)) == timedelta(hours=8)
