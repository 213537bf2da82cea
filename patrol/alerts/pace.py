"""How long is waited for what: by the relay, between attempts, and how far ahead a planned moment may lie at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

CLOCK_SLACK = timedelta(minutes=1)
"""A moment further ahead than the longest wait, by so much, comes from a clock that was stepped back: it has come."""


def wait_after(attempts: int, again: tuple[float, ...]) -> timedelta:
    """How long until the next attempt after so many before this one; ``again`` in seconds, the last repeats."""
    return timedelta(seconds=again[min(attempts, len(again) - 1)])


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the relay waits, seconds.

    Attributes:
        again: before an unreceived alert is published again, by attempt; the last repeats. It ends at an hour: copies
            pile up in the queue that the broker keeps for a department that is away.
        reconnect: before the next try to reach the broker, by failures in a row; the last repeats.
        idle: between two looks into the outbox when nothing happens.
        first_state: for the first ``rotation``, before ``online`` is said without it.
        puback: for the broker's acknowledgement, before a connection that seems to stand is given up.
        settle: before the first alert goes to a broker that does not know us: it knows the departments no more either, and
            what they are not back for would wait for its next attempt.
        unsaved: how long a broker may keep only in memory what it has acknowledged (Mosquitto's `autosave_interval` is
            half an hour where nobody sets it). On a new connection what it acknowledged since goes out again, unless it
            is received.
    """

    again: tuple[float, ...] = (30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
    reconnect: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 10.0)
    idle: float = 1.0
    first_state: float = 5.0
    puback: float = 60.0
    settle: float = 2.0
    unsaved: float = 1860.0
