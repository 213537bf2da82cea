"""Whether a picture is proof: dark, overexposed, covered, blurred, frozen, stale, a card instead of a camera.

Thresholds are own measurements on real clips and on the same clips spoiled (docs/quality.md). What cannot be judged is
not held against a camera: a still reservoir at night is not frozen, because frozen means equal to the last bit.
"""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Frame, Image
from patrol.visits import _tiles
from patrol.visits.report import Cause, Quality

_DARK = 20.0
_BRIGHT = 225.0
"""Mean luma (VQD practice: 30 and 220); beyond it a picture must show detail to count."""
_DETAIL = 0.03
"""Share of tiles that vary, below which a dark or bright picture shows nothing. A black yard with two lamps has 0.08."""
_BLURRED = 0.135
_TEXTURED = 0.15
"""Share of tiles that must vary before blur can be judged."""
_NO_EDGE = 14.0
"""Luma: a covered lens has no edge as strong as this; bare asphalt from above has 30."""
_COVERED = 0.06
"""Share of tiles that vary, which a covered lens stays below whatever its noise."""
_CARD = 0.6
"""Share of tiles without any noise from which a still picture was drawn, not seen."""
_FROZEN_S = 5.0
_UNCHANGED = 0.9
"""Share of informative tiles that must be equal to the bit; the rest may be a running clock."""
_LEAST_TILES = 4
_STATS_EVERY_S = 1.0
_ORDER = (
    Cause.NO_SIGNAL,
    Cause.PLACEHOLDER,
    Cause.DARK,
    Cause.OVEREXPOSED,
    Cause.OCCLUDED,
    Cause.FROZEN,
    Cause.STALE,
    Cause.BLURRED,
)


class QualityMeter:
    """Fed with frames in order, then asked once. Keeps one full-size luma picture."""

    rate_hz: float | None = 5.0

    def __init__(self) -> None:
        self._first: Image | None = None
        self._informative: NDArray[np.bool_] | None = None
        self._changed: NDArray[np.bool_] | None = None
        self._began = 0.0
        self._last = 0.0
        self._keys = 0
        self._frames = 0
        self._stats_due = 0.0
        self._luma: list[float] = []
        self._contrast: list[float] = []
        self._sharpness: list[float] = []
        self._varies: list[float] = []
        self._edges: list[float] = []
        self._burnt: list[float] = []

    def update(self, frame: Frame) -> None:
        """Take the next frame."""
        exact = exact_luma(frame)
        self._frames += 1
        self._last = frame.at
        if self._first is None or self._first.shape != exact.shape:
            self._first, self._began = exact.copy(), frame.at
            self._informative = _tiles.informative(exact)
            self._changed = np.zeros_like(self._informative)
            self._keys = 0
        elif self._changed is not None and not self._changed.all():
            self._changed |= _tiles.changed(self._first, exact)
        self._keys += frame.key
        if frame.at >= self._stats_due:
            self._stats_due = frame.at + _STATS_EVERY_S
            self._measure(frame.gray(640))

    def finish(self, *, live: bool, previous_fingerprint: str | None) -> tuple[Quality, str | None]:
        """The verdict, and a fingerprint of the picture if it stood still.

        Args:
            live: the source is a camera, not a file; only then a picture can be stale.
            previous_fingerprint: what the look before returned.

        Returns:
            The quality, and a hash of what did not change during the look (None for a picture that lives).
        """
        if self._first is None or not self._luma:
            return Quality(), None
        luma, contrast = float(np.median(self._luma)), float(np.median(self._contrast))
        sharp, varies = float(np.median(self._sharpness)), float(np.median(self._varies))
        still = self._still()
        fingerprint = self._fingerprint() if still else None
        found: set[Cause] = set()
        if still and self._is_card():
            found.add(self._which_card())
        if luma < _DARK and varies < _DETAIL:
            found.add(Cause.DARK)
        if (luma > _BRIGHT and varies < 0.1) or float(np.median(self._burnt)) > 0.7:
            found.add(Cause.OVEREXPOSED)
        if not found and float(np.median(self._edges)) < _NO_EDGE and varies < _COVERED:
            found.add(Cause.OCCLUDED)
        if not found and still and self._last - self._began >= _FROZEN_S - 0.25 and self._keys >= 2:
            found.add(Cause.FROZEN)
        if not found and live and fingerprint is not None and fingerprint == previous_fingerprint:
            found.add(Cause.STALE)
        if not found and varies >= _TEXTURED and sharp < _BLURRED:
            found.add(Cause.BLURRED)
        issues = tuple(cause for cause in _ORDER if cause in found)
        return Quality("bad" if issues else "good", issues, luma, contrast, min(1.0, sharp)), fingerprint

    def _measure(self, picture: Image) -> None:
        sharp, varies = _tiles.sharpness(picture)
        self._luma.append(float(picture.mean()))
        self._contrast.append(float(picture.std()))
        self._sharpness.append(sharp)
        self._varies.append(varies)
        self._edges.append(_tiles.strongest_edge(picture))
        self._burnt.append(float((picture >= 250).mean()))

    def _still(self) -> bool:
        """Whether what carries information did not change by a bit. With nothing that carries any, nobody can say: False."""
        assert self._informative is not None and self._changed is not None  # noqa: S101, PT018 - made with the first frame
        if self._frames < 3:
            return False
        count = int(self._informative.sum())
        if count < _LEAST_TILES:
            # No tile carries information: a uniform card, or the dark. A card is uniform to the bit and not black.
            return not self._changed.any() and self._first is not None and float(self._first.mean()) > _DARK + 16
        return int((self._informative & ~self._changed).sum()) >= _UNCHANGED * count

    def _is_card(self) -> bool:
        return self._first is not None and _tiles.flat(self._first) >= _CARD

    def _which_card(self) -> Cause:
        """Bars or one plain colour, with or without a few words, is no signal; anything more is a placeholder."""
        assert self._first is not None  # noqa: S101
        levels = np.sort(cv2.calcHist([self._first], [0], None, [64], [0, 256]).ravel())[::-1] / self._first.size
        plain = levels[0] >= 0.85
        rows = self._first[:: max(1, self._first.shape[0] // 48)].astype(np.int16)
        upper = rows[: max(1, len(rows) // 2)]
        bars = bool((np.abs(upper - upper[0]).max(axis=0) <= 4).mean() > 0.95 and len(np.unique(upper[0] // 8)) >= 5)
        return Cause.NO_SIGNAL if plain or bars else Cause.PLACEHOLDER

    def _fingerprint(self) -> str:
        assert self._first is not None and self._changed is not None  # noqa: S101, PT018
        tiles = _tiles.by_tile(self._first, self._first)
        kept = ~self._changed
        digest = hashlib.sha256(kept.tobytes())
        digest.update(np.ascontiguousarray(tiles[kept]).tobytes())
        return digest.hexdigest()


def exact_luma(frame: Frame) -> Image:
    """The luma plane as the decoder made it, bit for bit; a converted one for frames that have no decoder."""
    luma = getattr(frame, "luma", None)
    return luma() if callable(luma) else frame.gray()
