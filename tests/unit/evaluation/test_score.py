"""The figures, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from detectors import Kind, Verdict
from patrol.evaluation import Answer, figures, score
from patrol.intervals import interval
from tests.unit.evaluation.answered import answer

CLEAR, CANDIDATE, FLAGGED = Verdict.CLEAR, Verdict.CANDIDATE, Verdict.FLAGGED


def many(*groups: tuple[int, Verdict | None, bool, str]) -> list[Answer]:
    return [answer(v, positive=p, source=s) for count, v, p, s in groups for _ in range(count)]


def test_recall_precision_and_false_flags_are_counted_by_hand() -> None:
    # 5 positives: 3 flagged, 1 candidate, 1 clear. 10 negatives: 1 flagged, 2 candidates, 7 clear.
    found = figures(
        many(
            (3, FLAGGED, True, "a"),
            (1, CANDIDATE, True, "b"),
            (1, CLEAR, True, "b"),
            (1, FLAGGED, False, "a"),
            (2, CANDIDATE, False, "c"),
            (7, CLEAR, False, "c"),
        )
    )
    assert (found.positive, found.negative) == (5, 10)
    assert [(s.hits, s.of) for s in (found.recall, found.recall_candidate, found.precision)] == [(3, 5), (4, 5), (3, 4)]
    assert (found.recall.value, found.precision.value) == (0.6, 0.75)
    assert (found.false_flags.value, found.false_candidates.value) == (0.1, 0.2)
    # Wilson for 3 of 5: 0.2307 to 0.8824.
    assert (found.recall.low, found.recall.high) == (pytest.approx(0.2307, abs=1e-4), pytest.approx(0.8824, abs=1e-4))


def test_nothing_counted_has_the_rule_of_three_and_nothing_to_count_has_no_share() -> None:
    found = figures(many((30, CLEAR, False, "a")))
    assert (found.false_flags.low, found.false_flags.high) == (0.0, pytest.approx(0.1))
    assert (found.recall.value, found.recall.low, found.recall.high, found.recall.sources) == (None, None, None, 0)
    assert found.precision.value is None
    assert interval(0, 30) == (0.0, pytest.approx(0.1))


def test_no_answer_is_in_no_share_and_is_counted_beside_them() -> None:
    found = figures(many((1, FLAGGED, True, "a"), (3, None, True, "a"), (2, None, False, "b"), (4, CLEAR, False, "b")))
    assert (found.positive, found.positive_unanswered, found.negative_unanswered) == (1, 3, 2)
    assert (found.recall.hits, found.recall.of) == (1, 1)
    assert (found.false_flags.hits, found.false_flags.of) == (0, 4)
    assert answer(None, positive=True).error is None


@pytest.mark.parametrize(
    ("verdict", "positive", "error"),
    [
        (FLAGGED, True, None),
        (CANDIDATE, True, "candidate_only"),
        (CLEAR, True, "missed"),
        (FLAGGED, False, "false_flag"),
        (CANDIDATE, False, "false_candidate"),
        (CLEAR, False, None),
    ],
)
def test_what_is_wrong_is_named(verdict: Verdict, positive: bool, error: str | None) -> None:
    assert answer(verdict, positive=positive).error == error


def test_looks_of_one_source_stay_together_when_one_is_left_out() -> None:
    # a: 3 of 4, b: 0 of 1, c: 1 of 1. All: 4 of 6. Without a: 1 of 2; without b: 4 of 5; without c: 3 of 5.
    found = figures(
        many((3, FLAGGED, True, "a"), (1, CLEAR, True, "a"), (1, CLEAR, True, "b"), (1, FLAGGED, True, "c"))
    ).recall
    assert (found.hits, found.of, found.sources) == (4, 6, 3)
    assert (found.least, found.most) == (0.5, 0.8)
    alone = figures(many((2, FLAGGED, True, "a"))).recall
    assert (alone.sources, alone.least, alone.most) == (1, None, None)


def test_figures_stand_by_day_and_night_and_by_source() -> None:
    (found,) = score(
        [
            answer(FLAGGED, positive=True, day_night="night", source="a"),
            answer(CLEAR, positive=False, day_night="day", source="b"),
            answer(FLAGGED, positive=False, day_night="day", source="b"),
        ]
    )
    assert list(found.by_day_night) == ["day", "night"]
    assert found.by_day_night["night"].recall.value == 1.0
    assert found.by_day_night["day"].recall.value is None
    assert found.by_day_night["day"].false_flags.value == 0.5
    assert {name: part.false_flags.of for name, part in found.by_source.items()} == {"a": 0, "b": 2}
    assert found.all.precision.value == 0.5


def test_synthetic_and_real_are_never_in_one_figure() -> None:
    answers = [
        answer(FLAGGED, positive=True, synthetic=True),
        answer(CLEAR, positive=True),
        answer(CLEAR, positive=True, kind=Kind.FISHING),
    ]
    assert [(f.kind, f.synthetic, f.all.recall.value) for f in score(answers)] == [
        (Kind.FIREWORKS, False, 0.0),
        (Kind.FISHING, False, 0.0),
        (Kind.FIREWORKS, True, 1.0),
    ]
    with pytest.raises(ValueError, match="synthetic"):
        figures(answers[:2])
