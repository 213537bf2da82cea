"""Drawn scenes with the statistics that the picture checks look at: edges, texture, sky, water, lamps, sensor noise."""

from __future__ import annotations

import cv2
import numpy as np

from bench.bad_pictures import noisy
from detectors import Image

HEIGHT, WIDTH = 360, 640


def street(seed: int = 1) -> Image:
    """Houses with windows, a road with marks, grain everywhere; another seed is another place. No noise."""
    rng = np.random.default_rng(seed)
    scene = np.full((HEIGHT, WIDTH, 3), (205, 190, 170), np.uint8)
    left = 0
    while left < WIDTH:
        wide, high = int(rng.integers(40, 110)), int(rng.integers(90, 210))
        wall = tuple(int(v) for v in rng.integers(60, 190, 3))
        cv2.rectangle(scene, (left, 260 - high), (left + wide, 260), wall, -1)
        for x in range(left + 8, left + wide - 12, int(rng.integers(16, 26))):
            for y in range(270 - high, 245, int(rng.integers(20, 34))):
                cv2.rectangle(scene, (x, y), (x + 8, y + 12), tuple(int(v) for v in rng.integers(20, 90, 3)), -1)
        left += wide
    cv2.rectangle(scene, (0, 260), (WIDTH, HEIGHT), (95, 95, 98), -1)
    for x in range(int(rng.integers(60)), WIDTH, 90):
        cv2.line(scene, (x, 300), (x + 45, 306), (225, 225, 225), 3)
    grain = cv2.GaussianBlur(rng.normal(0, 14, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 0.8)
    return np.clip(scene + grain[..., None], 0, 255).astype(np.uint8)


def lake(seed: int = 1) -> Image:
    """A hazy sky and flat water with a far bank between them: plain nearly everywhere, and sound."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0, 1, HEIGHT)[:, None, None]
    scene = (np.array([200, 180, 165]) * (1 - 0.12 * rows) * np.ones((HEIGHT, WIDTH, 1))).astype(np.float32)
    scene[230:] = np.array([150, 140, 95])
    for x in range(0, WIDTH, 6):
        high = int(rng.integers(4, 16))
        scene[230 - high : 232, x : x + 6] = rng.integers(40, 90)
    return noisy(scene.astype(np.uint8), 1.5, rng)


def night(seed: int = 1) -> Image:
    """A quay by night: black water and sky, a few lamps with their glow, a lit wall."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[:HEIGHT, :WIDTH]
    scene = np.full((HEIGHT, WIDTH), 9, np.float32)
    for x in range(50, WIDTH, 110):
        y = 150 + int(rng.integers(-12, 12))
        away = np.hypot(across - x, down - y)
        scene += np.where(away < 3, 255, 0) + 110 * np.exp(-away / 22)
        scene[y : y + 50, x - 1 : x + 2] += 25
    scene[190:230, 300:420] += 45
    for x in range(306, 415, 14):
        scene[198:220, x : x + 6] += 60
    tinted = np.clip(scene[..., None] * np.array([0.75, 0.92, 1.0]), 0, 255)
    return noisy(tinted.astype(np.uint8), 2.0, rng)
