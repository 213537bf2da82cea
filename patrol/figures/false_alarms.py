"""False alarms: of what people judged, the share that was none, by camera and kind, with its interval and the reasons given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from patrol.figures._sql import on_cameras
from patrol.figures.period import Range
from patrol.intervals import interval
from patrol.store.tables import Incident, Review

JUDGED = ("confirmed", "false_alarm", "exempt")
"""Verdicts that say whether the flag was right. An exempt matter was there: the flag was right."""

_REASON: Any = getattr(Review, "reason_code", literal("").label("reason_code"))


@dataclass(slots=True)
class FalseAlarms:
    """Some incidents that were first seen in the range and judged.

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
        asked: the days on which the incidents were first seen.
        cameras: only of these; None: all.
        limit: at most so many cameras and kinds, those with the most false ones; None: all.
    """
    inside = (
        Incident.first_seen_at >= asked.start,
        Incident.first_seen_at < asked.end,
        Incident.review.in_(JUDGED),
        *on_cameras(Incident.camera, cameras),
    )
    judged = func.count().label("judged")
    false = func.sum(case((Incident.review == "false_alarm", 1), else_=0), type_=Integer()).label("false")
    kinds = {
        kind: FalseAlarms(all_, wrong)
        for kind, all_, wrong in session.execute(
            select(Incident.kind, judged, false).where(*inside).group_by(Incident.kind).order_by(Incident.kind)
        )
    }
    grouped = (
        select(Incident.camera, Incident.kind, judged, false).where(*inside).group_by(Incident.camera, Incident.kind)
    )
    order = (false.desc(), judged.desc(), Incident.camera, Incident.kind)
    rows = {
        (camera, kind): FalseAlarms(all_, wrong)
        for camera, kind, all_, wrong in session.execute(grouped.order_by(*order).limit(limit))
    }
    total = len(rows) if limit is None else session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    shown = None if limit is None else {camera for camera, _ in rows}
    for kind, reason, number in _reasons(session, (Incident.kind,), inside):
        kinds[kind].reasons[reason or ""] += number
    some = inside if shown is None else (*inside, Incident.camera.in_(sorted(shown)))
    for camera, kind, reason, number in _reasons(session, (Incident.camera, Incident.kind), some):
        if (camera, kind) in rows:
            rows[camera, kind].reasons[reason or ""] += number
    whole = FalseAlarms(sum(each.judged for each in kinds.values()), sum(each.false for each in kinds.values()))
    for each in kinds.values():
        whole.reasons.update(each.reasons)
    return FalseAlarmFigures(whole, kinds, tuple((*key, each) for key, each in rows.items()), total)


def _reasons(session: Session, columns: tuple[Any, ...], inside: Iterable[Any]) -> Iterable[Any]:
    """The reasons of the last verdicts, counted by columns of the incident."""
    later = aliased(Review)
    return session.execute(
        select(*columns, _REASON, func.count())
        .join(Review, Review.incident == Incident.id)
        .where(
            *inside,
            Incident.review == "false_alarm",
            ~select(later.id).where(later.incident == Review.incident, later.id > Review.id).exists(),
        )
        .group_by(*columns, _REASON)
    )
