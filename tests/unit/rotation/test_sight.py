"""The share of incidents a rotation can see, against the figures of domain.md part 0.1 and against chance itself."""

from __future__ import annotations

import random

import pytest

from patrol.rotation.sight import mean_share, seen_share


@pytest.mark.parametrize(
    ("lasts_min", "every_two_hours", "every_ten_minutes"),
    [(1, 0.011, 0.133), (5, 0.044, 0.533), (20, 0.169, 1.0), (30, 0.253, 1.0), (60, 0.503, 1.0), (120, 1.0, 1.0)],
)
def test_the_worked_figures(lasts_min: float, every_two_hours: float, every_ten_minutes: float) -> None:
    assert seen_share(7200.0, 20.0, lasts_min * 60) == pytest.approx(every_two_hours, abs=0.0006)
    assert seen_share(600.0, 20.0, lasts_min * 60) == pytest.approx(every_ten_minutes, abs=0.0006)


def test_it_is_what_chance_gives() -> None:
    chance = random.Random(4)
    gaps = [chance.uniform(300.0, 7200.0) for _ in range(2000)]
    starts = [0.0]
    for gap in gaps:
        starts.append(starts[-1] + gap)
    lasts, dwell = 900.0, 20.0
    seen = 0
    tries = 40_000
    looks = iter(())
    begins = sorted(chance.uniform(lasts, starts[-1] - 8000.0) for _ in range(tries))
    looks = iter(starts)
    look = next(looks)
    for begin in begins:
        while look + dwell <= begin:
            look = next(looks)
        seen += look < begin + lasts
    assert mean_share(((gap, gap, dwell) for gap in gaps), lasts) == pytest.approx(seen / tries, abs=0.01)


def test_no_camera_is_no_share() -> None:
    assert mean_share([], 60.0) is None
