"""Looks for a rod at a person: a thin straight line that begins at the body and ends in free space.

Thin things are what a small morphological hat leaves; a probabilistic Hough transform finds the straight ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Box, Image

_SHORTEST = 0.35
_LONGEST = 4.5
"""Visible length of a rod in body heights; rods are 1 to 4 m, and of a thin one only a piece can be seen at a time."""
_BODY_PX = 160.0
"""The surroundings are shrunk or enlarged until a body is about this tall: a rod is one to three pixels wide then."""
_LEAST_BODY_PX = 24.0
_THIN = 7
"""Pixels from which a thing is too wide to be a rod there."""
_AROUND = 31
_STANDS_OUT, _OVER_AROUND = 10.0, 2.0
"""Luma by which a rod differs from what lies on both sides, and how many times the usual such difference around it: ripples are many."""
_VOTES, _GAP = 0.2, 0.03
"""Body heights of it that must be seen, and of a gap that may be in it."""
_SURE_LUMA, _SURE_SHARE = 5.0, 0.75
"""On so much of its length it must differ by so much from both sides: what only seems to be a line out of specks does not."""
_CLUTTER = 10
"""More slanted lines than this that nobody holds are a fence, a railing, reeds, a street: there a line at a body means nothing. Water gives up to 9."""
_ALIKE, _PARALLEL = 6.0, 2
"""Degrees, and more lines than this in the rod's own direction that nobody holds: the edge of a pavement, a jetty."""
_REACH = 0.35
"""How far from the body's middle line, in body heights, hands hold a rod."""
_STEEP = (8.0, 80.0)
"""Degrees from the horizontal: the horizon and the waterline lie flatter, poles stand steeper."""


@dataclass(frozen=True, slots=True)
class Rod:
    """A line that may be a rod. ``angle`` in degrees [0, 180), ``length`` in body heights, ``tip`` in shares of the picture."""

    angle: float
    length: float
    tip: tuple[float, float]


def rods_at(picture: Image, person: Box) -> tuple[Rod, ...]:
    """Lines at a person that may be rods: thin, darker or brighter than both sides, straight, held at one end, with few others around.

    Args:
        picture: ``(H, W)`` luma.
        person: ``(x_min, y_min, x_max, y_max)`` in [0, 1].
    """
    rows, columns = picture.shape
    left, top, right, bottom = person[0] * columns, person[1] * rows, person[2] * columns, person[3] * rows
    body = bottom - top
    if body < _LEAST_BODY_PX:
        return ()
    x0, x1 = int(max(0, left - 1.6 * body)), int(min(columns, right + 1.6 * body))
    y0, y1 = int(max(0, top - 1.3 * body)), int(min(rows, top + 0.8 * body))
    scale = float(np.clip(_BODY_PX / body, 0.5, 2.0))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    around = cv2.resize(picture[y0:y1, x0:x1], None, fx=scale, fy=scale, interpolation=how).astype(np.uint8, copy=False)
    found: list[Rod] = []
    others: list[float] = []
    for darker in (True, False):
        for line in _lines(around, body * scale, darker=darker):
            end = line / scale + (x0, y0, x0, y0)
            along = end[2:] - end[:2]
            angle, length = float(np.degrees(np.arctan2(along[1], along[0])) % 180), float(np.hypot(*along)) / body
            if not _STEEP[0] <= min(angle, 180 - angle) <= _STEEP[1]:
                continue
            tip = _tip(end, left, top, right, body)
            if tip is None:
                others.append(angle)
            elif length <= _LONGEST and _differs(around, line, darker=darker) >= _SURE_SHARE:
                found.append(Rod(angle, length, (tip[0] / columns, tip[1] / rows)))
    if len(others) > _CLUTTER:
        return ()
    return tuple(rod for rod in found if sum(_turned(rod.angle, other) < _ALIKE for other in others) <= _PARALLEL)


def _turned(one: float, other: float) -> float:
    return abs((one - other + 90) % 180 - 90)


def _lines(around: Image, body: float, *, darker: bool) -> NDArray[np.float64]:
    """``(N, 4)`` ends ``x, y, x, y`` of thin straight lines, pixels."""
    how = cv2.MORPH_BLACKHAT if darker else cv2.MORPH_TOPHAT
    thin = cv2.morphologyEx(around, how, np.ones((_THIN, _THIN), np.uint8)).astype(np.float32)
    usual = cv2.blur(thin, (_AROUND, _AROUND))
    out = (thin > np.maximum(_STANDS_OUT, _OVER_AROUND * usual)).astype(np.uint8)
    lines = cv2.HoughLinesP(
        out, 1, np.pi / 180, max(1, int(_VOTES * body)), None, _SHORTEST * body, max(2.0, _GAP * body)
    )
    return lines.reshape(-1, 4).astype(np.float64) if lines is not None else np.zeros((0, 4))


def _differs(around: Image, line: NDArray[np.float64], *, darker: bool) -> float:
    """Share of a line's length on which it is darker, or brighter, than what lies a few pixels to both sides."""
    along = (line[2:] - line[:2]) / max(1e-6, float(np.hypot(*(line[2:] - line[:2]))))
    x, y = (np.linspace(line[n], line[n + 2], 40) for n in (0, 1))
    aside = np.arange(-8, 9)[:, None]
    across = cv2.remap(
        around,
        (x - aside * along[1]).astype(np.float32),
        (y + aside * along[0]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)
    one, core, other = across[2:5].mean(0), across[7:10], across[12:15].mean(0)
    apart = np.minimum(one, other) - core.min(0) if darker else core.max(0) - np.maximum(one, other)
    return float((apart > _SURE_LUMA).mean())


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
