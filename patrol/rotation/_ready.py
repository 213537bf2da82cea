"""Looks that may start now, best first, without one full platform or host standing in the way of the others.

One heap holds them all. A look found at its head whose platform or host is full is parked there, and comes back when
that platform or host has a stream free: each is moved a bounded number of times, so taking one costs O(log n).
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Generic, Protocol, TypeVar

from patrol.rotation._load import Gate


class Queued(Protocol):
    """What the queue knows of a look. ``turn`` and ``extra`` are the numbers of its live entries, 0 for none."""

    platform: Gate
    host: Gate
    turn: int
    extra: int


Q = TypeVar("Q", bound=Queued)


class ReadyQueue(Generic[Q]):
    """Entries are ``(band, deadline, -priority, number, look)``: the lower band first, then the earlier deadline.

    Priority only parts equal deadlines, which is what all first looks of a fresh start have.

    An entry is live while its number is its look's ``turn`` or ``extra``; a changed mind is a new entry, and the old
    one is dropped where it is met.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, float, int, int, Q]] = []

    def push(self, band: int, deadline: float, priority: int, number: int, look: Q) -> None:
        """Add an entry; the caller has set the look's ``turn`` or ``extra`` to ``number``."""
        heappush(self._heap, (band, deadline, -priority, number, look))

    def pop(self) -> tuple[int, float, int, int, Q] | None:
        """Take the best entry whose platform and host have a stream free; None when there is none."""
        heap = self._heap
        while heap:
            entry = heappop(heap)
            look = entry[4]
            if entry[3] != look.turn and entry[3] != look.extra:
                self._offer(look.host, look.platform)
                continue
            platform, host = look.platform, look.host
            if platform.running >= platform.limit:
                heappush(platform.parked, entry)
            elif host.running >= host.limit:
                heappush(host.parked, entry)
                self._offer(platform)
            else:
                return entry
        return None

    def freed(self, platform: Gate, host: Gate) -> None:
        """A stream of this platform and host was closed: the best that waits for either may try again."""
        self._offer(host, platform)

    def release(self, gate: Gate) -> None:
        """The gate's limit was changed: all that wait for it may try again."""
        for entry in gate.parked:
            heappush(self._heap, entry)
        gate.parked.clear()

    def _offer(self, *gates: Gate) -> None:
        """Bring the best live entry parked at each gate back, where the gate has a stream free.

        A dropped entry may have been the one that was to use a free stream of its other gate: that gate offers again.
        """
        waiting = list(gates)
        while waiting:
            gate = waiting.pop()
            while gate.parked and gate.running < gate.limit:
                entry = heappop(gate.parked)
                look = entry[4]
                if entry[3] == look.turn or entry[3] == look.extra:
                    heappush(self._heap, entry)
                    break
                waiting += [look.host, look.platform]
