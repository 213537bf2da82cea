"""What the synthetic scenes look like, judged on single pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from patrol.demo._canvas import HEIGHT, WIDTH
from patrol.demo.scenes import SCENES

_MOMENTS = (0.0, 2.6, 5.1, 9.7)


@pytest.mark.parametrize("key", SCENES)
def test_a_scene_is_a_picture_that_depends_on_its_seed_alone(key: str) -> None:
    scene = SCENES[key]
    one, again, other = (scene.painter(seed) for seed in (1, 1, 2))
    for at in _MOMENTS:
        picture = one(at)
        assert picture.shape == (HEIGHT, WIDTH, 3)
        assert picture.dtype == np.uint8
        assert np.array_equal(picture, again(at))
        assert not np.array_equal(picture, other(at))


@pytest.mark.parametrize("key", [key for key in SCENES if key not in {"covered", "dark"}])
def test_a_good_camera_is_neither_dark_nor_flat(key: str) -> None:
    for at in _MOMENTS:
        grey = cv2.cvtColor(SCENES[key].painter(1)(at), cv2.COLOR_BGR2GRAY)
        assert 30 < grey.mean() < 220
        assert grey.std() > 25


def test_only_the_frozen_one_stands_still() -> None:
    for key, scene in SCENES.items():
        paint = scene.painter(1)
        assert np.array_equal(paint(0.0), paint(0.08)) == (key == "frozen"), key


def test_the_covered_lens_is_one_colour_and_the_dark_one_is_dark() -> None:
    assert SCENES["covered"].painter(1)(3.0).std(axis=(0, 1)).max() < 12
    assert SCENES["dark"].painter(1)(3.0).mean() < 15


def test_the_queue_stands_and_the_free_road_runs() -> None:
    def moved(key: str) -> float:
        paint = SCENES[key].painter(1)
        right_lanes = np.s_[200:340, 340:600]
        before, after = (cv2.GaussianBlur(paint(at), (0, 0), 3)[right_lanes].astype(int) for at in (1.0, 2.0))
        return float((abs(before - after).max(axis=2) > 25).mean())

    assert moved("queue") < 0.01
    assert moved("free_road") > 0.05


def test_fireworks_come_as_bursts_over_the_whole_loop_and_not_by_the_clock() -> None:
    paint = SCENES["fireworks"].painter(1)
    quiet = SCENES["quiet_town"].painter(1)(0.0)[:200].astype(int)
    light = np.array([np.clip(paint(at)[:200].astype(int) - quiet, 0, None).mean() for at in np.arange(0, 16, 0.2)])
    peaks = [
        n for n in range(1, len(light) - 1) if light[n] > 2 and light[n] >= light[n - 1] and light[n] > light[n + 1]
    ]
    assert len(peaks) >= 6, "several in any ten seconds"
    assert np.std(np.diff(peaks)) > 1.5, "irregular"
    assert light.max() > 3 * np.percentile(light, 10), "they flare up and die down"
