"""Fishing rods drawn into stills, and the many thin things that are none."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Image
from detectors.training.weather import Rng

Points = NDArray[np.floating]
"""``(N, 2)`` or ``(2,)`` x, y in pixels."""
_FINE = 4
"""Lines are drawn with this many binary places, so that thin ones do not snap to pixels."""


def draw_rod(image: Image, person: NDArray[np.float32], rng: Rng) -> NDArray[np.float32] | None:
    """Draw one rod, and sometimes its line and float, into ``image`` from a person's hands.

    Args:
        image: ``(H, W, 3)`` BGR, changed.
        person: ``(4,)`` corners, pixels.
        rng: what is drawn.

    Returns:
        ``(4,)`` corners of the rod's visible part; None where too little of it lies inside the picture.
    """
    height, width = image.shape[:2]
    left, top, right, bottom = person
    body, side = bottom - top, 1.0 if rng.random() < 0.5 else -1.0
    middle = (left + right) / 2
    hand = np.array(
        [middle + side * rng.uniform(0.05, 0.6) * (right - left), top + rng.uniform(0.28, 0.62) * body], np.float32
    )
    # A sitting or cut body is less tall than it looks; 0.8 to 3 of the box is what rods of 2 to 5 m come to.
    length = body * rng.uniform(0.8, 3.0)
    rise = np.deg2rad(rng.choice([rng.uniform(5, 75), rng.uniform(-15, 25), rng.uniform(60, 100)], p=[0.65, 0.2, 0.15]))
    along = np.array([side * np.cos(rise), -np.sin(rise)], np.float32)
    butt = hand - along * body * rng.uniform(0.0, 0.18)
    points = _bent(butt, along, length, float(rng.choice([0.0, rng.uniform(-0.04, 0.06), rng.uniform(0.1, 0.5)])), side)
    inside = (points[:, 0] >= 0) & (points[:, 0] < width) & (points[:, 1] >= 0) & (points[:, 1] < height)
    if inside.mean() < 0.45:
        return None
    colour = _contrasting(image, points[inside], rng)
    thick = max(1.0, body / 90) * rng.uniform(0.8, 1.8)
    _stroke(image, points, thick, 0.7, colour, float(rng.uniform(0.75, 1.0)))
    if rng.random() < 0.35:
        _reel(image, hand, along, body, colour)
    if rng.random() < 0.35:
        _line(image, points[-1], along, body, colour, rng)
    seen = points[inside]
    low, high = seen.min(axis=0), seen.max(axis=0)
    least = max(3.0, thick)
    grow = np.maximum(0.0, least - (high - low)) / 2
    return np.concatenate([low - grow, high + grow]).astype(np.float32)


def draw_thin_thing(image: Image, person: NDArray[np.float32] | None, rng: Rng) -> None:
    """Draw a pole, mast, rail, reed, branch, rope, horizon, tripod, stick or umbrella into ``image``."""
    height, width = image.shape[:2]
    kind = str(
        rng.choice(["pole", "mast", "rail", "reeds", "branch", "rope", "horizon", "tripod", "stick", "umbrella"])
    )
    at = np.array([rng.uniform(0, width), rng.uniform(0.25, 0.95) * height], np.float32)
    size = height * float(rng.uniform(0.12, 0.5))
    if person is not None and kind in {"pole", "stick", "umbrella", "tripod", "reeds", "rail"}:
        body = float(person[3] - person[1])
        at = np.array([(person[0] + person[2]) / 2 + rng.uniform(-0.9, 0.9) * body, person[3]], np.float32)
        size = body * float(rng.uniform(0.6, 2.2))
    colour = _contrasting(image, at[None], rng)
    thick = max(1.0, size / 120 * float(rng.uniform(0.8, 2.5)))
    up = np.array([rng.uniform(-0.03, 0.03), -1.0], np.float32)
    if kind in {"pole", "mast"}:
        _stroke(image, _bent(at, up, size, 0.0, 1.0), thick, 1.0, colour, 1.0)
        if kind == "mast":
            for share in (0.45, 0.8):
                cross = at + up * size * share
                reach = np.array([size * 0.18, 0.0], np.float32)
                _stroke(image, np.stack([cross - reach, cross + reach]), thick, 1.0, colour, 1.0)
            _stroke(image, np.stack([at + up * size, at + np.array([size * 0.35, 0.0])]), 1.0, 1.0, colour, 0.7)
    elif kind == "rail":
        step, slope = size / 3, float(rng.uniform(-0.2, 0.2))
        for i in range(-6, 7):
            foot = at + np.array([i * step, i * step * slope], np.float32)
            _stroke(image, np.stack([foot, foot - np.array([0.0, size * 0.4])]), thick, 1.0, colour, 1.0)
        for share in (0.2, 0.4):
            ends = [at + np.array([i * step, i * step * slope - size * share], np.float32) for i in (-6, 6)]
            _stroke(image, np.stack(ends), thick, 1.0, colour, 1.0)
    elif kind in {"reeds", "branch"}:
        for _ in range(int(rng.integers(5, 18)) if kind == "reeds" else int(rng.integers(3, 7))):
            foot = at + np.array([rng.normal(0, size * 0.3), 0.0], np.float32) * (1.0 if kind == "reeds" else 0.1)
            lean = float(rng.normal(0, 0.25 if kind == "reeds" else 0.9))
            way = np.array([np.sin(lean), -np.cos(lean)], np.float32)
            long = size * float(rng.uniform(0.3, 0.8))
            _stroke(image, _bent(foot, way, long, float(rng.normal(0, 0.25)), 1.0), 1.3, 0.5, colour, 0.95)
    elif kind == "rope":
        far = at + np.array([rng.uniform(-1, 1) * width * 0.8, rng.uniform(-0.4, 0.4) * height], np.float32)
        way = far - at
        long = float(np.hypot(*way)) + 1e-3
        _stroke(image, _bent(at, way / long, long, float(rng.uniform(0, 0.15)), 1.0), 1.0, 1.0, colour, 0.8)
    elif kind == "horizon":
        tilt = float(rng.uniform(-0.03, 0.03)) * width
        _stroke(image, np.array([[0, at[1]], [width, at[1] + tilt]], np.float32), 1.2, 1.0, colour, 0.8)
    elif kind == "tripod":
        for lean in (-0.3, 0.05, 0.3):
            foot = at + np.array([lean * size * 0.6, 0.0], np.float32)
            _stroke(image, np.stack([at + up * size * 0.6, foot]), thick, 1.0, colour, 1.0)
    elif kind == "stick":
        top = at - np.array([rng.uniform(-0.1, 0.1) * size, size * 0.4], np.float32)
        _stroke(image, np.stack([top, at]), thick, 1.0, colour, 1.0)
    else:
        tip = at + up * size * 0.7
        _stroke(image, np.stack([at + up * size * 0.2, tip]), thick, 1.0, colour, 1.0)
        centre, axes = (int(tip[0]), int(tip[1])), (max(2, int(size * 0.3)), max(2, int(size * 0.16)))
        cv2.ellipse(image, centre, axes, 0, 180, 360, tuple(int(v) for v in rng.integers(0, 255, 3)), -1, cv2.LINE_AA)


def draw_figure(image: Image, rng: Rng) -> NDArray[np.float32]:
    """Draw a standing figure (flat clothes, or a silhouette against the light); its corners, pixels."""
    height, width = image.shape[:2]
    body = height * float(rng.uniform(0.08, 0.5))
    foot = np.array([rng.uniform(0.1, 0.9) * width, rng.uniform(0.55, 0.98) * height])
    top = foot[1] - body
    shade = rng.random() < 0.5
    dark = rng.integers(5, 45, 3)
    skin, coat, legs = (
        (dark, dark, dark) if shade else ((110, 140, 190), rng.integers(10, 250, 3), rng.integers(10, 130, 3))
    )
    fill = [tuple(int(v) for v in colour) for colour in (skin, coat, legs)]
    stance = body * float(rng.uniform(0.03, 0.1))
    hip, shoulder = top + 0.5 * body, top + 0.2 * body
    for side in (-1, 1):
        ends = (int(foot[0] + side * stance), int(foot[1])), (int(foot[0] + side * 0.03 * body), int(hip))
        cv2.line(image, *ends, fill[2], max(1, int(0.085 * body)), cv2.LINE_AA)
        elbow = (int(foot[0] + side * body * rng.uniform(0.09, 0.2)), int(shoulder + body * rng.uniform(0.1, 0.25)))
        cv2.line(
            image,
            (int(foot[0] + side * 0.08 * body), int(shoulder)),
            elbow,
            fill[1],
            max(1, int(0.06 * body)),
            cv2.LINE_AA,
        )
    trunk = (int(foot[0]), int((hip + shoulder) / 2)), (max(1, int(0.11 * body)), max(1, int(0.19 * body)))
    cv2.ellipse(image, *trunk, 0, 0, 360, fill[1], -1, cv2.LINE_AA)
    cv2.circle(image, (int(foot[0]), int(top + 0.07 * body)), max(1, int(0.07 * body)), fill[0], -1, cv2.LINE_AA)
    return np.array([foot[0] - 0.17 * body, top, foot[0] + 0.17 * body, foot[1]], np.float32)


def _bent(start: Points, along: Points, length: float, bend: float, side: float) -> NDArray[np.float32]:
    """A curve that leaves ``start`` along ``along`` and bends towards its end; ``(24, 2)`` pixels."""
    share = np.linspace(0.0, 1.0, 24, dtype=np.float32)[:, None]
    across = np.array([-along[1], along[0]], np.float32) * side
    return (
        start + along * length * share * (1 - 0.3 * abs(bend) * share) + across * length * bend * share**2.5
    ).astype(np.float32)


def _contrasting(image: Image, points: Points, rng: Rng) -> tuple[int, int, int]:
    height, width = image.shape[:2]
    x = np.clip(points[:, 0].astype(int), 0, width - 1)
    y = np.clip(points[:, 1].astype(int), 0, height - 1)
    luma = float(image[y, x].mean())
    darker = luma > 140 or (luma > 70 and rng.random() < 0.65)
    value = luma * rng.uniform(0.05, 0.6) if darker else min(255.0, luma + rng.uniform(50, 150))
    tint = rng.uniform(0.85, 1.15, 3)
    return tuple(int(np.clip(value * t, 0, 255)) for t in tint)  # type: ignore[return-value]


def _stroke(
    image: Image, points: Points, thick: float, taper: float, colour: tuple[int, int, int], strength: float
) -> None:
    """An anti-aliased stroke; below one pixel it fades in place of vanishing. ``taper``: share of the width lost at the end."""
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    fixed = np.round(np.asarray(points, np.float64) * 2**_FINE).astype(int)
    for i in range(len(fixed) - 1):
        here = thick * (1.0 - taper * i / max(1, len(fixed) - 1)) if taper < 1.0 else thick
        ends = tuple(int(v) for v in fixed[i]), tuple(int(v) for v in fixed[i + 1])
        level = round(255 * float(strength) * min(1.0, max(0.35, float(here))))
        cv2.line(mask, *ends, level, max(1, round(here)), cv2.LINE_AA, _FINE)
    share = mask[..., None].astype(np.float32) / 255.0
    image[:] = (image * (1.0 - share) + np.array(colour, np.float32) * share).astype(np.uint8)


def _reel(image: Image, hand: Points, along: Points, body: float, colour: tuple[int, int, int]) -> None:
    at = hand + along * 0.05 * body + np.array([0.0, 0.03 * body])
    cv2.circle(image, (int(at[0]), int(at[1])), max(1, int(0.025 * body)), colour, -1, cv2.LINE_AA)


def _line(image: Image, tip: Points, along: Points, body: float, colour: tuple[int, int, int], rng: Rng) -> None:
    end = tip + np.array([np.sign(along[0]) * rng.uniform(0.1, 1.5), rng.uniform(0.5, 2.5)]) * body
    _stroke(image, np.stack([tip, end]), 0.5, 1.0, colour, 0.5)
    if rng.random() < 0.6:
        cv2.circle(image, (int(end[0]), int(end[1])), max(1, int(0.03 * body)), (40, 60, 230), -1, cv2.LINE_AA)
