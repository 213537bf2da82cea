"""How often a detector was wrong at a camera, and why: people's last verdicts, counted, with the interval of the share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from patrol.intervals import interval
from patrol.store.tables import Incident, Review

_JUDGED = frozenset({"confirmed", "false_alarm", "exempt"})
"""Verdicts that say whether the thing was there; a duplicate or an unclear one says nothing of the detector."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Some incidents with the same last verdict.

    Attributes:
        camera, kind: where, and of what.
        detector: which said so, None for verdicts from before this was kept.
        verdict: the last one.
        code: reason code, None where none was given.
        incidents: how many.
    """

    camera: str
    kind: str
    detector: str | None
    verdict: str
    code: str | None
    incidents: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One camera, kind and detector.

    Attributes:
        judged: incidents of which somebody said whether the thing was there.
        false: those where it was not.
        share: false over judged.
        low, high: its 95 % interval, see :func:`patrol.intervals.interval`.
        reasons: how many false ones of each reason code, most first; ``""`` counts those without.
    """

    camera: str
    kind: str
    detector: str | None
    judged: int
    false: int
    share: float
    low: float
    high: float
    reasons: tuple[tuple[str, int], ...]


def figures(rows: Iterable[Judged]) -> tuple[Figure, ...]:
    """Count; the most false alarms first."""
    judged: Counter[tuple[str, str, str | None]] = Counter()
    reasons: dict[tuple[str, str, str | None], Counter[str]] = {}
    for row in rows:
        if row.verdict not in _JUDGED:
            continue
        of = (row.camera, row.kind, row.detector)
        judged[of] += row.incidents
        if row.verdict == "false_alarm":
            reasons.setdefault(of, Counter())[row.code or ""] += row.incidents
    found = [_figure(of, count, reasons.get(of, Counter())) for of, count in judged.items()]
    return tuple(sorted(found, key=lambda f: (-f.false, -f.judged, f.camera, f.kind, f.detector or "")))


def judged_between(
    session: Session,
    since: datetime,
    until: datetime,
    *,
    flagged_only: bool = True,
    among: Iterable[ColumnElement[bool]] = (),
) -> tuple[Judged, ...]:
    """Last verdicts given in a time, grouped.

    Args:
        session: reads.
        since, until: UTC; the last verdict of an incident counts, where it was given in between.
        flagged_only: leave out candidates, which claimed nothing.
        among: what else an incident must fulfil, e.g. that its camera is in sight.
    """
    later = aliased(Review)
    taken_back = exists().where(later.incident == Review.incident, later.id > Review.id)
    columns = (Incident.camera, Incident.kind, Review.detector, Review.verdict, Review.reason_code)
    wanted = (
        select(*columns, func.count())
        .join(Incident, Incident.id == Review.incident)
        .where(Review.at >= since, Review.at < until, ~taken_back, *among)
        .group_by(*columns)
    )
    if flagged_only:
        wanted = wanted.where(Incident.verdict == "flagged")
    return tuple(Judged(*row) for row in session.execute(wanted))


def _figure(of: tuple[str, str, str | None], judged: int, reasons: Counter[str]) -> Figure:
    false = reasons.total()
    low, high = interval(false, judged)
    return Figure(*of, judged, false, false / judged, low or 0.0, high or 0.0, tuple(reasons.most_common()))
