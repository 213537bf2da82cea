"""The last day of the ledger in memory, counted by hour and group, so that a screen gets its heat map in milliseconds.

The ledger is append-only: after the first reading only new rows are asked for, by their number. See docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, ColumnElement, cast, extract, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from patrol.store.tables import Visit

HOURS = 24
OUTCOMES = ("inspected", "unusable", "unreachable", "missed")
_KEEP = timedelta(hours=HOURS + 2)
_NUMBER = {outcome: number for number, outcome in enumerate(OUTCOMES)}

Counts = npt.NDArray[np.int64]
_COLUMNS = np.dtype([("look", "i4"), ("due", "i8"), ("start", "i8"), ("outcome", "i1"), ("gap", "f4")])


@dataclass(frozen=True, slots=True)
class Cells:
    """The last 24 hours, by group and hour; every array is ``(groups, 24)``, the present hour last.

    Attributes:
        start: of the first hour, aware; the present hour is not over.
        due: deadlines that these looks served or that passed: several attempts at one count once, where the first fell.
        outcomes: looks by outcome.
        worst_gap_s: longest gap that an inspected look of the hour ended, seconds; NaN where none did.
    """

    start: datetime
    due: Counts
    outcomes: Mapping[str, Counts]
    worst_gap_s: npt.NDArray[np.float32]


class Heat:
    """Rows of the last day, without their reports. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows = np.zeros(0, _COLUMNS)
        self._last: int | None = None
        self._looks: dict[str, int] = {}

    def take(self, session: Session, now: datetime) -> None:
        """Read what was written since the last time, and let go of what is older than a day.

        Args:
            session: reads.
            now: aware.
        """
        # Seconds made by the database: of a hundred thousand rows, dates made here would be most of the work.
        wanted = select(
            Visit.seq, Visit.look, _seconds(Visit.due_at), _seconds(Visit.started_at), Visit.outcome, Visit.gap_s
        )
        with self._lock:
            oldest = now - _KEEP
            if self._last is None:
                wanted = wanted.where(Visit.started_at >= oldest)
            else:
                wanted = wanted.where(Visit.seq > self._last)
            fresh, last = [], self._last or 0
            for seq, look, due, start, outcome, gap in session.execute(wanted.order_by(Visit.seq)):
                number = self._looks.setdefault(look, len(self._looks))
                fresh.append((number, due, start, _NUMBER[outcome], np.nan if gap is None else gap))
                last = seq
            self._last = last
            kept = self._rows[self._rows["start"] >= oldest.timestamp()]
            self._rows = np.concatenate([kept, np.array(fresh, _COLUMNS)]) if fresh else kept

    def cells(self, groups: Mapping[str, int], count: int, now: datetime) -> Cells:
        """Count.

        Args:
            groups: number of the group of each look; looks that are not in it are left out.
            count: how many groups there are.
            now: aware, in the county's time zone: hours begin on its clock.
        """
        start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
        with self._lock:
            rows = self._rows
            known = np.full(max(1, len(self._looks)), -1, np.int64)
            for look, number in self._looks.items():
                known[number] = groups.get(look, -1)
        hour = (rows["start"] - int(start.timestamp())) // 3600
        group = known[rows["look"]]
        inside = (group >= 0) & (hour >= 0) & (hour < HOURS)
        rows = rows[inside]
        cell = group[inside] * HOURS + hour[inside]
        shape = (count, HOURS)

        def counted(of: npt.NDArray[np.int64]) -> Counts:
            return np.bincount(of, minlength=count * HOURS).reshape(shape)

        _, first = np.unique(rows["due"] << 24 | rows["look"], return_index=True)
        gap = np.full(count * HOURS, -np.inf, np.float32)
        ended = ~np.isnan(rows["gap"])
        np.maximum.at(gap, cell[ended], rows["gap"][ended])
        return Cells(
            start=start.astimezone(UTC),
            due=counted(cell[first]),
            outcomes={name: counted(cell[rows["outcome"] == number]) for number, name in enumerate(OUTCOMES)},
            worst_gap_s=np.where(np.isinf(gap), np.float32(np.nan), gap).reshape(shape),
        )


def _seconds(column: InstrumentedAttribute[datetime]) -> ColumnElement[int]:
    return cast(extract("epoch", column), BigInteger)
