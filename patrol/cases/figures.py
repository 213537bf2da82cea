"""The figures of a month or year: what was opened and closed, which clocks were kept, what was returned, how it was judged.

Overall and by unit, level, kind and township. Attribution is as the case stands: to the unit that has it, or had it when it was
closed. What each figure means: ``docs/cases-figures.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from patrol.cases._figures_rows import Place, Tally, tallies
from patrol.cases._figures_types import GRADES, CaseFigures, ClockFigures, Figures, Line, nearest_rank
from patrol.cases.period import Period


def read_figures(session: Session, period: Period) -> CaseFigures:
    """The figures of a period.

    Args:
        session: reading.
        period: a month or year of county time.
    """
    found = tallies(session, period)
    whole = Tally()
    for tally in found.values():
        whole.add(tally)
    levels = {place[0] or "": place[1] for place in found}
    return CaseFigures(
        period=period,
        overall=whole.figures(),
        units=tuple(
            Line(key, tally.figures(), levels[key]) for key, tally in _summed(found, lambda place: place[0] or "")
        ),
        levels=_lines(found, lambda place: place[1] or ""),
        kinds=_lines(found, lambda place: place[2]),
        townships=_lines(found, lambda place: place[3]),
    )


def _lines(found: Mapping[Place, Tally], key: Callable[[Place], str]) -> tuple[Line, ...]:
    return tuple(Line(each, tally.figures()) for each, tally in _summed(found, key))


def _summed(found: Mapping[Place, Tally], key: Callable[[Place], str]) -> list[tuple[str, Tally]]:
    sums: dict[str, Tally] = defaultdict(Tally)
    for place, tally in found.items():
        sums[key(place)].add(tally)
    return sorted(sums.items())


__all__ = ["GRADES", "CaseFigures", "ClockFigures", "Figures", "Line", "nearest_rank", "read_figures"]
