"""Coverage over days: looks due, looks made, gaps, misses with their causes; whole, by day and by what looks belong to. Pure.

One look on one day counts once. For a single day every number is that of the printed report (docs/report.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from patrol.figures.roll import COUNTS, STATES, Look, Roll, columns_of

By = Literal["category", "platform", "division"]
_ON = [STATES.index("kept"), STATES.index("over"), STATES.index("away")]
_KEPT, _OVER, _AWAY = _ON
_BINS = 4 * 3600 + 1
"""Gaps are counted by whole seconds up to here; the last bin holds the longer ones, which are kept one by one."""
_PERCENTILES = (50, 95, 99)
_Number = TypeVar("_Number", np.float64, np.int64)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps, whole seconds rounded down; percentiles by nearest rank."""

    count: int = 0
    p50_s: int | None = None
    p95_s: int | None = None
    p99_s: int | None = None
    worst_s: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Some looks over some days.

    Attributes:
        looks: pairs of a look and a day on which it was in the rotation at some time.
        kept: of them, those that were never past their period.
        answering: looks less those that were over only while away.
        over: pairs that were past their period while they answered; ``over_s``: seconds past it, away or not.
        windows, windows_seen, windows_away: clock windows that count, that hold an inspected look, that hold none because
            it was away.
        attempts, inspected, unusable, unreachable: looks made.
        missed: deadlines without an attempt; ``causes``: the same by cause.
        late: inspected after the deadline.
        not_judged: inspected, but not every detector ran.
        gaps: all; ``gaps_answering``: without those that were over only while away.
    """

    looks: int
    kept: int
    answering: int
    over: int
    over_s: float
    attempts: int
    inspected: int
    unusable: int
    unreachable: int
    missed: int
    late: int
    not_judged: int
    windows: int
    windows_seen: int
    windows_away: int
    causes: dict[str, int]
    gaps: Gaps
    gaps_answering: Gaps


@dataclass(frozen=True, slots=True)
class LookFigures:
    """One look over the days, for the list behind a number."""

    look: Look
    days: int
    days_over: int
    days_away: int
    over_s: float
    worst_gap_s: int | None
    attempts: int
    inspected: int
    unusable: int
    unreachable: int
    missed: int
    late: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """A range of days.

    Attributes:
        whole: everything.
        days: by county day, oldest first.
        groups: by key of what was asked for, in the order in which looks come.
    """

    whole: Figures
    days: tuple[tuple[date, Figures], ...]
    groups: tuple[tuple[str, Figures], ...]


@dataclass(slots=True)
class _Sums:
    """Sums of groups, G of them, and their gaps."""

    keys: dict[str, int] = field(default_factory=dict)
    counts: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    causes: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    bins: dict[bool, NDArray[np.int64]] = field(default_factory=dict)
    longest: dict[bool, list[tuple[NDArray[np.int32], NDArray[np.int32]]]] = field(
        default_factory=lambda: {False: [], True: []}
    )


def coverage_of(rolls: Iterable[Roll], by: By, cameras: frozenset[str] | None = None) -> Coverage:
    """Sum the days up.

    Args:
        rolls: one for each day, in order.
        by: what the groups are.
        cameras: only looks of these; None: all.
    """
    groups, days = _Sums(), []
    whole = _Sums()
    for roll in rolls:
        on = _wanted(roll, cameras)
        keys, places = columns_of(roll.looks)[by]
        here = np.array([groups.keys.setdefault(key, len(groups.keys)) for key in keys], np.int32)
        _add(groups, roll, here[places] if len(keys) else places, on)
        day = _Sums({"": 0})
        _add(day, roll, np.zeros(len(places), np.int32), on)
        days.append((roll.day, _figures(day, 0)))
        _merge(whole, day)
    parts = ((key, _figures(groups, at)) for key, at in groups.keys.items())
    return Coverage(_figures(whole, 0), tuple(days), tuple((key, each) for key, each in parts if each.looks))


def looks_over(
    rolls: Iterable[Roll], cameras: frozenset[str] | None = None, *, by: By | None = None, key: str | None = None
) -> tuple[LookFigures, ...]:
    """Every look of the days, the one longest past its period first, then the one with the longest gap.

    Args:
        rolls: one for each day, in order.
        cameras: only looks of these; None: all.
        by, key: only looks of this group.
    """
    sums, known = _Sums(), {}
    for roll in rolls:
        on = _wanted(roll, cameras)
        if by is not None and key is not None:
            keys, places = columns_of(roll.looks)[by]
            on = on & (places == (keys.index(key) if key in keys else -1))
        rows = np.flatnonzero(on)
        known.update({roll.looks.rows[row].key: roll.looks.rows[row] for row in rows})
        keys, places = columns_of(roll.looks)["look"]
        here = np.array([sums.keys.setdefault(each, len(sums.keys)) for each in keys], np.int32)
        _count(sums, roll, here[places] if len(keys) else places, on)
        owners, _ = roll.gap_owners()
        worst = np.full(len(sums.keys), -1.0)
        inside = on[owners]
        np.maximum.at(worst, here[places][owners[inside]] if len(keys) else owners[inside], roll.gaps[inside])
        sums.counts["worst"] = np.maximum(_grown(sums.counts.get("worst", np.full(0, -1.0)), len(worst), -1.0), worst)
    return tuple(
        sorted(
            (_look_figures(sums, look, sums.keys[key]) for key, look in known.items()),
            key=lambda each: (-each.over_s, -(each.worst_gap_s or 0), each.look.key),
        )
    )


def _wanted(roll: Roll, cameras: frozenset[str] | None) -> NDArray[np.bool_]:
    """``(N,)``: asked for on the day, and to be seen."""
    on = np.isin(roll.column("state"), _ON)
    if cameras is None:
        return on
    return on & np.array([look.camera in cameras for look in roll.looks.rows], np.bool_)


def _add(sums: _Sums, roll: Roll, places: NDArray[np.int32], on: NDArray[np.bool_]) -> None:
    _count(sums, roll, places, on)
    size = len(sums.keys)
    owners, away = roll.gap_owners()
    inside = on[owners] if len(owners) else np.zeros(0, np.bool_)
    for answering in (False, True):
        chosen = inside & ~away if answering else inside
        seconds, place = roll.gaps[chosen], places[owners[chosen]]
        bins = np.bincount(place.astype(np.int64) * _BINS + np.minimum(seconds, _BINS - 1), minlength=size * _BINS)
        sums.bins[answering] = _grown(sums.bins.get(answering, np.zeros(0, np.int64)), size * _BINS, 0) + bins
        long = seconds >= _BINS - 1
        sums.longest[answering].append((place[long], seconds[long]))


def _count(sums: _Sums, roll: Roll, places: NDArray[np.int32], on: NDArray[np.bool_]) -> None:
    size, here = len(sums.keys), places[on]
    state = roll.column("state")[on]
    weights: dict[str, NDArray[Any]] = {name: roll.column(name)[on] for name in COUNTS}
    weights |= {"looks": np.ones(len(here)), "over_s": roll.over[on]}
    weights |= {name: state == code for name, code in (("kept", _KEPT), ("over", _OVER), ("away", _AWAY))}
    for name, values in weights.items():
        added = np.bincount(here, values.astype(np.float64), size)
        sums.counts[name] = _grown(sums.counts.get(name, np.zeros(0)), size, 0) + added
    for cause, values in roll.missed.items():
        added = np.bincount(here, values[on].astype(np.float64), size)
        sums.causes[cause] = _grown(sums.causes.get(cause, np.zeros(0)), size, 0) + added


def _merge(whole: _Sums, day: _Sums) -> None:
    whole.keys = day.keys
    for name, values in day.counts.items():
        whole.counts[name] = whole.counts.get(name, 0) + values
    for cause, values in day.causes.items():
        whole.causes[cause] = whole.causes.get(cause, 0) + values
    for answering in (False, True):
        whole.bins[answering] = whole.bins.get(answering, 0) + day.bins[answering]
        whole.longest[answering] += day.longest[answering]


def _figures(sums: _Sums, at: int) -> Figures:
    def count(name: str) -> int:
        return int(sums.counts[name][at]) if name in sums.counts else 0

    causes = Counter({cause: int(values[at]) for cause, values in sums.causes.items() if at < len(values)})
    return Figures(
        looks=count("looks"),
        kept=count("kept"),
        answering=count("looks") - count("away"),
        over=count("over"),
        over_s=float(sums.counts["over_s"][at]) if sums.counts else 0.0,
        **{name: count(name) for name in COUNTS},
        causes={cause: number for cause, number in sorted(causes.items()) if number},
        gaps=_gaps(sums, at, answering=False),
        gaps_answering=_gaps(sums, at, answering=True),
    )


def _gaps(sums: _Sums, at: int, *, answering: bool) -> Gaps:
    if answering not in sums.bins:
        return Gaps()
    bins = sums.bins[answering][at * _BINS : (at + 1) * _BINS]
    reached = np.cumsum(bins)
    total = int(reached[-1]) if len(reached) else 0
    if not total:
        return Gaps()
    longest = np.sort(np.concatenate([seconds[place == at] for place, seconds in sums.longest[answering]]))
    short = total - len(longest)

    def ranked(rank: int) -> int:
        return int(longest[rank - short - 1]) if rank > short else int(np.searchsorted(reached, rank))

    p50, p95, p99 = (ranked(-(-total * share // 100)) for share in _PERCENTILES)
    return Gaps(total, p50, p95, p99, ranked(total))


def _look_figures(sums: _Sums, look: Look, at: int) -> LookFigures:
    counts = sums.counts
    worst = int(counts["worst"][at])
    return LookFigures(
        look=look,
        days=int(counts["looks"][at]),
        days_over=int(counts["over"][at]),
        days_away=int(counts["away"][at]),
        over_s=float(counts["over_s"][at]),
        worst_gap_s=worst if worst >= 0 else None,
        **{
            name: int(counts[name][at])
            for name in ("attempts", "inspected", "unusable", "unreachable", "missed", "late")
        },
    )


def _grown(values: NDArray[_Number], size: int, fill: float) -> NDArray[_Number]:
    """Room for groups that were not there on the days before."""
    if len(values) >= size:
        return values
    return np.concatenate([values, np.full(size - len(values), fill, values.dtype)])
