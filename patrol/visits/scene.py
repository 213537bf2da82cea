"""Whether a camera still looks where its reference picture looks, by day and by night, with other traffic and weather.

Features that both pictures share are registered; where the light has changed too much for that, nothing is claimed: a
look is not thrown away without evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Image

_SIDE = 640
_LEAST_FEATURES = 60
_LEAST_MATCHES = 12
MOVED_BY = 0.06
"""Shift of the picture's middle or corners, in shares of its width, from which zones no longer fit."""
_UNLIKE = 0.12
"""Correlation of edges below which two well-lit pictures show different places, when no feature matches either."""


@dataclass(frozen=True, slots=True)
class ViewMatch:
    """How a picture compares with the reference.

    Attributes:
        moved: the camera looks elsewhere.
        score: in [0, 1], how sure it is that the view is the same.
        shift: largest displacement of the picture's corners and middle, shares of its width; 0 when it cannot be told.
        reason: one sentence.
    """

    moved: bool
    score: float
    shift: float
    reason: str


def view_moved(picture: Image, reference: Image) -> ViewMatch:
    """Compare a picture with the camera's reference, both BGR or luma."""
    one, other = _prepared(picture), _prepared(reference)
    likeness = _likeness(one, other)
    finder = cv2.ORB.create(1500, fastThreshold=8)
    points, marks = finder.detectAndCompute(one, None)
    points_before, marks_before = finder.detectAndCompute(other, None)
    if marks is None or marks_before is None or min(len(points), len(points_before)) < _LEAST_FEATURES:
        return ViewMatch(False, max(0.0, likeness), 0.0, "too little to see in one of the two to compare views")
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(marks, marks_before, k=2)
    good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < 0.75 * p[1].distance]
    if len(good) >= _LEAST_MATCHES:
        here = np.array([points[m.queryIdx].pt for m in good], np.float32)
        there = np.array([points_before[m.trainIdx].pt for m in good], np.float32)
        found, inside = cv2.estimateAffinePartial2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=4.0)
        kept = int(inside.sum()) if inside is not None else 0
        if found is not None and kept >= _LEAST_MATCHES and kept >= 0.25 * len(good):
            shift = _displacement(found, one.shape)
            moved = shift > MOVED_BY
            words = f"the view is shifted by {shift:.0%} of its width" if moved else "the view is the reference's"
            return ViewMatch(moved, 1.0 - min(1.0, shift / (2 * MOVED_BY)), shift, words)
    if likeness < _UNLIKE and _comparable(one, other):
        return ViewMatch(True, max(0.0, likeness), 1.0, "the picture has nothing in common with the reference")
    return ViewMatch(False, max(0.0, likeness), 0.0, "the light differs too much to compare views")


def _prepared(picture: Image) -> Image:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
    scale = _SIDE / max(grey.shape)
    if scale != 1.0:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return cv2.createCLAHE(2.0, (8, 8)).apply(grey)


def _likeness(one: Image, other: Image) -> float:
    """Correlation of the edge pictures, coarse enough to forgive a swaying pole, in [-1, 1]."""
    if one.shape != other.shape:
        other = cv2.resize(other, one.shape[::-1], interpolation=cv2.INTER_AREA)
    a, b = _edges(one), _edges(other)
    a, b = a - a.mean(), b - b.mean()
    power = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / power) if power > 0 else 0.0


def _edges(picture: Image) -> NDArray[np.float32]:
    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    strength = np.minimum(cv2.magnitude(across, down), 200)
    return cv2.resize(cv2.GaussianBlur(strength, (0, 0), 3), (96, 64), interpolation=cv2.INTER_AREA)


def _comparable(one: Image, other: Image) -> bool:
    """Both well lit and full of edges: only then unlikeness means another place."""
    return all(60 < float(p.mean()) < 210 and float(p.std()) > 35 for p in (one, other))


def _displacement(found: NDArray[np.float64], shape: tuple[int, ...]) -> float:
    height, width = shape[:2]
    spots = np.array([[0, 0], [width, 0], [0, height], [width, height], [width / 2, height / 2]], np.float64)
    moved = spots @ found[:, :2].T + found[:, 2]
    return float(np.hypot(*(moved - spots).T).max() / width)
