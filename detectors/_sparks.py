"""What flashes in a look: small lights that are there for less than a third of a second, where they are, what they do.

A flash is told by its neighbours in time, two frames before and after: it outshines both. A lamp that is switched on does
not, a parked car does not, the frame as a whole does not matter. Everything here is counted at 320 px, on luma alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Image

SIDE = 320
_LAG = 2
"""Frames between a picture and those it is compared with: 0.16 s at 12.5 Hz, in which a spark has gone out or moved away."""
_ROSE = 35
_CONTRAST = 45
_BRIGHT = 110
"""Luma by which a speck outshines its own place in time, the place around it, and what it must have itself."""
_TIMES = 1.5
"""It also outshines the place around it by so many times: paint in daylight does not, glowing metal in the dark does."""
_WHITE = 220
_WHITE_ROSE = 60
"""Or it is white, and newly so: firecrackers by day."""
_DAY = 95.0
"""Median luma of a picture that has never been darker: by day only white flashes are counted, which saves most of the work."""
_WAKE_PX, _WAKE_FRAMES, _WAKE_S, _WAKE_REACH, _AWAKE_S = 3, 4, 1.0, 24.0, 1.0
"""By day the search begins when white flashes of three pixels come in four frames of a second within 24 px: a third of the fewest that
crackers give. It goes on for so long after the last of them."""
_WAKE_NEAR, _WAKE_SHARE = 40, 0.5
"""So many of a frame's white flashes must lie near their middle, each way: glints of traffic are all over the road."""
_LARGEST = 80
_KERNEL = np.ones((9, 9), np.uint8)
_NEAR = np.ones((11, 11), np.uint8)
_THICK = np.ones((3, 3), np.uint8)
_GLARE = 170
_SHINES = 70
_STEP = 15
_STEP_SHARE = 0.5
_ALIKE = 0.2


_Part = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Moment:
    """What flashes in one frame.

    Attributes:
        at: seconds into the look.
        places: ``(N, 2)`` float32, ``(x, y)`` of the specks that flash, pixels of the small picture.
        fresh: ``(N,)`` bool, no other light had been near a frame before: it began here.
        white: ``(N,)`` bool, it clips or nearly so.
        light: luma that transient light adds to the whole picture, mean over its pixels.
        shone, dimmed: pixels that are brighter, and darker, than two frames before and after.
        lit, unlit: pixels of specks that flash, and of specks that were missing for a moment.
        along: ``(2,)`` mean direction of long specks, doubled angle, length in [0, 1]: 1 where all lie one way.
        step: the picture as a whole became another.
    """

    at: float
    places: NDArray[np.float32]
    fresh: NDArray[np.bool_]
    white: NDArray[np.bool_]
    light: float
    shone: int
    dimmed: int
    lit: int
    unlit: int
    along: float
    step: bool


@dataclass(slots=True)
class _Kept:
    at: float
    picture: Image
    specks: Image | None
    light: float


@dataclass(slots=True)
class SparkMeter:
    """Takes small pictures in order, keeps five of them and a few numbers of each."""

    mask: Image | None = None
    moments: list[Moment] = field(default_factory=list)
    shifts: list[float] = field(default_factory=list)
    shape: tuple[int, int] = (0, 0)
    frames: int = 0
    _kept: list[_Kept] = field(default_factory=list)
    _floor: Image | None = None
    _glow: NDArray[np.float32] | None = None
    _searched: int = 0
    _levels: list[Image] = field(default_factory=list)
    _still: NDArray[np.float32] | None = None
    _darkest: float = 255.0
    _awake_until: float = -1.0
    _whites: list[tuple[float, float, float]] = field(default_factory=list)

    def update(self, at: float, picture: Image) -> None:
        """Take a picture, ``(rows, columns)`` luma, at most ``SIDE`` wide or high."""
        if picture.shape != self.shape:
            self.shape = (picture.shape[0], picture.shape[1])
            self._kept.clear()
            self.moments.clear()
            self._levels.clear()
            self._floor = self._glow = self._still = None
            self._searched = 0
            self.frames, self._darkest, self._awake_until = 0, 255.0, -1.0
            self._whites.clear()
        self.frames += 1
        if self.frames % 3 == 1:
            level = cv2.resize(_halved(picture), (40, 24), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
            self._levels.append(level)
            self._darkest = min(self._darkest, float(np.median(level)))
        if self._sleeps(at, picture):
            return
        specks = _specks_of(picture) if not self.by_day else None
        # The floor of every pixel: what is never dark is a lamp or the moon, not a spark. It rises slowly, so that a
        # lamp switched on in mid-look becomes part of it.
        self._floor = picture.copy() if self._floor is None else cv2.min(cv2.add(self._floor, 1), picture)
        over = cv2.subtract(picture, cv2.add(self._floor, 40))
        shining = cv2.compare(picture, _SHINES, cv2.CMP_GT)
        light = float(cv2.mean(cv2.bitwise_and(over, shining), self.mask)[0])
        self._remember(picture, specks)
        self._kept = [*self._kept, _Kept(at, picture, specks, light)][-(2 * _LAG + 1) :]
        if len(self._kept) == 2 * _LAG + 1:
            self.moments.append(self._compare())

    @property
    def by_day(self) -> bool:
        """Whether it has been day all the time."""
        return self._darkest >= _DAY

    @property
    def darkness(self) -> float:
        """Luma of the scene without its flashes: the median over the picture of what each place is at its darkest tenth."""
        if not self._levels:
            return 0.0
        return float(np.median(np.percentile(np.array(self._levels), 10, axis=0)))

    def lamps(self, reach: int, share: float = 0.5) -> NDArray[np.bool_]:
        """Where light is in at least ``share`` of the pictures searched, and ``reach`` pixels around: ``(rows, columns)``."""
        if self._glow is None:
            return np.zeros(self.shape, bool)
        often = (self._glow >= share * self._searched).astype(np.uint8)
        return cv2.dilate(often, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(bool)

    def _remember(self, picture: Image, specks: Image | None) -> None:
        shining = _over(picture, _GLARE)
        if specks is not None:
            lamps = cv2.bitwise_and(_over(specks, _CONTRAST - 5), _over(picture, _BRIGHT - 10))
            shining = cv2.bitwise_or(shining, lamps).astype(np.uint8, copy=False)
        if self._glow is None:
            self._glow = np.zeros(picture.shape, np.float32)
        cv2.accumulate(cv2.dilate(shining, _THICK), self._glow)
        self._searched += 1
        if self.frames % 5 in {1, 2}:
            # Lamps stand still where the camera does. Clipped, so that one flash does not outweigh all of them.
            half = _halved(picture)
            rows, columns = (_unpadded(side) for side in half.shape)
            still = cv2.min(half[:rows, :columns], 160).astype(np.float32)
            if self.frames % 5 == 2 and self._still is not None:
                (dx, dy), sure = cv2.phaseCorrelate(self._still, still, _window(still.shape))
                if sure > _ALIKE:
                    self.shifts.append(2 * float(np.hypot(dx, dy)))
            self._still = still

    def _sleeps(self, at: float, picture: Image) -> bool:
        """By day nothing counts but trains of white flashes: outside of those nothing else is measured."""
        if not self.by_day:
            return False
        kept = [*self._kept, _Kept(at, picture, None, 0.0)][-(2 * _LAG + 1) :]
        if len(kept) == 2 * _LAG + 1:
            before, now, after = (kept[n].picture for n in (0, _LAG, 2 * _LAG))
            if self._wakes(at, self._white(now, cv2.subtract(now, cv2.max(before, after)))):
                self._awake_until = at + _AWAKE_S
            if at <= self._awake_until:
                return False
            self.moments.append(Moment(kept[_LAG].at, _NONE[0], *_NOTHING))
        self._kept, self._still = kept, None
        return True

    def _wakes(self, at: float, flash: Image) -> bool:
        """Whether white flashes come in a train at one place."""
        rows, columns = _set_in(flash)
        if len(rows) < _WAKE_PX:
            return False
        half = len(rows) // 2
        row, column = rows[half], np.partition(columns, half)[half]  # rows come in order
        near = (np.abs(rows - row) < _WAKE_NEAR) & (np.abs(columns - column) < _WAKE_NEAR)
        if np.count_nonzero(near) < _WAKE_SHARE * len(rows):
            return False
        self._whites.append((at, float(column), float(row)))
        self._whites = [white for white in self._whites if white[0] > at - _WAKE_S]
        if len(self._whites) < _WAKE_FRAMES:
            return False
        places = np.array(self._whites)[:, 1:]
        away = np.hypot(*(places - np.median(places, axis=0)).T)
        return int((away <= _WAKE_REACH).sum()) >= _WAKE_FRAMES

    def _compare(self) -> Moment:
        before, last, now, _, after = self._kept
        rose = cv2.subtract(now.picture, cv2.max(before.picture, after.picture))
        fell = cv2.subtract(cv2.min(before.picture, after.picture), now.picture)
        shone, dimmed = _over(rose, _ROSE), _over(fell, _ROSE)
        unlit = 0
        if self.by_day:
            flash = self._white_specks(now.picture, rose)
        else:
            # What was taken in by day was not searched.
            for kept in self._kept:
                kept.specks = _specks_of(kept.picture) if kept.specks is None else kept.specks
            flash = self._bright_specks(now.picture, now.specks, rose, shone)
            gone = self._bright_specks(
                cv2.min(before.picture, after.picture), cv2.min(before.specks, after.specks), fell, dimmed
            )
            unlit = cv2.countNonZero(gone)
        changed = _over(cv2.absdiff(now.picture, last.picture), _STEP)
        lit = cv2.countNonZero(flash)
        places, white, along = _specks(flash, now.picture) if lit else _NONE
        return Moment(
            now.at,
            places,
            _begun_here(places, flash, last) if lit else np.zeros(0, bool),
            white,
            now.light,
            cv2.countNonZero(shone),
            cv2.countNonZero(dimmed),
            lit,
            unlit,
            along,
            cv2.countNonZero(changed) > _STEP_SHARE * changed.size,
        )

    def _white(self, picture: Image, rose: Image) -> Image:
        """What is white, and newly so: 1 there."""
        found = cv2.bitwise_and(_over(rose, _WHITE_ROSE), _over(picture, _WHITE))
        return found if self.mask is None else cv2.bitwise_and(found, self.mask)

    def _white_specks(self, picture: Image, rose: Image) -> Image:
        """Small things of those: by day the only ones that count."""
        found = self._white(picture, rose)
        if cv2.countNonZero(found):
            here = _around(found)
            found[here] = cv2.bitwise_and(found[here], _over(_specks_in(picture, here), _CONTRAST))
        return found

    def _bright_specks(self, picture: Image, specks: Image | None, change: Image, enough: Image) -> Image:
        """Where small bright things are that changed by ``change``: 1 there."""
        if specks is None or not cv2.countNonZero(enough):
            return np.zeros_like(enough)
        # specks > times * ground, with ground = picture - specks.
        against = cv2.addWeighted(picture, _TIMES / (1 + _TIMES), picture, 0, 0)
        found = cv2.bitwise_and(cv2.bitwise_and(enough, _over(specks, _CONTRAST)), _over(picture, _BRIGHT))
        found = cv2.bitwise_and(
            found, cv2.bitwise_or(self._white(picture, change), cv2.compare(specks, against, cv2.CMP_GT))
        )
        return found if self.mask is None else cv2.bitwise_and(found, self.mask)


_NONE = (np.zeros((0, 2), np.float32), np.zeros(0, bool), 0.0)


_NOTHING = (np.zeros(0, bool), np.zeros(0, bool), 0.0, 0, 0, 0, 0, 0.0, False)


def _halved(picture: Image) -> Image:
    size = [max(1, side // 2) for side in picture.shape[::-1]]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


@cache
def _unpadded(side: int) -> int:
    """The longest side up to this that a Fourier transform takes without padding: zeros along one edge look like motion."""
    return next(n for n in range(side, 0, -1) if cv2.getOptimalDFTSize(n) == n)


@cache
def _window(shape: tuple[int, ...]) -> NDArray[np.float32]:
    return cv2.createHanningWindow(shape[::-1], cv2.CV_32F).astype(np.float32, copy=False)


def _specks_of(picture: Image) -> Image:
    return cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, _KERNEL).astype(np.uint8, copy=False)


def _set_in(flash: Image) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of what is set; NumPy's own takes eight times as long on two axes."""
    rows, columns = np.divmod(np.flatnonzero(flash.view(np.bool_)), flash.shape[1])
    return rows, columns


def _around(flash: Image) -> _Part:
    """The rows and columns that hold everything set."""
    left, top, width, height = cv2.boundingRect(flash)
    return slice(top, top + height), slice(left, left + width)


def _wider(part: _Part, margin: int) -> _Part:
    rows, columns = (slice(max(0, side.start - margin), side.stop + margin) for side in part)
    return rows, columns


def _specks_in(picture: Image, part: _Part) -> Image:
    """:func:`_specks_of` a part of a picture alone."""
    outer = _wider(part, _KERNEL.shape[0] // 2)
    rows, columns = (slice(i.start - o.start, i.stop - o.start) for i, o in zip(part, outer, strict=True))
    return _specks_of(picture[outer])[rows, columns]


def _begun_here(places: NDArray[np.float32], flash: Image, last: _Kept) -> NDArray[np.bool_]:
    """``(N,)`` whether no light was near a speck in the picture before."""
    here = _wider(_around(flash), _NEAR.shape[0] // 2)
    specks = _specks_in(last.picture, here) if last.specks is None else last.specks[here]
    had = cv2.dilate(cv2.bitwise_and(_over(last.picture[here], 100), _over(specks, 30)), _NEAR)
    at = np.round(places).astype(np.intp) - (here[1].start, here[0].start)
    return np.asarray(had[at[:, 1], at[:, 0]] == 0)


def _over(picture: Image, level: int) -> Image:
    return cv2.threshold(picture, level, 1, cv2.THRESH_BINARY)[1].astype(np.uint8, copy=False)


def _specks(flash: Image, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.bool_], float]:
    """Centres of the specks, which of them are white, and how far the long ones lie one way."""
    part = _around(flash)
    # Sizes and centres are summed below over the few pixels that are set: a quarter of the time of OpenCV's statistics.
    count, labels = cv2.connectedComponentsWithAlgorithm(flash[part], 8, cv2.CV_16U, cv2.CCL_BBDT)
    rows, columns = _set_in(flash)
    of = labels[rows - part[0].start, columns - part[1].start]
    peaks = np.zeros(count, np.uint8)
    np.maximum.at(peaks, of, picture[rows, columns])
    sizes = np.bincount(of, minlength=count)
    some = np.maximum(sizes, 1)
    x, y = np.bincount(of, columns, count) / some, np.bincount(of, rows, count) / some
    keep = sizes <= _LARGEST
    keep[0] = False
    places = np.stack([x[keep], y[keep]], axis=1).astype(np.float32)
    long = sizes >= 4
    long[0] = False
    along = 0.0
    if int(long.sum()) >= 3:
        dx, dy = columns - x[of], rows - y[of]
        xx, yy, xy = (np.bincount(of, w, count) / some for w in (dx * dx, dy * dy, dx * dy))
        along = float(np.abs(((xx - yy) + 2j * xy)[long].sum()) / max(1e-6, float((xx + yy)[long].sum())))
    return places, peaks[keep] >= _WHITE, along
