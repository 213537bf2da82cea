from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.cases.appraisal import Score, appraise, noticed
from patrol.cases.figures import CaseFigures, ClockFigures, Figures, Line, nearest_rank
from patrol.cases.period import period_of
from patrol.cases.types import ClockName
from patrol.registry import Appraisal

OCTOBER = period_of("2026-10", ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 26, tzinfo=UTC))
NOTHING = Figures(
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (), 0, (), 0, None, 0, 0,
    tuple(ClockFigures(name, 0, 0, None, None, 0, 0) for name in ClockName),
)  # fmt: skip


def clocks(**given: tuple[int, int, int]) -> tuple[ClockFigures, ...]:
    """``name=(judged, in time, overdue)``."""
    rows = {name: given.get(name.value, (0, 0, 0)) for name in ClockName}
    return tuple(ClockFigures(name, j, i, None, None, j - i, o) for name, (j, i, o) in rows.items())


def scored(*units: tuple[str, str, Figures], terms: Appraisal | None = None) -> tuple[Score, ...]:
    lines = tuple(Line(key, figures, level) for key, level, figures in units)
    return appraise(CaseFigures(OCTOBER, NOTHING, lines, (), (), ()), terms or Appraisal())


FULL = replace(
    NOTHING,
    closed=10,
    closed_returned=1,
    letters=(2, 1),
    satisfaction=4.0,
    satisfied=8,
    clocks=clocks(resolve=(9, 8, 1), feedback=(10, 9, 0), assign=(10, 10, 0)),
)


def test_a_score_worked_out_by_hand() -> None:
    (score,) = scored(("police", "county", FULL))
    # resolve 8/(9+1), feedback 9/10, assign 10/10, not returned 1 - 1/10, satisfaction (4-1)/4; three letters at 2 points.
    assert score.score == pytest.approx(100 * (0.4 * 0.8 + 0.2 * 0.9 + 0.1 * 1 + 0.1 * 0.9 + 0.2 * 0.75) - 6)
    assert score.score == pytest.approx(78.0)
    assert (score.letters, score.deducted, score.cases, score.rank, score.left_out) == (3, 6, 11, 1, ())
    assert score.formula == (
        "100 × (0.4 × 0.8000 + 0.2 × 0.9000 + 0.1 × 1.0000 + 0.1 × 0.9000 + 0.2 × 0.7500) - 2 × 3 = 78.00"
    )


def test_a_part_without_data_leaves_and_the_others_share_its_weight() -> None:
    (score,) = scored(("police", "county", replace(FULL, satisfaction=None, satisfied=0, letters=())))
    assert score.left_out == ("satisfaction",)
    assert [part.weight for part in score.parts] == pytest.approx([0.5, 0.25, 0.125, 0.125, 0])
    assert score.score == pytest.approx(100 * (0.5 * 0.8 + 0.25 * 0.9 + 0.125 * 1 + 0.125 * 0.9))
    assert "satisfaction" not in score.formula
    assert score.formula.endswith("= 86.25")


def test_a_unit_with_no_data_at_all_has_no_score_and_no_rank() -> None:
    (score,) = scored(("police", "county", replace(NOTHING, opened=9)), terms=Appraisal(least_cases=1))
    assert (score.score, score.rank, score.formula) == (None, None, "")
    assert score.left_out == ("resolve", "feedback", "assign", "not_returned", "satisfaction")


def test_a_part_of_no_weight_is_neither_counted_nor_missed() -> None:
    terms = Appraisal.model_validate(
        {"weights": {"resolve": 1, "feedback": 0, "assign": 0, "not_returned": 0, "satisfaction": 0}}
    )
    (score,) = scored(("police", "county", FULL), terms=terms)
    assert [part.name for part in score.parts] == ["resolve"]
    assert score.formula == "100 × (1 × 0.8000) - 2 × 3 = 74.00"


def test_never_finishing_does_not_pay() -> None:
    kept = replace(NOTHING, closed=10, clocks=clocks(resolve=(10, 9, 0)))
    hoarded = replace(NOTHING, closed=9, clocks=clocks(resolve=(9, 9, 1)))
    first, second = scored(("a", "county", kept), ("b", "county", hoarded))
    assert first.score == second.score
    assert first.rank == second.rank == 1


def test_letters_take_it_to_nothing_and_no_further() -> None:
    (score,) = scored(("police", "county", replace(FULL, letters=(45,))))
    assert score.score == 0
    assert score.formula.endswith("- 2 × 45 = -6.00, at least 0")


def test_units_are_ranked_within_their_level_and_few_cases_are_not() -> None:
    def unit(in_time: int, closed: int = 5) -> Figures:
        return replace(NOTHING, closed=closed, clocks=clocks(resolve=(10, in_time, 0)))

    found = scored(
        ("430624104", "township", unit(9)),
        ("430624101", "township", unit(10)),
        ("a", "county", unit(7)),
        ("b", "county", unit(8)),
        ("c", "county", unit(8)),
        ("d", "county", unit(10, closed=4)),
        ("e", "county", unit(6)),
        ("", "", unit(10)),
    )
    assert [(score.unit, score.rank) for score in found] == [
        ("b", 1), ("c", 1), ("a", 3), ("e", 4), ("d", None), ("430624101", 1), ("430624104", 2),
    ]  # fmt: skip
    assert next(score for score in found if score.unit == "d").score == pytest.approx(100 * (0.4 / 0.5 * 1 + 0.1 / 0.5))


COUNT = st.integers(0, 30)


@given(
    resolve=st.tuples(COUNT, COUNT),
    feedback=st.tuples(COUNT, COUNT),
    closed=COUNT,
    mean=st.none() | st.floats(1, 5),
    letters=st.integers(0, 60),
    points=st.sampled_from([0, 0.5, 2, 3.25]),
)
def test_the_formula_shown_gives_the_score(
    resolve: tuple[int, int], feedback: tuple[int, int], closed: int, mean: float | None, letters: int, points: float
) -> None:
    figures = replace(
        NOTHING,
        closed=closed,
        satisfaction=mean,
        letters=(letters,) if letters else (),
        clocks=clocks(resolve=(resolve[0], resolve[0] // 2, resolve[1]), feedback=(feedback[0], feedback[0] // 3, 0)),
    )
    (score,) = scored(("police", "county", figures), terms=Appraisal(letter_points=points))
    if score.score is None:
        assert not any((sum(resolve), feedback[0], closed, mean))
        return
    assert 0 <= score.score <= 100
    assert sum(part.weight for part in score.parts) == pytest.approx(1)
    terms, shown = score.formula.split(" = ")
    worked_out = eval(terms.replace("×", "*"))  # noqa: S307 - our own formula
    assert max(0, worked_out) == pytest.approx(score.score, abs=0.05)
    assert max(0, float(shown.removesuffix(", at least 0"))) == pytest.approx(score.score, abs=0.006)


def test_the_notice_names_units_with_red_clocks_or_letters_the_worst_first() -> None:
    lines = (
        Line("", replace(NOTHING, clocks=clocks(assign=(9, 0, 9)))),
        Line("calm", replace(NOTHING, closed=3), "county"),
        Line("letter", replace(NOTHING, letters=(0, 1)), "county"),
        Line("still", replace(NOTHING, clocks=clocks(assign=(0, 0, 1))), "county"),
        Line("twice", replace(NOTHING, clocks=clocks(assign=(2, 0, 0))), "county"),
    )
    found = noticed(CaseFigures(OCTOBER, NOTHING, lines, (), (), ()))
    assert [key for key, _ in found] == ["twice", "letter", "still"]


@pytest.mark.parametrize(
    ("values", "per_cent", "wanted"),
    [
        ([], 90, None),
        ([4.0], 90, 4.0),
        (list(range(1, 11)), 90, 9),
        (list(range(1, 12)), 90, 10),
        (list(range(1, 21)), 90, 18),
        ([1, 1, 1, 1, 1, 1, 1, 1, 9, 9], 90, 9),
        ([1, 2], 50, 1),
    ],
)
def test_p90_is_the_nearest_rank(values: list[float], per_cent: int, wanted: float | None) -> None:
    assert nearest_rank(values, per_cent) == wanted


@given(st.lists(st.integers(0, 50), min_size=1))
def test_p90_is_a_value_that_nine_in_ten_do_not_exceed_and_the_least_one(values: list[int]) -> None:
    ordered = sorted(values)
    found = nearest_rank(ordered, 90)
    assert found in values
    assert 10 * sum(value <= found for value in values) >= 9 * len(values)
    assert 10 * sum(value < found for value in values) < 9 * len(values)
