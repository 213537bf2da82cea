"""Looks that may start now, best first, without one full platform or host standing in the way of the others.

One heap holds them all. A look found at its head with a full gate (its platform, its host, its camera where that has
several looks) is parked there, and comes back when that gate has a stream free: each is moved a bounded number of
times, so taking one costs O(log n).
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Generic, Protocol, TypeVar

from patrol.rotation._load import Gate


class Queued(Protocol):
    """What the queue knows of a look. ``turn`` and ``extra`` are the numbers of its live entries, 0 for none."""

    gates: tuple[Gate, ...]
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
        """Take the best entry whose gates all have a stream free; None when there is none."""
        heap = self._heap
        while heap:
            entry = heappop(heap)
            look = entry[4]
            if entry[3] != look.turn and entry[3] != look.extra:
                self._offer(look.gates)
                continue
            for place, gate in enumerate(look.gates):
                if gate.running >= gate.cap:
                    heappush(gate.parked, entry)
                    # It may have been the one that was to use a free stream of its other gates: they offer again. Not
                    # the host where the platform is full: who waits for it waits for the platform as well.
                    if place:
                        self._offer(look.gates[:place])
                    if len(look.gates) > 2:
                        self._offer(look.gates[max(2, place + 1) :])
                    break
            else:
                return entry
        return None

    def freed(self, gates: tuple[Gate, ...]) -> None:
        """A stream of these gates was closed: the best that waits for any of them may try again."""
        self._offer(gates)

    def release(self, gate: Gate) -> None:
        """The gate's limit was changed: all that wait for it may try again."""
        for entry in gate.parked:
            heappush(self._heap, entry)
        gate.parked.clear()

    def _offer(self, gates: tuple[Gate, ...]) -> None:
        """Bring the best live entry parked at each gate back, where the gate has a stream free.

        A dropped entry may have been the one that was to use a free stream of its other gates: they offer again.
        """
        waiting = [gate for gate in gates if gate.parked]
        while waiting:
            gate = waiting.pop()
            while gate.parked and gate.running < gate.cap:
                entry = heappop(gate.parked)
                look = entry[4]
                if entry[3] == look.turn or entry[3] == look.extra:
                    heappush(self._heap, entry)
                    break
                waiting += [other for other in look.gates if other.parked]
