"""One county day in columns: what each look came to, as the day's report has it, packed so that months are read at once.

A roll is made from :class:`patrol.ledger.day.DayReport` and nothing else: figures and the printed report cannot disagree.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, get_args

import numpy as np
import rfc8785
from numpy.typing import NDArray

from patrol.ledger.day import DayReport, LookDay, State
from patrol.store.tables import FigureDay, FigureLooks

FORM = 1
"""Of the columns below: raise it when they change."""

STATES: tuple[State, ...] = get_args(State)
COUNTS = (
    "attempts",
    "inspected",
    "unusable",
    "unreachable",
    "missed",
    "late",
    "not_judged",
    "windows",
    "windows_seen",
    "windows_away",
)
"""Columns that stand in :class:`patrol.ledger.day.LookDay` by the same name and are summed."""
_COLUMNS = ("state", *COUNTS, "gaps_answering", "gaps_away")

Numbers = NDArray[np.int32]
Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Look:
    """Which look: its key, and what it is grouped by."""

    key: str
    camera: str
    name: str
    category: str
    platform: str
    division: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The looks of a day, in the order of its columns, with the hash of their canonical form: that alone is compared."""

    sha256: str
    rows: tuple[Look, ...]

    def __eq__(self, other: object) -> bool:
        """The same looks."""
        return isinstance(other, Looks) and other.sha256 == self.sha256

    def __hash__(self) -> int:
        """Of the hash: there may be thousands of looks."""
        return hash(self.sha256)


@dataclass(frozen=True, slots=True)
class Roll:
    """One day; N looks.

    Attributes:
        day: county date.
        looks: the N looks.
        numbers: ``(len(_COLUMNS), N)``: place of the state in ``STATES``, the counts, how many gaps answer and how many do not.
        missed: ``(N,)`` by cause: deadlines without an attempt.
        over: ``(N,)``: seconds past the period.
        gaps: ``(sum of both gap columns,)``: whole seconds, rounded down, look by look, answering ones first.
    """

    day: date
    looks: Looks
    numbers: Numbers
    missed: dict[str, Numbers]
    over: Seconds
    gaps: Numbers

    def column(self, name: str) -> Numbers:
        """``(N,)``: one column of ``numbers``."""
        return self.numbers[_COLUMNS.index(name)]

    def gap_owners(self) -> tuple[Numbers, NDArray[np.bool_]]:
        """For each gap: the place of its look, and whether it was over only while away; ``(gaps,)`` both."""
        answering, away = self.column("gaps_answering"), self.column("gaps_away")
        parts = np.empty(2 * len(answering), np.int32)
        parts[0::2], parts[1::2] = answering, away
        owners = np.repeat(np.repeat(np.arange(len(answering), dtype=np.int32), 2), parts)
        return owners, np.repeat(np.tile(np.array([False, True]), len(answering)), parts)


def roll_of(report: DayReport) -> Roll:
    """Pack a day's report."""
    rows = report.looks
    causes: dict[str, Counter[str]] = defaultdict(Counter)
    for miss in report.misses:
        causes[miss.cause][miss.look] += 1
    return Roll(
        day=report.span.day,
        looks=looks_of(Look(r.key, r.camera, r.name, r.category, r.platform, r.division) for r in rows),
        numbers=np.array([_numbers(row) for row in rows], np.int32).reshape(len(rows), len(_COLUMNS)).T.copy(),
        missed={cause: np.array([by[row.key] for row in rows], np.int32) for cause, by in sorted(causes.items())},
        over=np.array([row.over_s for row in rows], np.float64),
        gaps=np.array(
            [int(gap.seconds) for row in rows for gap in sorted(row.gaps, key=lambda gap: gap.away)], np.int32
        ),
    )


def looks_of(rows: Iterable[Look]) -> Looks:
    """Looks with their hash."""
    kept = tuple(rows)
    return Looks(hashlib.sha256(rfc8785.dumps(_plain(kept))).hexdigest(), kept)


def to_row(roll: Roll, last_seq: int) -> dict[str, Any]:
    """The values of a row of ``figure_day`` without ``made_at``."""
    numbers = np.vstack([roll.numbers, *roll.missed.values()]).astype("<i4")
    return {
        "day": roll.day.isoformat(),
        "looks": roll.looks.sha256,
        "form": FORM,
        "causes": list(roll.missed),
        "numbers": numbers.tobytes(),
        "over": roll.over.astype("<f8").tobytes(),
        "gaps": roll.gaps.astype("<i4").tobytes(),
        "last_seq": last_seq,
    }


def looks_row(looks: Looks) -> FigureLooks:
    """The row of ``figure_looks``."""
    return FigureLooks(sha256=looks.sha256, looks=_plain(looks.rows))


def from_row(row: FigureDay, looks: Looks) -> Roll:
    """Unpack a row. The arrays stand on its bytes and cannot be written."""
    numbers = np.frombuffer(row.numbers, "<i4").reshape(len(_COLUMNS) + len(row.causes), len(looks.rows))
    return Roll(
        day=date.fromisoformat(row.day),
        looks=looks,
        numbers=numbers[: len(_COLUMNS)],
        missed=dict(zip(row.causes, numbers[len(_COLUMNS) :], strict=True)),
        over=np.frombuffer(row.over, "<f8"),
        gaps=np.frombuffer(row.gaps, "<i4"),
    )


def looks_from(sha256: str, values: Sequence[Any]) -> Looks:
    """Looks as ``figure_looks`` keeps them."""
    return Looks(sha256, tuple(Look(*value) for value in values))


def _numbers(row: LookDay) -> tuple[int, ...]:
    away = sum(gap.away for gap in row.gaps)
    return (
        STATES.index(row.state),
        *(int(getattr(row, name)) for name in COUNTS),
        len(row.gaps) - away,
        away,
    )


def _plain(rows: Iterable[Look]) -> list[list[str | None]]:
    return [[r.key, r.camera, r.name, r.category, r.platform, r.division] for r in rows]


@lru_cache(maxsize=8)
def columns_of(looks: Looks) -> dict[str, tuple[tuple[str, ...], Numbers]]:
    """For each thing looks are grouped by: its keys, and ``(N,)`` places in them. Kept for the looks asked for last."""
    found: dict[str, tuple[tuple[str, ...], Numbers]] = {}
    for by in ("category", "platform", "division", "look"):
        places: dict[str, int] = {}
        at = [places.setdefault(group_key(look, by), len(places)) for look in looks.rows]
        found[by] = (tuple(places), np.array(at, np.int32))
    return found


def group_key(look: Look, by: str) -> str:
    """What a look is counted under: a division is its township (nine digits), empty where the registry names none."""
    if by == "division":
        return township(look.division)
    return {"category": look.category, "platform": look.platform, "look": look.key}[by]


def township(division: str | None) -> str:
    """The township of a division code, the county where it names none below; empty: no code."""
    return (division or "")[:9]
