"""Vehicles found every two seconds and followed in between: how fast each one moves, in its own lengths.

Two distances tell it: over a fifth of a second, in which even a fast vehicle can be followed, and, for those that were slow, over
two seconds, over which half a metre shows. Places are followed, nothing is recognised.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detectors._flow import Points, motion, points_in
from detectors._types import Image

EVERY_S = 2.0
"""How often vehicles are found anew. Shared with the other detectors, so that one inference serves all."""
_SHORT_S = 0.2
_SLOW = 0.6
"""Vehicle lengths a second over the short distance, below which the long one is measured."""
_GRID_S = 0.02
_LOST = 0.15
"""Share of the background's points found again after two seconds, below which it is another picture. Dense traffic hides half."""
SAME = 0.5
"""Overlap from which boxes of two moments are one vehicle that stood."""


@dataclass(slots=True)
class Sample:
    """The vehicles of one moment.

    Attributes:
        at: seconds.
        boxes: ``(N, 4)`` shares of the picture.
        speeds: ``(N,)`` lengths a second, NaN where a vehicle could not be followed.
        moved: ``(N,)`` lengths over the long distance, NaN where it was not measured.
        drift: the camera's own motion, shares of the picture's width a second.
        last_of_view: before the next sample the picture became another one.
    """

    at: float
    boxes: NDArray[np.float32]
    speeds: NDArray[np.float64]
    moved: NDArray[np.float64]
    drift: float = 0.0
    last_of_view: bool = False


@dataclass(slots=True)
class Follower:
    """Fed with frames at 5 Hz. Keeps one picture and its points."""

    samples: list[Sample] = field(default_factory=list)
    _picture: Image | None = None
    _points: Points | None = None
    _sizes: NDArray[np.float64] | None = None
    _short: NDArray[np.float64] | None = None

    def due(self, at: float) -> bool:
        """Whether vehicles are to be found in the frame at ``at``."""
        return not self.samples or at + _GRID_S >= self.samples[-1].at + EVERY_S

    def wants(self, at: float) -> bool:
        """Whether the frame at ``at`` is one of the two that tell how far they moved."""
        if self._points is None:
            return False
        elapsed = at - self.samples[-1].at
        if self._short is None:
            return elapsed + _GRID_S >= _SHORT_S
        return elapsed + _GRID_S >= EVERY_S

    def found(self, at: float, picture: Image | None, boxes: NDArray[np.float32]) -> None:
        """Begin anew with the vehicles of one moment; ``picture`` ``(H, W)`` luma, None where there are none to follow."""
        count = len(boxes)
        self.samples.append(Sample(at, boxes, np.full(count, np.nan), np.full(count, np.nan)))
        self._picture = self._points = self._short = self._sizes = None
        if picture is None or not count:
            return
        height, width = picture.shape
        self._picture, self._points = picture, points_in(picture, boxes)
        self._sizes = np.sqrt((boxes[:, 2] - boxes[:, 0]) * width * (boxes[:, 3] - boxes[:, 1]) * height).astype(
            np.float64
        )

    def follow(self, at: float, picture: Image) -> None:
        """Measure how far they are now."""
        assert self._picture is not None and self._points is not None and self._sizes is not None  # noqa: S101, PT018
        sample = self.samples[-1]
        elapsed = at - sample.at
        if self._short is None:
            moved = motion(self._picture, picture, self._points)
            sample.drift = moved.camera / picture.shape[1] / elapsed
            self._short = moved.boxes / elapsed
            sample.speeds = np.hypot(self._short[:, 0], self._short[:, 1]) / self._sizes
            return
        slow = sample.speeds < _SLOW
        moved = motion(self._picture, picture, self._points.only(slow), self._short * elapsed)
        lengths = np.hypot(moved.boxes[:, 0], moved.boxes[:, 1]) / self._sizes
        sample.last_of_view = moved.kept < _LOST
        known = slow & ~np.isnan(lengths)
        sample.moved[known] = lengths[known]
        sample.speeds[known] = lengths[known] / elapsed
        self._points = None


def stretches(samples: list[Sample]) -> list[list[Sample]]:
    """The samples cut where the picture became another one: a camera on tour turns, an editor cuts."""
    cut: list[list[Sample]] = []
    for sample in samples:
        if not cut or cut[-1][-1].last_of_view:
            cut.append([])
        cut[-1].append(sample)
    return cut


def stood_all_along(samples: list[Sample], still: float) -> list[NDArray[np.bool_]]:
    """For each sample, which vehicles were at the same place in all samples and never moved ``still`` lengths in between.

    With fewer than three samples nobody can have stood all along.
    """
    if len(samples) < 3:
        return [np.zeros(len(s.boxes), bool) for s in samples]
    answers = []
    for own in samples:
        stood = np.ones(len(own.boxes), bool)
        for other in samples:
            overlap = overlaps(own.boxes, other.boxes)
            if overlap.shape[1] == 0:
                stood[:] = False
                continue
            match = overlap.argmax(1)
            calm = ~(other.moved[match] >= still) & ~(other.speeds[match] >= _SLOW)
            stood &= (overlap[np.arange(len(match)), match] >= SAME) & calm
        answers.append(stood)
    return answers


def overlaps(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(N, M)`` intersection over union of ``(N, 4)`` and ``(M, 4)`` boxes."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = np.prod(one[:, 2:] - one[:, :2], axis=1)[:, None] + np.prod(other[:, 2:] - other[:, :2], axis=1)[None]
    return np.asarray(both / np.maximum(areas - both, 1e-9), np.float32)
