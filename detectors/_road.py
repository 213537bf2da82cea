"""Where the road is: drawn, else learnt from past looks, else the whole picture. And what always stands there.

A camera that looks at the same place for days learns more than one look can show: where vehicles move is road, where one
stands in look after look a car is parked, and where they now stand and now move a light or a barrier holds them.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

_ROWS, _COLUMNS = 27, 48
_FORGET = 0.985
"""What a look leaves of the looks before it: about 66 looks count, five days at one in two hours. Streets change."""
MATURE = 8.0
"""Looks with vehicles from which the memory says anything: a day at one in two hours, nights left out."""
_ROAD = 0.08
_PARKED, _RARELY_MOVES = 0.7, 0.1
_WAITS, _FLOWS = 0.2, 0.3
"""Shares of those looks: something moved over a cell of the road; something stood in it, hardly anything moved (parked); some
stood and some moved (a light)."""


def _empty() -> NDArray[np.float32]:
    return np.zeros((_ROWS, _COLUMNS), np.float32)


@dataclass(slots=True)
class RoadMemory:
    """What past looks of one camera (and preset) taught. It holds counts by place, nothing of any vehicle.

    Attributes:
        looks: looks with vehicles, the older the less.
        moved, stood: ``(27, 48)`` such looks in which a vehicle moved over, or stood in, a cell of the picture.
    """

    looks: float = 0.0
    moved: NDArray[np.float32] = field(default_factory=_empty)
    stood: NDArray[np.float32] = field(default_factory=_empty)

    @property
    def mature(self) -> bool:
        """Whether there were looks enough to say anything."""
        return self.looks >= MATURE

    def learn(self, moving: NDArray[np.float32], standing: NDArray[np.float32]) -> RoadMemory:
        """The memory after one more look.

        Args:
            moving, standing: ``(N, 4)`` boxes in shares of the picture.
        """
        if not len(moving) and not len(standing):
            return self
        return RoadMemory(
            self.looks * _FORGET + 1.0,
            self.moved * _FORGET + footprints(moving, _ROWS, _COLUMNS),
            self.stood * _FORGET + footprints(standing, _ROWS, _COLUMNS),
        )

    def road(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """``(rows, columns)`` True where vehicles move, a cell wider; all False before it is mature."""
        found = (
            (self.moved >= _ROAD * self.looks).astype(np.uint8)
            if self.mature
            else np.zeros((_ROWS, _COLUMNS), np.uint8)
        )
        return _enlarged(cv2.dilate(found, np.ones((3, 3), np.uint8)), rows, columns)

    def parked(self, boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
        """``(N,)`` which boxes are where something always stands."""
        if not self.mature:
            return np.zeros(len(boxes), bool)
        always = (self.stood >= _PARKED * self.looks) & (self.moved <= _RARELY_MOVES * self.looks)
        return np.array([_share(always, box) >= 0.5 for box in boxes], bool)

    def waiting_place(self, boxes: NDArray[np.float32]) -> bool:
        """Whether most of the boxes are where vehicles often wait and often drive: a light, a barrier, a toll gate."""
        if not self.mature or not len(boxes):
            return False
        waits = (self.stood >= _WAITS * self.looks) & (self.moved >= _FLOWS * self.looks)
        return float(np.mean([_share(waits, box) >= 0.5 for box in boxes])) >= 0.6

    def dump(self) -> bytes:
        """As bytes, for :meth:`load`."""
        out = io.BytesIO()
        np.savez_compressed(out, looks=np.float32(self.looks), moved=self.moved, stood=self.stood)
        return out.getvalue()

    @classmethod
    def load(cls, raw: bytes) -> RoadMemory:
        """What :meth:`dump` made.

        Raises:
            ValueError: it is something else, or damaged.
        """
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as kept:
                found = cls(float(kept["looks"]), kept["moved"].astype(np.float32), kept["stood"].astype(np.float32))
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"no memory of a road: {error}") from error
        if found.moved.shape != (_ROWS, _COLUMNS) or found.stood.shape != (_ROWS, _COLUMNS):
            raise ValueError(f"a memory of a road has {_ROWS} x {_COLUMNS} cells, this one {found.moved.shape}")
        return found


def footprints(boxes: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.bool_]:
    """``(rows, columns)`` True where vehicles touch the ground: the lower half of each ``(N, 4)`` box. Roofs hide what is behind."""
    canvas = np.zeros((rows, columns), np.uint8)
    for left, top, right, bottom in boxes:
        first = (int(left * columns), int((top + bottom) / 2 * rows))
        last = (int(np.ceil(right * columns)) - 1, int(np.ceil(bottom * rows)) - 1)
        cv2.rectangle(canvas, first, last, 1, -1)
    return canvas.astype(bool)


def painted(boxes: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.bool_]:
    """``(rows, columns)`` True where boxes are."""
    canvas = np.zeros((rows, columns), np.uint8)
    for left, top, right, bottom in boxes:
        first = (int(left * columns), int(top * rows))
        last = (int(np.ceil(right * columns)) - 1, int(np.ceil(bottom * rows)) - 1)
        cv2.rectangle(canvas, first, last, 1, -1)
    return canvas.astype(bool)


def on(mask: NDArray[np.bool_], boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """``(N,)`` which vehicles stand on the mask: with the middle of their lower edge, for a roof may stand before the houses."""
    if not len(boxes):
        return np.zeros(0, bool)
    rows = np.clip((boxes[:, 3] * mask.shape[0]).astype(int) - 1, 0, mask.shape[0] - 1)
    columns = np.clip(((boxes[:, 0] + boxes[:, 2]) / 2 * mask.shape[1]).astype(int), 0, mask.shape[1] - 1)
    return np.asarray(mask[rows, columns], bool)


def _share(mask: NDArray[np.bool_], box: NDArray[np.float32]) -> float:
    left, top, right, bottom = box
    x0, y0 = int(left * _COLUMNS), int((top + bottom) / 2 * _ROWS)
    x1, y1 = max(x0 + 1, int(np.ceil(right * _COLUMNS))), max(y0 + 1, int(np.ceil(bottom * _ROWS)))
    cells = mask[y0:y1, x0:x1]
    return float(cells.mean()) if cells.size else 0.0


def _enlarged(mask: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.bool_]:
    return cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_NEAREST).astype(bool)
