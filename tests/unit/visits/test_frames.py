"""Frames of one stream share their converters: each picture as if it had one of its own, and each conversion noted."""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

from patrol.visits.frames import Converters, DecodedFrame


def frame(seed: int, height: int = 90, width: int = 160) -> av.VideoFrame:
    picture: NDArray[np.uint8] = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def test_pictures_are_the_same_with_shared_converters_also_when_the_stream_changes_its_size() -> None:
    shared = Converters()
    for number, size in enumerate([(90, 160), (90, 160), (120, 160), (90, 160)]):
        made = frame(number, *size)
        one, other = DecodedFrame(made, 0.1 * number, shared), DecodedFrame(made, 0.1 * number)
        for side in (None, 80):
            assert np.array_equal(one.gray(side), other.gray(side))
            assert np.array_equal(one.bgr(side), other.bgr(side))
        assert one.gray(80).shape == (round(80 * size[0] / 160), 80)


def test_what_was_converted_is_noted_once() -> None:
    shared = Converters()
    one = DecodedFrame(frame(1), 0.4, shared)
    for _ in range(2):
        one.gray(80)
        one.bgr(1000)
    assert shared.made == [(0.4, "gray", 80), (0.4, "bgr24", None)]
