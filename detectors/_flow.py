"""How far boxes move between two frames: sparse optical flow inside them, the camera's own motion taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Image

_POINTS_A_BOX = 12
_LEAST_POINTS = 3
_LEAST_BACKGROUND = 15
_RIM = 6
_WINDOW = (15, 15)
_ENOUGH = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
"""Steps of a level, or pixels that a step still brings: a hundredth of a vehicle's length needs no more."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Motion between two frames.

    Attributes:
        boxes: ``(N, 2)`` float, displacement of each box in pixels, NaN where nothing in it could be followed.
        camera: pixels that the background moved.
        kept: share of the background's points that were found again; 1 where there were too few to tell.
    """

    boxes: NDArray[np.float64]
    camera: float
    kept: float


@dataclass(frozen=True, slots=True)
class Points:
    """What is followed: ``at`` ``(P, 2)`` float32 pixels; ``owner`` ``(P,)`` the box it lies in, -1 for the background."""

    at: NDArray[np.float32]
    owner: NDArray[np.int64]
    boxes: int

    def only(self, boxes: NDArray[np.bool_]) -> Points:
        """Those of the background and of some boxes, ``(N,)``; the boxes keep their numbers."""
        kept = (self.owner < 0) | np.append(boxes, False)[self.owner]
        return Points(self.at[kept], self.owner[kept], self.boxes)


def points_in(picture: Image, boxes: NDArray[np.float32]) -> Points:
    """Corners inside the boxes and outside of them.

    Args:
        picture: ``(H, W)`` luma.
        boxes: ``(N, 4)`` ``(x_min, y_min, x_max, y_max)`` in [0, 1].
    """
    height, width = picture.shape
    found: list[NDArray[np.float32]] = []
    owner: list[NDArray[np.int64]] = []
    outside = np.full(picture.shape, 255, np.uint8)
    for index, (left, top, right, bottom) in enumerate(boxes * np.array([width, height, width, height], np.float32)):
        # The middle of the box: its rim shows the road, which stands still.
        dx, dy = (right - left) * 0.12, (bottom - top) * 0.12
        x0, y0, x1, y1 = int(left + dx), int(top + dy), int(np.ceil(right - dx)), int(np.ceil(bottom - dy))
        # The rim of a vehicle is the strongest corner far and wide; beside it the background would have none.
        outside[max(0, int(top) - _RIM) : int(bottom) + _RIM, max(0, int(left) - _RIM) : int(right) + _RIM] = 0
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
        return Points(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), len(boxes))
    return Points(np.concatenate(found), np.concatenate(owner), len(boxes))


def motion(before: Image, after: Image, points: Points, guess: NDArray[np.float64] | None = None) -> Motion:
    """Follow points from ``before`` to ``after``.

    Args:
        before, after: ``(H, W)`` luma of the same size.
        points: of ``before``.
        guess: ``(N, 2)`` pixels that each box may have moved, NaN where nothing is known; helps over long times.
    """
    nothing = Motion(np.full((points.boxes, 2), np.nan), 0.0, 1.0)
    if len(points.at) == 0 or before.shape != after.shape:
        return nothing
    shift, ok = _follow(before, after, points, guess)
    outside = int((points.owner < 0).sum())
    background = (points.owner < 0) & ok
    kept = float(background.sum() / outside) if outside >= _LEAST_BACKGROUND else 1.0
    drift = np.median(shift[background], axis=0) if background.sum() >= 8 else np.zeros(2)
    out = nothing.boxes
    for index in range(points.boxes):
        mine = (points.owner == index) & ok
        if mine.sum() >= _LEAST_POINTS:
            out[index] = np.median(shift[mine], axis=0) - drift
    return Motion(out, float(np.hypot(*drift)), kept)


def _follow(
    before: Image, after: Image, points: Points, guess: NDArray[np.float64] | None
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    start = points.at.reshape(-1, 1, 2)
    ahead = np.zeros_like(start)
    if guess is not None and points.boxes:
        of_box = np.where(np.isnan(guess), 0.0, guess)[np.clip(points.owner, 0, None)]
        ahead = np.where((points.owner < 0)[:, None], 0.0, of_box).astype(np.float32).reshape(-1, 1, 2)
    there, ok, _ = _tracked(before, after, start, start + ahead)
    # The way back starts from the same guess, not from where it should end: else it would always find home.
    back, ok_back, _ = _tracked(after, before, there, there - ahead)
    # A point that does not come back to where it started was lost on the way.
    returned = np.abs(back - start).reshape(-1, 2).max(axis=1) < 1.0
    good = (ok.reshape(-1) == 1) & (ok_back.reshape(-1) == 1) & returned
    return (there - start).reshape(-1, 2), good


def _tracked(one: Image, other: Image, start: NDArray[np.float32], guess: NDArray[np.float32]) -> Any:
    return cv2.calcOpticalFlowPyrLK(
        one,
        other,
        start,
        guess.copy(),
        winSize=_WINDOW,
        maxLevel=3,
        criteria=_ENOUGH,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
