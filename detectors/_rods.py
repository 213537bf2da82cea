"""Looks for a rod at a person: a thin straight line that begins at the body and ends in free space."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Box, Image

_SHORTEST = 0.2
_LONGEST = 4.5
"""Visible length of a rod in body heights; rods are 1 to 4 m, and of a thin one only a piece can be seen at a time."""
_BODY_PX = 360
"""The surroundings are enlarged until a body is about this tall: a rod is one or two pixels wide, too thin for the line finder."""
_REACH = 0.35
"""How far from the body's middle line, in body heights, hands hold a rod."""
_PARALLEL = 3
"""More lines than this in the same direction are a railing, reeds or a pontoon."""
_STEEP = (8.0, 80.0)
"""Degrees from the horizontal: the horizon and the waterline lie flatter, poles stand steeper."""


@dataclass(frozen=True, slots=True)
class Rod:
    """A line that may be a rod. ``angle`` in degrees [0, 180), ``length`` in body heights, ``tip`` in shares of the picture."""

    angle: float
    length: float
    tip: tuple[float, float]


def rods_at(picture: Image, person: Box) -> tuple[Rod, ...]:
    """Lines at a person that may be rods.

    Args:
        picture: ``(H, W)`` luma.
        person: ``(x_min, y_min, x_max, y_max)`` in [0, 1].
    """
    rows, columns = picture.shape
    left, top, right, bottom = person[0] * columns, person[1] * rows, person[2] * columns, person[3] * rows
    body = bottom - top
    if body < 24:
        return ()
    x0, x1 = int(max(0, left - 2.2 * body)), int(min(columns, right + 2.2 * body))
    y0, y1 = int(max(0, top - 1.6 * body)), int(min(rows, bottom + 0.3 * body))
    enlarge = float(np.clip(_BODY_PX / body, 1.0, 2.0))
    around = cv2.resize(picture[y0:y1, x0:x1], None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_CUBIC)
    lines = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(around)[0]
    if lines is None:
        return ()
    ends = lines.reshape(-1, 4).astype(np.float64) / enlarge + np.array([x0, y0, x0, y0])
    lengths = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]) / body
    angles = np.degrees(np.arctan2(ends[:, 3] - ends[:, 1], ends[:, 2] - ends[:, 0])) % 180
    found = []
    for end, length, angle in zip(ends, lengths, angles, strict=True):
        slope = min(angle, 180 - angle)
        if not (_SHORTEST <= length <= _LONGEST and _STEEP[0] <= slope <= _STEEP[1]):
            continue
        tip = _tip(end, left, top, right, body)
        if tip is None:
            continue
        turned = np.abs((angles - angle + 90) % 180 - 90)
        if int(((turned < 6) & (lengths > 0.5 * length)).sum()) - 1 > 2 * _PARALLEL:
            continue
        found.append(Rod(float(angle), float(length), (tip[0] / columns, tip[1] / rows)))
    return tuple(found)


def _tip(end: NDArray[np.float64], left: float, top: float, right: float, body: float) -> tuple[float, float] | None:
    """The free end, when the other one is where hands are; None when the line does not belong to the person."""
    middle = (left + right) / 2
    hands_top, hands_bottom = top + 0.15 * body, top + 0.70 * body

    def held(x: float, y: float) -> bool:
        return abs(x - middle) <= (right - left) / 2 + _REACH * body * 0.5 and hands_top <= y <= hands_bottom

    def free(x: float, y: float) -> bool:
        return (x < left - 0.1 * body or x > right + 0.1 * body or y < top - 0.1 * body) and y < top + 0.8 * body

    one, other = (float(end[0]), float(end[1])), (float(end[2]), float(end[3]))
    if held(*one) and free(*other):
        return other
    if held(*other) and free(*one):
        return one
    return None
