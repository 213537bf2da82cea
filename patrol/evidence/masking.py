"""What is hidden in a copy that leaves the house, and how: heads and plates always, whole people where the category says so.

Pure over boxes and frames. It hides too much rather than too little: no face and no plate is looked for, the region where one
would be is covered whether it can be read or not. Nobody is recognised here, and no text is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from detectors import Box, Image, Objects, Zone

PEOPLE = frozenset({"person"})
VEHICLES = frozenset({"car", "bus", "truck"})
RIDDEN = frozenset({"bicycle", "motorcycle"})
"""Covered whole, and the rider above: a rider is often found as part of what he rides."""
MIN_SCORE = {"person": 0.10, "car": 0.15, "bus": 0.15, "truck": 0.15, "bicycle": 0.12, "motorcycle": 0.12}
"""Weakest objects that are hidden. Far below what a detector asks for: a mask too many costs little (docs/evidence.md)."""
_LARGE, _SURE = 0.12, 0.2
"""Share of the picture, and the score that what is larger must have: weak boxes of that size are nearly always wrong, and would
hide everything."""

EVERY_S = 0.2
"""Seconds of media time between two frames in which objects are looked for."""
HOLD_S = 0.4
"""Seconds a mask holds where it was, before and after: one missed frame, and the frames between, show nothing."""
GAP_S = 1.0
"""Seconds something may go unfound and still be followed from one place to the next."""

_ROUNDING_S = 1e-6
_GROW = 0.12
"""Share of a region's size by which it is grown to every side: boxes are seldom exact."""
_HEAD = 0.4
"""Share of a standing person's box from the top in which the head is, with room for a bowed one."""
_ABOVE = 0.15
"""Share of a person's height covered above the box: the model cuts hair and hats off."""
_BROAD = 0.75
"""Width over height from which a person is close, sits, bends or lies: the head may be anywhere, all is covered."""
_PLATE = 0.6
"""Share of a vehicle's box from the bottom in which its plates are."""
_LEGIBLE = 80
"""Pixels of a vehicle's height from which a face behind its windscreen may be eight pixels and more: it is covered whole."""
_RIDER = 0.7
"""Heights of a bicycle or motorcycle that a rider reaches above it."""
_HEAD_CELLS, _CLOSE_CELLS, _WHOLE_CELLS = 3, 4, 6
"""Cells of the mosaic along the longer side of: a head, what the picture's edge cuts off, a whole body or vehicle. A cell of the last
is as large as the head of that body, the face in that windscreen, half the plate of that vehicle."""
_LEVELS = 16
"""Shades a channel of a cell may have: what is left of a region is a few bits, however often it is seen."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one copy hides beside heads and plates.

    Attributes:
        whole_people: people are covered from head to foot.
        private: zones that are blacked.
    """

    whole_people: bool = False
    private: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Cover:
    """A region that is hidden.

    Attributes:
        box: may reach over the picture's edge.
        cells: of the mosaic along its longer side, at most.
    """

    box: Box
    cells: int


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that must be hidden, where it was found.

    Attributes:
        group: ``people``, ``ridden`` or ``vehicles``: things of one group may be the same thing later.
        box: as found.
        cover: what is hidden for it.
    """

    group: str
    box: Box
    cover: Cover


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was found in one frame.

    Attributes:
        at: seconds of media time.
        things: found in it.
    """

    at: float
    things: tuple[Thing, ...]


@dataclass(slots=True)
class Track:
    """One thing in several frames, in order of time."""

    group: str
    times: list[float]
    boxes: list[Box]
    covers: list[Cover]


def parts(height: int, width: int, *, fine: bool = False) -> tuple[Box, ...]:
    """Overlapping parts of a picture in which small people and plates are looked for at full resolution.

    Args:
        height, width: pixels.
        fine: smaller parts, for a still, which has no frame before or after it to help.
    """
    target, most = (320, 4) if fine else (480, 3)
    rows, columns = (min(most, max(2, round(side / target))) for side in (height, width))
    return tuple(
        (left, top, right, bottom) for top, bottom in _overlapping(rows) for left, right in _overlapping(columns)
    )


def things_of(found: Objects, rules: Rules, height: int, width: int) -> tuple[Thing, ...]:
    """What must be hidden of the objects in one frame of so many pixels."""
    things = []
    for box, score, name in zip(found.boxes, found.scores, found.names, strict=True):
        large = (box[2] - box[0]) * (box[3] - box[1]) > _LARGE
        if name not in MIN_SCORE or score < (_SURE if large else MIN_SCORE[name]):
            continue
        where = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
        if name in PEOPLE:
            things.append(Thing("people", where, _of_person(where, rules, height, width)))
        elif name in RIDDEN:
            things.append(Thing("ridden", where, _of_ridden(where)))
        else:
            things.append(Thing("vehicles", where, _of_vehicle(where, height)))
    return tuple(things)


def tracks_of(sightings: Sequence[Sighting]) -> tuple[Track, ...]:
    """Follow things from frame to frame by place and size alone; a wrong guess covers more, never less.

    Args:
        sightings: in order of time.
    """
    ended: list[Track] = []
    open_: list[Track] = []
    for sighting in sightings:
        ended += [t for t in open_ if sighting.at - t.times[-1] > GAP_S]
        open_ = [t for t in open_ if sighting.at - t.times[-1] <= GAP_S]
        pairs = sorted(
            (far, i, j)
            for i, track in enumerate(open_)
            for j, thing in enumerate(sighting.things)
            if track.group == thing.group and (far := _apart(track, thing.box, sighting.at)) < 1.0
        )
        taken_tracks: set[int] = set()
        taken_things: set[int] = set()
        for _, i, j in pairs:
            if i not in taken_tracks and j not in taken_things:
                taken_tracks.add(i)
                taken_things.add(j)
                open_[i].times.append(sighting.at)
                open_[i].boxes.append(sighting.things[j].box)
                open_[i].covers.append(sighting.things[j].cover)
        open_ += [
            Track(thing.group, [sighting.at], [thing.box], [thing.cover])
            for j, thing in enumerate(sighting.things)
            if j not in taken_things
        ]
    return (*ended, *open_)


def covered_at(tracks: Iterable[Track], at: float) -> tuple[Cover, ...]:
    """Every region hidden at a moment: where things were found a little before or after, and where they are in between.

    Args:
        tracks: of the whole clip.
        at: seconds of media time.
    """
    hidden: list[Cover] = []
    for track in tracks:
        near = [c for t, c in zip(track.times, track.covers, strict=True) if abs(t - at) <= HOLD_S + _ROUNDING_S]
        if not near and not track.times[0] <= at <= track.times[-1]:
            continue
        hidden += near
        if len(track.times) > 1:
            hidden.append(_between(track, at))
    return tuple(hidden)


def masked(picture: Image, hidden: Iterable[Cover], rules: Rules) -> Image:
    """A copy of a picture, ``(H, W, 3)`` BGR, with regions turned into a coarse mosaic and private zones blacked.

    Regions are done from the picture as it was, the one with the finest cells first: where they overlap, the coarsest stays.
    """
    height, width = picture.shape[:2]
    canvas = picture.copy()
    for cover in sorted(hidden, key=lambda c: _cell(c, height, width)):
        box, cell = cover.box, _cell(cover, height, width)
        left, top = max(0, math.floor(box[0] * width)), max(0, math.floor(box[1] * height))
        right, bottom = min(width, math.ceil(box[2] * width)), min(height, math.ceil(box[3] * height))
        if right > left and bottom > top:
            canvas[top:bottom, left:right] = _mosaic(picture[top:bottom, left:right], cell)
    for zone in rules.private:
        canvas[zone.mask(height, width)] = 0
    return canvas


def _overlapping(count: int) -> list[tuple[float, float]]:
    """``count`` stretches of [0, 1], each reaching a sixth of its length over its neighbours."""
    length = 1 / count
    return [(max(0.0, n * length - length / 6), min(1.0, (n + 1) * length + length / 6)) for n in range(count)]


def _of_person(box: Box, rules: Rules, height: int, width: int) -> Cover:
    tall, broad = (box[3] - box[1]) * height, (box[2] - box[0]) * width
    if broad > _BROAD * tall or _cut_off(box):
        return Cover(_grown(box, above=_ABOVE), _CLOSE_CELLS)
    if rules.whole_people:
        return Cover(_grown(box, above=_ABOVE), _WHOLE_CELLS)
    return Cover(
        _grown((box[0], box[1], box[2], box[1] + _HEAD * (box[3] - box[1])), above=_ABOVE / _HEAD), _HEAD_CELLS
    )


def _of_ridden(box: Box) -> Cover:
    return Cover(_grown(box, above=_RIDER), _CLOSE_CELLS)


def _of_vehicle(box: Box, height: int) -> Cover:
    if _cut_off(box):
        return Cover(_grown(box), _CLOSE_CELLS)
    if (box[3] - box[1]) * height >= _LEGIBLE:
        return Cover(_grown(box), _WHOLE_CELLS)
    return Cover(_grown((box[0], box[3] - _PLATE * (box[3] - box[1]), box[2], box[3])), _CLOSE_CELLS)


def _cut_off(box: Box) -> bool:
    """Whether the picture's edge cuts it, so that its shape does not tell where its parts are."""
    return min(box[0], box[1], 1 - box[2], 1 - box[3]) < 0.004


def _grown(box: Box, above: float = _GROW) -> Box:
    """Grown to every side by a share of its size, upwards by a share of its own."""
    wide, tall = box[2] - box[0], box[3] - box[1]
    return box[0] - _GROW * wide, box[1] - above * tall, box[2] + _GROW * wide, box[3] + _GROW * tall


def _apart(track: Track, box: Box, at: float) -> float:
    """How badly a box fits where a track would be now; 1 and more: it is another thing."""
    last = track.boxes[-1]
    drift = (0.0, 0.0)
    if len(track.times) > 1:
        before, gone = track.boxes[-2], track.times[-1] - track.times[-2]
        share = (at - track.times[-1]) / gone if gone > 0 else 0.0
        drift = (
            share * (_middle(last)[0] - _middle(before)[0]),
            share * (_middle(last)[1] - _middle(before)[1]),
        )
    wide, tall = max(last[2] - last[0], box[2] - box[0]), max(last[3] - last[1], box[3] - box[1])
    least = min(last[2] - last[0], box[2] - box[0]) * min(last[3] - last[1], box[3] - box[1])
    if wide <= 0 or tall <= 0 or least < 0.25 * wide * tall:
        return math.inf
    (x, y), (to_x, to_y) = _middle(last), _middle(box)
    return min(math.hypot((to_x - x - dx) / wide, (to_y - y - dy) / tall) for dx, dy in ((0.0, 0.0), drift))


def _between(track: Track, at: float) -> Cover:
    """Where a followed thing's cover is at a moment: on the line between two places, or on from the end at the same pace."""
    times = np.array(track.times)
    after = int(np.clip(np.searchsorted(times, at), 1, len(times) - 1))
    begun, ended = times[after - 1], times[after]
    share = (at - begun) / (ended - begun) if ended > begun else 0.0
    cells = min(track.covers[after - 1].cells, track.covers[after].cells)
    here, there = np.array(track.covers[after - 1].box), np.array(track.covers[after].box)
    left, top, right, bottom = (float(v) for v in here + share * (there - here))
    if right <= left or bottom <= top:
        # Carried on, something that shrinks would have no size any more.
        return track.covers[after]
    # The longer nobody saw it, the less sure its place: a tenth of its size more for every fifth of a second.
    unseen = float(min(abs(at - begun), abs(at - ended)))
    grow = 0.1 * unseen / EVERY_S
    wide, tall = right - left, bottom - top
    return Cover((left - grow * wide, top - grow * tall, right + grow * wide, bottom + grow * tall), cells)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _cell(cover: Cover, height: int, width: int) -> int:
    """Pixels of a side of its cells: by the whole region, also by what of it lies outside the picture."""
    box = cover.box
    return max(1, math.ceil(max((box[3] - box[1]) * height, (box[2] - box[0]) * width) / cover.cells))


def _mosaic(region: Image, cell: int) -> Image:
    """Every cell one shade of sixteen a channel: the mean of what it covers."""
    height, width = region.shape[:2]
    size = (math.ceil(width / cell), math.ceil(height / cell))
    means = cv2.resize(region, size, interpolation=cv2.INTER_AREA).astype(np.int32)
    step = 256 // _LEVELS
    shades = (means // step * step + step // 2).astype(np.uint8)
    return cv2.resize(shades, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8, copy=False)
