"""What scenes are drawn on: a still place, light that is added to it as a lens does, noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Image
from tests.support.scenery import street

HEIGHT, WIDTH = 360, 640
FPS = 12.5
_EXPOSURE_S = 0.03
COLOURS = ((90, 140, 255), (80, 80, 255), (255, 140, 120), (140, 255, 140), (235, 240, 255), (120, 220, 255))


@dataclass
class Stage:
    """What a scene is drawn on: a still background, light to be added to it, and whatever else changes."""

    rng: np.random.Generator
    still: NDArray[np.float32]
    noise: float = 3.0
    light: Image = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    smoke: NDArray[np.float32] = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH), np.float32))
    gain: float = 1.0
    lift: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        one = np.random.default_rng(7).normal(0, self.noise, (6, HEIGHT, WIDTH, 1)).astype(np.int16)
        self._grains = [np.repeat(grain, 3, axis=2) for grain in one]
        self._drawn: tuple[int, float, float] | None = None
        self._ground: Image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    def spark(self, x: float, y: float, vx: float, vy: float, colour: tuple[float, ...], thick: int = 1) -> None:
        """One glowing point moving at ``(vx, vy)`` px/s; added where it is brighter than what is drawn already."""
        ends = [(round(v * 16)) for v in (x, y, x + vx * _EXPOSURE_S, y + vy * _EXPOSURE_S)]
        if max(abs(v) for v in ends) > 60_000:
            return
        cv2.line(self.light, (ends[0], ends[1]), (ends[2], ends[3]), colour, thick, cv2.LINE_AA, 4)

    def puff(self, x: float, y: float, size: float, dense: float) -> None:
        """A ball of smoke, ``dense`` in [0, 1]."""
        cv2.circle(self.smoke, (round(x), round(y)), max(1, round(size)), dense, -1)

    def shoot(self) -> Image:
        """The picture: background, smoke lit by the light, the light itself, noise."""
        out = np.clip(self.still * self.gain + self.lift, 0, 255).astype(np.uint8) if self._changed else self._ground
        self._ground, self._drawn = out, (id(self.still), self.gain, self.lift)
        if self.light.any():
            small = cv2.resize(self.light, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA).astype(np.float32)
            wide = cv2.GaussianBlur(
                cv2.resize(small, (WIDTH // 8, HEIGHT // 8), interpolation=cv2.INTER_AREA), (0, 0), 12
            )
            bloom = 0.9 * cv2.GaussianBlur(small, (0, 0), 4) + 0.8 * cv2.resize(wide, (WIDTH // 4, HEIGHT // 4))
        else:
            bloom = np.zeros((HEIGHT // 4, WIDTH // 4, 3), np.float32)
        if self.smoke.any():
            thin = cv2.GaussianBlur(cv2.resize(self.smoke, (WIDTH // 4, HEIGHT // 4)), (0, 0), 2.5)[..., None]
            lit = thin * (0.55 * float(self.still.mean()) + 25 + 2 * bloom)
            veil = cv2.resize(1 - 0.7 * thin, (WIDTH, HEIGHT))
            out = cv2.multiply(out, cv2.merge([veil] * 3), dtype=cv2.CV_8U)
            bloom = bloom + lit
            self.smoke *= 0.985
        if self.light.any():
            core = cv2.GaussianBlur(self.light, (0, 0), 0.8)
            out = cv2.addWeighted(out, 1.0, core, 1.6, 0)
        out = cv2.add(out, cv2.resize(np.clip(bloom, 0, 255).astype(np.uint8), (WIDTH, HEIGHT)))
        grain = self._grains[int(self.rng.integers(len(self._grains)))]
        out = cv2.add(out, np.roll(grain, int(self.rng.integers(HEIGHT)), axis=0), dtype=cv2.CV_8U)
        if self.shift != (0.0, 0.0):
            move = np.array([[1, 0, self.shift[0]], [0, 1, self.shift[1]]], np.float32)
            out = cv2.warpAffine(out, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        self.light.fill(0)
        return out.astype(np.uint8, copy=False)

    @property
    def _changed(self) -> bool:
        return self._drawn != (id(self.still), self.gain, self.lift)


Draw = Callable[[float], None]


def town(rng: np.random.Generator, level: float = 16.0, *, grey: bool = False, lamps: int = 6) -> NDArray[np.float32]:
    rows = np.linspace(0.7, 1.2, HEIGHT, dtype=np.float32)[:, None, None]
    scene = np.full((HEIGHT, WIDTH, 3), level, np.float32) * rows * np.array([1.25, 1.0, 0.9], np.float32)
    left = 0
    while left < WIDTH:
        wide, high = int(rng.integers(40, 110)), int(rng.integers(50, 150))
        cv2.rectangle(scene, (left, 270 - high), (left + wide, 270), (level * 0.8,) * 3, -1)
        for x in range(left + 6, left + wide - 8, 16):
            for y in range(278 - high, 255, 22):
                if rng.random() < 0.22:
                    warm = rng.uniform(70, 200)
                    cv2.rectangle(scene, (x, y), (x + 6, y + 8), (warm * 0.5, warm * 0.8, warm), -1)
        left += wide
    scene[270:] += np.array([level * 0.6] * 3, np.float32)
    down, across = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    for n in range(lamps):
        x, y = (n + rng.uniform(0.2, 0.8)) * WIDTH / max(1, lamps), rng.uniform(190, 240)
        away = np.hypot(across - x, down - y)
        scene += ((away < 3) * 240 + 90 * np.exp(-away / 18))[..., None] * np.array([0.7, 0.9, 1.0], np.float32)
    scene = cv2.GaussianBlur(scene, (0, 0), 0.7)
    if grey:
        scene[:] = scene.mean(axis=2, keepdims=True)
    return scene


def street_by_day(rng: np.random.Generator) -> NDArray[np.float32]:
    return street(int(rng.integers(1, 50))).astype(np.float32)
