"""Fishing: somebody who stays at the water with a rod, or a boat with people on closed water.

A person who stays is a candidate where water or bank is drawn; with a rod it is flagged. With no zones nobody knows where
the water is: then only a rod makes a flag, and a person alone is nothing. Who walks by is nothing anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._rods import Rod, rods_at
from detectors._types import Box, Finding, Frame, Glance, Kind, Model, NotRun, Request, Verdict, Zone, ZoneKind

_RATE_HZ = 2.5
_SIDE = 640
_MIN_SCORE = 0.35
_BOAT_SCORE = 0.4

STAYS = 0.5
"""Body heights that the feet of one who fishes move at most during a look (domain facts: a walker makes more than one)."""
PRESENT = 0.6
"""Share of the look that one must be seen to stay."""
ROD_FRAMES = 0.2
"""Share of a person's frames in which a rod must be found, in one direction, at least three: the line finder sees a thin rod in a
quarter of the frames, and one line in one frame is chance."""
_NEAR = 1.5
"""Body heights from the water or the bank within which feet count as at the water."""
_SHORTEST_S = 4.0
_CROWD = 8
"""More people than this at once are a street or a beach, and lines between bodies are no rods."""


@dataclass(slots=True)
class _Person:
    boxes: list[Box] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    rods: list[tuple[float, Rod]] = field(default_factory=list)


class Fishing:
    """See :class:`detectors.Detector`."""

    kind = Kind.FISHING
    rate_hz: float | None = _RATE_HZ

    def __init__(self, request: Request) -> None:
        if request.model is None:
            raise NotRun(self.kind, "no object model")
        if "person" not in request.model.classes:
            raise NotRun(self.kind, f"the model {request.model.name} knows no persons")
        self._model: Model = request.model
        self._shores = [z for z in request.zones if z.kind in {ZoneKind.WATER, ZoneKind.BANK}]
        self._water = [z for z in request.zones if z.kind is ZoneKind.WATER]
        self._ignored = [z for z in request.zones if z.kind in {ZoneKind.IGNORE, ZoneKind.PRIVATE}]
        self._people: list[_Person] = []
        self._boats: list[tuple[float, Box, bool]] = []
        self._counts: list[int] = []
        self._first: float | None = None
        self._last = 0.0
        self._aspect = 1.0

    def glance(self, glance: Glance) -> Finding | None:  # noqa: ARG002 - nothing is plain yet
        """Always a full look."""
        return None

    def update(self, frame: Frame) -> None:
        """Find people and boats, follow people from frame to frame, look for rods at them."""
        self._first = frame.at if self._first is None else self._first
        self._last = frame.at
        self._aspect = frame.width / frame.height
        found = self._model.objects(frame, min(_MIN_SCORE, _BOAT_SCORE))
        people = [b for b in _boxes(found.only(frozenset({"person"}), _MIN_SCORE).boxes) if not self._is_ignored(b)]
        self._counts.append(len(people))
        for box in people:
            person = self._follow(box)
            person.boxes.append(box)
            person.times.append(frame.at)
            if len(people) <= _CROWD and self._at_water(box):
                person.rods += [(frame.at, rod) for rod in rods_at(frame.gray(_SIDE), box)]
        for boat in _boxes(found.only(frozenset({"boat"}), _BOAT_SCORE).boxes):
            if not self._is_ignored(boat) and self._on_water(boat):
                self._boats.append((frame.at, boat, any(_aboard(p, boat) for p in people)))

    def finish(self) -> Finding:
        """Judge the whole look."""
        seconds = self._last - (self._first or 0.0)
        frames = len(self._counts)
        staying = [p for p in self._people if self._stays(p, seconds) and self._at_water(p.boxes[-1])]
        anglers = [p for p in staying if _holds_rod(p)]
        manned = [at for at, _, aboard in self._boats if aboard]
        crowd = float(np.median(self._counts)) if self._counts else 0.0
        zone = self._shores[0].name if self._shores else "whole"
        measured: dict[str, float | int | str | bool] = {
            "persons": round(crowd, 1),
            "static_persons": len(staying),
            "rods": len(anglers),
            "boats": len({at for at, _, _ in self._boats}),
            "manned_boat_frames": len(manned),
            "frames": frames,
            "seconds": round(seconds, 1),
            "zones_drawn": bool(self._shores),
        }
        if anglers:
            best = max(anglers, key=lambda p: len(p.rods))
            share = len({at for at, _ in best.rods}) / len(best.boxes)
            words = f"{len(anglers)} of {len(staying)} persons who stay hold a rod (seen in {share:.0%} of the frames)"
            return self._found(
                Verdict.FLAGGED, 0.6 + 0.35 * share, best.rods[0][0], _with_rods(best), zone, words, measured, seconds
            )
        if self._water and frames and len(manned) >= max(3, 0.4 * frames):
            at, box, _ = next(b for b in self._boats if b[2])
            words = f"a boat with people on the water in {len(manned)} of {frames} frames"
            return self._found(Verdict.FLAGGED, 0.7, at, box, zone, words, measured, seconds)
        if self._shores and staying:
            first = staying[0]
            words = f"{len(staying)} persons stay at the water, no rod was seen"
            return self._found(Verdict.CANDIDATE, 0.45, first.times[0], first.boxes[0], zone, words, measured, seconds)
        if not self._shores and frames and len(manned) >= max(3, 0.4 * frames):
            at, box, _ = next(b for b in self._boats if b[2])
            words = "a boat with people; no water is drawn, so nobody knows whether it is closed"
            return self._found(Verdict.CANDIDATE, 0.4, at, box, zone, words, measured, seconds)
        words = "nobody stays at the water" if self._counts and crowd else "nobody in sight"
        return Finding(self.kind, Verdict.CLEAR, 0.0, None, None, zone, words, measured)

    def _found(
        self,
        verdict: Verdict,
        score: float,
        at: float,
        box: Box,
        zone: str,
        words: str,
        measured: dict[str, float | int | str | bool],
        seconds: float,
    ) -> Finding:
        if verdict is Verdict.FLAGGED and seconds < _SHORTEST_S:
            verdict, score = Verdict.CANDIDATE, min(score, 0.5)
            words = f"{words}; the look of {seconds:.1f} s is too short to tell who stays"
        return Finding(self.kind, verdict, round(score, 3), at, box, zone, words, measured)

    def _follow(self, box: Box) -> _Person:
        """The person whose last box overlaps most, else a new one. Places only: nobody is recognised."""
        best, overlap = None, 0.2
        for person in self._people:
            if (
                self._last - person.times[-1] <= 2.0
                and (now := _overlap(person.boxes[-1], box)) > overlap
                and person.times[-1] < self._last
            ):
                best, overlap = person, now
        if best is None:
            best = _Person()
            self._people.append(best)
        return best

    def _stays(self, person: _Person, seconds: float) -> bool:
        if len(person.boxes) < 3 or person.times[-1] - person.times[0] < PRESENT * seconds:
            return False
        boxes = np.array(person.boxes)
        body = float(np.median(boxes[:, 3] - boxes[:, 1]))
        across = (boxes[:, 0] + boxes[:, 2]) / 2 * self._aspect
        # Feet vanish in water and behind the bank; the head and the middle line stay in sight.
        head = boxes[:, 1]
        spread = np.hypot(
            np.percentile(across, 90) - np.percentile(across, 10), np.percentile(head, 90) - np.percentile(head, 10)
        )
        return bool(spread <= STAYS * body)

    def _at_water(self, box: Box) -> bool:
        if not self._shores:
            return True
        reach = _NEAR * (box[3] - box[1])
        x, y = (box[0] + box[2]) / 2, box[3]
        spots = [(x, y)] + [
            (x + dx * reach / self._aspect, y + dy * reach) for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1))
        ]
        return any(_inside(zone, *spot) for zone in self._shores for spot in spots)

    def _on_water(self, box: Box) -> bool:
        return not self._water or any(_inside(zone, (box[0] + box[2]) / 2, box[3] - 0.01) for zone in self._water)

    def _is_ignored(self, box: Box) -> bool:
        return any(_inside(zone, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for zone in self._ignored)


def _boxes(found: NDArray[np.float32]) -> list[Box]:
    return [(float(b[0]), float(b[1]), float(b[2]), float(b[3])) for b in found]


def _inside(zone: Zone, x: float, y: float) -> bool:
    polygon = np.array(zone.polygon, np.float32)
    return cv2.pointPolygonTest(polygon, (float(np.clip(x, 0, 1)), float(np.clip(y, 0, 1))), measureDist=False) >= 0


def _overlap(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1])
    return both / (areas - both)


def _aboard(person: Box, boat: Box) -> bool:
    x, y = (person[0] + person[2]) / 2, person[3]
    height = boat[3] - boat[1]
    return boat[0] <= x <= boat[2] and boat[1] - 0.5 * height <= y <= boat[3] + 0.2 * height


def _holds_rod(person: _Person) -> bool:
    """A rod in enough frames, in about the same direction: casting swings it, but most of a look it rests."""
    seen = {at for at, _ in person.rods}
    if len(seen) < max(3, ROD_FRAMES * len(person.boxes)):
        return False
    angles = np.array([rod.angle for _, rod in person.rods])
    times = [at for at, _ in person.rods]
    best = 0
    for angle in angles:
        near = np.abs((angles - angle + 90) % 180 - 90) < 20
        best = max(best, len({at for at, ok in zip(times, near, strict=True) if ok}))
    return best >= max(3, ROD_FRAMES * 0.7 * len(person.boxes))


def _with_rods(person: _Person) -> Box:
    boxes = np.array(person.boxes)
    left, top, right, bottom = np.median(boxes, axis=0)
    tips = np.array([rod.tip for _, rod in person.rods])
    tip = np.median(tips, axis=0)
    return float(min(left, tip[0])), float(min(top, tip[1])), float(max(right, tip[0])), float(max(bottom, tip[1]))
