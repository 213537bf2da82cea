"""Whether a picture is proof: dark, overexposed, covered, blurred, frozen, stale, a card instead of a camera.

What cannot be judged is not held against a camera. Thresholds are own measurements on real clips and on the same clips
spoiled: ``python -m bench.quality``, table in docs/quality.md.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from detectors import Frame, Image
from patrol.visits import _quality_picture as picture
from patrol.visits._quality_still import Still, Stillness, stale, still
from patrol.visits.report import Cause, Quality

_PICTURE_EVERY_S = 3.0
"""Ten milliseconds a picture; a picture that is bad for most of a look is bad in most of the moments, however many."""
_STILL_EVERY_S = 0.8
_SLACK_S = 0.01
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
"""Worst first. What is no camera picture is judged no further, and only one of dark, overexposed, covered, blurred is found in one picture."""


class QualityMeter:
    """Fed with frames in order, then asked once. Keeps numbers, and tiles of at most 40 pictures (30 MB at the very most).

    ``rate_hz`` is the grid it wants; keyframes that lie beside the grid are welcome and make the frozen check sharper.
    """

    rate_hz: float | None = 2.5

    def __init__(self) -> None:
        self._stillness = Stillness()
        self._luma: list[float] = []
        self._contrast: list[float] = []
        self._sharpness: list[float] = []
        self._found: Counter[Cause] = Counter()
        self._group = 0
        self._picture_due = 0.0
        self._still_due = 0.0
        self._key_due = 0.0
        self._held: tuple[Frame, int] | None = None
        self._newest: Still | None = None

    def update(self, frame: Frame) -> None:
        """Take the next frame."""
        new_group = frame.key and frame.at + _SLACK_S >= self._key_due
        if new_group:
            self._keep_held()
            self._key_due = frame.at + _STILL_EVERY_S
        self._group += frame.key
        self._held = (frame, self._group)
        if new_group or frame.at + _SLACK_S >= self._still_due:
            self._still_due = frame.at + _STILL_EVERY_S
            self._keep_held()
        if frame.at + _SLACK_S >= self._picture_due:
            self._picture_due = frame.at + _PICTURE_EVERY_S
            self._measure(frame)

    def finish(self, *, live: bool, previous_fingerprint: str | None) -> tuple[Quality, str | None]:
        """The verdict, and a fingerprint to compare the next look with.

        Args:
            live: the source is a camera, not a file; only then a picture can be stale.
            previous_fingerprint: what the look before returned.

        Returns:
            The quality (``unknown`` without a frame), and the fingerprint: at most 64 characters, None where the
            picture shows too little to be told from another.
        """
        if not self._luma:
            return Quality(), None
        self._keep_held()
        fingerprint = self._stillness.fingerprint(self._newest)
        found = {cause for cause, pictures in self._found.items() if pictures * 2 > len(self._luma)}
        if self._stillness.frozen():
            found.add(Cause.FROZEN)
        if live and stale(fingerprint, previous_fingerprint):
            found.add(Cause.STALE)
        issues = tuple(cause for cause in _ORDER if cause in found)
        luma, contrast, sharp = (float(np.median(v)) for v in (self._luma, self._contrast, self._sharpness))
        return Quality("bad" if issues else "good", issues, luma, contrast, sharp), fingerprint

    def _keep_held(self) -> None:
        """Keep the newest frame for comparison. It is held unconverted until then: the last of a group is coded best."""
        if self._held is None:
            return
        frame, group = self._held
        self._held = None
        self._newest = still(_exact_luma(frame), frame.at, group)
        self._stillness.add(self._newest)

    def _measure(self, frame: Frame) -> None:
        seen = picture.measure(frame.bgr(picture.LONG_SIDE))
        self._luma.append(seen.luma)
        self._contrast.append(seen.contrast)
        self._sharpness.append(seen.sharpness)
        self._found.update(picture.judge(seen))


def _exact_luma(frame: Frame) -> Image:
    """The luma plane as the decoder made it, bit for bit; a converted one for frames that have no decoder."""
    luma = getattr(frame, "luma", None)
    return luma() if callable(luma) else frame.gray()
