"""A camera that looks elsewhere is noticed; another light, weather or traffic is not held against it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench.bad_pictures import lit, noisy
from bench.scene import warped
from detectors import Image
from patrol.visits.capture import capture
from patrol.visits.scene import MOVED_BY, view_moved
from tests.support import footage, scenery

HERE = scenery.street(1)


def test_the_same_view_is_the_same() -> None:
    match = view_moved(HERE, HERE)
    assert not match.moved
    assert match.score == pytest.approx(1.0, abs=0.02)
    assert match.shift == 0.0


@pytest.mark.parametrize(
    "picture",
    [
        lit(HERE, 0.2, 0),
        lit(HERE, 0.7, 70),
        noisy(HERE, 12, np.random.default_rng(3)),
        cv2.resize(HERE, (352, 288)).astype(np.uint8),
        warped(HERE, 0.02, 1.0, 0.0),
        cv2.cvtColor(HERE, cv2.COLOR_BGR2GRAY).astype(np.uint8),
    ],
    ids=["night", "haze", "noise", "another size and aspect", "a pole that sways", "black and white"],
)
def test_another_light_is_not_another_place(picture: Image) -> None:
    match = view_moved(picture, HERE)
    assert not match.moved
    assert match.reason == "the view is the reference's"


def test_traffic_is_not_another_place() -> None:
    busy = HERE.copy()
    for x in range(0, 640, 80):
        cv2.rectangle(busy, (x, 255), (x + 62, 345), (40, 40, 150), -1)
    assert not view_moved(busy, HERE).moved


@pytest.mark.parametrize(
    ("shift", "zoom", "turn"), [(0.1, 1, 0), (0.25, 1, 0), (-0.4, 1, 0), (0, 1.4, 0), (0, 1, 20)], ids=str
)
def test_a_view_that_left_its_zones_is_moved(shift: float, zoom: float, turn: float) -> None:
    match = view_moved(warped(HERE, shift, zoom, turn), HERE)
    assert match.moved
    assert match.shift > MOVED_BY
    if shift:
        assert match.shift == pytest.approx(abs(shift), abs=0.02)
        assert f"{match.shift:.0%}" in match.reason


@pytest.mark.parametrize("seed", range(2, 8))
def test_another_place_is_moved(seed: int) -> None:
    assert view_moved(scenery.street(seed), HERE).moved


@pytest.mark.parametrize(
    "picture", [scenery.night(), scenery.lake(), np.full_like(HERE, 12)], ids=["night", "lake", "nothing"]
)
def test_where_nothing_can_be_compared_nothing_is_claimed(picture: Image) -> None:
    for match in (view_moved(picture, HERE), view_moved(HERE, picture)):
        assert not match.moved
        assert "too little" in match.reason


@pytest.mark.footage
def test_real_cameras_are_told_apart() -> None:
    names = ("a1_barnet_dense", "hydepark_corner", "wellington_free", "tooley_free", "piccadilly_circus_day")
    ends = {}
    for name in names:
        clip = footage.CLIPS / "traffic" / f"traffic_jamcam_{name}.mp4"
        frames = list(capture(str(clip), dwell_s=20, open_timeout_s=5, read_timeout_s=5, deadline_s=60).frames())
        ends[name] = (frames[0].bgr(), frames[-1].bgr())
    for name, (first, last) in ends.items():
        assert not view_moved(last, first).moved, name
        assert view_moved(warped(last, 0.15, 1.0, 0.0), first).moved, name
        others = [view_moved(ends[other][0], first) for other in names if other != name]
        assert not any(match.reason == "the view is the reference's" for match in others)
        assert sum(match.moved for match in others) >= 3, name
