"""Training pictures: crops of the stills with people, rods and things that resemble rods drawn into them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._decode import COCO
from detectors._types import Image
from detectors.training.data import Picture
from detectors.training.network import ROD
from detectors.training.rods import draw_figure, draw_rod, draw_thin_thing
from detectors.training.weather import Rng

_PERSON = 0
_LEAST = 6.0
"""Things with a shorter side than this many pixels after cropping are not taught."""


class Scenes:
    """Draws training pictures from the stills, each with its boxes."""

    def __init__(self, stills: list[Picture], rng: Rng) -> None:
        self._stills = stills
        self._rng = rng
        self._people = [
            (at, box)
            for at, still in enumerate(stills)
            for box, row in zip(still.boxes, still.classes, strict=True)
            if row == _PERSON and box[3] - box[1] >= 18
        ]
        self._things = [
            (at, box) for at, still in enumerate(stills) for box in still.boxes if (box[2:] - box[:2]).min() >= 14
        ]
        cars = [place for place in self._things if self._is_car(*place)]
        self._things += cars * 4  # cars are few among the stills, and the roads need them

    def _is_car(self, at: int, box: NDArray[np.float32]) -> bool:
        still = self._stills[at]
        return bool(still.classes[np.flatnonzero((still.boxes == box).all(axis=1))[0]] == COCO.index("car"))

    def scene(self, size: int) -> Picture:
        """One square picture of ``size`` pixels a side."""
        rng = self._rng
        kind = rng.random()
        if self._people and kind < 0.4:
            picture = self._around(*self._people[int(rng.integers(len(self._people)))], size)
        elif self._things and kind < 0.6:
            picture = self._around(*self._things[int(rng.integers(len(self._things)))], size)
        else:
            picture = self._part(size)
        image, boxes, classes = picture.image, list(picture.boxes), list(picture.classes)
        if rng.random() < 0.5:
            self._paste_things(image, boxes, classes)
        # Figures carry rods; whether they count as persons is left to the teacher, as it is for everything but rods.
        bodies = [box for box, row in zip(boxes, classes, strict=True) if row == _PERSON and box[3] - box[1] >= 12]
        if rng.random() < 0.45:
            bodies += [draw_figure(image, rng) for _ in range(int(rng.integers(1, 3)))]
        if rng.random() < 0.6:
            for _ in range(int(rng.integers(1, 4))):
                beside = bodies[int(rng.integers(len(bodies)))] if bodies and rng.random() < 0.7 else None
                draw_thin_thing(image, beside, rng)
        for body in bodies[:8]:
            for _ in range(2 if rng.random() < 0.1 else 1):
                rod = draw_rod(image, body, rng) if rng.random() < 0.45 else None
                if rod is not None:
                    boxes.append(np.clip(rod, 0, size - 1))
                    classes.append(ROD)
        return Picture(image, np.array(boxes, np.float32).reshape(-1, 4), np.array(classes, np.int64))

    def _around(self, at: int, box: NDArray[np.float32], size: int) -> Picture:
        """A square of some heights around a person or thing, as the looks cut it at run time; not quite in its middle."""
        rng = self._rng
        body = max(float(box[3] - box[1]), 14.0)
        side = body * float(rng.uniform(2.2, 5.5))
        middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]) + rng.uniform(-0.22, 0.22, 2) * side
        return self._cut(self._stills[at], middle - side / 2, side, size)

    def _part(self, size: int) -> Picture:
        rng = self._rng
        still = self._stills[int(rng.integers(len(self._stills)))]
        height, width = still.image.shape[:2]
        side = max(height, width) * float(rng.choice([1.0, rng.uniform(0.3, 1.0)]))
        room = np.maximum(np.array([width, height]) - side, 0.0)
        start = rng.uniform(0, 1, 2) * room
        if side > height:
            start[1] = (height - side) / 2
        return self._cut(still, start, side, size)

    def _cut(self, still: Picture, start: NDArray[np.float64], side: float, size: int) -> Picture:
        scale = size / side
        move = np.array([[scale, 0, -start[0] * scale], [0, scale, -start[1] * scale]], np.float64)
        source = still.image
        if scale < 0.6:  # warping alone would skip pixels
            less = scale / 0.9
            source = cv2.resize(source, None, fx=less, fy=less, interpolation=cv2.INTER_AREA)
            move[:, :2] /= less
        image = cv2.warpAffine(source, move, (size, size), flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114))
        boxes = (still.boxes - np.tile(start, 2).astype(np.float32)) * np.float32(scale)
        whole = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) if len(boxes) else np.zeros(0)
        boxes = np.clip(boxes, 0, size - 1)
        sides = boxes[:, 2:] - boxes[:, :2]
        keep = (sides.min(axis=1, initial=np.inf) >= _LEAST) & (sides.prod(axis=1) >= 0.35 * whole)
        boxes, classes = boxes[keep], still.classes[keep]
        if self._rng.random() < 0.5:
            image = np.ascontiguousarray(image[:, ::-1])
            boxes = np.stack([size - 1 - boxes[:, 2], boxes[:, 1], size - 1 - boxes[:, 0], boxes[:, 3]], axis=1)
        gain = float(self._rng.uniform(0.75, 1.25))
        return Picture(cv2.convertScaleAbs(image, alpha=gain), boxes.astype(np.float32), classes)

    def _paste_things(self, image: Image, boxes: list[NDArray[np.float32]], classes: list[int]) -> None:
        rng, size = self._rng, image.shape[0]
        if not self._people:
            return
        for _ in range(int(rng.integers(1, 4))):
            pool = self._people if rng.random() < 0.6 else self._things
            at, box = pool[int(rng.integers(len(pool)))]
            left, top, right, bottom = (int(v) for v in box)
            patch = self._stills[at].image[top:bottom, left:right]
            if min(patch.shape[:2]) < 8:
                continue
            tall = int(min(size * 0.6, patch.shape[0] * float(rng.uniform(0.7, 2.2))))
            wide = max(4, round(tall * patch.shape[1] / patch.shape[0]))
            if tall < 14 or wide >= size:
                continue
            patch = cv2.resize(
                patch, (wide, tall), interpolation=cv2.INTER_AREA if tall < patch.shape[0] else cv2.INTER_LINEAR
            )
            x, y = int(rng.integers(0, size - wide)), int(rng.uniform(0.2, 1.0) * (size - tall))
            fade = np.zeros((tall, wide), np.float32)
            cv2.ellipse(
                fade, (wide // 2, tall // 2), (max(1, int(wide * 0.46)), max(1, int(tall * 0.49))), 0, 0, 360, 1.0, -1
            )
            fade = cv2.GaussianBlur(fade, (0, 0), max(0.8, wide * 0.05))[..., None]
            ground = image[y : y + tall, x : x + wide]
            ground[:] = (ground * (1 - fade) + patch * fade).astype(np.uint8)
            if pool is self._people:
                boxes.append(np.array([x, y, x + wide, y + tall], np.float32))
                classes.append(_PERSON)
