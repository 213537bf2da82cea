"""False alarms: of the flags people judged, the share that was none, by camera and kind, with its interval and the reasons given.

What counts is what ``patrol.incidents.false_alarms`` counts by detector: flags whose last verdict was given in the days. Here the
database adds up, because a county has tens of thousands of cameras and kinds and a page shows a hundred of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from patrol.figures._sql import on_cameras
from patrol.figures.period import Range
from patrol.intervals import interval
from patrol.store.tables import Incident, Review

JUDGED = ("confirmed", "false_alarm", "exempt")
"""Verdicts that say whether the flag was right. An exempt matter was there: the flag was right."""


@dataclass(slots=True)
class FalseAlarms:
    """Some flags whose last verdict was given in the range.

    Attributes:
        judged: with a last verdict that says whether it was right.
        false: of them, false alarms.
        reasons: of the false ones, by reason code; empty: none was given.
    """

    judged: int = 0
    false: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float | None:
        """False of the judged ones."""
        return self.false / self.judged if self.judged else None

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """95 % interval of the share."""
        return interval(self.false, self.judged)


@dataclass(frozen=True, slots=True)
class FalseAlarmFigures:
    """The false alarms of a range; ``rows`` by ``(camera, kind)``, those with the most false ones first, of ``total``."""

    whole: FalseAlarms
    kinds: dict[str, FalseAlarms]
    rows: tuple[tuple[str, str, FalseAlarms], ...]
    total: int


def false_alarms_of(
    session: Session, asked: Range, cameras: frozenset[str] | None = None, *, limit: int | None = None
) -> FalseAlarmFigures:
    """Count the false alarms of a range.

    Args:
        session: reading.
        asked: the days of the last verdicts.
        cameras: only of these; None: all.
        limit: at most so many cameras and kinds, those with the most false ones; None: all.
    """
    judged = func.count().label("judged")
    false = func.sum(case((Review.verdict == "false_alarm", 1), else_=0), type_=Integer()).label("false")
    kinds: dict[str, FalseAlarms] = {}
    for kind, verdict, reason, number in session.execute(
        _judged(asked, cameras, Incident.kind, Review.verdict, Review.reason_code).order_by(Incident.kind)
    ):
        each = kinds.setdefault(kind, FalseAlarms())
        each.judged += number
        if verdict == "false_alarm":
            each.false += number
            each.reasons[reason or ""] += number
    grouped = _judged(asked, cameras, Incident.camera, Incident.kind, counts=(judged, false))
    order = (false.desc(), judged.desc(), Incident.camera, Incident.kind)
    rows = {
        (camera, kind): FalseAlarms(all_, wrong)
        for camera, kind, all_, wrong in session.execute(grouped.order_by(*order).limit(limit))
    }
    total = len(rows) if limit is None else session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    some = cameras if limit is None else frozenset(camera for camera, _ in rows)
    reasons = _judged(asked, some, Incident.camera, Incident.kind, Review.reason_code)
    for camera, kind, reason, number in session.execute(reasons.where(Review.verdict == "false_alarm")):
        if (camera, kind) in rows:
            rows[camera, kind].reasons[reason or ""] += number
    whole = FalseAlarms(sum(each.judged for each in kinds.values()), sum(each.false for each in kinds.values()))
    for each in kinds.values():
        whole.reasons.update(each.reasons)
    return FalseAlarmFigures(whole, kinds, tuple((*key, each) for key, each in rows.items()), total)


def _judged(
    asked: Range, cameras: frozenset[str] | None, *columns: Any, counts: Sequence[Any] = (func.count(),)
) -> Select[Any]:
    """Flags whose last verdict was given in the range and says whether they were right, counted by columns."""
    later = aliased(Review)
    return (
        select(*columns, *counts)
        .join(Incident, Incident.id == Review.incident)
        .where(
            Review.at >= asked.start,
            Review.at < asked.end,
            Review.verdict.in_(JUDGED),
            Incident.verdict == "flagged",
            ~select(later.id).where(later.incident == Review.incident, later.id > Review.id).exists(),
            *on_cameras(Incident.camera, cameras),
        )
        .group_by(*columns)
    )
