"""Which looks are made of a clip."""

from __future__ import annotations

import pytest

from detectors import Kind
from patrol.evaluation import plan
from tests.unit.evaluation.answered import clip


@pytest.mark.parametrize(
    ("seconds", "pieces", "left_out_s"),
    [
        (9.9, [(0, 20)], 0),  # not longer than the cut: one look, as long as a look lasts
        (10.0, [(0, 20)], 0),
        (14.9, [(0, 10)], 4.9),  # the rest is shorter than half the cut
        (15.0, [(0, 10), (10, 5)], 0),
        (20.0, [(0, 10), (10, 10)], 0),
        (37.0, [(0, 10), (10, 10), (20, 10), (30, 7)], 0),
        (None, [(0, 20)], 0),  # the look will say what is wrong with it
    ],
)
def test_a_clip_that_shows_nothing_is_cut(
    seconds: float | None, pieces: list[tuple[float, float]], left_out_s: float
) -> None:
    made = plan([(clip(), seconds)], dwell_s=20, cut_s=10)
    assert [(p.start_s, p.dwell_s) for p in made.pieces] == [pytest.approx(piece) for piece in pieces]
    assert [(p.number, p.of) for p in made.pieces] == [(n + 1, len(pieces)) for n in range(len(pieces))]
    assert made.left_out_s == pytest.approx(left_out_s)


def test_a_positive_is_looked_at_whole_also_by_the_detectors_it_is_a_negative_of() -> None:
    made = plan([(clip(shows=frozenset({Kind.FIREWORKS})), 60.0)], dwell_s=20, cut_s=10)
    assert [(p.start_s, p.dwell_s, p.of) for p in made.pieces] == [(0.0, 20, 1)]


def test_without_a_cut_every_clip_is_one_look() -> None:
    assert len(plan([(clip(), 60.0), (clip("b.mp4"), 60.0)], dwell_s=20, cut_s=None).pieces) == 2
