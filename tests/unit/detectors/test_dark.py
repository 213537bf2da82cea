"""A dark picture is brightened before the model sees it; any other stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from detectors._decode import lit


def picture(level: int) -> np.ndarray:
    made = np.full((120, 160, 3), level, np.uint8)
    made[40:80, 60:100] = min(255, 4 * level)
    return made


@pytest.mark.parametrize("level", [50, 90, 200])
def test_a_picture_by_day_is_not_touched(level: int) -> None:
    assert lit(picture(level), smooth=True) is not None
    assert np.array_equal(lit(picture(level), smooth=True), picture(level))


@pytest.mark.parametrize("level", [5, 12, 30])
def test_a_dark_one_is_brighter_and_keeps_its_order(level: int) -> None:
    made = lit(picture(level), smooth=False)
    assert made[0, 0, 0] >= 2 * level
    assert made[60, 80, 0] > made[0, 0, 0]


def test_lamps_are_not_burnt_out() -> None:
    night = np.full((120, 160, 3), 10, np.uint8)
    night[10:14, 10:14], night[10:14, 30:34] = 180, 250
    made = lit(night, smooth=False)
    assert made[12, 12, 0] < made[12, 32, 0] <= 255


def test_noise_is_smoothed_where_it_was_not_averaged_away() -> None:
    noisy = np.clip(np.random.default_rng(1).normal(20, 5, (120, 160, 3)), 0, 255).astype(np.uint8)
    assert lit(noisy, smooth=True).std() < 0.6 * lit(noisy, smooth=False).std()
