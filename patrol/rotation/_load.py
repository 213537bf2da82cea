"""What the streams are asked for: per resource (all streams, a platform, a host) its load and the work due until when.

Both are kept up to date look by look, so that asking whether everything fits costs nothing in the number of cameras.
"""

from __future__ import annotations

from typing import Any

from patrol.rotation._pace import SLACK

FULL = 0.97
"""Load above which there is no room left for a retry or for a look that takes longer: the warning starts here."""

SHORTEN_ABOVE = 0.93
"""Load above which dwells are shortened, down to their floors, to bring it back here."""


_NOTHING = 1e-6
"""Less than this is the rounding of sums, not work."""

Asked = tuple[int, float, int, float]
"""Bucket of a look's deadline, its seconds; the bucket one period later, and the seconds per second it asks for from there."""


class Gate:
    """A number of streams that may be open at once, what holds them, and what is asked of them.

    Attributes:
        limit: streams at once.
        cap: streams at once now: the limit, or none while the platform is away (see ``_platforms.py``).
        longest: seconds of the longest look, kept for platforms: what a look may have to wait for a stream.
        running: streams open.
        looks: looks that go through it.
        slack: share of the period by which its looks are made early (``_pace.slack_share``); kept for platforms and hosts.
        pressed: its load, or that of all streams together, does not fit; kept for platforms.
        parked: heap of ready looks that wait for this gate (see ``_ready.py``).
        measured: sum over measured looks of seconds per period.
        estimated: the same for looks never made, by their ``expected_s``.
        spare: seconds per period that shorter dwells can save, by priority; kept for the total and for platforms.
        demand: seconds of work not started yet, by bucket of its deadline; kept for the total and for platforms.
        again: seconds per second that the same looks ask for later, by the bucket from which on they do; likewise.
        seconds: running mean of what a look holds its stream, None before the first.
        down_since: since when its platform is away, None while it answers.
    """

    __slots__ = (
        "again",
        "cap",
        "demand",
        "down_since",
        "estimated",
        "limit",
        "longest",
        "looks",
        "measured",
        "name",
        "parked",
        "pressed",
        "running",
        "seconds",
        "slack",
        "spare",
    )

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.limit = self.cap = limit
        self.running = 0
        self.looks = 0
        self.pressed = False
        self.slack = SLACK
        self.parked: list[Any] = []
        self.longest = 0.0
        self.measured = 0.0
        self.estimated = 0.0
        self.spare: dict[int, float] = {}
        self.demand: dict[int, float] = {}
        self.again: dict[int, float] = {}
        self.seconds: float | None = None
        self.down_since: float | None = None

    def set_limit(self, limit: int) -> None:
        """Change the limit; a platform that is away stays closed."""
        self.limit = limit
        if self.down_since is None:
            self.cap = limit

    def load(self, ratio: float) -> float:
        """Stream seconds needed over those there are.

        Args:
            ratio: measured over expected seconds of the looks made so far; scales the estimates of the others.
        """
        return (self.measured + self.estimated * ratio) / max(1, self.limit)

    def kept_share(self, priority: int, ratio: float) -> float:
        """What is kept of what may be cut from the dwells of a priority, so that the load fits: 1 all, 0 nothing.

        The lowest priority gives first, and a higher one only what is still needed then.
        """
        excess = (self.load(ratio) - SHORTEN_ABOVE) * self.limit
        if excess <= 0:
            return 1.0
        for rank in sorted(self.spare):
            spare = self.spare[rank]
            if rank == priority:
                return 0.0 if excess >= spare else 1.0 - excess / spare
            excess -= spare
            if excess <= 0:
                return 1.0
        return 0.0

    def shortened(self, ratio: float) -> float:
        """The load with dwells as short as :meth:`kept_share` makes them."""
        load = self.load(ratio)
        can_save = max(0.0, sum(self.spare.values())) / max(1, self.limit)
        return load - min(can_save, max(0.0, load - SHORTEN_ABOVE))

    def overloaded(self, ratio: float) -> bool:
        """Whether it does not fit even with short dwells."""
        return self.load(ratio) > 1.0 and self.shortened(ratio) > 1.0

    def ask(self, asked: Asked) -> None:
        """Work has to be started before the end of a bucket, and again and again a period later."""
        bucket, seconds, again, rate = asked
        self.demand[bucket] = self.demand.get(bucket, 0.0) + seconds
        self.again[again] = self.again.get(again, 0.0) + rate

    def withdraw(self, asked: Asked) -> None:
        """Take such work back: it was started, or is not wanted any more."""
        bucket, seconds, again, rate = asked
        _take(self.demand, bucket, seconds)
        _take(self.again, again, rate)


def _take(entries: dict[int, float], bucket: int, amount: float) -> None:
    left = entries.get(bucket, 0.0) - amount
    # A bucket of the past that held a rest of rounding would admit nothing, for ever.
    if left > _NOTHING:
        entries[bucket] = left
    else:
        entries.pop(bucket, None)


def shortfall(gate: Gate, width: float, now: float, grace_s: float) -> float | None:
    """The first deadline that the work asked for cannot meet on this gate's streams; None when all can be met.

    A look needs only to *start* before its deadline, so one look's length per stream (``grace_s``) is forgiven.

    Args:
        gate: with its demand.
        width: of a bucket, seconds.
        now: planner time.
        grace_s: seconds of one look.
    """
    work = 0.0
    for bucket in sorted(gate.demand):
        end = (bucket + 1) * width
        work += gate.demand[bucket]
        if work > gate.limit * (max(0.0, end - now) + grace_s):
            return end
    return None


def admits(gate: Gate, width: float, now: float, seconds: float, own: Asked | None) -> bool:
    """Whether ``seconds`` of extra work started now leave every other deadline reachable.

    Args:
        gate: with its demand and its open streams.
        width: of a bucket, seconds.
        now: planner time.
        seconds: of the extra look.
        own: the same camera's own next look, which the extra one replaces.
    """
    if own is not None and own[0] * width <= now:
        return True
    work, rates, before = seconds, 0.0, now
    last = max(gate.demand, default=0)
    for bucket in sorted(gate.demand.keys() | gate.again.keys()):
        if bucket > last:
            break
        # Judged at the bucket's start: the earliest deadline in it.
        at = max(now, bucket * width)
        work += rates * (at - before) + gate.demand.get(bucket, 0.0)
        rates += gate.again.get(bucket, 0.0)
        before = at
        if own is not None and bucket == own[0]:
            work -= own[1]
        if work + gate.longest > _room(gate, at - now):
            return False
    return True


def _room(gate: Gate, span: float) -> float:
    """Stream seconds there are in the coming ``span``, when the open streams end at any time within a longest look."""
    longest = max(gate.longest, 1e-9)
    of_open = span - longest / 2 if span > longest else span * span / (2 * longest)
    return max(0, gate.limit - gate.running) * span + gate.running * of_open
