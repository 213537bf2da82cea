"""What the flashes of a look tell together: sparks away from lamps, bursts, a train of flashes at one place, light that flickers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors._sparks import SIDE, Moment, SparkMeter

SPECKS = 8
FEW = 5
COMPACT = 0.08
"""So many specks at once are sparks; a few suffice where they lie close together, as in a distant burst (share of the width)."""
_REACH = 1
_REACH_MOST = 8
_BEFORE_S, _WITHIN_S, _APART_S = 0.6, 0.35, 0.6
_SURGE = 3.0
_LASTS = 3
_GROUP = 3
_TRAVELS = 2.0
_CROWD = 25
_CROWD_SPREAD = 0.07
_PLATEAU = 5
_TRAIN_S = 1.0
_TRAIN = 4
_TRAIN_PLACE = 0.1
_TRAIN_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Story:
    """What a look's flashes come to.

    Attributes:
        counts: ``(N,)`` sparks of every moment, those at lamps left out.
        sparkling: ``(N,)`` bool, enough of them.
        sparkling_s: seconds of it.
        bursts: how often their number shot up from next to nothing within a third of a second, and stayed for a moment.
        flicker: share by which light differs from the mean of its neighbours in time, median of sparkling moments.
        sputter: the same over the moments in which light is at least a third of its peak, sparks or not.
        alternates: lights that were missing for a moment, against lights that were there for one: near 0 for sparks,
            near 1 for what is lit half of the time at one place (lamps of a shaken camera, mirrored lamps, signs).
        darkens: places darker for a moment against places brighter for one: low for light, near 1 for things that move.
        fresh: share of sparks that no light near by preceded.
        one_way: how far long specks lie one way, [0, 1]: rain.
        wide, high: standard deviation of the sparks' places within a moment, share of the longer side.
        crowded_s: seconds in which so many small lights flash, those at lamps counted too, that they fill a good part of
            the picture: then every place shines often, and which are lamps cannot be told.
        close_s: seconds in which a few flash close together, those at lamps counted too: a small fountain is its own lamp.
        travels: share of half seconds of sparkling in which all of them moved on together, [0, 1]: a car and its glints.
        size: mean pixels of a speck.
        regular: how clearly their number repeats itself at 0.25 to 2 s, [0, 1]: a strobe comes near 1.
        cuts: how often light that had been even for a third of a second was gone two frames later: an arc, a switch.
        train_s: seconds of a train of flashes at one place; ``train_spread`` how far they lie apart there, pixels;
            ``train_drift`` how far their place follows time (a lamp that passes behind a fence), [0, 1];
            ``train_white_s``: of white flashes only, as by day.
        steps: changes of the whole picture.
        shift: pixels of the small picture by which the camera moves from frame to frame, in its worst fifth.
        darkness: luma of the scene without its flashes.
        step_s: seconds from one moment to the next.
    """

    counts: NDArray[np.int64]
    sparkling: NDArray[np.bool_]
    sparkling_s: float
    bursts: int
    flicker: float
    sputter: float
    alternates: float
    darkens: float
    fresh: float
    one_way: float
    wide: float
    high: float
    crowded_s: float
    close_s: float
    travels: float
    size: float
    regular: float
    cuts: int
    train_s: float
    train_spread: float
    train_drift: float
    train_white_s: float
    light_peak: float
    steps: int
    shift: float
    darkness: float
    step_s: float


@dataclass(frozen=True, slots=True)
class _Flashes:
    """All specks of a look in one row: ``of`` ``(P,)`` which moment, ``at`` ``(P, 2)`` pixels, ``fresh``, ``white`` ``(P,)``."""

    moments: int
    of: NDArray[np.int64]
    at: NDArray[np.float64]
    fresh: NDArray[np.bool_]
    white: NDArray[np.bool_]

    @classmethod
    def of_all(cls, moments: list[Moment]) -> _Flashes:
        sizes = [len(m.places) for m in moments]
        return cls(
            len(moments),
            np.repeat(np.arange(len(moments)), sizes),
            np.concatenate([np.zeros((0, 2)), *(m.places for m in moments)]).astype(np.float64),
            np.concatenate([np.zeros(0, bool), *(m.fresh for m in moments)]),
            np.concatenate([np.zeros(0, bool), *(m.white for m in moments)]),
        )

    def only(self, chosen: NDArray[np.bool_]) -> _Flashes:
        return _Flashes(self.moments, self.of[chosen], self.at[chosen], self.fresh[chosen], self.white[chosen])

    def counts(self) -> NDArray[np.int64]:
        return np.bincount(self.of, minlength=self.moments).astype(np.int64)

    def spreads(self) -> NDArray[np.float64]:
        """``(N, 2)`` standard deviation of the places of each moment, share of the longer side; 0 for fewer than two."""
        some = np.maximum(self.counts(), 1)
        axes = []
        for values in self.at.T:
            mean = np.bincount(self.of, values, self.moments) / some
            axes.append(np.sqrt(np.bincount(self.of, (values - mean[self.of]) ** 2, self.moments) / some))
        return np.stack(axes, axis=1) / SIDE

    def places(self) -> list[NDArray[np.float64]]:
        return np.split(self.at, np.cumsum(self.counts())[:-1]) if self.moments else []


def tell(meter: SparkMeter, *, by_day: bool = False) -> Story:
    """Put a look's moments together.

    Args:
        meter: has seen the look.
        by_day: leave out what the rule asks by night only, bursts and how sparks travel: over traffic they take 20 ms.
    """
    moments = meter.moments
    shift = float(np.percentile(meter.shifts, 80)) if len(meter.shifts) >= 3 else 0.0
    every = _Flashes.of_all(moments)
    at_lamps = _at(meter.lamps(round(min(_REACH_MOST, _REACH + 2 * shift))), every.at)
    sparks = every.only(~at_lamps)
    places, counts, spreads = sparks.places(), sparks.counts(), sparks.spreads()
    all_counts, all_spreads = every.counts(), every.spreads()
    close = (counts >= FEW) & (np.hypot(*spreads.T) < COMPACT)
    all_close = (all_counts >= FEW) & (np.hypot(*all_spreads.T) < COMPACT)
    crowded = (all_counts >= _CROWD) & (all_spreads.min(axis=1) >= _CROWD_SPREAD)
    sparkling = (counts >= SPECKS) | close
    at = np.array([m.at for m in moments])
    step_s = float(at[-1] - at[0]) / (len(at) - 1) if len(at) > 2 else 0.08
    light = np.array([m.light for m in moments])
    quiet = _without_steps(moments)
    told = np.flatnonzero(sparkling).tolist()
    fresh = int(sparks.fresh[sparkling[sparks.of]].sum())
    peak = float(np.percentile(light[quiet], 95)) if quiet.any() else 0.0
    train = _train(sparks.only(sparks.fresh), at, step_s)
    train_white = _train(every.only(every.fresh & every.white), at, step_s)
    return Story(
        counts=counts,
        sparkling=sparkling,
        sparkling_s=float(sparkling.sum()) * step_s,
        bursts=0 if by_day else _bursts(counts, sparkling, places, step_s),
        flicker=_flicker(at, light, quiet & sparkling),
        sputter=_flicker(at, light, quiet & (light >= peak / 3)) if peak > 0 else 0.0,
        alternates=_ratio([m.unlit for m in moments], [m.lit for m in moments]),
        darkens=_ratio([m.dimmed for m in moments], [m.shone for m in moments]),
        fresh=fresh / max(1, int(counts[sparkling].sum())),
        one_way=float(np.median([moments[n].along for n in told])) if told else 0.0,
        wide=float(np.median(spreads[sparkling, 0])) if told else 0.0,
        high=float(np.median(spreads[sparkling, 1])) if told else 0.0,
        crowded_s=float(crowded.sum()) * step_s,
        travels=0.0 if by_day else _travels(places, sparkling, round(0.5 / step_s)),
        close_s=float(all_close.sum()) * step_s,
        size=_ratio([m.lit for m in moments], [len(m.places) for m in moments]),
        regular=_regularity(counts, step_s),
        cuts=_cuts(light),
        train_s=train[0],
        train_spread=train[1],
        train_drift=train[2],
        train_white_s=train_white[0],
        light_peak=peak,
        steps=sum(m.step for m in moments),
        shift=shift,
        darkness=meter.darkness,
        step_s=step_s,
    )


def _without_steps(moments: list[Moment]) -> NDArray[np.bool_]:
    """``(N,)`` True where neither the moment nor one of its four neighbours changed the whole picture."""
    steps = np.array([m.step for m in moments], bool)
    if not len(steps):
        return steps
    return ~np.convolve(steps, np.ones(5), "same")[: len(steps)].astype(bool)


def _at(picture: NDArray[np.bool_], places: NDArray[np.float64]) -> NDArray[np.bool_]:
    column, row = np.round(places).astype(np.intp).T
    return picture[row, column]


def _ratio(part: Sequence[int], of: Sequence[int]) -> float:
    return float(sum(part)) / max(1.0, float(sum(of)))


def _bursts(
    counts: NDArray[np.int64], sparkling: NDArray[np.bool_], places: list[NDArray[np.float64]], step_s: float
) -> int:
    before, within = max(2, round(_BEFORE_S / step_s)), max(2, round(_WITHIN_S / step_s))
    apart = round(_APART_S / step_s)
    found, last = 0, -apart
    for n in range(1, len(counts) - within):
        most = int(counts[n : n + within].max())
        if most < FEW or n - last < apart or int(sparkling[n : n + 2 * within].sum()) < _LASTS:
            continue
        usual = float(np.median(counts[max(0, n - before) : n]))
        if most >= FEW + _SURGE * usual:
            last = n
            found += _stays([p for p in places[n : n + 2 * within] if len(p) >= _GROUP])
    return found


def _stays(groups: list[NDArray[np.float64]], spreads: float = _TRAVELS) -> bool:
    """Whether sparks stay around the place where they burst; what drives into the picture takes all its glints along."""
    if len(groups) < 2:
        return True
    centres = np.array([np.median(g, axis=0) for g in groups])
    spread = float(np.median([np.hypot(*g.std(axis=0)) for g in groups]))
    steps = np.diff(centres, axis=0)
    way, gone = float(np.hypot(*steps.T).sum()), float(np.hypot(*steps.sum(axis=0)))
    # Several shells at once make the centre jump, not travel.
    return not (gone > spreads * spread and gone > 0.7 * way)


def _travels(places: list[NDArray[np.float64]], sparkling: NDArray[np.bool_], window: int) -> float:
    told = [n for n in np.flatnonzero(sparkling) if n + window <= len(places)]
    gone = [not _stays([p for p in places[n : n + window] if len(p) >= _GROUP], 1.0) for n in told]
    return float(np.mean(gone)) if gone else 0.0


def _flicker(at: NDArray[np.float64], light: NDArray[np.float64], told: NDArray[np.bool_]) -> float:
    """Median share by which light misses the straight line between its neighbours in time."""
    if len(light) < 3 or not told[1:-1].any():
        return 0.0
    ahead = (at[1:-1] - at[:-2]) / np.maximum(at[2:] - at[:-2], 1e-6)
    around = light[:-2] + ahead * (light[2:] - light[:-2])
    share = np.abs(light[1:-1] - around) / (np.maximum(light[1:-1], around) + 0.02)
    return float(np.median(share[told[1:-1]]))


def _regularity(counts: NDArray[np.int64], step_s: float) -> float:
    """Height of an autocorrelation peak above the trough before it; a slow rise and fall has no such peak."""
    if len(counts) * step_s < 3.0:
        return 0.0
    series = counts - counts.mean()
    power = float((series * series).mean())
    if power < 1.0:
        return 0.0
    trough, found = 1.0, 0.0
    for lag in range(1, min(round(2 / step_s), len(series) // 2)):
        value = float((series[lag:] * series[:-lag]).mean()) / power
        if lag * step_s >= 0.25:
            found = max(found, min(value, value - trough))
        trough = min(trough, value)
    return found


def _even(level: NDArray[np.float64]) -> bool:
    return bool(level.min() > 0.7 * level.mean() and level.max() < 1.35 * level.mean())


def _cuts(light: NDArray[np.float64]) -> int:
    if len(light) < _PLATEAU + 2:
        return 0
    enough = 0.5 * float(np.percentile(light, 95))
    found, last = 0, -_PLATEAU
    for n in range(_PLATEAU, len(light) - 1):
        level = light[n - _PLATEAU : n]
        mean = float(level.mean())
        if n - last >= _PLATEAU and mean > max(enough, 0.05) and light[n + 1] < 0.25 * mean and _even(level):
            found, last = found + 1, n
    return found


def _train(begun: _Flashes, at: NDArray[np.float64], step_s: float) -> tuple[float, float, float]:
    """Seconds in which flashes that begin at one place come at least four a second, their spread there and their drift."""
    if len(begun.of) < _TRAIN:
        return 0.0, 0.0, 0.0
    near = np.abs(begun.at - np.median(begun.at, axis=0)).max(axis=1) < _TRAIN_PLACE * SIDE
    if near.mean() < _TRAIN_SHARE:
        return 0.0, 0.0, 0.0
    here = begun.only(near)
    flashes = here.counts() > 0
    many = np.convolve(flashes, np.ones(max(1, round(_TRAIN_S / step_s))), "same") >= _TRAIN
    times = at[here.of]
    drift = 0.0
    if times.std() > 0:
        drift = max(abs(float(np.corrcoef(times, along)[0, 1])) if along.std() > 0 else 0.0 for along in here.at.T)
    return float(many.sum()) * step_s, float(np.hypot(*here.at.std(axis=0))), drift
