"""Pictures cut into tiles: which carry information, which did not change by a single bit."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Image

GRID = 12
"""Tiles a side. A burnt-in clock covers one or two rows of a few of them."""


def tile_of(picture: Image) -> tuple[int, int]:
    """``(rows, columns)`` pixels of one tile."""
    return max(1, picture.shape[0] // GRID), max(1, picture.shape[1] // GRID)


def by_tile(values: NDArray[np.generic], picture: Image) -> NDArray[np.generic]:
    """``(GRID, GRID, rows, columns)`` view of the part of ``values`` that whole tiles cover."""
    rows, columns = tile_of(picture)
    cut = values[: rows * GRID, : columns * GRID]
    return cut.reshape(GRID, rows, GRID, columns).swapaxes(1, 2)


def informative(picture: Image, least: float = 3.0) -> NDArray[np.bool_]:
    """``(GRID, GRID)``: tiles whose luma varies by more than ``least`` (standard deviation): not sky, not crushed black."""
    small = by_tile(picture, picture).astype(np.float32)
    return np.asarray(small.std(axis=(2, 3)) > least)


def flat(picture: Image) -> float:
    """Share of tiles in which hardly a pixel differs from the next: drawn, not seen. A sensor's picture has noise."""
    small = by_tile(picture, picture).astype(np.float32)
    return float((small.std(axis=(2, 3)) < 0.8).mean())


def changed(one: Image, other: Image) -> NDArray[np.bool_]:
    """``(GRID, GRID)``: tiles in which at least one pixel differs."""
    return np.asarray(by_tile(np.asarray(one != other), one).any(axis=(2, 3)))


def sharpness(picture: Image) -> tuple[float, float]:
    """How much of what varies in a picture is fine detail, and how much of the picture varies at all.

    The mean absolute Laplacian over the standard deviation of each 32-pixel tile that varies by more than 6; of those
    the 80th percentile, so that a sharp part in a soft picture counts. Does not depend on brightness or contrast. Own
    measurement, docs/quality.md: real clips 0.14 to 1.2, the same blurred with sigma 4 of 640 pixels 0.04 to 0.14.

    Args:
        picture: ``(H, W)`` luma, longer side 640.

    Returns:
        The value (0 where nothing varies) and the share of tiles that vary.
    """
    rows, columns = picture.shape[0] // 32, picture.shape[1] // 32
    if rows == 0 or columns == 0:
        return 0.0, 0.0
    values = picture[: rows * 32, : columns * 32].astype(np.float32)
    detail = np.abs(cv2.Laplacian(values, cv2.CV_32F))

    def tiles(of: NDArray[np.float32]) -> NDArray[np.float32]:
        return of.reshape(rows, 32, columns, 32).swapaxes(1, 2)

    spread = tiles(values).std(axis=(2, 3))
    varies = spread > 6
    if not varies.any():
        return 0.0, 0.0
    ratio = tiles(detail).mean(axis=(2, 3))[varies] / spread[varies]
    return float(np.percentile(ratio, 80)), float(varies.mean())


def strongest_edge(picture: Image) -> float:
    """Luma change over four pixels that only the strongest half percent of places exceed, noise averaged out."""
    calm = cv2.GaussianBlur(picture, (0, 0), 3).astype(np.float32)
    across = np.abs(calm[:, 4:] - calm[:, :-4])[:-4]
    down = np.abs(calm[4:] - calm[:-4])[:, :-4]
    return float(np.percentile(np.maximum(across, down), 99.5))
