"""Congestion: many vehicles on the road, packed, half of them standing. A short look at a red light is a candidate at most.

Queue as it is defined in practice: vehicles present and no motion in the zone (docs/detectors-congestion.md names the sources).
Speed is in vehicle lengths a second: pixels a second over the vehicle's own size, which needs no calibration.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detectors._jam_rule import BARELY, CRAWLING, FEW, SHAKING, SHORTEST_S, STEPS_ROAD, STEPS_WHOLE, Traffic
from detectors._road import RoadMemory, on, painted
from detectors._types import (
    Box,
    Finding,
    Frame,
    Glance,
    Kind,
    Mark,
    Model,
    NotRun,
    Request,
    Verdict,
    ZoneKind,
    thinned,
)
from detectors._vehicles import SAME, Follower, Sample, overlaps, stood_all_along, stretches

VEHICLES = frozenset({"car", "truck", "bus", "motorcycle"})
_RATE_HZ = 5.0
_SIDE = 480
_MIN_SCORE = 0.25
_WEAK_SCORE = 0.15
MASK_SIDE = 160

STANDING = 0.05
"""Vehicle lengths a second below which a vehicle stands: a foot a second. Measured over two seconds, so that noise stays below."""
_STANDING_LOOSE = 0.12
"""The same where the camera shakes: what is left of its motion looks like theirs."""
_STILL = 0.05
"""Lengths moved in two seconds, below which a vehicle did not stir."""


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
        self._memory = request.road or RoadMemory()
        self._mask: NDArray[np.bool_] | None = None
        self._follower = Follower()
        self._first: float | None = None
        self._last = 0.0

    @property
    def _zone(self) -> str:
        if self._roads:
            return self._roads[0].name
        return "learnt" if self._memory.mature else "whole"

    def glance(self, glance: Glance) -> Finding | None:
        """An empty road is plain, and one with a few vehicles too."""
        counts, covered = [], []
        for frame in glance.frames:
            boxes = self._on_road(frame, self._model.objects(frame, _WEAK_SCORE).only(VEHICLES).boxes)
            counts.append(len(boxes))
            covered.append(self._covered(boxes))
        if max(counts) >= FEW and max(covered) >= STEPS_WHOLE[-1][0] / 2:
            return None
        usual = float(np.median(counts))
        return Finding(
            self.kind, Verdict.CLEAR, 0.0, None, None, self._zone, f"{usual:g} vehicles in sight in {len(counts)} keyframes",
            {"vehicles": usual, "occupancy": round(float(np.median(covered)), 3), "keyframes": len(counts)},
        )  # fmt: skip

    def update(self, frame: Frame) -> None:
        """Every two seconds vehicles are found; the next frame and the one two seconds later tell how far they moved."""
        self._first = frame.at if self._first is None else self._first
        self._last = frame.at
        if self._follower.wants(frame.at):
            self._follower.follow(frame.at, frame.gray(_SIDE))
        if self._follower.due(frame.at):
            found = self._model.objects(frame, _MIN_SCORE).only(VEHICLES)
            boxes = self._on_road(frame, found.boxes)
            self._follower.found(frame.at, frame.gray(_SIDE) if len(boxes) else None, boxes)

    def finish(self) -> Finding:
        """Judge the whole look."""
        traffic, samples = max(
            ((self._traffic(stretch, seconds), stretch) for stretch, seconds in self._stretches()),
            key=lambda pair: pair[0].score,
        )
        measured: dict[str, float | int | str | bool] = {
            "vehicles": round(traffic.vehicles, 1),
            "occupancy": round(traffic.occupancy, 3),
            "stopped_share": round(traffic.stopped, 3),
            "standing_share": round(traffic.standing, 3),
            "barely_share": round(traffic.barely, 3),
            "flowing_share": round(traffic.flowing, 3),
            "speed_lengths_per_s": round(traffic.speed, 3),
            "parked": round(traffic.parked, 1),
            "idle_share": round(traffic.idle, 3),
            "queue_reach": round(_reach(samples), 3),
            "frames": len(samples),
            "seconds": round(traffic.seconds, 1),
            "camera_motion": round(traffic.drift, 4),
        }
        verdict, state, doubt = traffic.verdict()
        words = f"{traffic.vehicles:g} vehicles in sight"
        if traffic.known:
            words = (
                f"{traffic.vehicles:g} vehicles cover {traffic.occupancy:.0%} of the road, {traffic.stopped:.0%} of them stand, "
                f"median speed {traffic.speed:.2f} lengths/s"
            )
        if verdict is Verdict.FLAGGED and (doubt := self._later_looks_decide(samples)):
            verdict, state = Verdict.CANDIDATE, "candidate"
        return self._finding(verdict, traffic.score, state, f"{words}; {doubt}" if doubt else words, measured, samples)

    @property
    def learnt(self) -> RoadMemory:
        """What is known of the road after this look."""
        moving, standing = [], []
        for sample in self._follower.samples:
            moving.append(sample.boxes[sample.speeds >= CRAWLING / 2])
            standing.append(sample.boxes[sample.speeds < STANDING])
        nothing = np.zeros((0, 4), np.float32)
        return self._memory.learn(np.concatenate([*moving, nothing]), np.concatenate([*standing, nothing]))

    def _finding(
        self,
        verdict: Verdict,
        score: float,
        state: str,
        words: str,
        measured: dict[str, float | int | str | bool],
        samples: list[Sample],
    ) -> Finding:
        measured = {"state": state, **measured}
        if verdict is Verdict.CLEAR:
            return Finding(self.kind, verdict, score, None, None, self._zone, words, measured)
        best = max(samples, key=lambda s: len(s.boxes))
        hull = _hull(best.boxes)
        return Finding(self.kind, verdict, score, best.at, hull, self._zone, words, measured, thinned(_marks(samples)))

    def _later_looks_decide(self, samples: list[Sample]) -> str:
        """Why a jam here cannot be told in one look, empty where it can."""
        if any(zone.signals for zone in self._roads):
            return "a light holds vehicles here, later looks decide"
        if self._memory.waiting_place(_standing_boxes(samples)):
            return "vehicles often wait here and drive on, later looks decide"
        return ""

    def _stretches(self) -> list[tuple[list[Sample], float]]:
        """What lies between two cuts is judged by itself where it lasts long enough, with its seconds; else the look as a whole.

        A picture that becomes another one every few seconds is no tour, it is a camera in motion: then nothing is cut.
        """
        cut = stretches(self._follower.samples)
        ends = [part[-1].at for part in cut[:-1]] + [self._last]
        parts = [(part, end - part[0].at) for part, end in zip(cut, ends, strict=True)]
        long = [part for part in parts if part[1] >= SHORTEST_S]
        whole = (self._follower.samples, self._last - (self._first or 0.0))
        return long if long and len(cut) <= 1 + whole[1] / SHORTEST_S / 2 else [whole]

    def _traffic(self, samples: list[Sample], seconds: float) -> Traffic:
        if not samples:
            return Traffic(0, 0, 0, 0, 0, -1.0, 0, 0, 0, 0, seconds)
        drift = float(np.median([s.drift for s in samples]))
        parked = [self._memory.parked(s.boxes) for s in samples]
        idle = stood_all_along(samples, _STILL)
        speeds = np.concatenate([s.speeds[~gone] for s, gone in zip(samples, parked, strict=True)])
        known = speeds[~np.isnan(speeds)]
        flowing = float((known >= CRAWLING).mean()) if len(known) else 0.0
        slowest = _STANDING_LOOSE if drift > SHAKING / 4 else STANDING
        stopped = float((known < slowest).mean()) if len(known) else 0.0
        # Where others drive freely past, what never stirs is parked rather than jammed: it counts for nothing.
        stirring = np.concatenate(
            [s.speeds[~gone & ~still] for s, gone, still in zip(samples, parked, idle, strict=True)]
        )
        stirring = stirring[~np.isnan(stirring)]
        flows_past = len(stirring) >= len(samples) and float((stirring >= CRAWLING).mean()) >= 0.5
        if flows_past:
            parked = [gone | still for gone, still in zip(parked, idle, strict=True)]
            known = stirring
        counted = [s.boxes[~gone] for s, gone in zip(samples, parked, strict=True)]
        return Traffic(
            vehicles=max(float(np.median([len(b) for b in counted])), float(_standing_places(samples, parked))),
            occupancy=float(np.median([self._covered(b) for b in counted])),
            stopped=stopped,
            standing=float((known < slowest).mean()) if len(known) else 0.0,
            barely=float((known < BARELY).mean()) if len(known) else 0.0,
            speed=float(np.median(known)) if len(known) else -1.0,
            parked=float(np.median([gone.sum() for gone in parked])),
            flowing=flowing,
            idle=_idle_share(samples, idle, slowest),
            drift=drift,
            seconds=seconds,
            steps=STEPS_ROAD if self._roads or self._memory.mature else STEPS_WHOLE,
        )

    def _on_road(self, frame: Frame, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        return boxes[on(self._road(frame), boxes)]

    def _covered(self, boxes: NDArray[np.float32]) -> float:
        # With no road drawn or learnt the whole picture is the road: honest, and low. A zone makes the measure sharp.
        mask = self._mask
        if mask is None or not mask.any():
            return 0.0
        return float((painted(boxes, *mask.shape) & mask).sum() / mask.sum())

    def _road(self, frame: Frame) -> NDArray[np.bool_]:
        if self._mask is None:
            scale = MASK_SIDE / max(frame.height, frame.width)
            rows, columns = max(1, round(frame.height * scale)), max(1, round(frame.width * scale))
            if self._roads:
                mask = np.zeros((rows, columns), bool)
                for zone in self._roads:
                    mask |= zone.mask(rows, columns)
            else:
                mask = self._memory.road(rows, columns) if self._memory.mature else np.ones((rows, columns), bool)
            for zone in self._ignored:
                mask &= ~zone.mask(rows, columns)
            self._mask = mask
        return self._mask


def _marks(samples: list[Sample]) -> list[Mark]:
    return [
        Mark(sample.at, "standing" if speed < STANDING else "moving", (float(x0), float(y0), float(x1), float(y1)))
        for sample in samples
        for (x0, y0, x1, y1), speed in zip(sample.boxes, sample.speeds, strict=True)
    ]


def _idle_share(samples: list[Sample], idle: list[NDArray[np.bool_]], slowest: float) -> float:
    """Of the vehicles that stand, the share that never stirred in the whole look."""
    standing = sum(int((s.speeds < slowest).sum()) for s in samples)
    still = sum(int(((s.speeds < slowest) & gone).sum()) for s, gone in zip(samples, idle, strict=True))
    return still / standing if standing else 0.0


def _standing_boxes(samples: list[Sample]) -> NDArray[np.float32]:
    return np.concatenate([*(s.boxes[s.speeds < STANDING] for s in samples), np.zeros((0, 4), np.float32)])


def _standing_places(samples: list[Sample], parked: list[NDArray[np.bool_]]) -> int:
    """Places where a vehicle stood in a third of the moments, two at least. In a coarse picture no moment shows all of them."""
    places: list[tuple[NDArray[np.float32], int]] = []
    for sample, gone in zip(samples, parked, strict=True):
        for box in sample.boxes[(sample.speeds < STANDING) & ~gone]:
            for index, (known, times) in enumerate(places):
                if overlaps(box[None], known[None])[0, 0] >= SAME:
                    places[index] = (known, times + 1)
                    break
            else:
                places.append((box, 1))
    least = max(2, -(-len(samples) // 3))
    return sum(times >= least for _, times in places)


def _reach(samples: list[Sample]) -> float:
    """How far standing vehicles reach along the road, as a share of how far all vehicles were seen, in [0, 1]."""
    every = np.concatenate([*(s.boxes for s in samples), np.zeros((0, 4), np.float32)])
    standing = _standing_boxes(samples)
    if len(every) < 3 or len(standing) < 2:
        return 0.0
    feet = np.stack([(every[:, 0] + every[:, 2]) / 2, every[:, 3]], axis=1)
    middle = feet.mean(0)
    along = np.linalg.svd(feet - middle, full_matrices=False)[2][0]
    there = (np.stack([(standing[:, 0] + standing[:, 2]) / 2, standing[:, 3]], axis=1) - middle) @ along
    whole = np.ptp((feet - middle) @ along)
    return float(np.ptp(there) / whole) if whole > 0 else 0.0


def _hull(boxes: NDArray[np.float32]) -> Box | None:
    if len(boxes) == 0:
        return None
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    return float(left), float(top), float(right), float(bottom)
