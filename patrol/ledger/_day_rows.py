"""What the report of a day reads from the store: narrow columns of many rows, whole rows of few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from patrol.ledger._day_terms import LOOK_BACK
from patrol.ledger._day_types import Check, Found, Judged, Miss, Root, Seen, Span
from patrol.store.tables import (
    DailyRoot,
    Incident,
    IncidentLook,
    LookState,
    Outage,
    PlatformOutage,
    RegistryRevision,
    Review,
    SignOff,
    SpotCheck,
    Visit,
)

_CHUNK = 500
_EARLIER = timedelta(days=1)
"""Where the last inspected look before the day is sought first, for all looks at once."""


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One row of the ledger without its report."""

    look: str
    due_at: datetime
    started_at: datetime
    outcome: str
    judged: bool


@dataclass(frozen=True, slots=True)
class OutageRow:
    """An outage of a look or a platform; ``ended_at`` None: it lasts."""

    id: int
    look: str | None
    platform: str | None
    started_at: datetime
    ended_at: datetime | None
    cause: str
    looks: int
    part_of: int | None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One row of the ledger with what its report says of the picture and the detectors."""

    id: str
    look: str
    reason: str
    due_at: datetime
    started_at: datetime
    ended_at: datetime
    outcome: str
    cause: str | None
    judged: bool
    gap_s: float | None
    revision: int | None
    detail: str | None
    seconds: float | None
    decoded: int | None
    analysed: int | None
    quality: str | None
    luma: float | None
    contrast: float | None
    sharpness: float | None
    model: str | None
    findings: tuple[tuple[str, str, float], ...]
    """``(kind, verdict, score)`` of each detector that ran."""

    @property
    def late(self) -> bool:
        """An inspected look after its deadline."""
        return self.outcome == "inspected" and self.started_at > self.due_at


def revisions(session: Session, start: datetime, end: datetime) -> Sequence[RegistryRevision]:
    """The registry in force at a moment, and all that came until another; oldest first."""
    first = session.scalar(
        select(RegistryRevision)
        .where(RegistryRevision.loaded_at <= start)
        .order_by(RegistryRevision.loaded_at.desc(), RegistryRevision.id.desc())
        .limit(1)
    )
    later = session.scalars(
        select(RegistryRevision)
        .where(RegistryRevision.loaded_at > start, RegistryRevision.loaded_at < end)
        .order_by(RegistryRevision.loaded_at, RegistryRevision.id)
    ).all()
    return [*([first] if first else []), *later]


def visits(session: Session, span: Span) -> list[VisitRow]:
    """The day's rows of the ledger in the order of their starts."""
    rows = session.execute(
        select(Visit.look, Visit.due_at, Visit.started_at, Visit.outcome, Visit.judged)
        .where(Visit.started_at >= span.start, Visit.started_at < span.until)
        .order_by(Visit.started_at, Visit.seq)
    )
    return [VisitRow(*row) for row in rows]


def last_inspected_before(session: Session, looks: Iterable[str], moment: datetime) -> dict[str, datetime]:
    """Start of each look's last inspected look before a moment; looks that have none are left out."""
    last = func.max(Visit.started_at, type_=Visit.started_at.type)
    inspected = select(Visit.look, last).where(Visit.outcome == "inspected", Visit.started_at < moment)
    recent = inspected.where(Visit.started_at >= moment - _EARLIER).group_by(Visit.look)
    found: dict[str, datetime] = {look: at for look, at in session.execute(recent) if at is not None}
    rest = [look for look in looks if look not in found]
    for at in range(0, len(rest), _CHUNK):
        older = inspected.where(Visit.look.in_(rest[at : at + _CHUNK])).group_by(Visit.look)
        found |= {look: moment for look, moment in session.execute(older) if moment is not None}
    return found


def added(session: Session) -> dict[str, datetime]:
    """When each look came into the rotation, the last time it did."""
    return {row.key: row.added_at for row in session.execute(select(LookState.key, LookState.added_at))}


def outages(session: Session, span: Span) -> list[OutageRow]:
    """Platforms' outages and then cameras' that touch the day, each oldest first."""
    platforms = session.execute(
        select(
            PlatformOutage.id,
            PlatformOutage.platform,
            PlatformOutage.started_at,
            PlatformOutage.ended_at,
            PlatformOutage.cause,
            PlatformOutage.cameras,
        )
        .where(
            PlatformOutage.started_at < span.until,
            or_(PlatformOutage.ended_at.is_(None), PlatformOutage.ended_at > span.start),
        )
        .order_by(PlatformOutage.started_at, PlatformOutage.id)
    )
    cameras = session.execute(
        select(Outage.id, Outage.look, Outage.started_at, Outage.ended_at, Outage.cause, Outage.looks, Outage.part_of)
        .where(Outage.started_at < span.until, or_(Outage.ended_at.is_(None), Outage.ended_at > span.start))
        .order_by(Outage.started_at, Outage.id)
    )
    return [
        *(
            OutageRow(key, None, platform, since, end, cause, looks, None)
            for key, platform, since, end, cause, looks in platforms
        ),
        *(
            OutageRow(key, look, None, since, end, cause, looks, part)
            for key, look, since, end, cause, looks, part in cameras
        ),
    ]


def misses(session: Session, span: Span) -> tuple[Miss, ...]:
    """The day's deadlines without an attempt, with who signed them off."""
    rows = session.execute(
        select(
            Visit.id,
            Visit.look,
            Visit.started_at,
            Visit.cause,
            Visit.report["detail"].as_string(),
            SignOff.who,
            SignOff.at,
            SignOff.note,
        )
        .join(SignOff, SignOff.visit == Visit.id, isouter=True)
        .where(Visit.outcome == "missed", Visit.started_at >= span.start, Visit.started_at < span.until)
        .order_by(Visit.started_at, Visit.seq)
    )
    return tuple(Miss(key, look, at, cause or "", *rest) for key, look, at, cause, *rest in rows)


def incidents(session: Session, span: Span) -> tuple[Seen, ...]:
    """Incidents seen in the day, with all their reviews, oldest first."""
    rows = session.scalars(
        select(Incident)
        .where(Incident.first_seen_at < span.until, Incident.last_seen_at >= span.start)
        .order_by(Incident.first_seen_at, Incident.id)
    ).all()
    reviews: dict[str, list[Judged]] = {}
    ids = [row.id for row in rows]
    for at in range(0, len(ids), _CHUNK):
        for review in session.scalars(
            select(Review).where(Review.incident.in_(ids[at : at + _CHUNK])).order_by(Review.id)
        ):
            reviews.setdefault(review.incident, []).append(
                Judged(review.verdict, review.reviewer, review.reason, review.at)
            )
    return tuple(
        Seen(
            id=row.id,
            camera=row.camera,
            preset=row.preset,
            kind=row.kind,
            verdict=row.verdict,
            category=row.category,
            rule=row.rule,
            state=row.state,
            severity=row.severity,
            summary=row.summary,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            looks=row.looks,
            reviews=tuple(reviews.get(row.id, ())),
        )
        for row in rows
    )


def found(session: Session, span: Span) -> tuple[Found, ...]:
    """How many findings of the day's looks belong to incidents, by kind."""
    rows = session.execute(
        select(Incident.kind, IncidentLook.verdict, func.count())
        .join(Incident, Incident.id == IncidentLook.incident)
        .join(Visit, Visit.id == IncidentLook.visit)
        .where(Visit.started_at >= span.start, Visit.started_at < span.until)
        .group_by(Incident.kind, IncidentLook.verdict)
    ).all()
    counts = {(kind, verdict): number for kind, verdict, number in rows}
    return tuple(
        Found(kind, counts.get((kind, "candidate"), 0), counts.get((kind, "flagged"), 0))
        for kind in sorted({kind for kind, _ in counts})
    )


def spot_checks(session: Session, span: Span) -> tuple[Check, ...]:
    """The day's looks that were drawn for people."""
    rows = session.execute(
        select(
            SpotCheck.visit,
            Visit.look,
            Visit.started_at,
            SpotCheck.drawn_at,
            SpotCheck.answer,
            SpotCheck.kind,
            SpotCheck.who,
            SpotCheck.note,
            SpotCheck.at,
        )
        .join(Visit, Visit.id == SpotCheck.visit)
        .where(Visit.started_at >= span.start, Visit.started_at < span.until)
        .order_by(Visit.started_at, SpotCheck.id)
    )
    return tuple(Check(*row) for row in rows)


def root(session: Session, span: Span) -> Root | None:
    """The ledger's root of the day, if it has been made."""
    row = session.get(DailyRoot, span.day.isoformat())
    return Root(row.root, row.last_hash, row.first_position, row.last_position, row.made_at) if row else None


def lines(session: Session, span: Span) -> Iterator[LedgerLine]:
    """The day's ledger row by row, in the order in which it was written, with single values of the reports."""
    said = Visit.report
    rows = session.execute(
        select(
            Visit.id,
            Visit.look,
            Visit.reason,
            Visit.due_at,
            Visit.started_at,
            Visit.ended_at,
            Visit.outcome,
            Visit.cause,
            Visit.judged,
            Visit.gap_s,
            Visit.revision,
            said["detail"].as_string(),
            said["seconds"].as_float(),
            said["frames", "decoded"].as_integer(),
            said["frames", "analysed"].as_integer(),
            said["quality", "verdict"].as_string(),
            said["quality", "luma"].as_float(),
            said["quality", "contrast"].as_float(),
            said["quality", "sharpness"].as_float(),
            said["model"].as_string(),
            said["findings"],
        )
        .where(and_(Visit.started_at >= span.start, Visit.started_at < span.until))
        .order_by(Visit.started_at, Visit.seq)
        .execution_options(yield_per=2000)
    )
    for row in rows:
        values: list[Any] = list(row)
        yield LedgerLine(*[*values[:-1], _brief(values[-1])])


def look_back(span: Span) -> datetime:
    """From when on revisions matter."""
    return span.start - LOOK_BACK


def _brief(findings: Any) -> tuple[tuple[str, str, float], ...]:
    if not isinstance(findings, list):
        return ()
    return tuple((str(f.get("kind")), str(f.get("verdict")), float(f.get("score") or 0.0)) for f in findings)
