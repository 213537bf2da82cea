"""Congestion: many vehicles on the road, most of them standing or crawling. A short look at a red light is a candidate at most.

Queue as it is defined in practice: vehicles present and no motion in the zone (docs/detectors.md names the sources). Speed
is in vehicle lengths per second: pixels per second over the vehicle's own size, which needs no calibration.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._flow import motion
from detectors._types import Box, Finding, Frame, Glance, Image, Kind, Model, NotRun, Request, Verdict, ZoneKind

VEHICLES = frozenset({"car", "truck", "bus", "motorcycle"})
_RATE_HZ = 5.0
_INFER_EVERY = 2
_SIDE = 480
_MIN_SCORE = 0.25

STANDING = 0.12
"""Vehicle lengths a second below which a vehicle stands: half a metre a second, the reach of flow noise at 5 Hz."""
CRAWLING = 0.5
"""Vehicle lengths a second below which traffic crawls: about 8 km/h."""
MANY = 6
"""Vehicles in sight at once from which a jam can be told from a few that wait."""
_FULL = 0.18
"""Share of the road covered by vehicles that only a queue reaches; zones are drawn on the carriageway, so it is easily seen."""
_SHORTEST_S = 5.0
_SHAKING = 0.02
"""Camera motion, shares of the picture's width a second, above which speeds are not trusted."""
MASK_SIDE = 160


@dataclass(slots=True)
class _Sample:
    at: float
    vehicles: int
    occupancy: float
    boxes: NDArray[np.float32]


class Congestion:
    """See :class:`detectors.Detector`."""

    kind = Kind.CONGESTION
    rate_hz: float | None = _RATE_HZ

    def __init__(self, request: Request) -> None:
        if request.model is None:
            raise NotRun(self.kind, "no object model")
        if not VEHICLES & request.model.classes:
            raise NotRun(self.kind, f"the model {request.model.name} knows no vehicles")
        self._model: Model = request.model
        self._roads = [z for z in request.zones if z.kind is ZoneKind.ROAD]
        self._ignored = [z for z in request.zones if z.kind in {ZoneKind.IGNORE, ZoneKind.PRIVATE}]
        self._mask: NDArray[np.bool_] | None = None
        self._turn = 0
        self._before: tuple[float, Image] | None = None
        self._samples: list[_Sample] = []
        self._speeds: list[tuple[float, float]] = []
        self._drift: list[float] = []
        self._seen: NDArray[np.int32] | None = None
        self._first: float | None = None
        self._last = 0.0

    def glance(self, glance: Glance) -> Finding | None:  # noqa: ARG002 - nothing is plain yet
        """Always a full look."""
        return None

    def update(self, frame: Frame) -> None:
        """Every second frame finds vehicles; the frame after it tells how far they moved."""
        self._first = frame.at if self._first is None else self._first
        self._last = frame.at
        picture = frame.gray(_SIDE)
        if self._turn % _INFER_EVERY == 0:
            self._find(frame)
        elif self._before is not None and self._samples and len(self._samples[-1].boxes):
            self._measure(frame.at, picture)
        self._before = (frame.at, picture)
        self._turn += 1

    def finish(self) -> Finding:
        """Judge the whole look."""
        seconds = self._last - (self._first or 0.0)
        vehicles = float(np.median([s.vehicles for s in self._samples])) if self._samples else 0.0
        occupancy = float(np.median([s.occupancy for s in self._samples])) if self._samples else 0.0
        speeds = np.array([speed for speed, _ in self._speeds])
        weights = np.array([weight for _, weight in self._speeds])
        speed = _weighted_median(speeds, weights)
        standing = float(weights[speeds < STANDING].sum() / weights.sum()) if len(speeds) else 0.0
        drift = float(np.median(self._drift)) if self._drift else 0.0
        measured: dict[str, float | int | str | bool] = {
            "vehicles": round(vehicles, 1),
            "occupancy": round(occupancy, 3),
            "stopped_share": round(standing, 3),
            "speed_lengths_per_s": round(speed, 3) if speed is not None else -1.0,
            "frames": len(self._samples),
            "seconds": round(seconds, 1),
            "camera_motion": round(drift, 4),
        }
        zone = self._roads[0].name if self._roads else "whole"
        if speed is None or vehicles < 1:
            return Finding(self.kind, Verdict.CLEAR, 0.0, None, None, zone, f"{vehicles:g} vehicles in sight", measured)
        score = _score(vehicles, occupancy, standing, speed)
        verdict = _verdict(vehicles, occupancy, standing, speed)
        words = f"{vehicles:g} vehicles cover {occupancy:.0%} of the road, {standing:.0%} of them stand, median speed {speed:.2f} lengths/s"
        if verdict is Verdict.FLAGGED and seconds < _SHORTEST_S:
            verdict, words = (
                Verdict.CANDIDATE,
                f"{words}; the look of {seconds:.1f} s is too short to tell a jam from a stop",
            )
        if verdict is Verdict.FLAGGED and drift > _SHAKING:
            verdict, words = Verdict.CANDIDATE, f"{words}; the camera moves, speeds are not sure"
        if verdict is Verdict.CLEAR:
            return Finding(self.kind, verdict, score, None, None, zone, words, measured)
        best = max(self._samples, key=lambda s: s.occupancy)
        return Finding(self.kind, verdict, score, best.at, _hull(best.boxes), zone, words, measured)

    def _find(self, frame: Frame) -> None:
        found = self._model.objects(frame, _MIN_SCORE).only(VEHICLES)
        mask = self._road_mask(frame)
        boxes = found.boxes
        if len(boxes):
            rows = np.clip((boxes[:, 3] * mask.shape[0]).astype(int) - 1, 0, mask.shape[0] - 1)
            columns = np.clip(((boxes[:, 0] + boxes[:, 2]) / 2 * mask.shape[1]).astype(int), 0, mask.shape[1] - 1)
            # A vehicle is on the road when the middle of its lower edge is: its roof may stand before the houses.
            boxes = boxes[mask[rows, columns]]
        covered = _painted(boxes, mask.shape)
        if self._seen is None:
            self._seen = np.zeros(mask.shape, np.int32)
        self._seen += covered
        self._samples.append(_Sample(frame.at, len(boxes), self._occupancy(covered, mask), boxes))

    def _occupancy(self, covered: NDArray[np.bool_], mask: NDArray[np.bool_]) -> float:
        # With no road drawn the whole picture is the road: honest, and low. The zone makes the measure sharp.
        road = int(mask.sum())
        return float((covered & mask).sum() / road) if road else 0.0

    def _measure(self, at: float, picture: Image) -> None:
        assert self._before is not None  # noqa: S101 - the caller has looked
        before_at, before = self._before
        elapsed = at - before_at
        if elapsed <= 0 or before.shape != picture.shape:
            return
        boxes = self._samples[-1].boxes
        moved = motion(before, picture, boxes)
        height, width = picture.shape
        self._drift.append(moved.camera / width / elapsed)
        sizes = np.sqrt((boxes[:, 2] - boxes[:, 0]) * width * (boxes[:, 3] - boxes[:, 1]) * height)
        for shift, size in zip(moved.boxes, sizes, strict=True):
            if not np.isnan(shift[0]) and size > 0:
                self._speeds.append((float(np.hypot(*shift)) / float(size) / elapsed, 1.0))

    def _road_mask(self, frame: Frame) -> NDArray[np.bool_]:
        if self._mask is None:
            scale = MASK_SIDE / max(frame.height, frame.width)
            rows, columns = max(1, round(frame.height * scale)), max(1, round(frame.width * scale))
            mask = np.zeros((rows, columns), bool) if self._roads else np.ones((rows, columns), bool)
            for zone in self._roads:
                mask |= zone.mask(rows, columns)
            for zone in self._ignored:
                mask &= ~zone.mask(rows, columns)
            self._mask = mask
        return self._mask


def _verdict(vehicles: float, occupancy: float, standing: float, speed: float) -> Verdict:
    slow = speed < CRAWLING
    if vehicles >= MANY and occupancy >= _FULL and speed < STANDING * 2 and standing >= 0.5:
        return Verdict.FLAGGED
    if slow and (vehicles >= MANY or occupancy >= _FULL) and standing >= 0.4:
        return Verdict.CANDIDATE
    return Verdict.CLEAR


def _score(vehicles: float, occupancy: float, standing: float, speed: float) -> float:
    crowd = min(1.0, vehicles / (2 * MANY)) * 0.5 + min(1.0, occupancy / (2 * _FULL)) * 0.5
    slow = max(0.0, 1.0 - speed / (2 * CRAWLING)) * 0.5 + standing * 0.5
    return round(crowd * slow, 3)


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float | None:
    if len(values) == 0:
        return None
    order = np.argsort(values)
    cumulated = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(cumulated, cumulated[-1] / 2)])


def _painted(boxes: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    canvas = np.zeros(shape, np.uint8)
    for left, top, right, bottom in boxes:
        first = (int(left * shape[1]), int(top * shape[0]))
        last = (int(np.ceil(right * shape[1])) - 1, int(np.ceil(bottom * shape[0])) - 1)
        cv2.rectangle(canvas, first, last, 1, -1)
    return canvas.astype(bool)


def _hull(boxes: NDArray[np.float32]) -> Box | None:
    if len(boxes) == 0:
        return None
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    return float(left), float(top), float(right), float(bottom)
