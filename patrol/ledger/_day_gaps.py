"""One look's day: its gaps, when it was over its period, what colour each minute has, which clock windows it filled. Pure.

All times are seconds since the epoch; intervals include their start and not their end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from patrol.ledger._day_terms import Duty
from patrol.ledger._day_types import AGING, NEAR, Shade

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RawGap:
    """A gap with its time past the period inside the day, and how much of that lay in outages."""

    start: float
    end: float
    over_s: float
    away_s: float


@dataclass(frozen=True, slots=True)
class LookTimes:
    """What the times of one look come to."""

    gaps: tuple[RawGap, ...]
    stretches: tuple[tuple[float, float, Shade], ...]
    on_duty_s: float
    offline_s: float
    windows: int
    windows_seen: int
    windows_away: int


def times_of(
    duties: Sequence[Duty],
    seen: Sequence[float],
    away: Sequence[Interval],
    day: Interval,
    windows: Sequence[Interval],
    *,
    added: float | None = None,
) -> LookTimes:
    """Measure one look's day.

    Args:
        duties: when it was asked for.
        seen: starts of its inspected looks, sorted, from the last one before the day on.
        away: its outages and its platforms', merged and sorted.
        day: from the county's midnight to what is known of the day.
        windows: the clock windows that count.
        added: when it came into the rotation, if that is known to be before the day.
    """
    start, end = day
    gaps: list[RawGap] = []
    stretches: list[tuple[float, float, Shade]] = []
    on_duty = 0.0
    painted = start
    for duty in duties:
        if duty.end <= start:
            continue
        shift = (max(duty.start, start), min(duty.end, end))
        if shift[0] >= shift[1]:
            continue
        on_duty += shift[1] - shift[0]
        if painted < shift[0]:
            stretches.append((painted, shift[0], "paused"))
        painted = shift[1]
        for gap_start, gap_end in _gaps(duty, seen, shift[0], added):
            pieces = list(_deadlines(duty, gap_start, gap_end))
            inside = [(max(a, start), b, deadline) for a, b, deadline in pieces if b > start]
            over = [(max(a, deadline), b) for a, b, deadline in inside if deadline < b]
            over_s, away_s = _length(over), sum(_length(_common(each, away)) for each in over)
            gaps.append(RawGap(gap_start, gap_end, over_s, away_s))
            stretches += _shades(gap_start, inside, away)
    if painted < end:
        stretches.append((painted, end, "paused"))
    counted = [w for w in windows if any(duty.start < w[0] and w[1] <= duty.end for duty in duties)]
    empty = [w for w in counted if not _holds_one(seen, w)]
    return LookTimes(
        gaps=tuple(gaps),
        stretches=_joined(stretches),
        on_duty_s=on_duty,
        offline_s=_length(_common(day, away)),
        windows=len(counted),
        windows_seen=len(counted) - len(empty),
        windows_away=sum(1 for w in empty if any(a < w[1] <= b for a, b in away)),
    )


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Intervals in order, those that overlap or touch made one."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif start < end:
            joined.append((start, end))
    return tuple(joined)


def _gaps(duty: Duty, seen: Sequence[float], day: float, added: float | None) -> Iterator[Interval]:
    """The gaps of one time of duty that touch the day, start to start; the last one runs to the end of the duty."""
    first = bisect_left(seen, duty.start) if duty.began else 0
    inside = seen[first : bisect_left(seen, duty.end)]
    known = bisect_left(inside, day)
    if known:
        begin = inside[known - 1]
        if not duty.began and added is not None and begin < added <= day:
            begin = added
    elif duty.began or added is None or added > day:
        begin = duty.start
    else:
        begin = added
    for moment in inside[known:]:
        if moment > begin:
            yield begin, moment
        begin = max(begin, moment)
    if begin < duty.end:
        yield begin, duty.end


def _deadlines(duty: Duty, anchor: float, end: float) -> Iterator[tuple[float, float, float]]:
    """What the deadline was when: ``(from, to, deadline)``, as the planner has it (patrol/rotation/_admin.py).

    A window that opens and finds the camera unseen for longer than its period gives it one such period from then on.
    """
    steps = duty.steps
    at = max(0, bisect_right(steps, anchor, key=lambda step: step[0]) - 1)
    moment, period = anchor, steps[at][1]
    deadline = anchor + period
    for since, new, _ in steps[at + 1 :]:
        if since >= end:
            break
        if new != period:
            yield moment, since, deadline
            late = deadline <= since
            fresh = anchor + new
            deadline = min(deadline, since + new) if fresh <= since and not late else fresh
            moment, period = since, new
    yield moment, end, deadline


def _shades(
    anchor: float, pieces: Iterable[tuple[float, float, float]], away: Sequence[Interval]
) -> list[tuple[float, float, Shade]]:
    found: list[tuple[float, float, Shade]] = []
    for start, end, deadline in pieces:
        length = deadline - anchor
        edges: tuple[tuple[float, Shade], ...] = (
            (anchor + AGING * length, "fresh"),
            (anchor + NEAR * length, "aging"),
            (deadline, "near"),
            (end, "over"),
        )
        moment = start
        for edge, shade in edges:
            stop = min(edge, end)
            if stop > moment:
                found += _cut_out((moment, stop), shade, away)
                moment = stop
    return found


def _cut_out(interval: Interval, shade: Shade, away: Sequence[Interval]) -> Iterator[tuple[float, float, Shade]]:
    moment, end = interval
    for start, stop in _common(interval, away):
        if moment < start:
            yield moment, start, shade
        yield start, stop, "away"
        moment = stop
    if moment < end:
        yield moment, end, shade


def _common(interval: Interval, others: Sequence[Interval]) -> list[Interval]:
    start, end = interval
    return [(max(start, a), min(end, b)) for a, b in others if a < end and start < b]


def _length(intervals: Iterable[Interval]) -> float:
    return sum(end - start for start, end in intervals)


def _holds_one(moments: Sequence[float], window: Interval) -> bool:
    at = bisect_left(moments, window[0])
    return at < len(moments) and moments[at] < window[1]


def _joined(stretches: Iterable[tuple[float, float, Shade]]) -> tuple[tuple[float, float, Shade], ...]:
    joined: list[tuple[float, float, Shade]] = []
    for start, end, shade in stretches:
        if joined and joined[-1][2] == shade and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end, shade)
        else:
            joined.append((start, end, shade))
    return tuple(joined)
