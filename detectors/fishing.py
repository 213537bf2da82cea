"""Fishing: somebody who stays at the water with a rod, or a boat with people on closed water.

A person who stays at the water, drawn or found, is a candidate; with a rod he is flagged. Where no water is drawn and the model cannot find any,
only a rod counts. Who walks by is nothing anywhere. docs/detectors-fishing.md has the rule and its figures.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._angler_rule import CROWD, Bank, Somebody
from detectors._people import Person, aboard, boxes_of, distance, follow, overlap
from detectors._rods import rods_at
from detectors._shore import Shore
from detectors._types import (
    Box,
    Finding,
    Frame,
    Glance,
    Image,
    Kind,
    Mark,
    Model,
    NotRun,
    Objects,
    Request,
    Verdict,
    thinned,
)

_RATE_HZ = 2.5
_SIDE = 640
_SMALL_SIDE = 320
_FAR_PX = 100
"""Body height in a picture of ``_SIDE`` below which a rod is looked for at full resolution."""
_EVERY_S = 2.0
"""How often people are found anew. Shared with the other detectors, so that one inference serves all."""
_GRID_S = 0.02
PERSON_SCORE = 0.35
_WEAK_SCORE = 0.2
BOAT_SCORE = 0.4
_ROD_SCORE = 0.4
"""Of the rods the model finds at 0.25 a third are none, at 0.4 all are (detectors/models/README.md); and two of them are asked for."""

_CLOSER_S = 0.8
_CLOSER_TIMES = 4
"""A place that may be an angler's is looked at again at once, at full resolution, a few times: a walker is gone by then."""
_CLOSER_BODIES = 2.4
"""Body heights from the middle of a place to each edge of that part: a rod reaches as far."""
_PLACES = 2
"""Places looked at closely at the same time."""
_SAME_VIEW = 0.5
"""Correlation of two small pictures 0.4 s apart, below which the picture became another one."""
Measured = dict[str, float | int | str | bool]


@dataclass(slots=True)
class _Stretch:
    """What was seen between two cuts."""

    begun: float
    people: list[Person] = field(default_factory=list)
    boats: list[tuple[float, Box, bool]] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)


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
        self._rods_allowed = request.rods_allowed
        self._shore = Shore(request.zones)
        self._stretch = _Stretch(0.0)
        self._banks: list[tuple[Bank, str, Measured]] = []
        self._lumas: list[float] = []
        self._small: NDArray[np.float32] | None = None
        self._next = 0.0
        self._next_closer = 0.0
        self._tiles_looked = 0
        self._frames = 0
        self._last = 0.0
        self._aspect = 1.0

    def glance(self, glance: Glance) -> Finding | None:
        """Nobody at the water, or no water and nobody who stays: plain. Whoever may stay needs a full look."""
        self._aspect = glance.frames[0].width / glance.frames[0].height
        people: list[Person] = []
        seen = 0
        for number, frame in enumerate(glance.frames):
            found = self._model.objects(frame, _WEAK_SCORE)
            self._shore.see(self._model.water(frame))
            boxes = [b for b in boxes_of(found.only({"person"}).boxes) if not self._shore.ignored(b)]
            if self._model_finds_boats(found):
                return None
            if number in {0, len(glance.frames) // 2} and self._shore.known:
                boxes += self._far_people(frame, boxes)
            seen += len(boxes)
            for box in boxes:
                follow(people, box, frame.at, self._aspect)
        if self._shore.known and any(self._shore.at_water(box, self._aspect) for p in people for box in p.boxes):
            return None
        span = glance.frames[-1].at - glance.frames[0].at
        if any(len(p.boxes) >= 2 and p.times[-1] - p.times[0] >= span / 2 for p in people):
            return None
        words = "nobody stays in sight" if seen else "nobody in sight"
        measured: Measured = {"keyframes": len(glance.frames), "water_share": round(self._shore.share, 3)}
        return Finding(
            self.kind,
            Verdict.CLEAR,
            0.0,
            None,
            None,
            self._shore.zone,
            f"{words} in {len(glance.frames)} keyframes",
            measured,
        )

    def update(self, frame: Frame) -> None:
        """Every two seconds people and boats are found; places that may be an angler's are looked at closer in between."""
        self._aspect = frame.width / frame.height
        self._frames += 1
        if self._is_cut(frame):
            self._close(self._last)
            self._stretch = _Stretch(frame.at)
            self._shore.forget()
            self._next = frame.at
        self._last = frame.at
        if frame.at + _GRID_S >= self._next:
            self._next = frame.at + _EVERY_S
            self._find(frame)
            self._next_closer = frame.at + _CLOSER_S
        elif frame.at + _GRID_S >= self._next_closer:
            self._next_closer = frame.at + _CLOSER_S
            self._look_closer(frame)
        self._look_for_rods(frame)

    def finish(self) -> Finding:
        """Judge the whole look: each stretch between cuts by itself, the strongest stands."""
        self._close(self._last)
        luma = float(np.median(self._lumas))
        found = []
        for bank, zone, measured in self._banks:
            answer = replace(bank, luma=luma).verdict()
            found.append(
                Finding(
                    self.kind,
                    answer.verdict,
                    round(answer.score, 3),
                    answer.at,
                    answer.box,
                    zone,
                    answer.words,
                    measured,
                    () if answer.verdict is Verdict.CLEAR else thinned(_marks(bank)),
                )
            )
        return max(found, key=lambda finding: (finding.verdict.rank, finding.score))

    # --- seeing -------------------------------------------------------------------------------------------------------

    def _is_cut(self, frame: Frame) -> bool:
        picture = frame.gray(_SMALL_SIDE)
        self._lumas.append(float(np.median(picture[::4, ::4])))
        small = cv2.resize(picture, (32, 18), interpolation=cv2.INTER_AREA).astype(np.float32)
        before, self._small = self._small, small
        if before is None:
            return False
        one, other = before - before.mean(), small - small.mean()
        power = float(np.sqrt((one * one).sum() * (other * other).sum()))
        return power > 0 and float((one * other).sum()) / power < _SAME_VIEW

    def _find(self, frame: Frame) -> None:
        found = self._model.objects(frame, _WEAK_SCORE)
        self._shore.see(self._model.water(frame))
        weak = [b for b in boxes_of(found.only({"person"}, 0.25).boxes) if not self._shore.ignored(b)]
        sure = boxes_of(found.only({"person"}, PERSON_SCORE).boxes)
        people = [b for b in weak if b in sure or self._shore.at_water(b, self._aspect)]
        if self._shore.known and self._tiles_looked < 2:
            self._tiles_looked += 1
            people += self._far_people(frame, people)
        self._stretch.counts.append(len(people))
        for box in people:
            self._note_rods(follow(self._stretch.people, box, frame.at, self._aspect), found)
        for boat in boxes_of(found.only({"boat"}, BOAT_SCORE).boxes):
            if not self._shore.ignored(boat) and self._shore.on_water(boat):
                self._stretch.boats.append((frame.at, boat, any(aboard(p, boat) for p in people)))

    def _far_people(self, frame: Frame, known: list[Box]) -> list[Box]:
        """People found only at full resolution, where water meets land."""
        more: list[Box] = []
        for tile in self._shore.tiles(frame.height, frame.width):
            for box in boxes_of(self._model.objects(frame, PERSON_SCORE, tile).only({"person"}).boxes):
                fresh = all(overlap(box, other) < 0.3 for other in [*known, *more])
                if fresh and not self._shore.ignored(box) and self._shore.at_water(box, self._aspect):
                    more.append(box)
        return more

    def _model_finds_boats(self, found: Objects) -> bool:
        boats = [b for b in boxes_of(found.only({"boat"}, BOAT_SCORE).boxes) if self._shore.on_water(b)]
        people = boxes_of(found.only({"person"}, 0.25).boxes)
        return any(aboard(person, boat) for person in people for boat in boats)

    def _places(self) -> list[Person]:
        """Who may be an angler, most likely ones first: at the water, else, where none is found, whoever has stayed so far."""
        people = [p for p in self._stretch.people if self._last - p.times[-1] <= _EVERY_S + _CLOSER_S]
        if len(people) > CROWD:
            return []
        if self._shore.known:
            near = [p for p in people if self._shore.at_water(p.boxes[-1], self._aspect)]
            near = [p for p in near if len(p.boxes) < 3 or p.stays(p.times[0], p.times[-1], self._aspect)]
            return sorted(near, key=lambda p: -len(p.boxes))[:_PLACES]
        stayed = [p for p in people if len(p.boxes) >= 2 and p.stays(p.times[0], p.times[-1], self._aspect)]
        return sorted(stayed, key=lambda p: -len(p.boxes))[:1]

    def _look_closer(self, frame: Frame) -> None:
        for person in self._places():
            if len(person.boxes) > _CLOSER_TIMES + len(self._stretch.counts):
                continue
            part = _around(person.boxes[-1], self._aspect)
            found = self._model.objects(frame, 0.25, part)
            near = [
                b
                for b in boxes_of(found.only({"person"}, 0.25).boxes)
                if distance(b, person.boxes[-1], self._aspect) < 1
            ]
            if near:
                person.boxes.append(min(near, key=lambda b: distance(b, person.boxes[-1], self._aspect)))
                person.times.append(frame.at)
                self._note_rods(person, found)

    def _look_for_rods(self, frame: Frame) -> None:
        for person in self._places():
            # Streets are full of lines: where no water is found, the model must have seen a rod first, and half as often will do.
            if not self._shore.known and self._shore.told and (not person.trained or self._frames % 2):
                continue
            person.looked += 1
            body = person.boxes[-1]
            person.rods += [(frame.at, rod) for rod in rods_at(rod_picture(frame, body), body)]

    def _note_rods(self, person: Person, found: Objects) -> None:
        body = person.boxes[-1]
        tall, wide = 0.4 * (body[3] - body[1]), 0.4 * (body[3] - body[1]) / self._aspect
        reach = (body[0] - wide, body[1] - tall, body[2] + wide, body[3])
        rods = found.only({"rod"}, _ROD_SCORE)
        for rod, score in zip(boxes_of(rods.boxes), rods.scores, strict=True):
            touches = rod[0] < reach[2] and rod[2] > reach[0] and rod[1] < reach[3] and rod[3] > reach[1]
            length = np.hypot((rod[2] - rod[0]) * self._aspect, rod[3] - rod[1])
            if touches and length >= 0.5 * (body[3] - body[1]):
                person.trained += 1
                person.sure = max(person.sure, float(score))
                return

    def _close(self, ended: float) -> None:
        """Keep what is to be judged of the stretch that ends: where water is, is only known now."""
        stretch, shore = self._stretch, self._shore
        bank = Bank(
            people=tuple(
                Somebody(p, shore.known and shore.at_water(p.box, self._aspect), shore.surrounded(p.box))
                for p in stretch.people
            ),
            crowd=float(np.median(stretch.counts)) if stretch.counts else 0.0,
            boats=tuple((at, boat) for at, boat, with_people in stretch.boats if with_people),
            moments=len(stretch.counts),
            begun=stretch.begun,
            ended=ended,
            aspect=self._aspect,
            water_known=shore.known,
            water_drawn=shore.water_drawn,
            water_told=shore.told,
            rods_allowed=self._rods_allowed,
            luma=float(np.median(self._lumas)) if self._lumas else 0.0,
        )
        measured: Measured = {
            "persons": round(bank.crowd, 1),
            "static_persons": len(bank.staying),
            "rods": len(bank.anglers),
            "boats": len({at for at, _, _ in stretch.boats}),
            "manned_boat_frames": len(bank.boats),
            "water_share": round(shore.share, 3),
            "frames": self._frames,
            "seconds": round(bank.seconds, 1),
            "zones_drawn": bool(shore.drawn),
        }
        self._banks.append((bank, shore.zone, measured))


def _marks(bank: Bank) -> list[Mark]:
    people = [
        Mark(at, "person", box, track)
        for track, somebody in enumerate(bank.people)
        for at, box in zip(somebody.person.times, somebody.person.boxes, strict=True)
    ]
    return [*people, *(Mark(at, "boat", boat) for at, boat in bank.boats)]


def rod_picture(frame: Frame, body: Box) -> Image:
    """``(H, W)`` luma to look for a rod in: a far angler's is one pixel wide at full resolution, and gone in a smaller picture."""
    shrunk = min(1.0, _SIDE / max(frame.width, frame.height))
    return frame.gray(_SIDE if (body[3] - body[1]) * frame.height * shrunk >= _FAR_PX else None)


def _around(person: Box, aspect: float) -> Box:
    """The part of the picture around a place, square on screen, cut at the picture's edges."""
    x, y = (person[0] + person[2]) / 2, (person[1] + person[3]) / 2
    reach = _CLOSER_BODIES * (person[3] - person[1])
    return max(0.0, x - reach / aspect), max(0.0, y - reach), min(1.0, x + reach / aspect), min(1.0, y + 0.6 * reach)
