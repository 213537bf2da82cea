"""The same picture in other weather and through worse cameras: drawn, not filmed."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Image
from detectors.training.water.pictures import Picture


def disturbed(picture: Picture, random: np.random.Generator) -> Picture:
    """The same scene as another camera, hour or weather might show it: part of it, mirrored, dark, hazy, rainy, coarse, tinted."""
    image, truth = _part(picture.image, picture.truth, random)
    if random.random() < 0.5:
        image, truth = image[:, ::-1].copy(), truth[:, ::-1].copy()
    for chance, change in (
        (0.10 if picture.dry else 0.0, wet),
        (0.08 if picture.dry else 0.0, snow),
        (0.20, haze),
        (0.15, rain),
        (0.30, light),
        (0.15, night),
        (0.25, tint),
        (0.08, grey),
        (0.35, coarse),
    ):
        if random.random() < chance:
            image = change(image, random)
    return Picture(picture.name, picture.source, image, truth, picture.dry)


def _part(image: Image, truth: NDArray[np.uint8], random: np.random.Generator) -> tuple[Image, NDArray[np.uint8]]:
    if random.random() < 0.3:
        return image, truth
    height, width = image.shape[:2]
    share = random.uniform(0.45, 1.0)
    rows, columns = max(64, round(height * share)), max(64, round(width * share * random.uniform(0.85, 1.0)))
    rows, columns = min(rows, height), min(columns, width)
    top, left = int(random.integers(0, height - rows + 1)), int(random.integers(0, width - columns + 1))
    return image[top : top + rows, left : left + columns], truth[top : top + rows, left : left + columns]


def _bytes(values: NDArray[Any]) -> Image:
    return np.clip(values, 0, 255).astype(np.uint8)


def haze(image: Image, random: np.random.Generator) -> Image:
    """Grey-white veil, thicker towards the top."""
    strength = random.uniform(0.15, 0.6)
    veil = np.linspace(1.0, random.uniform(0.3, 1.0), image.shape[0])[:, None, None] * strength
    return _bytes(image * (1 - veil) + random.uniform(150, 225) * veil)


def rain(image: Image, random: np.random.Generator) -> Image:
    """Slanted light streaks over a flatter picture."""
    height, width = image.shape[:2]
    streaks = np.zeros((height, width), np.uint8)
    length, slant = max(6, height // 25), int(random.integers(-4, 5))
    for _ in range(int(random.integers(150, 600))):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        cv2.line(streaks, (x, y), (x + slant, y + length), 255, 1)
    soft = cv2.blur(streaks, (3, 3))[..., None].astype(np.float32) / 255
    flat = image * 0.8 + 25.0
    return _bytes(flat + soft * random.uniform(40, 110))


def light(image: Image, random: np.random.Generator) -> Image:
    """Another exposure."""
    return _bytes(255 * (image / 255.0) ** random.uniform(0.55, 1.7) * random.uniform(0.7, 1.25))


def night(image: Image, random: np.random.Generator) -> Image:
    """Dark, with the sensor's noise and the colour of lamps or of dusk."""
    dark = 255 * (image / 255.0) ** random.uniform(1.1, 1.8) * random.uniform(0.12, 0.45)
    cast = np.array([[1.25, 1.0, 0.8], [0.7, 0.95, 1.3], [1.0, 1.0, 1.0]])[int(random.integers(0, 3))]
    return _bytes(dark * cast + random.normal(0, random.uniform(2, 7), image.shape))


def tint(image: Image, random: np.random.Generator) -> Image:
    """A colour cast."""
    return _bytes(image * random.uniform(0.75, 1.25, 3))


def grey(image: Image, random: np.random.Generator) -> Image:
    """No colour, as from an infrared camera."""
    luma = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[..., None].repeat(3, axis=2)
    return _bytes(luma * random.uniform(0.8, 1.1))


def coarse(image: Image, random: np.random.Generator) -> Image:
    """Few pixels and a hard-pressed encoder."""
    height, width = image.shape[:2]
    scale = min(1.0, random.uniform(240, 640) / max(height, width))
    small = cv2.resize(
        image, (max(32, round(width * scale)), max(32, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    _, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(15, 70))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def wet(image: Image, random: np.random.Generator) -> Image:
    """Ground that mirrors what stands on it. Only ever laid over pictures without water."""
    height = image.shape[0]
    shore = int(height * random.uniform(0.35, 0.65))
    ground = image[shore:].astype(np.float32)
    above = image[max(0, 2 * shore - height) : shore][::-1]
    mirrored = cv2.resize(above, (image.shape[1], height - shore)).astype(np.float32)
    mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=2, sigmaY=random.uniform(3, 12))
    share = random.uniform(0.15, 0.5)
    result = image.astype(np.float32)
    result[shore:] = ground * (1 - share) * 0.85 + mirrored * share
    return _bytes(result)


def snow(image: Image, random: np.random.Generator) -> Image:
    """Ground gone white. Only ever laid over pictures without water."""
    height = image.shape[0]
    edge = int(height * random.uniform(0.3, 0.6))
    share = np.zeros((height, 1, 1))
    share[edge:] = random.uniform(0.4, 0.8)
    texture = cv2.GaussianBlur(random.normal(0, 30, image.shape[:2]), (0, 0), 3)[..., None]
    return _bytes(image * (1 - share) + (random.uniform(190, 240) + texture) * share)
