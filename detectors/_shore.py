"""Where water and its bank are: drawn, else found by the model, else unknown. And where to look again for small people."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Box, Zone, ZoneKind

NEAR = 1.5
"""Body heights from drawn water or bank within which feet count as at the water."""
NEAR_FOUND = 1.0
"""The same for water that the model found, which is coarse and may end beside a jetty or reeds."""
_WATER = 0.4
"""Share from which a cell is water: docs/water.md, where a street gives less than 4 % of such cells."""
_LEAST_WATER = 0.015
"""Share of the picture that one connected water must fill: a puddle and a shining roof are less."""
_ROWS = 90
TILE_PX = 640
"""Side of a tile at full resolution: a person of 20 px is found in it as one of 20 px is in a small picture."""
_MOST_TILES = 3


class Shore:
    """Water and bank of one look. Zones win over what the model finds."""

    def __init__(self, zones: tuple[Zone, ...]) -> None:
        self.drawn = [z for z in zones if z.kind in {ZoneKind.WATER, ZoneKind.BANK}]
        self._water = [z for z in zones if z.kind is ZoneKind.WATER]
        self._ignored = [z for z in zones if z.kind in {ZoneKind.IGNORE, ZoneKind.PRIVATE}]
        self._sum: NDArray[np.float32] | None = None
        self._count = 0
        self._mask: NDArray[np.uint8] | None = None
        self.told = False

    @property
    def zone(self) -> str:
        """The name of the zone judged."""
        return self.drawn[0].name if self.drawn else "whole"

    @property
    def known(self) -> bool:
        """Whether water is drawn or was found."""
        return bool(self.drawn) or self._found() is not None

    @property
    def share(self) -> float:
        """Share of the picture that is found water, in [0, 1]."""
        found = self._found()
        return float(found.mean()) if found is not None else 0.0

    def see(self, water: NDArray[np.float32] | None) -> None:
        """Take what the model says of one frame: ``(rows, columns)`` in [0, 1], None where it cannot tell."""
        if water is None or self.drawn:
            return
        self.told = True
        columns = max(1, round(_ROWS * water.shape[1] / water.shape[0]))
        smooth = cv2.resize(water, (columns, _ROWS), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        if self._sum is None or self._sum.shape != smooth.shape:
            self._sum, self._count = np.zeros_like(smooth), 0
        self._sum += smooth
        self._count += 1
        self._mask = None

    def forget(self) -> None:
        """The picture became another one."""
        self._sum = self._mask = None

    def at_water(self, person: Box, aspect: float) -> bool:
        """Whether somebody stands at the water or in it; False where nobody knows of any.

        Args:
            person: his box, shares of the picture.
            aspect: width of the picture over its height.
        """
        body = person[3] - person[1]
        x, y = (person[0] + person[2]) / 2, person[3]
        if self.drawn:
            reach = NEAR * body
            spots = [(x + dx * reach / aspect, y + dy * reach) for dx, dy in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))]
            return any(_inside(zone, *spot) for zone in self.drawn for spot in spots)
        found = self._found()
        if found is None:
            return False
        reach = NEAR_FOUND * body
        around = _cells(found, (x - reach / aspect, y - 0.5 * reach, x + reach / aspect, y + 0.5 * reach))
        return float(around.mean()) >= 0.1 if around.size else False

    def surrounded(self, person: Box) -> bool:
        """Whether found water is on both sides of somebody and below: he swims or stands in it."""
        found = self._found()
        if found is None:
            return False
        wide = person[2] - person[0]
        sides = (
            (person[0] - wide, person[1], person[0], person[3]),
            (person[2], person[1], person[2] + wide, person[3]),
            (person[0], person[3], person[2], person[3] + 0.3 * (person[3] - person[1])),
        )
        return all(part.size and float(part.mean()) >= 0.6 for part in (_cells(found, side) for side in sides))

    def on_water(self, boat: Box) -> bool:
        """Whether a boat lies on the water; True where nobody can tell."""
        if self._water:
            return any(_inside(zone, (boat[0] + boat[2]) / 2, boat[3] - 0.01) for zone in self._water)
        if not self.told:
            return True
        found = self._found()
        if found is None:
            return False
        below = _cells(
            found, (boat[0], boat[3] - 0.2 * (boat[3] - boat[1]), boat[2], boat[3] + 0.5 * (boat[3] - boat[1]))
        )
        return bool(below.size) and float(below.mean()) >= 0.3

    @property
    def water_drawn(self) -> bool:
        """Whether a closed water is drawn."""
        return bool(self._water)

    def ignored(self, box: Box) -> bool:
        """Whether its middle lies where nobody may look."""
        return any(_inside(zone, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for zone in self._ignored)

    def tiles(self, height: int, width: int) -> list[Box]:
        """At most three parts of the picture, 640 px each way, that hold most of the line where water meets land."""
        edge = self._edge()
        if edge is None or max(height, width) <= TILE_PX * 1.25:
            return []
        rows, columns = edge.shape
        tall, wide = min(rows, round(TILE_PX / height * rows)), min(columns, round(TILE_PX / width * columns))
        left_over = edge.astype(np.float32)
        tiles: list[Box] = []
        for _ in range(_MOST_TILES):
            sums = cv2.boxFilter(
                left_over, -1, (wide, tall), anchor=(0, 0), normalize=False, borderType=cv2.BORDER_CONSTANT
            )
            sums = sums[: rows - tall + 1, : columns - wide + 1]
            best = int(sums.argmax())
            top, left = divmod(best, sums.shape[1])
            if sums[top, left] < 0.05 * max(float(edge.sum()), 1.0):
                break
            left_over[top : top + tall, left : left + wide] = 0
            tiles.append((left / columns, top / rows, (left + wide) / columns, (top + tall) / rows))
        return tiles

    def _edge(self) -> NDArray[np.bool_] | None:
        if self.drawn:
            mask = np.zeros((_ROWS, 160), np.uint8)
            for zone in self.drawn:
                mask |= zone.mask(_ROWS, 160).astype(np.uint8)
        else:
            found = self._found()
            if found is None:
                return None
            mask = found
        inner = cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=1)
        return (mask > 0) & (inner == 0)

    def _found(self) -> NDArray[np.uint8] | None:
        if self._sum is None or not self._count:
            return None
        if self._mask is None:
            wet = (self._sum / self._count >= _WATER).astype(np.uint8)
            count, labels, stats, _ = cv2.connectedComponentsWithStats(wet, connectivity=8)
            large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= _LEAST_WATER * wet.size]
            self._mask = np.isin(labels, large).astype(np.uint8)
        return self._mask if self._mask.any() else None


def _cells(mask: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    rows, columns = mask.shape
    left, right = int(np.clip(box[0] * columns, 0, columns)), int(np.clip(np.ceil(box[2] * columns), 0, columns))
    top, bottom = int(np.clip(box[1] * rows, 0, rows)), int(np.clip(np.ceil(box[3] * rows), 0, rows))
    return mask[top:bottom, left:right]


def _inside(zone: Zone, x: float, y: float) -> bool:
    polygon = np.array(zone.polygon, np.float32)
    return cv2.pointPolygonTest(polygon, (float(np.clip(x, 0, 1)), float(np.clip(y, 0, 1))), measureDist=False) >= 0
