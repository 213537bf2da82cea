"""A department's alerts are counted by ``seq``: what is still to come, what came late, when the count began anew.

Pure: the book keeps what these functions decide.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hole:
    """Numbers from ``first`` to ``last`` that are still to come."""

    first: int
    last: int

    @property
    def sentence(self) -> str:
        """For people."""
        if self.first == self.last:
            return f"seq {self.first} is still to come"
        return f"seq {self.first} to {self.last} are still to come"


@dataclass(frozen=True, slots=True)
class Count:
    """Where the count stands. ``turn`` goes up when the service counts anew, so that a number can come again."""

    turn: int
    highest: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What one more number does.

    Attributes:
        count: where the count stands then.
        holes: new holes; the one that was hit, if any, is to be dropped.
        anew: whether all holes are to be dropped, because the service counts anew.
        notice: what is to be said, if anything.
    """

    count: Count
    holes: tuple[Hole, ...] = ()
    anew: bool = False
    notice: str | None = None


def one_more(count: Count | None, seq: int, *, hit: Hole | None, taken: bool) -> Counted:
    """Count an alert that is not in the book yet.

    Args:
        count: where it stood; None: this is the first. What came before a book was begun is not missed.
        seq: its number.
        hit: the hole that ``seq`` falls into, if any.
        taken: whether another alert of this turn bears the number: the service lost its database, or is another one.
    """
    if count is None:
        return Counted(Count(1, seq))
    if taken:
        notice = f"seq {seq} came again with another alert: the service counts anew"
        return Counted(Count(count.turn + 1, seq), anew=True, notice=notice)
    if seq > count.highest:
        holes = (Hole(count.highest + 1, seq - 1),) if seq > count.highest + 1 else ()
        return Counted(Count(count.turn, seq), holes, notice=holes[0].sentence if holes else None)
    if hit is not None:
        rest = (Hole(hit.first, seq - 1), Hole(seq + 1, hit.last))
        left = tuple(hole for hole in rest if hole.first <= hole.last)
        return Counted(count, left, notice=f"seq {seq} came late, after {count.highest}")
    return Counted(count, notice=f"seq {seq} is from before this book, and came after {count.highest}")
