"""The appraisal (考核): a score in per cent for each unit, with the numbers that were put into its formula. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from patrol.cases._figures_types import CaseFigures, ClockFigures, Figures, part
from patrol.cases.types import ClockName, Level
from patrol.registry import Appraisal

PARTS = ("resolve", "feedback", "assign", "not_returned", "satisfaction")
"""Of the formula, in its order; as the weights are called in the registry."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the formula.

    Attributes:
        name: one of :data:`PARTS`.
        value: [0, 1]; None: there is nothing to judge it by.
        weight: what it counts after those without data have left; 0 of one that has.
    """

    name: str
    value: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class Score:
    """What one unit is given.

    Attributes:
        unit, level: which.
        parts: all five.
        letters: supervision letters issued in the period.
        deducted: points for them.
        score: 0 to 100; None: no part has data.
        cases: closed in the period, or overdue at its end.
        rank: among the units of its level, 1 is best, equals share one; None: not ranked.
    """

    unit: str
    level: str | None
    parts: tuple[Part, ...]
    letters: int
    deducted: float
    score: float | None
    cases: int
    rank: int | None = None

    @property
    def left_out(self) -> tuple[str, ...]:
        """Parts that would count and have no data: their weight went to the others."""
        return tuple(part.name for part in self.parts if part.value is None)

    @property
    def formula(self) -> str:
        """With its numbers: ``100 × (0.4 × 0.9231 + …) - 2 × 3 = 80.31``; shares to four places."""
        if self.score is None:
            return ""
        terms = " + ".join(f"{p.weight:.4g} × {p.value:.4f}" for p in self.parts if p.value is not None and p.weight)
        each = self.deducted / self.letters if self.letters else 0
        less = f" - {each:g} × {self.letters}" if self.deducted else ""
        floor = ", at least 0" if _raw(self.parts, self.deducted) < 0 else ""
        shown = f"{_raw(self.parts, self.deducted):.2f}"
        return f"100 × ({terms}){less} = {shown}{floor}"


def appraise(figures: CaseFigures, terms: Appraisal) -> tuple[Score, ...]:
    """Score the units: by level, then by rank, those not ranked last.

    Args:
        figures: of a month or year.
        terms: weights, deductions and least number of cases, from the registry.
    """
    by_level: dict[str, list[Score]] = defaultdict(list)
    for line in figures.units:
        if line.key:
            by_level[line.level or ""].append(_score(line.key, line.level, line.figures, terms))
    return tuple(score for level in sorted(by_level, key=_order) for score in _ranked(by_level[level], terms))


def noticed(figures: CaseFigures) -> tuple[tuple[str, Figures], ...]:
    """The units of the notice (通报): with a clock that turned red in the period or was red at its end, or a letter issued.

    Most red clocks first.
    """
    found = [
        (line.key, line.figures)
        for line in figures.units
        if line.key
        and (sum(line.figures.letters) or any(clock.breached or clock.overdue for clock in line.figures.clocks))
    ]
    return tuple(sorted(found, key=lambda each: (-red(each[1]), -sum(each[1].letters), each[0])))


def red(figures: Figures) -> int:
    """Clocks that turned red in the period."""
    return sum(clock.breached for clock in figures.clocks)


def _score(unit: str, level: str | None, f: Figures, terms: Appraisal) -> Score:
    values = {
        **{name.value: _kept(f.clock(name)) for name in ClockName},
        "not_returned": None if f.returned_share is None else 1 - f.returned_share,
        "satisfaction": None if f.satisfaction is None else (f.satisfaction - 1) / 4,
    }
    weights = {name: getattr(terms.weights, name) for name in PARTS}
    known = sum(weights[name] for name in PARTS if values[name] is not None)
    parts = tuple(
        Part(name, values[name], weights[name] / known if known and values[name] is not None else 0.0)
        for name in PARTS
        if weights[name]
    )
    letters = sum(f.letters)
    deducted = terms.letter_points * letters
    return Score(
        unit=unit,
        level=level,
        parts=parts,
        letters=letters,
        deducted=deducted,
        score=max(0.0, _raw(parts, deducted)) if known else None,
        cases=f.closed + f.clock(ClockName.RESOLVE).overdue,
    )


def _kept(clock: ClockFigures) -> float | None:
    # One that is red and still runs counts as late: else it would pay never to finish.
    return part(clock.in_time, clock.judged + clock.overdue)


def _raw(parts: tuple[Part, ...], deducted: float) -> float:
    return 100 * sum(part.weight * part.value for part in parts if part.value is not None) - deducted


def _ranked(scores: list[Score], terms: Appraisal) -> list[Score]:
    def is_ranked(score: Score) -> bool:
        return score.score is not None and score.cases >= terms.least_cases

    # As shown, to two places: who differs by less than can be seen shares a rank.
    ordered = sorted((s for s in scores if is_ranked(s)), key=lambda s: (-round(s.score or 0, 2), s.unit))
    shown = [round(score.score or 0, 2) for score in ordered]
    ranked = [replace(score, rank=shown.index(value) + 1) for score, value in zip(ordered, shown, strict=True)]
    return ranked + sorted((s for s in scores if not is_ranked(s)), key=lambda s: s.unit)


def _order(level: str) -> int:
    return list(Level).index(Level(level)) if level else len(Level)
