"""Incidents over days: how many began, of which kind, what people said of them, how long that took, how many still wait.

An incident belongs to the day on which it was first seen; ``seen`` counts those that were seen in the days at all, as the
printed report does. docs/figures.md defines every number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from patrol.figures._sql import days_of, on_cameras, seconds_between
from patrol.figures.period import Range
from patrol.figures.places import By, Places
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
    kinds: dict[str, int] = field(default_factory=lambda: defaultdict(int))


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
    for day, key, kind, verdict, state, review, number in _counted(session, asked, by, places, cameras):
        for counts in (whole, days[day], groups[key]):
            counts.new += number
            counts.flagged += number * (verdict == "flagged")
            counts.open += number * (state == "open")
            counts.kinds[kind] += number
            if review is None:
                counts.waiting += number
            else:
                counts.verdicts[review] = counts.verdicts.get(review, 0) + number
    seen, waits = _seen(session, asked, cameras)
    return Incidents(
        whole=whole,
        seen=seen,
        review_median_s=round(median(waits), 3) if waits else None,
        days=_days(asked, days, _judged(session, asked, cameras), _waiting(session, asked, cameras)),
        groups=tuple(sorted(groups.items(), key=lambda item: (-item[1].new, item[0]))),
    )


def _counted(
    session: Session, asked: Range, by: By, places: Places, cameras: frozenset[str] | None
) -> Iterable[tuple[str, str, str, str, str, str | None, int]]:
    """``(day, group, kind, verdict, state, review, number)``."""
    days = days_of(asked)
    one_camera = by in {"camera", "platform", "division"}
    where: list[Any] = [Incident.camera] if one_camera else []
    where += [Incident.category] if by == "category" else []
    columns: list[Any] = [days.c.day, Incident.kind, Incident.verdict, Incident.state, Incident.review, *where]
    rows = session.execute(
        select(*columns, func.count())
        .select_from(days)
        .join(Incident, (Incident.first_seen_at >= days.c.start) & (Incident.first_seen_at < days.c.until))
        .where(*on_cameras(Incident.camera, cameras))
        .group_by(*columns)
    )
    for day, kind, verdict, state, review, *group, number in rows:
        camera, category = (group[0], None) if one_camera else ("", group[0] if group else None)
        yield day, places.key(by, camera, kind=kind, category=category), kind, verdict, state, review, number


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
