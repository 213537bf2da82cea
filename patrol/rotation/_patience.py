"""Patience: under overload, when whose deadline passed long ago gets a turn whatever its priority, so that nothing starves."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count

from patrol.rotation._look import Look

PATIENCE = 50
"""Every so many starts at most, one goes to the look longest past its deadline."""

_SHARE = 0.1
"""Starts that go to such looks, as a share of what is lacking: one in ten where there is twice as much to do as can be done.

More would take from priorities that could be kept, less would let the lowest wait for days.
"""


class Patience:
    """The looks past their deadline, and how many starts went to others since the last patient one."""

    def __init__(self) -> None:
        self._since = 0
        self._heap: list[tuple[float, int, Look]] = []
        self._numbers = count(1)

    def add(self, look: Look, looks: int) -> None:
        """A deadline of it passed without an attempt.

        Args:
            look: it keeps its place if it waits already.
            looks: in the rotation.
        """
        if look.overdue:
            return
        look.overdue = next(self._numbers)
        heappush(self._heap, (look.window_end, look.overdue, look))
        if len(self._heap) > 2 * looks + 64:
            self._heap = [entry for entry in self._heap if entry[1] == entry[2].overdue]
            heapify(self._heap)

    def started(self) -> None:
        """A look was started."""
        self._since += 1

    def is_due(self, load: float) -> bool:
        """Whether the next start is a patient one; ``load`` with looks as short as they may be."""
        if not self._heap:
            return False
        return self._since >= PATIENCE or self._since * min(_SHARE, _SHARE * (load - 1.0)) >= 1.0

    def take(self) -> Look | None:
        """The look longest past its deadline that waits for a stream."""
        self._since = 0
        while self._heap:
            _, number, look = heappop(self._heap)
            if number == look.overdue:
                look.overdue = 0
                if look.turn:
                    return look
        return None
