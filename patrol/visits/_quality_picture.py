"""Judges one picture alone: too dark, burnt out, covered, out of focus, or no camera picture at all.

Every threshold comes from our own measurement, ``python -m bench.quality``; the table is in docs/quality.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Image
from patrol.visits.report import Cause

Float = NDArray[np.float32]
Pixels = TypeVar("Pixels", Image, Float)

LONG_SIDE = 640
"""Pixels of the longer side on which sharpness is measured; smaller pictures stay as they are."""
_COARSE = 320
"""Longer side for everything else: half the size averages sensor noise away."""
OSD_BAND = 0.14
"""Share of the height at top and bottom where cameras write name and time; what is told apart bit by bit is looked for between."""

DARK_LUMA = 40.0
DARK_RANGE = 26.0
"""Darkest real clip: a yard with two lit sheds, mean luma 5, range 60. Daylight cut to 10 % has a range of 21 in the median."""
BURNT_LUMA = 245
BURNT_SHARE = 0.70
WHITE_LUMA = 235.0
"""Burnt-out skies over a sound shore take up to 52 % of a real picture; highest mean luma of a real picture: 189."""
COVERED_SHARE = 0.97
COVER_BLOB = 0.58
COVER_THIRD = 0.40
COVER_LIT = 40.0
"""One flat patch of one colour fills up to 77 % of real pictures (hazy sky over a lake), but then lies in the upper two thirds."""
BLUR_LUMA = 30.0
"""In a darker picture the glow of lamps and a lens out of focus look the same; nothing is claimed."""
BLURRED = 0.25
TEXTURED = 0.06
"""Sharpness of real pictures with edges: 0.36 and more; blurred by 0.8 % of the picture's width, half are below 0.13."""
GRAPHIC_FLAT = 0.70
GRAPHIC_COLOURS = 0.85
"""Real lit pictures: at most 47 % perfectly flat, at most 83 % in eight colours; a card or colour bars exceed both."""
LETTERS = 0.42
CLEAN = 0.85
FILLED = (0.06, 0.70)
SNOW = 0.30
"""Contrast that survives a 9-pixel blur; real pictures keep 0.5 and more, snow of an empty analogue channel 0.15."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What was measured of one picture.

    Attributes:
        luma: mean, 0..255.
        contrast: standard deviation of luma.
        sharpness: see :func:`sharpness`, [0, 1].
        range: luma from the 0.5th to the 99.5th percentile, smoothed, between the on-screen texts.
        burnt: share of pixels at or above ``BURNT_LUMA``.
        plain: share without texture (local standard deviation below 2).
        blob: share of the largest connected patch of one colour without texture; 0 where it cannot reach ``COVER_BLOB``.
        blob_thirds: smallest share of a horizontal third of the picture that this patch covers.
        blob_luma: its mean luma.
        flat: share of pixels that equal their eight neighbours within 1 in every channel.
        colours: share of the eight commonest colours (channels in steps of 8).
        background: its commonest colour, (b, g, r).
        background_share: share of pixels of that colour.
        bars: how many colours, each of 4 % or more, the flat pixels have.
        lettering: (0 where ``flat`` is below ``GRAPHIC_FLAT``) share of what stands out from the background, between the on-screen texts, that has one colour.
        standing_out: share of pixels, between the on-screen texts, that stand out from the background.
        coarse: contrast left after a 9-pixel blur, as a share.
    """

    luma: float
    contrast: float
    sharpness: float
    range: float
    burnt: float
    plain: float
    blob: float
    blob_thirds: float
    blob_luma: float
    flat: float
    colours: float
    background: tuple[int, int, int]
    background_share: float
    bars: int
    lettering: float
    standing_out: float
    coarse: float


def measure(image: Image) -> Picture:
    """Measure a BGR picture ``(height, width, 3)`` whose longer side is at most ``LONG_SIDE``."""
    fine = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    small = _coarse(image)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    core = between_texts(grey)
    low, high = np.percentile(cv2.blur(core, (5, 5)), (0.5, 99.5))
    # What was not shrunk still has its noise.
    texture = _local_deviation(grey if small is not image else cv2.GaussianBlur(grey, (0, 0), 1.0))
    contrast = float(grey.std())
    blob, blob_thirds, blob_luma = _blob(small, grey, texture)
    flat = _flat(small)
    colours, counts = _colours(small)
    background = colours[0]
    # What is not flat is no card, whatever is written on it: the dearest measure is left out of nearly every real picture.
    written = float(flat.mean()) >= GRAPHIC_FLAT
    standing_out, lettering = _lettering(between_texts(image), background) if written else (0.0, 0.0)
    bars = _common(small[flat])
    return Picture(
        luma=float(grey.mean()),
        contrast=contrast,
        sharpness=sharpness(between_texts(fine)),
        range=float(high - low),
        burnt=float((grey >= BURNT_LUMA).mean()),
        plain=float((between_texts(texture) < 2).mean()),
        blob=blob,
        blob_thirds=blob_thirds,
        blob_luma=blob_luma,
        flat=float(flat.mean()),
        colours=float(counts[:8].sum()),
        background=background,
        background_share=float(counts[0]),
        bars=bars,
        lettering=lettering,
        standing_out=standing_out,
        coarse=float(cv2.blur(grey, (9, 9)).std()) / contrast if contrast > 8 else 1.0,
    )


def judge(picture: Picture) -> tuple[Cause, ...]:
    """What is wrong with a picture, worst first; empty when nothing is.

    A black picture without lettering is DARK: a dead sensor, a lens cap and a moonless yard look the same. Lettering
    in its middle makes it NO_SIGNAL. What is no camera picture is judged no further.
    """
    graphic = _graphic(picture)
    if graphic is not None:
        return (graphic,)
    found: list[Cause] = []
    if picture.luma < DARK_LUMA and picture.range < DARK_RANGE:
        found.append(Cause.DARK)
    if picture.burnt > BURNT_SHARE or picture.luma > WHITE_LUMA:
        found.append(Cause.OVEREXPOSED)
    if not found and _covered(picture):
        found.append(Cause.OCCLUDED)
    if not found and picture.luma >= BLUR_LUMA and picture.plain < 1 - TEXTURED and picture.sharpness < BLURRED:
        found.append(Cause.BLURRED)
    return tuple(found)


def sharpness(grey: Image) -> float:
    """How steep the steepest edges are: 0 a smooth gradient, 1 a step from one pixel to the next.

    The share of gradient that a Gaussian blur of 3 px takes from the steepest 2 % of the picture, after a blur of 1 px
    that removes noise: ``1 - median(|grad G3| / |grad G1|)``. It compares the picture with a blurred copy of itself
    (after Crete et al., "The blur effect", SPIE 6492, 2007), so that contrast and light cancel out. 0 where no edge exceeds noise.

    Args:
        grey: ``(height, width)``, longer side at most ``LONG_SIDE``.
    """
    fine, soft = (cv2.GaussianBlur(grey.astype(np.float32), (0, 0), sigma) for sigma in (1.0, 3.0))
    steep = _gradient(fine)
    threshold = max(float(np.percentile(steep[::2, ::2], 98)), 2.0)  # a quarter tells as well
    edges = steep >= threshold
    if not edges.any():
        return 0.0
    return max(0.0, 1.0 - float(np.median(_gradient(soft)[edges] / steep[edges])))


def between_texts(picture: Pixels) -> Pixels:
    """The rows between the bands where cameras write name and time."""
    height = picture.shape[0]
    return picture[round(OSD_BAND * height) : max(round((1 - OSD_BAND) * height), 1)]


def _graphic(picture: Picture) -> Cause | None:
    if picture.coarse < SNOW:
        return Cause.NO_SIGNAL
    if picture.flat < GRAPHIC_FLAT or (picture.colours < GRAPHIC_COLOURS and picture.bars < 5):
        return None
    if picture.bars >= 5:
        return Cause.NO_SIGNAL
    blue, green, red = picture.background
    if blue > 64 and blue > 1.6 * max(green, red) and picture.background_share > 0.5:
        return Cause.NO_SIGNAL
    # A lamp in a black night has a glow, and what paint leaves of a picture has many colours: letters have one.
    written = picture.lettering > LETTERS and picture.sharpness > BLURRED and 0.002 < picture.standing_out < 0.5
    if not written:
        return None
    neutral = max(picture.background) - min(picture.background) <= 16 and max(picture.background) < 200
    return Cause.NO_SIGNAL if neutral else Cause.PLACEHOLDER


def _covered(picture: Picture) -> bool:
    if picture.luma >= COVER_LIT and picture.plain > COVERED_SHARE:
        return True
    return picture.blob_luma >= COVER_LIT and picture.blob > COVER_BLOB and picture.blob_thirds > COVER_THIRD


def _coarse(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = _COARSE / max(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _gradient(picture: Float) -> Float:
    across, down = (cv2.Sobel(picture, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    return cv2.magnitude(across, down).astype(np.float32, copy=False)


def _local_deviation(grey: Float) -> Float:
    mean = cv2.blur(grey, (9, 9))
    return np.sqrt(np.maximum(cv2.blur(grey * grey, (9, 9)) - mean * mean, 0)).astype(np.float32, copy=False)


def _blob(small: Image, grey: Float, texture: Float) -> tuple[float, float, float]:
    if float((texture < 4).mean()) <= COVER_BLOB:
        return 0.0, 0.0, 0.0
    lab = cv2.cvtColor(cv2.medianBlur(small, 5), cv2.COLOR_BGR2LAB)
    cells = (lab >> 3).astype(np.int32)
    keys = (cells[..., 0] << 10) | (cells[..., 1] << 5) | cells[..., 2]
    commonest = int(np.bincount(keys[texture < 4], minlength=1).argmax()) if (texture < 4).any() else 0
    centre = np.array([commonest >> 10, (commonest >> 5) & 31, commonest & 31]) * 8 + 4
    away = cv2.absdiff(lab, np.broadcast_to(centre, lab.shape).astype(np.uint8))
    alike = (_most(away.astype(np.uint8, copy=False)) <= 10) & (texture < 4)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8))
    if count < 2:
        return 0.0, 0.0, 0.0
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    patch = labels == largest
    thirds = min(float(third.mean()) for third in np.array_split(patch, 3))
    return float(patch.mean()), thirds, float(grey[patch].mean())


def _most(pixels: Image) -> Image:
    """The strongest of three channels; NumPy takes ten times as long over so short an axis."""
    one, two, three = cv2.split(pixels)
    return cv2.max(cv2.max(one, two), three).astype(np.uint8, copy=False)


def _flat(small: Image) -> NDArray[np.bool_]:
    square = np.ones((3, 3), np.uint8)
    flat: NDArray[np.bool_] = _most(cv2.subtract(cv2.dilate(small, square), cv2.erode(small, square))) <= 1
    return flat


def _keys(pixels: Image) -> NDArray[np.int32]:
    steps = (pixels.astype(np.int32) + 4) >> 3
    return steps[..., 0] * 1089 + steps[..., 1] * 33 + steps[..., 2]


def _colours(small: Image) -> tuple[list[tuple[int, int, int]], NDArray[np.float64]]:
    counts = np.bincount(_keys(small).ravel())
    shown = np.flatnonzero(counts)
    order = shown[np.argsort(counts[shown])[::-1]][:8]
    colours = [(int(key) // 1089 * 8, int(key) // 33 % 33 * 8, int(key) % 33 * 8) for key in order]
    return colours, counts[order] / max(int(counts.sum()), 1)


def _common(flat_pixels: Image) -> int:
    """How many clearly different colours, each of 4 % or more."""
    counts = np.bincount(_keys(flat_pixels)) if len(flat_pixels) else np.zeros(0, np.int64)
    apart: list[NDArray[np.int64]] = []
    for key in np.flatnonzero(counts > 0.04 * len(flat_pixels)):
        colour = np.array([key // 1089, key // 33 % 33, key % 33]) * 8
        if all(int(np.abs(colour - other).max()) > 40 for other in apart):
            apart.append(colour)
    return len(apart)


def _lettering(core: Image, background: tuple[int, int, int]) -> tuple[float, float]:
    """What stands out from the background, as a share of all, and the share of it that has one colour.

    0 for the latter where that colour is near the background's, where the surroundings are not clean (lamps glow), or where
    it fills its bounding box as neither lines of text nor a sign do (scattered lamps, one lamp).
    """
    distance = np.abs(core.astype(np.int16) - np.array(background, np.int16)).max(2)
    apart = distance > 64
    if not apart.any():
        return 0.0, 0.0
    pixels = core[apart].astype(np.int16)
    key = int(np.bincount(_keys(core[apart])).argmax())
    ink = np.array([key // 1089 * 8, key // 33 % 33 * 8, key % 33 * 8], np.int16)
    if int(np.abs(ink - np.array(background, np.int16)).max()) < 96:
        return float(apart.mean()), 0.0
    near, wide = (cv2.dilate(apart.astype(np.uint8), np.ones((side, side), np.uint8)) > 0 for side in (11, 23))
    around = wide & ~near
    clean = float((distance[around] <= 12).mean()) if around.any() else 0.0
    _, _, across, down = cv2.boundingRect(apart.astype(np.uint8))
    filled = float(apart.sum()) / (across * down)
    one_ink = float((np.abs(pixels - ink).max(1) <= 24).mean())
    return float(apart.mean()), one_ink if clean > CLEAN and FILLED[0] < filled < FILLED[1] else 0.0
