"""What bad weather, night and cheap cameras do to a picture. Geometry stays, so the clean picture's boxes hold."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from detectors._types import Image

Rng = np.random.Generator


def night(image: Image, rng: Rng, dark: float | None = None) -> Image:
    """Dark, noisy, tinted, with a few lamps or headlights. ``dark``: share of the light that is left."""
    height, width = image.shape[:2]
    left = float(rng.uniform(0.12, 0.45)) if dark is None else dark
    light = (image.astype(np.float32) / 255.0) ** float(rng.uniform(1.0, 1.5)) * left
    light *= np.array([rng.uniform(0.8, 1.15), 1.0, rng.uniform(0.9, 1.25)], np.float32)
    glow = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(0, 5))):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        radius = max(1, int(rng.uniform(0.004, 0.015) * width))
        cv2.circle(glow, at, radius, float(rng.uniform(1.0, 4.0)), -1)
        if rng.random() < 0.4:  # the other headlight
            cv2.circle(glow, (at[0] + 5 * radius, at[1]), radius, 2.0, -1)
    glow = glow + 3.0 * cv2.GaussianBlur(glow, (0, 0), width * float(rng.uniform(0.01, 0.04)))
    light += glow[..., None] * np.array([0.75, 0.9, 1.0], np.float32)
    grain = float(rng.uniform(0.005, 0.035))
    noise = rng.standard_normal(light.shape, np.float32) * (grain + 0.04 * np.sqrt(np.clip(light, 0.0, 1.0)))
    return _bytes(light + noise)


def rain(image: Image, rng: Rng, drops: int | None = None) -> Image:
    """Slanted bright streaks, less contrast."""
    height, width = image.shape[:2]
    layer = np.zeros((height, width), np.float32)
    slant = float(rng.uniform(-0.35, 0.35))
    for _ in range(int(rng.integers(60, 500)) if drops is None else drops):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        length = float(rng.uniform(0.015, 0.08)) * height
        cv2.line(
            layer, (x, y), (int(x + slant * length), int(y + length)), float(rng.uniform(0.2, 0.8)), 1, cv2.LINE_AA
        )
    layer = cv2.GaussianBlur(layer, (0, 0), 0.7)[..., None]
    flat = image.astype(np.float32) / 255.0 * 0.85 + 0.08
    return _bytes(flat * (1.0 - 0.5 * layer) + 0.45 * layer)


def haze(image: Image, rng: Rng, thick: float | None = None) -> Image:
    """White air, thicker towards the top of the picture, where far things are."""
    height = image.shape[0]
    most = float(rng.uniform(0.25, 0.75)) if thick is None else thick
    share = (most * np.linspace(1.0, float(rng.uniform(0.2, 0.8)), height, dtype=np.float32))[:, None, None]
    air = float(rng.uniform(0.55, 0.9))
    return _bytes(image.astype(np.float32) / 255.0 * (1.0 - share) + air * share)


def small(image: Image, rng: Rng, share: float | None = None) -> Image:
    """A camera of fewer pixels, scaled up again."""
    height, width = image.shape[:2]
    of = float(rng.uniform(0.35, 0.85)) if share is None else share
    less = cv2.resize(image, (max(8, round(width * of)), max(8, round(height * of))), interpolation=cv2.INTER_AREA)
    return cv2.resize(less, (width, height), interpolation=cv2.INTER_LINEAR)


def squeezed(image: Image, rng: Rng, quality: int | None = None) -> Image:
    """Strong compression."""
    value = int(rng.integers(6, 40)) if quality is None else quality
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, value])
    again = cv2.imdecode(data, cv2.IMREAD_COLOR) if done else None
    return image if again is None else again.astype(np.uint8, copy=False)


def shaken(image: Image, rng: Rng) -> Image:
    """Motion blur in one direction."""
    size = int(rng.integers(3, 9))
    line = np.zeros((size, size), np.float32)
    angle = float(rng.uniform(0.0, np.pi))
    middle, reach = (size - 1) / 2, size / 2
    start = (round(middle - reach * np.cos(angle)), round(middle - reach * np.sin(angle)))
    end = (round(middle + reach * np.cos(angle)), round(middle + reach * np.sin(angle)))
    cv2.line(line, start, end, 1.0, 1)
    return cv2.filter2D(image, -1, line / max(float(line.sum()), 1.0))


def captioned(image: Image, rng: Rng) -> Image:
    """The clock and the name that recorders write into a corner."""
    height, width = image.shape[:2]
    done = image.copy()
    clock = f"20{rng.integers(20, 30)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02} {rng.integers(24):02}:{rng.integers(60):02}:{rng.integers(60):02}"
    for text in (clock, f"CAM {rng.integers(1, 99):02}")[: int(rng.integers(1, 3))]:
        at = (int(rng.uniform(0.0, 0.5) * width), int(rng.choice([0.06, 0.97]) * height))
        size = width / 1000 * float(rng.uniform(0.8, 1.6))
        for colour, weight in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(done, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, weight, cv2.LINE_AA)
    return done


def degraded(image: Image, rng: Rng) -> Image:
    """A random mixture of the above; one in four stays clean."""
    if rng.random() < 0.25:
        return image
    steps: tuple[tuple[float, Callable[[Image, Rng], Image]], ...] = (
        (0.2, shaken),
        (0.2, haze),
        (0.4, night),
        (0.25, rain),
        (0.35, small),
        (0.15, captioned),
        (0.45, squeezed),
    )
    for chance, step in steps:
        if rng.random() < chance:
            image = step(image, rng)
    return image


def _bytes(light: np.ndarray) -> Image:
    return (np.clip(light, 0.0, 1.0) * 255.0).astype(np.uint8)
