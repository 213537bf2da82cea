"""Coverage over days: each number is the report's for one day, and adds up over several."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.figures.coverage import coverage_of, looks_over
from patrol.figures.roll import Roll, from_row, looks_from, looks_row, roll_of, to_row
from patrol.ledger.day import DayReport, Miss, VisitRow, percentile
from patrol.store.tables import FigureDay
from tests.unit.ledger_day.county_day import DAY, away, camera, every, local, looked, made, revision

MIDNIGHT = local("00:00")
LONG_AGO = local("08:00", days=-20)


def county() -> DayReport:
    """Four cameras: one keeps its gaps, one is late by capacity, one is away all afternoon, one is paused."""
    force = revision(
        1,
        LONG_AGO,
        camera("kept"),
        camera("late", "dikes", "fishery"),
        camera("gone"),
        camera("off", more=', paused: {reason: "拆除"}'),
    )
    visits = [
        *every("kept", timedelta(minutes=100), local("23:00", days=-1), local("24:00")),
        *every("late", timedelta(minutes=110), local("23:00", days=-1), local("10:00")),
        VisitRow("late", local("12:00"), local("12:00"), "missed", False),
        *every("late", timedelta(minutes=110), local("15:00"), local("24:00")),
        *every("gone", timedelta(minutes=110), local("23:00", days=-1), local("12:00")),
        looked("gone", local("13:00"), "unreachable"),
        looked("gone", local("13:10"), "unusable"),
        *every("gone", timedelta(minutes=110), local("18:00"), local("24:00")),
    ]
    misses = (Miss("v1", "late", local("12:00"), "capacity", None),)
    return made([force], visits, outages=[away(local("12:30"), local("18:00"), look="gone")], misses=misses)


def packed_and_unpacked(roll: Roll) -> Roll:
    row = FigureDay(**to_row(roll, 7))
    kept = looks_row(roll.looks)
    return from_row(row, looks_from(kept.sha256, kept.looks))


def test_one_day_has_the_numbers_of_the_report() -> None:
    report = county()
    for roll in (roll_of(report), packed_and_unpacked(roll_of(report))):
        found = coverage_of([roll], "category")
        whole, printed = found.whole, report.overall
        assert (whole.looks, whole.kept, whole.answering) == (3, 1, 2)
        for name in [
            "looks",
            "kept",
            "answering",
            "attempts",
            "inspected",
            "unusable",
            "unreachable",
            "missed",
            "late",
            "not_judged",
            "windows",
            "windows_seen",
        ]:
            assert getattr(whole, name) == getattr(printed, name), name
        assert whole.windows - whole.windows_away == printed.windows_answering
        assert whole.over_s == printed.over_s
        assert whole.causes == {"capacity": 1}
        assert whole.gaps.count == printed.gaps
        assert printed.worst_gap_s is not None
        assert whole.gaps.worst_s == int(printed.worst_gap_s)
        assert printed.p99_gap_s is not None
        assert whole.gaps.p99_s == int(printed.p99_gap_s)
        assert printed.worst_answering_s is not None
        assert whole.gaps_answering.worst_s == int(printed.worst_answering_s)
        assert printed.p99_answering_s is not None
        assert whole.gaps_answering.p99_s == int(printed.p99_answering_s)
        assert {key: each.looks for key, each in found.groups} == {g.key: g.figures.looks for g in report.categories}
        assert found.days == ((DAY, whole),)


def test_a_day_comes_out_of_its_bytes_as_it_went_in() -> None:
    roll = roll_of(county())
    again = packed_and_unpacked(roll)
    assert again.looks.rows == roll.looks.rows
    assert to_row(again, 7) == to_row(roll, 7)


def test_two_days_add_up_and_each_stands_by_itself() -> None:
    report = county()
    first, second = roll_of(report), roll_of(county())
    found = coverage_of([first, second], "platform")
    alone = coverage_of([first], "platform")
    assert found.whole.looks == 2 * alone.whole.looks
    assert found.whole.missed == 2 * alone.whole.missed
    assert found.whole.gaps.count == 2 * alone.whole.gaps.count
    assert found.whole.gaps.worst_s == alone.whole.gaps.worst_s
    assert [figures for _, figures in found.days] == [alone.whole] * 2
    assert sum(each.looks for _, each in found.groups) == found.whole.looks


def test_only_cameras_that_may_be_seen_are_counted() -> None:
    roll = roll_of(county())
    found = coverage_of([roll], "category", frozenset({"late"}))
    assert (found.whole.looks, found.whole.missed, [key for key, _ in found.groups]) == (1, 1, ["dikes"])
    assert [each.look.key for each in looks_over([roll], frozenset({"late"}))] == ["late"]
    assert coverage_of([roll], "category", frozenset()).whole.looks == 0


def test_the_list_behind_the_number_begins_with_the_look_longest_past_its_period() -> None:
    report = county()
    roll = roll_of(report)
    found = looks_over([roll, roll])
    by_key = {look.key: look for look in report.looks}
    assert {each.look.key for each in found} == {"kept", "late", "gone"}
    assert [each.over_s for each in found] == sorted((2 * by_key[e.look.key].over_s for e in found), reverse=True)
    for each in found:
        worst = by_key[each.look.key].worst_gap_s
        assert worst is not None
        assert each.worst_gap_s == int(worst)
    assert [each.look.key for each in looks_over([roll], by="category", key="dikes")] == ["late"]
    assert looks_over([roll], by="category", key="nothing") == ()


def test_no_day_at_all_is_nothing_and_no_error() -> None:
    found = coverage_of([], "division")
    assert (found.whole.looks, found.days, found.groups) == (0, (), ())
    assert asdict(found.whole.gaps) == {"count": 0, "p50_s": None, "p95_s": None, "p99_s": None, "worst_s": None}
    assert looks_over([]) == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(1, 40 * 3600), max_size=12), min_size=1, max_size=4))
def test_percentiles_are_the_nearest_ranks_of_all_gaps_however_long(days: list[list[int]]) -> None:
    rolls = [_with_gaps(DAY + timedelta(days=at), seconds) for at, seconds in enumerate(days)]
    ordered = sorted(second for seconds in days for second in seconds)
    gaps = coverage_of(rolls, "category").whole.gaps
    assert gaps.count == len(ordered)
    for share, value in ((0.5, gaps.p50_s), (0.95, gaps.p95_s), (0.99, gaps.p99_s), (1.0, gaps.worst_s)):
        assert value == percentile(ordered, share), share


def _with_gaps(day: date, seconds: list[int]) -> Roll:
    roll = roll_of(made([revision(1, LONG_AGO, camera("one"))], [looked("one", local("01:00"))]))
    numbers = roll.numbers.copy()
    numbers[-2], numbers[-1] = len(seconds), 0
    return Roll(day, roll.looks, numbers, {}, roll.over, np.array(seconds, np.int32))


def test_shares_of_a_second_never_round_a_gap_up() -> None:
    report = made(
        [revision(1, LONG_AGO, camera("one"))],
        [looked("one", local("01:00")), looked("one", local("02:59:59") + timedelta(milliseconds=999))],
    )
    found = coverage_of([roll_of(report)], "category").whole.gaps
    assert found.worst_s == math.floor(report.overall.worst_gap_s or 0)


@pytest.mark.parametrize("by", ["category", "platform", "division"])
def test_every_look_is_in_exactly_one_group(by: str) -> None:
    roll = roll_of(county())
    found = coverage_of([roll], by)  # type: ignore[arg-type]
    assert sum(each.looks for _, each in found.groups) == found.whole.looks
    assert sum(each.gaps.count for _, each in found.groups) == found.whole.gaps.count
