"""How fast boxes move between two frames: sparse optical flow inside them, the camera's own motion taken out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Image

_POINTS_A_BOX = 12
_LEAST_POINTS = 3
_WINDOW = (15, 15)


@dataclass(frozen=True, slots=True)
class Motion:
    """Motion between two frames.

    Attributes:
        boxes: ``(N, 2)`` float, displacement of each box in pixels, NaN where nothing in it could be followed.
        camera: pixels that the background moved.
    """

    boxes: NDArray[np.float64]
    camera: float


def motion(before: Image, after: Image, boxes: NDArray[np.float32]) -> Motion:
    """Follow points from ``before`` to ``after``.

    Args:
        before, after: ``(H, W)`` luma of the same size.
        boxes: ``(N, 4)`` ``(x_min, y_min, x_max, y_max)`` in [0, 1], where the things were in ``before``.
    """
    height, width = before.shape
    pixels = boxes * np.array([width, height, width, height], np.float32)
    points, owner = _points(before, pixels)
    if len(points) == 0:
        return Motion(np.full((len(boxes), 2), np.nan), 0.0)
    moved, ok = _follow(before, after, points)
    shift = moved - points
    background = (owner < 0) & ok
    drift = np.median(shift[background], axis=0) if background.sum() >= 8 else np.zeros(2)
    out = np.full((len(boxes), 2), np.nan)
    for index in range(len(boxes)):
        mine = (owner == index) & ok
        if mine.sum() >= _LEAST_POINTS:
            out[index] = np.median(shift[mine], axis=0) - drift
    return Motion(out, float(np.hypot(*drift)))


def _points(picture: Image, boxes: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    found: list[NDArray[np.float32]] = []
    owner: list[NDArray[np.int64]] = []
    outside = np.full(picture.shape, 255, np.uint8)
    for index, (left, top, right, bottom) in enumerate(boxes):
        # The middle of the box: its rim shows the road, which stands still.
        dx, dy = (right - left) * 0.12, (bottom - top) * 0.12
        x0, y0, x1, y1 = int(left + dx), int(top + dy), int(np.ceil(right - dx)), int(np.ceil(bottom - dy))
        outside[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1] = 0
        patch = picture[max(0, y0) : y1, max(0, x0) : x1]
        if min(patch.shape) < 6:
            continue
        corners = cv2.goodFeaturesToTrack(patch, _POINTS_A_BOX, 0.03, 2)
        if corners is not None:
            found.append(corners.reshape(-1, 2).astype(np.float32) + np.array([max(0, x0), max(0, y0)], np.float32))
            owner.append(np.full(len(corners), index, np.int64))
    corners = cv2.goodFeaturesToTrack(picture, 60, 0.02, 12, mask=outside)
    if corners is not None:
        found.append(corners.reshape(-1, 2).astype(np.float32))
        owner.append(np.full(len(corners), -1, np.int64))
    if not found:
        return np.zeros((0, 2), np.float32), np.zeros(0, np.int64)
    return np.concatenate(found), np.concatenate(owner)


def _follow(before: Image, after: Image, points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    start = points.reshape(-1, 1, 2)
    there, ok, _ = cv2.calcOpticalFlowPyrLK(before, after, start, None, winSize=_WINDOW, maxLevel=3)
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(after, before, there, None, winSize=_WINDOW, maxLevel=3)
    # A point that does not come back to where it started was lost on the way.
    returned = np.abs(back - start).reshape(-1, 2).max(axis=1) < 1.0
    return there.reshape(-1, 2), (ok.reshape(-1) == 1) & (ok_back.reshape(-1) == 1) & returned
