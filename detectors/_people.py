"""People as places: who stays where he is, who walks, who sits in a boat. Nobody is recognised."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detectors._rods import Rod
from detectors._types import Box

LEAST_S = 1.2
"""A walker makes a body height in this time: shorter than this, nobody can be said to stay."""
_LOST_S = 4.5
"""Seconds after which a place is given up: two moments at which objects are found, and half of one."""
_SAME_PLACE = 0.6
"""Body heights between the heads of two boxes that are one person who stays; boxes of a walker part sooner or overlap."""
_TURN = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on somebody stays, and holds a rod. ``bench/folds.py`` sets them anew without the source that it judges.

    Attributes:
        stays: body heights that one who fishes moves at most during a look (domain facts: a walker makes more than one).
        grows: a walker who comes nearer grows by more than this.
        present: share of the time that one must be seen to stay.
        rod_frames: share of the frames looked at in which a line must be found, in one direction, at least three: one line in one
            frame is chance.
        sure: score of a rod that needs no line beside it. One that the model finds at 0.4 around people is wrong at one in eleven of
            them, at 0.6 at one in fifty.
    """

    stays: float = 0.5
    grows: float = 1.3
    present: float = 0.6
    rod_frames: float = 0.2
    sure: float = 0.6


LIMITS = Limits()


@dataclass(slots=True)
class Person:
    """Somebody at one place.

    Attributes:
        boxes, times: where he was found, and when, seconds.
        rods: lines that may be rods, with the time of the frame.
        looked: frames in which a rod was looked for.
        trained: frames in which the model itself found a rod at him.
        sure: the best score of those, in [0, 1].
    """

    boxes: list[Box] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    rods: list[tuple[float, Rod]] = field(default_factory=list)
    looked: int = 0
    trained: int = 0
    sure: float = 0.0

    @property
    def body(self) -> float:
        """Median height, share of the picture's."""
        return float(np.median([b[3] - b[1] for b in self.boxes]))

    @property
    def box(self) -> Box:
        """Where he usually is."""
        left, top, right, bottom = np.median(np.array(self.boxes), axis=0)
        return float(left), float(top), float(right), float(bottom)

    def stays(self, begun: float, ended: float, aspect: float, limits: Limits = LIMITS) -> bool:
        """Whether he was there for most of the time between two moments, and at one place.

        Args:
            begun, ended: seconds.
            aspect: width of the picture over its height.
            limits: from where on.
        """
        seen = self.times[-1] - self.times[0]
        # Objects are found every two seconds: the last moment lies up to that much before the end.
        if len(self.boxes) < 2 or seen < LEAST_S or seen + 2.0 < limits.present * (ended - begun):
            return False
        boxes = np.array(self.boxes)
        # Feet vanish in water and behind the bank; the head and the middle line stay in sight.
        across, head = (boxes[:, 0] + boxes[:, 2]) / 2 * aspect, boxes[:, 1]
        spread = np.hypot(*(np.percentile(v, 90) - np.percentile(v, 10) for v in (across, head)))
        # By height and width together: who wades loses his legs, who turns his width, who comes nearer grows both ways.
        size = np.sqrt((boxes[:, 3] - boxes[:, 1]) * (boxes[:, 2] - boxes[:, 0]))
        third = max(1, len(size) // 3)
        grown = float(np.median(size[-third:]) / max(np.median(size[:third]), 1e-6))
        return bool(spread <= limits.stays * self.body and 1 / limits.grows <= grown <= limits.grows)

    def holds_rod(self, *, doubly: bool = False, limits: Limits = LIMITS) -> bool:
        """A rod in enough frames, in about the same direction: casting swings it, but most of a look it rests.

        Args:
            doubly: both the model and the search for lines must have found it; else either will do.
            limits: from where on.
        """
        if doubly and self.trained < 2:
            return False
        if self.trained >= 2 and not doubly and (self.rods or self.sure >= limits.sure):
            return True
        least = max(3.0, limits.rod_frames * self.looked)
        seen = {at for at, _ in self.rods}
        if len(seen) + self.trained < least:
            return False
        angles = np.array([rod.angle for _, rod in self.rods])
        times = [at for at, _ in self.rods]
        best = 0
        for angle in angles:
            near = np.abs((angles - angle + 90) % 180 - 90) < _TURN
            best = max(best, len({at for at, ok in zip(times, near, strict=True) if ok}))
        return best + self.trained >= max(3.0, 0.7 * least)

    def rods_at_once(self) -> int:
        """How many rods are usually seen at him at the same time: different directions in one frame, median."""
        frames: dict[float, list[float]] = {}
        for at, rod in self.rods:
            known = frames.setdefault(at, [])
            if all(abs((rod.angle - other + 90) % 180 - 90) >= _TURN for other in known):
                known.append(rod.angle)
        return int(np.median([len(v) for v in frames.values()])) if frames else int(self.trained > 0)

    def with_rods(self) -> Box:
        """His box and the usual tip of the rod."""
        left, top, right, bottom = self.box
        if not self.rods:
            return left, top, right, bottom
        tip = np.median(np.array([rod.tip for _, rod in self.rods]), axis=0)
        return float(min(left, tip[0])), float(min(top, tip[1])), float(max(right, tip[0])), float(max(bottom, tip[1]))


def follow(people: list[Person], box: Box, at: float, aspect: float) -> Person:
    """The person whose last box is this one's place, else a new one, with the box noted."""
    best, nearest = None, 1.0
    for person in people:
        if at - person.times[-1] > _LOST_S or person.times[-1] >= at:
            continue
        away = distance(person.boxes[-1], box, aspect)
        if away < nearest:
            best, nearest = person, away
    if best is None:
        best = Person()
        people.append(best)
    best.boxes.append(box)
    best.times.append(at)
    return best


def distance(one: Box, other: Box, aspect: float) -> float:
    """How far apart two boxes are, 1 and more for different places: by overlap for what is large, by heads for what is small."""
    if overlap(one, other) > 0.2:
        return 1.0 - overlap(one, other)
    body = max(one[3] - one[1], other[3] - other[1])
    middle = ((one[0] + one[2]) - (other[0] + other[2])) / 2 * aspect
    return float(np.hypot(middle, one[1] - other[1]) / max(_SAME_PLACE * body, 1e-6)) if body else 1.0


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1])
    return both / (areas - both)


def aboard(person: Box, boat: Box) -> bool:
    """Whether somebody is in a boat: his lower edge within it."""
    x, y = (person[0] + person[2]) / 2, person[3]
    height = boat[3] - boat[1]
    return boat[0] <= x <= boat[2] and boat[1] - 0.5 * height <= y <= boat[3] + 0.2 * height


def boxes_of(found: NDArray[np.float32]) -> list[Box]:
    """``(N, 4)`` as tuples."""
    return [(float(b[0]), float(b[1]), float(b[2]), float(b[3])) for b in found]
