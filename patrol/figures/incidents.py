"""Incidents over days: how many began, of which kind, what people said of them, how long that took, how many still wait.

An incident belongs to the day on which it was first seen; ``seen`` counts those that were seen in the days at all, as the
printed report does. docs/figures.md defines every number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from sqlalchemy import ColumnElement, Integer, case, func, select
from sqlalchemy.orm import Session

from patrol.figures._sql import days_of, on_cameras, seconds_between
from patrol.figures.period import Range
from patrol.figures.places import By, Places
from patrol.ledger.spot_checks import KINDS
from patrol.store.tables import Incident

VERDICTS = ("confirmed", "false_alarm", "duplicate", "unclear", "exempt")


@dataclass(slots=True)
class Counts:
    """Some incidents.

    Attributes:
        new: first seen in the days.
        flagged: of them, those whose strongest finding is a flag; the others are candidates.
        open: of them, those that still go on.
        verdicts: of them, by the last verdict; those nobody has judged are ``waiting``.
        kinds: of them, by kind.
    """

    new: int = 0
    flagged: int = 0
    open: int = 0
    waiting: int = 0
    verdicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Count others with these."""
        self.new += other.new
        self.flagged += other.flagged
        self.open += other.open
        self.waiting += other.waiting
        for verdict, number in other.verdicts.items():
            self.verdicts[verdict] += number
        self.kinds.update(other.kinds)


@dataclass(frozen=True, slots=True)
class Day:
    """A county day.

    Attributes:
        counts: of those first seen on it.
        judged: incidents that got their first verdict on it.
        waiting: incidents without any verdict at its end.
    """

    day: date
    counts: Counts
    judged: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Incidents:
    """The incidents of a range.

    Attributes:
        whole: all.
        seen: seen at least once in the range, whenever they began.
        review_median_s: of those seen: median seconds from the first sighting to the first verdict.
        days: oldest first.
        groups: by key, the most first.
    """

    whole: Counts
    seen: int
    review_median_s: float | None
    days: tuple[Day, ...]
    groups: tuple[tuple[str, Counts], ...]


def incidents_of(
    session: Session, asked: Range, by: By, places: Places, cameras: frozenset[str] | None = None
) -> Incidents:
    """Count the incidents of a range.

    Args:
        session: reading.
        asked: the days.
        by: what the groups are.
        places: of the cameras.
        cameras: only of these; None: all.
    """
    whole, days, groups = Counts(), defaultdict[str, Counts](Counts), defaultdict[str, Counts](Counts)
    for day, kind, category, verdict, state, review, number in _counted(session, asked, cameras):
        many = Counts(number, number * (verdict == "flagged"), number * (state == "open"))
        many.kinds[kind] = number
        if review is None:
            many.waiting = number
        else:
            many.verdicts[review] = number
        for counts in (whole, days[day], groups[kind if by == "kind" else category or ""]):
            counts.add(many)
    if by not in {"kind", "category"}:
        groups = defaultdict(Counts)
        for camera, counts in _by_camera(session, asked, cameras):
            groups[places.key(by, camera)].add(counts)
    seen, waits = _seen(session, asked, cameras)
    return Incidents(
        whole=whole,
        seen=seen,
        review_median_s=round(median(waits), 3) if waits else None,
        days=_days(asked, days, _judged(session, asked, cameras), _waiting(session, asked, cameras)),
        groups=tuple(sorted(groups.items(), key=lambda item: (-item[1].new, item[0]))),
    )


def _counted(
    session: Session, asked: Range, cameras: frozenset[str] | None
) -> Iterable[tuple[str, str, str | None, str, str, str | None, int]]:
    """``(day, kind, category, verdict, state, review, number)``."""
    days = days_of(asked)
    columns = (days.c.day, Incident.kind, Incident.category, Incident.verdict, Incident.state, Incident.review)
    rows = session.execute(
        select(*columns, func.count())
        .select_from(days)
        .join(Incident, (Incident.first_seen_at >= days.c.start) & (Incident.first_seen_at < days.c.until))
        .where(*on_cameras(Incident.camera, cameras))
        .group_by(*columns)
    )
    return (tuple(row) for row in rows)


def _by_camera(session: Session, asked: Range, cameras: frozenset[str] | None) -> Iterable[tuple[str, Counts]]:
    """The counts of each camera, added up by the database: a large county has thousands of them."""

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0), type_=Integer())

    rows = session.execute(
        select(
            Incident.camera,
            func.count(),
            number(Incident.verdict == "flagged"),
            number(Incident.state == "open"),
            number(Incident.review.is_(None)),
            *(number(Incident.review == verdict) for verdict in VERDICTS),
            *(number(Incident.kind == kind) for kind in KINDS),
        )
        .where(
            Incident.first_seen_at >= asked.start,
            Incident.first_seen_at < asked.end,
            *on_cameras(Incident.camera, cameras),
        )
        .group_by(Incident.camera)
    )
    for camera, new, flagged, open_, waiting, *more in rows:
        counts = Counts(new, flagged, open_, waiting)
        counts.verdicts = dict(zip(VERDICTS, more, strict=False))
        counts.kinds.update(dict(zip(KINDS, more[len(VERDICTS) :], strict=True)))
        yield camera, counts


def _seen(session: Session, asked: Range, cameras: frozenset[str] | None) -> tuple[int, list[float]]:
    """How many were seen in the range, and how long each of them that was judged waited for it, seconds."""
    seen = (
        Incident.last_seen_at >= asked.start,
        Incident.first_seen_at < asked.end,
        *on_cameras(Incident.camera, cameras),
    )
    number = session.scalar(select(func.count()).select_from(Incident).where(*seen)) or 0
    waits = session.scalars(
        select(seconds_between(Incident.first_seen_at, Incident.judged_at)).where(
            *seen, Incident.judged_at.is_not(None)
        )
    )
    return number, [wait for wait in waits if wait is not None]


def _judged(session: Session, asked: Range, cameras: frozenset[str] | None) -> dict[str, int]:
    """First verdicts by day."""
    days = days_of(asked)
    rows = (
        select(days.c.day, func.count())
        .select_from(days)
        .join(Incident, (Incident.judged_at >= days.c.start) & (Incident.judged_at < days.c.until))
        .where(*on_cameras(Incident.camera, cameras))
        .group_by(days.c.day)
    )
    return dict(list(session.execute(rows)))


def _waiting(session: Session, asked: Range, cameras: frozenset[str] | None) -> int:
    """How many waited at the end of the range: those that wait now, less what came since, and what was judged since."""
    mine = on_cameras(Incident.camera, cameras)

    def count(*conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(Incident).where(*conditions, *mine)) or 0

    now = count(Incident.judged_at.is_(None))
    if asked.until == asked.today:
        return now
    return now - count(Incident.first_seen_at >= asked.end) + count(Incident.judged_at >= asked.end)


def _days(asked: Range, found: Mapping[str, Counts], judged: Mapping[str, int], waiting: int) -> tuple[Day, ...]:
    """The days with what waited at the end of each, counted backwards from the end of the range."""
    days = []
    for span in reversed(list(asked.spans())):
        key = span.day.isoformat()
        counts = found.get(key) or Counts()
        days.append(Day(span.day, counts, judged.get(key, 0), waiting))
        waiting += judged.get(key, 0) - counts.new
    return tuple(reversed(days))
