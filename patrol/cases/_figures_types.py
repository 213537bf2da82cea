"""What the figures of a period are made of. What each means stands in ``docs/cases-figures.md`` and in every report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patrol.cases.period import Period
from patrol.cases.types import ClockName


@dataclass(frozen=True, slots=True)
class ClockFigures:
    """One clock.

    Attributes:
        name: which.
        judged: stopped in the period.
        in_time: of these, not later than their due instant.
        mean_s, p90_s: working seconds these ran; None: none is known.
        breached: turned red in the period.
        overdue: red and still running at the period's end.
    """

    name: ClockName
    judged: int
    in_time: int
    mean_s: float | None
    p90_s: float | None
    breached: int
    overdue: int

    @property
    def late(self) -> int:
        """Stopped after their due instant."""
        return self.judged - self.in_time

    @property
    def share(self) -> float | None:
        """In time of those judged, [0, 1]; None: none was."""
        return part(self.in_time, self.judged)


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one line: the county, a unit, a level, a kind or a township.

    Attributes:
        opened: opened in the period.
        closed: closed in the period.
        in_time, late: of the closed ones, by their resolve clock.
        open: open at the period's end.
        suspended: of the open ones, suspended now.
        provisional: of the open ones, with a due instant in a year whose calendar is not announced.
        returned, transferred, extended: how often that was done in the period.
        closed_returned: closed cases that were returned at least once.
        letters: letters issued in the period, by step from 0 on.
        evaluated: judged in the period.
        grades: of the evaluated ones, ``(grade, number)``, best first.
        satisfied: how many of the evaluated ones say how satisfied people were.
        satisfaction: their mean, 1 to 5; None: none says.
        merged, withdrawn: in the period; counted in nothing else.
        clocks: the three.
    """

    opened: int
    closed: int
    in_time: int
    late: int
    open: int
    suspended: int
    provisional: int
    returned: int
    transferred: int
    extended: int
    closed_returned: int
    letters: tuple[int, ...]
    evaluated: int
    grades: tuple[tuple[str, int], ...]
    satisfied: int
    satisfaction: float | None
    merged: int
    withdrawn: int
    clocks: tuple[ClockFigures, ...]

    @property
    def share(self) -> float | None:
        """In time of those closed, [0, 1]; None: none was closed."""
        return part(self.in_time, self.in_time + self.late)

    @property
    def returned_share(self) -> float | None:
        """Closed ones that were returned at least once, [0, 1]; None: none was closed."""
        return part(self.closed_returned, self.closed)

    def clock(self, name: ClockName) -> ClockFigures:
        """One of the three."""
        return next(clock for clock in self.clocks if clock.name is name)


@dataclass(frozen=True, slots=True)
class Line:
    """Figures of what has the key: unit, level, kind or township; empty: nobody has the case yet.

    ``level`` is that of a unit, else None.
    """

    key: str
    figures: Figures
    level: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The figures of a period. Lines are sorted by key."""

    period: Period
    overall: Figures
    units: tuple[Line, ...]
    levels: tuple[Line, ...]
    kinds: tuple[Line, ...]
    townships: tuple[Line, ...]


GRADES = ("excellent", "good", "fair", "poor")


def part(some: int, whole: int) -> float | None:
    """A share, [0, 1]; None where there is nothing to have a share of."""
    return some / whole if whole else None


def nearest_rank(ordered: Sequence[float], per_cent: int) -> float | None:
    """The least value that at least so many per cent of the values do not exceed; None of no values.

    Args:
        ordered: ascending.
        per_cent: 1 to 100.
    """
    return ordered[-(-len(ordered) * per_cent // 100) - 1] if ordered else None
