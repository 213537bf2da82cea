"""Tells a picture that stands still from a scene that does: tiles that are equal to the bit, and grain that repeats.

A live scene without motion is coded by "nothing changed here" inside a group of pictures, so equality to the bit says
little there. The next keyframe codes the scene afresh: sensor noise then makes every textured tile a little different,
while a picture that stands still comes out the same, to the bit where the encoder works at constant quality, and with
the same grain where it works at a constant bit rate. Measured on x264 streams of both kinds: docs/quality.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Image
from patrol.visits._quality_picture import between_texts

_TILE = 32
_INNER = _TILE - 4
_ACROSS, _DOWN = 24, 14
"""At most so many tiles are kept of a picture, evenly spread: 336 kB of luma whatever its size."""
_TEXTURED = 1.0
"""Grain (see :class:`Still`) from which a tile is no smooth, codec-flattened surface."""
_LEAST_TEXTURED = 6
_GRAINY = (0.6, 4.0)
"""Grain of surfaces where noise, not edges, makes the difference."""
_MOST = 40
"""Pictures kept of a look; a look with more loses every second one."""

FROZEN_S = 5.0
FROZEN_ONE_GROUP_S = 8.0
"""Without a keyframe in between, equality must last longer and be complete."""
_EQUAL = 0.25
"""Share of textured tiles equal to the bit across a keyframe. Live: 0.00 in every measurement; standing still, constant quality: 0.13 to 1."""
_EQUAL_ONE_GROUP = 0.995
_TEXTURED_ONE_GROUP = 0.25
"""Share of tiles that must be textured then: a coarse codec leaves a calm night alone for seconds, but flattens it, too."""
_GRAIN_LOW, _GRAIN_MIDDLE = 0.91, 0.972
_GRAIN_TILES = 0.20
"""Correlation of grain across a keyframe, 10th percentile and median over tiles. Live: at most 0.90 and 0.97 (coarse coding); standing still: up to 1."""


@dataclass(frozen=True)
class Still:
    """One picture, kept for comparison. Grain is measured when somebody asks: most pictures differ plainly.

    Attributes:
        at: seconds.
        group: how many keyframes came until then.
        tiles: ``(N, 32, 32)`` luma, exactly as decoded.
        hashes: ``(N,)`` one number a tile, equal where the tiles are equal to the bit.
    """

    at: float
    group: int
    tiles: Image
    hashes: NDArray[np.uint64]

    @cached_property
    def light(self) -> NDArray[np.float32]:
        """``(N,)`` mean luma of the tile."""
        return self.tiles.mean((1, 2), dtype=np.float32)

    @cached_property
    def grain(self) -> NDArray[np.float32]:
        """``(N,)`` standard deviation of the tile minus its own blur, luma."""
        return np.asarray(self.detail().std((1, 2)), np.float32)

    def detail(self) -> NDArray[np.float32]:
        """``(N, 28, 28)`` the tile minus its own blur, luma, without the rim that the blur of another tile reaches."""
        column = self.tiles.reshape(-1, _TILE).astype(np.float32)
        return (column - cv2.GaussianBlur(column, (0, 0), 1.5)).reshape(self.tiles.shape)[:, 2:-2, 2:-2]


_FACTORS = np.random.default_rng(430624).integers(1, 2**63, _TILE * _TILE // 4, np.uint64) | np.uint64(1)
"""One for every four pixels: half a word of what it multiplies, so that no difference is lost in the overflow."""


def still(luma: Image, at: float, group: int) -> Still | None:
    """Keep a picture; None for one too small to compare.

    Args:
        luma: ``(height, width)`` exactly as decoded.
        at: seconds.
        group: how many keyframes came until then.
    """
    core = between_texts(luma)
    rows, columns = core.shape[0] // _TILE, core.shape[1] // _TILE
    if rows < 1 or columns < 1:
        return None
    cut = core[: rows * _TILE, : columns * _TILE].reshape(rows, _TILE, columns, _TILE).swapaxes(1, 2)
    down, across = (
        np.linspace(0, n - 1, min(n, most)).round().astype(int) for n, most in ((rows, _DOWN), (columns, _ACROSS))
    )
    tiles = np.ascontiguousarray(cut[down][:, across]).reshape(-1, _TILE, _TILE)
    with np.errstate(over="ignore"):
        hashes = (tiles.reshape(len(tiles), -1).view(np.uint32).astype(np.uint64) * _FACTORS).sum(1, dtype=np.uint64)
    return Still(at, group, tiles, hashes)


_STEADY_LUMA, _STEADY = 2.0, 0.97
_GRAIN_NOT_ANOTHER = 0.7
_TRIED = 12
_STOOD_S = 0.7


class Stillness:
    """Collects pictures of a look and answers whether it stood still."""

    def __init__(self) -> None:
        self._kept: list[Still] = []

    def add(self, kept: Still | None) -> None:
        """Take the next picture, in order of time."""
        if kept is None:
            return
        if self._kept and len(self._kept[0].hashes) != len(kept.hashes):
            self._kept.clear()
        self._kept.append(kept)
        if len(self._kept) > _MOST:
            del self._kept[1::2]

    def frozen(self) -> bool:
        """Whether the picture stood still for ``FROZEN_S`` although it was coded afresh, or for longer without."""
        pairs = [
            (one, other)
            for i, one in enumerate(self._kept)
            for other in self._kept[i + 1 :]
            if other.at - one.at >= FROZEN_S - 0.1
        ]
        equal = [pair for pair in pairs if _equal(*pair)]
        if any(self._stood_between(*pair) for pair in equal[:_TRIED]):
            return True
        return any(_same_grain(*pair) and self._stood_between(*pair) for pair in _far_apart(pairs))

    def _stood_between(self, one: Still, other: Still) -> bool:
        """A film that runs in a loop comes round to the same picture, but not without others in between."""
        return all(_alike(one, kept) for kept in self._kept if one.at < kept.at < other.at)

    def fingerprint(self, last: Still | None) -> str | None:
        """What the next look compares with: a hash of the last picture; None where too little is to be seen in it.

        It begins with ``S`` where the look showed that very picture before, ``l`` where the picture lives. Only a
        picture that stands still can be stale: a recording played in a loop comes round to the same picture, too.
        """
        if last is None or int((last.grain > _TEXTURED).sum()) < _LEAST_TEXTURED:
            return None
        digest = hashlib.sha256(last.hashes.tobytes()).hexdigest()[:48]
        before = [kept for kept in self._kept if kept.at <= last.at - _STOOD_S]
        stood = bool(before) and np.array_equal(before[-1].hashes, last.hashes)
        return f"{'S' if stood else 'l'}{digest}"


def stale(fingerprint: str | None, previous: str | None) -> bool:
    """Whether two looks ended with one and the same picture, standing still."""
    return fingerprint is not None and fingerprint.startswith("S") and fingerprint == previous


def _equal(one: Still, other: Still) -> bool:
    same = one.hashes == other.hashes
    if not same.any():
        return False
    textured = (one.grain > _TEXTURED) & (other.grain > _TEXTURED)
    count = int(textured.sum())
    if count < _LEAST_TEXTURED:
        return False
    equal = float(same[textured].mean())
    if one.group != other.group:
        return equal >= _EQUAL
    long_enough = other.at - one.at >= FROZEN_ONE_GROUP_S - 0.1
    return long_enough and equal >= _EQUAL_ONE_GROUP and count >= _TEXTURED_ONE_GROUP * len(textured)


def _far_apart(pairs: list[tuple[Still, Still]]) -> list[tuple[Still, Still]]:
    """The few pairs worth the arithmetic: across keyframes, from each group the last picture, which is coded best."""
    best: dict[tuple[int, int], tuple[Still, Still]] = {}
    for one, other in pairs:
        if one.group != other.group:
            best[one.group, other.group] = (one, other)
    return list(best.values())[-6:]


def _same_grain(one: Still, other: Still) -> bool:
    repeated = _repeated_grain(one, other)
    if len(repeated) < max(_LEAST_TEXTURED, _GRAIN_TILES * len(one.grain)):
        return False
    return bool(np.percentile(repeated, 10) >= _GRAIN_LOW and np.median(repeated) >= _GRAIN_MIDDLE)


def _alike(one: Still, other: Still) -> bool:
    """Whether two pictures can be one, coded well and badly: nothing has moved, and the grain is not another one."""
    if float((np.abs(one.light - other.light) <= _STEADY_LUMA).mean()) < _STEADY:
        return False
    repeated = _repeated_grain(one, other)
    return len(repeated) < _LEAST_TEXTURED or float(np.median(repeated)) >= _GRAIN_NOT_ANOTHER


def _repeated_grain(one: Still, other: Still) -> NDArray[np.float32]:
    """Correlation of the grain, for each tile where both have grain rather than edges, in [-1, 1]."""
    level = np.sqrt(one.grain * other.grain)
    grainy = (level > _GRAINY[0]) & (level < _GRAINY[1])
    a, b = (k.detail()[grainy].reshape(int(grainy.sum()), _INNER**2) for k in (one, other))
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    power = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.asarray((a * b).sum(1) / np.maximum(power, 1e-6), np.float32)
