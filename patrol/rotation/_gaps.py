"""The simulator's own record of gaps: how long each camera that answered went without an inspected look."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

Span = tuple[float, float]
"""From, to (excluded), seconds."""


class GapBook:
    """Takes every inspected look, knows when each camera does not answer.

    A gap is counted over the time its camera answers: one that begins while it is away begins when it comes back, one
    that is cut short by going away ends there.

    Args:
        period: longest allowed gap, seconds.
        aways: when cameras do not answer; one that always answers need not be in it.

    Attributes:
        longest: of all gaps, seconds.
        over: cameras with a gap longer than the period.
        first_broken: when the first gap became longer than the period.
    """

    def __init__(self, period: float, aways: Mapping[str, Sequence[Span]]) -> None:
        self._period = period
        self._aways = {key: merged(spans) for key, spans in aways.items()}
        self._last: dict[str, float] = {}
        self._lengths: Counter[int] = Counter()
        self.longest = 0.0
        self.over: set[str] = set()
        self.first_broken: float | None = None

    def away(self, key: str, at: float) -> bool:
        """Whether the camera does not answer at that time."""
        return any(start <= at < end for start, end in self._aways.get(key, ()))

    def inspected(self, key: str, started: float) -> None:
        """The camera was seen."""
        self._add(key, self._last.get(key, 0.0), started)
        self._last[key] = started

    def close(self, end: float, keys: Iterable[str] = ()) -> None:
        """Count the gaps still open at the end, of the cameras seen and of ``keys``."""
        for key in {*self._last, *self._aways, *keys}:
            self._add(key, self._last.get(key, 0.0), end)

    def quantile(self, share: float) -> float:
        """That quantile of all gaps, to the second above."""
        left = share * self._lengths.total()
        for length in sorted(self._lengths):
            left -= self._lengths[length]
            if left <= 0:
                return float(length)
        return 0.0

    def _add(self, key: str, start: float, end: float) -> None:
        spans = self._aways.get(key)
        for begin, stop in answering(start, end, spans) if spans else ((start, end),):
            gap = stop - begin
            self._lengths[math.ceil(gap)] += 1
            self.longest = max(self.longest, gap)
            if gap > self._period + 1e-6:
                self.over.add(key)
                broken = begin + self._period
                self.first_broken = broken if self.first_broken is None else min(self.first_broken, broken)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, overlapping ones joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def answering(start: float, end: float, aways: Sequence[Span]) -> Iterator[Span]:
    """The parts of ``[start, end)`` outside the spans."""
    at = start
    for away_from, back_at in aways:
        if back_at <= at:
            continue
        if away_from >= end:
            break
        if away_from > at:
            yield at, away_from
        at = back_at
    if at < end:
        yield at, end
