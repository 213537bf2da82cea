"""Whether a camera still looks where its reference picture looks, by day and by night, with other traffic and weather.

Edges are compared by their direction, not their strength or sign, so that another light leaves them as they are. A view
that fits is found at once; one that is shifted, by correlation; one that is zoomed or turned, by common features. Where
none of that says anything, nothing is claimed unless both pictures are well lit and full of edges: a look is not thrown
away without evidence. Thresholds: own measurement, ``python -m bench.scene``, table in docs/quality.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Image

_WIDE, _HIGH = 256, 144
_TEXT_BAND = 0.08
"""Share of the height at top and bottom that is not compared: name and time stand there in every picture."""
_FEATURE_SIDE = 640

MOVED_BY = 0.06
"""Shift of the picture's middle or corners, in shares of its width, from which zones no longer fit."""
_SAME = 0.28
"""Likeness at the same place. One camera at other times of day: 0.42 to 0.79; other cameras: at most 0.24."""
_SHIFTED = 0.30
_CLEAR_PEAK = 10.0
"""Likeness after shifting, and how many standard deviations it stands out. Other cameras: at most 10.2."""
_UNLIKE = 0.12
"""Likeness below which two well-lit pictures full of edges show different places. Other cameras: 90 % are below 0.11."""
_LEAST_MATCHES = 15
_AGREEING = 0.35
_EDGY = 0.25
"""Share of the picture with edges that both need before unlikeness says anything."""


@dataclass(frozen=True, slots=True)
class ViewMatch:
    """How a picture compares with the reference.

    Attributes:
        moved: the camera looks elsewhere.
        score: likeness at the same place, in [0, 1].
        shift: largest displacement of the picture's corners and middle, shares of its width; 0 when it cannot be told.
        reason: one sentence.
    """

    moved: bool
    score: float
    shift: float
    reason: str


def view_moved(picture: Image, reference: Image) -> ViewMatch:
    """Compare a picture with the camera's reference, both BGR or luma, of any size."""
    here, there = _coarse(picture), _coarse(reference)
    correlation = _correlation(_directions(here), _directions(there))
    middle = np.array(correlation.shape) // 2
    near = correlation[middle[0] - 4 : middle[0] + 5, middle[1] - 4 : middle[1] + 5]
    likeness = float(near.max())
    score = min(1.0, max(0.0, likeness))
    row, column = np.unravel_index(int(correlation.argmax()), correlation.shape)
    peak = float(correlation[row, column])
    if likeness >= _SAME and likeness >= 0.9 * peak:
        return ViewMatch(False, score, 0.0, "the view is the reference's")
    if peak >= _SHIFTED and peak >= _CLEAR_PEAK * float(correlation.std()):
        across, down = (column - middle[1]) / _WIDE, (row - middle[0]) / _WIDE
        return _by_shift(score, float(np.hypot(across, down)), "shifted")
    shift = _registered(picture, reference)
    if shift is not None:
        return _by_shift(score, shift, "shifted, turned or zoomed")
    if likeness < _UNLIKE and _comparable(here, there):
        return ViewMatch(True, score, 0.0, "the picture has nothing in common with the reference")
    return ViewMatch(False, score, 0.0, "too little to see, or the light differs too much, to compare views")


def _by_shift(score: float, shift: float, how: str) -> ViewMatch:
    if shift > MOVED_BY:
        return ViewMatch(True, score, shift, f"the view is {how} by {shift:.0%} of its width")
    return ViewMatch(False, score, shift, "the view is the reference's")


def _grey(picture: Image) -> Image:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
    return grey.astype(np.uint8, copy=False)


def _coarse(picture: Image) -> NDArray[np.float32]:
    """``(rows, _WIDE)`` luma without the texts; any aspect is brought to the same one."""
    small = cv2.resize(_grey(picture), (_WIDE, _HIGH), interpolation=cv2.INTER_AREA)
    band = round(_TEXT_BAND * _HIGH)
    return small[band : _HIGH - band].astype(np.float32)


def _directions(grey: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Edge direction as a complex number of doubled angle, so that light-on-dark equals dark-on-light, weighted by how
    much the edge exceeds its surroundings.
    """
    across, down = _slopes(grey)
    power = across * across + down * down
    strength = np.sqrt(power)
    usual = np.sqrt(np.maximum(cv2.blur(power, (31, 31)), 0)) + 1.0
    weight = np.minimum(strength / usual, 2.0) / np.maximum(power, 1e-6)
    doubled = ((across * across - down * down) * weight, 2 * across * down * weight)
    real, imaginary = (cv2.GaussianBlur(part, (0, 0), 1.0) for part in doubled)
    field = (real + 1j * imaginary).astype(np.complex64)
    return field - field.mean()


def _slopes(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    calm = cv2.GaussianBlur(grey, (0, 0), 1.0)
    across, down = (cv2.Sobel(calm, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _correlation(one: NDArray[np.complex64], other: NDArray[np.complex64]) -> NDArray[np.float64]:
    """``(2 H, 2 W)`` correlation of two fields for every shift, none in the middle, each in [-1, 1]."""
    power = float(np.sqrt((np.abs(one) ** 2).sum() * (np.abs(other) ** 2).sum()))
    size = (2 * one.shape[0], 2 * one.shape[1])
    product = np.fft.fft2(one, size) * np.conj(np.fft.fft2(other, size))
    return np.fft.fftshift(np.fft.ifft2(product).real) / max(power, 1e-6)


def _registered(picture: Image, reference: Image) -> float | None:
    """Largest displacement of corners and middle by common features, None where too few agree."""
    here, there = _featured(picture), _featured(reference)
    finder = cv2.SIFT.create(1500)
    points, marks = finder.detectAndCompute(here, None)
    points_before, marks_before = finder.detectAndCompute(there, None)
    if marks is None or marks_before is None or min(len(marks), len(marks_before)) < _LEAST_MATCHES:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(marks, marks_before, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.75 * pair[1].distance]
    if len(good) < _LEAST_MATCHES:
        return None
    now = np.array([points[m.queryIdx].pt for m in good], np.float32)
    before = np.array([points_before[m.trainIdx].pt for m in good], np.float32)
    found, inside = cv2.estimateAffinePartial2D(now, before, method=cv2.RANSAC, ransacReprojThreshold=4.0)
    kept = int(inside.sum()) if inside is not None else 0
    if found is None or kept < max(_LEAST_MATCHES, _AGREEING * len(good)):
        return None
    height, width = here.shape[:2]
    spots = np.array([[0, 0], [width, 0], [0, height], [width, height], [width / 2, height / 2]], np.float64)
    return float(np.hypot(*(spots @ found[:, :2].T + found[:, 2] - spots).T).max() / width)


def _featured(picture: Image) -> Image:
    grey = _grey(picture)
    size = (_FEATURE_SIDE, round(_FEATURE_SIDE * _HIGH / _WIDE))
    band = round(_TEXT_BAND * size[1])
    resized = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if grey.shape[1] > size[0] else cv2.INTER_LINEAR)
    return cv2.createCLAHE(2.0, (8, 8)).apply(resized[band : size[1] - band]).astype(np.uint8, copy=False)


def _comparable(here: NDArray[np.float32], there: NDArray[np.float32]) -> bool:
    """Both well lit, in about the same light, and full of edges: only then unlikeness means another place."""
    light = [float(p.mean()) for p in (here, there)]
    if not (min(light) > 50 and max(light) < 215 and max(light) < 2 * min(light)):
        return False
    return all(float((np.hypot(*_slopes(p)) > 3).mean()) >= _EDGY for p in (here, there))
