"""What is a rod at a body, and what only crosses it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors._rods import rods_at

BODY = (0.42, 0.35, 0.50, 0.85)
HAND, TIP = (318, 210), (448, 150)
"""130 px to the right, 60 up: 25 degrees from the horizontal, leaning left to right."""


def shore(noise: float = 3.0, seed: int = 1) -> NDArray[np.uint8]:
    """``(360, 640)``: water with ripples along it, and somebody before it."""
    rng = np.random.default_rng(seed)
    picture = 140 + 6 * np.sin(np.arange(360) / 4)[:, None] + rng.normal(0, noise, (360, 640))
    drawn = np.clip(picture, 0, 255).astype(np.uint8)
    cv2.rectangle(drawn, (269, 126), (320, 306), 60, -1)
    return drawn


def line(picture: NDArray[np.uint8], begins: tuple[int, int], ends: tuple[int, int], luma: int) -> None:
    cv2.line(picture, begins, ends, luma, 1, cv2.LINE_AA)


@pytest.mark.parametrize("luma", [105, 60, 190, 230])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_faint_line_at_the_hands_is_a_rod_darker_or_brighter_than_the_water(luma: int, seed: int) -> None:
    picture = shore(seed=seed)
    line(picture, HAND, TIP, luma)
    found = rods_at(picture, BODY)
    assert found
    assert all(abs(rod.angle - 155) < 6 and 0.35 <= rod.length <= 1.2 for rod in found)
    assert min(abs(rod.tip[0] * 640 - TIP[0]) for rod in found) < 40


def test_ripples_and_noise_alone_are_none() -> None:
    assert all(rods_at(shore(noise, seed), BODY) == () for noise in (0.0, 3.0, 8.0) for seed in range(5))


def test_a_line_that_nobody_holds_is_none() -> None:
    picture = shore()
    line(picture, (400, 160), (520, 100), 60)
    assert rods_at(picture, BODY) == ()


def test_one_of_many_slanted_lines_is_none() -> None:
    """A fence, reeds in the wind, a jetty in perspective."""
    picture = shore()
    for at in range(-200, 620, 24):
        line(picture, (at, 230), (at + 130, 170), 60)
    line(picture, HAND, TIP, 60)
    assert rods_at(picture, BODY) == ()


def test_the_waterline_and_a_pole_are_none() -> None:
    picture = shore()
    line(picture, (0, 205), (639, 200), 60)
    line(picture, (330, 20), (328, 300), 60)
    assert rods_at(picture, BODY) == ()


def test_who_is_too_small_shows_no_rod() -> None:
    assert rods_at(shore(), (0.42, 0.35, 0.43, 0.41)) == ()
