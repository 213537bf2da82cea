"""False alarms: of what people judged, the share that was none, by camera and kind, with its interval and the reasons given."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, literal, select
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
    """The false alarms of a range; ``rows`` by ``(camera, kind)``, those with the most false ones first."""

    whole: FalseAlarms
    kinds: dict[str, FalseAlarms]
    rows: tuple[tuple[str, str, FalseAlarms], ...]


def false_alarms_of(session: Session, asked: Range, cameras: frozenset[str] | None = None) -> FalseAlarmFigures:
    """Count the false alarms of a range.

    Args:
        session: reading.
        asked: the days on which the incidents were first seen.
        cameras: only of these; None: all.
    """
    inside = (
        Incident.first_seen_at >= asked.start,
        Incident.first_seen_at < asked.end,
        *on_cameras(Incident.camera, cameras),
    )
    whole, kinds = FalseAlarms(), defaultdict[str, FalseAlarms](FalseAlarms)
    rows = defaultdict[tuple[str, str], FalseAlarms](FalseAlarms)
    counted = session.execute(
        select(Incident.camera, Incident.kind, Incident.review, func.count())
        .where(*inside, Incident.review.in_(JUDGED))
        .group_by(Incident.camera, Incident.kind, Incident.review)
    )
    for camera, kind, review, number in counted:
        for each in (whole, kinds[kind], rows[camera, kind]):
            each.judged += number
            each.false += number * (review == "false_alarm")
    later = aliased(Review)
    reasons = session.execute(
        select(Incident.camera, Incident.kind, _REASON, func.count())
        .join(Review, Review.incident == Incident.id)
        .where(
            *inside,
            Incident.review == "false_alarm",
            ~select(later.id).where(later.incident == Review.incident, later.id > Review.id).exists(),
        )
        .group_by(Incident.camera, Incident.kind, _REASON)
    )
    for camera, kind, reason, number in reasons:
        for each in (whole, kinds[kind], rows[camera, kind]):
            each.reasons[reason or ""] += number
    order = sorted(rows.items(), key=lambda item: (-item[1].false, -item[1].judged, item[0]))
    return FalseAlarmFigures(whole, dict(sorted(kinds.items())), tuple((*key, each) for key, each in order))
