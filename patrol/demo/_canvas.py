"""What every synthetic scene is drawn with: backgrounds, sensor noise, the camera's clock and the word SYNTHETIC."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""``(HEIGHT, WIDTH, 3)`` BGR."""
Painter = Callable[[float], Picture]
"""Draws the picture at so many seconds into the loop."""
Colour = tuple[int, int, int]
"""Blue, green, red."""

WIDTH, HEIGHT = 640, 360
LOOP_S = 16.0
"""Length of every loop. What moves in a scene comes back to where it was after it."""


def gradient(top: Colour, bottom: Colour, height: int = HEIGHT) -> Picture:
    """A field of ``height`` rows that runs from one colour to the other."""
    share = np.linspace(0.0, 1.0, height)[:, None, None]
    rows = np.array(top) * (1 - share) + np.array(bottom) * share
    return np.ascontiguousarray(np.broadcast_to(rows, (height, WIDTH, 3))).astype(np.uint8)


def polygon(picture: Picture, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    """Fill a polygon of pixels."""
    cv2.fillPoly(picture, [np.array(points, np.int32)], colour, cv2.LINE_AA)


def speckle(picture: Picture, generator: np.random.Generator, strength: float) -> Picture:
    """Roughen a background, so that it has the texture a real one has."""
    coarse = cv2.resize(generator.normal(0.0, strength, (45, 80)), (WIDTH, HEIGHT)).astype(np.float64)
    rough = generator.normal(0.0, strength, (HEIGHT, WIDTH)) + coarse
    rougher: Picture = np.clip(picture + rough[:, :, None], 0, 255).astype(np.uint8)
    return rougher


class Noise:
    """Sensor noise: a few noise pictures, shifted anew for every frame. Cheap, and never twice the same."""

    def __init__(self, generator: np.random.Generator, strength: float) -> None:
        self._generator = generator
        self._field = generator.normal(0.0, strength, (HEIGHT * 2, WIDTH * 2)).astype(np.int16)

    def on(self, picture: Picture) -> Picture:
        """The picture with the next frame's noise."""
        y, x = self._generator.integers(0, (HEIGHT, WIDTH))
        field = self._field[y : y + HEIGHT, x : x + WIDTH, None]
        noisy: Picture = np.clip(picture.astype(np.int16) + field, 0, 255).astype(np.uint8)
        return noisy


def stamp(picture: Picture, at: float, label: str) -> Picture:
    """Burn in what the picture is, and a clock that shows the loop's time."""
    text = f"SYNTHETIC {label}"
    clock = f"LOOP {int(at) // 60:02d}:{int(at) % 60:02d}.{int(at * 100) % 100:02d}"
    for line, left, base in ((text, 8, 18), (clock, WIDTH - 150, HEIGHT - 10)):
        (width, height), _ = cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
        cv2.rectangle(picture, (left - 4, base - height - 4), (left + width + 4, base + 5), (20, 20, 20), -1)
        cv2.putText(picture, line, (left, base), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (235, 235, 235), 1, cv2.LINE_AA)
    return picture
