"""The queue as it stands in the store: pages of it, and how much waits since when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from patrol.incidents.leases import Lease
from patrol.incidents.queue import Backlog, backlog, rank_column, waits
from patrol.store.tables import Incident, ReviewLease

Show = Literal["waiting", "unclear", "judged"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the rank (0 where none is kept), the moment and the id of its last incident."""

    rank: int
    since: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents.

    Attributes:
        show: what waits for a verdict, in the queue's order; what nobody could tell, or what was judged, newest first.
        state: ``open`` or ``ended``; None: both.
        kind, category, camera: only of these.
        at_once: ids of the rules that push without waiting for a verdict.
        among: what else they must fulfil, e.g. that their camera is in sight.
    """

    show: Show = "waiting"
    state: str | None = None
    kind: str | None = None
    category: str | None = None
    camera: str | None = None
    at_once: frozenset[str] = frozenset()
    among: tuple[ColumnElement[bool], ...] = ()

    def clauses(self) -> tuple[ColumnElement[bool], ...]:
        """The same as parts of a question."""
        equal = {"state": self.state, "kind": self.kind, "category": self.category, "camera": self.camera}
        shown = {
            "waiting": waits(),
            "unclear": Incident.review == "unclear",
            "judged": and_(Incident.review.is_not(None), Incident.review != "unclear"),
        }[self.show]
        named = (getattr(Incident, name) == value for name, value in equal.items() if value is not None)
        return (shown, *named, *self.among)


def page(session: Session, wanted: Wanted, after: Place | None, limit: int) -> tuple[Sequence[Incident], Place | None]:
    """Some incidents, and where the next page begins; None: there is none.

    Args:
        session: reads.
        wanted: which.
        after: the end of the page before.
        limit: at most so many.
    """
    in_queue = wanted.show == "waiting"
    rank = rank_column(wanted.at_once)
    question = select(Incident, rank).where(*wanted.clauses()).limit(limit)
    if in_queue:
        question = question.order_by(rank, Incident.first_seen_at, Incident.id)
        if after is not None:
            later = or_(
                Incident.first_seen_at > after.since,
                and_(Incident.first_seen_at == after.since, Incident.id > after.id),
            )
            question = question.where(or_(rank > after.rank, and_(rank == after.rank, later)))
    else:
        question = question.order_by(Incident.first_seen_at.desc(), Incident.id.desc())
        if after is not None:
            question = question.where(
                or_(
                    Incident.first_seen_at < after.since,
                    and_(Incident.first_seen_at == after.since, Incident.id < after.id),
                )
            )
    rows = session.execute(question).all()
    end = Place(rows[-1][1] if in_queue else 0, rows[-1][0].first_seen_at, rows[-1][0].id) if rows else None
    return [row for row, _ in rows], end if len(rows) == limit else None


def waiting(session: Session, among: Iterable[ColumnElement[bool]] = ()) -> Backlog:
    """How much waits, and since when; ``among`` as in :class:`Wanted`."""
    wanted = select(Incident.kind, func.count(), func.min(Incident.first_seen_at)).where(waits(), *among)
    return backlog((kind, count, oldest) for kind, count, oldest in session.execute(wanted.group_by(Incident.kind)))


def in_hand(session: Session, now: datetime) -> tuple[Lease, ...]:
    """Every incident that somebody works on now and that still waits."""
    wanted = select(ReviewLease).join(Incident, Incident.id == ReviewLease.incident)
    rows = session.scalars(wanted.where(ReviewLease.until > now, waits()).order_by(ReviewLease.taken_at))
    return tuple(Lease(row.incident, row.holder, row.until) for row in rows)


def waiting_at(session: Session, cameras: Iterable[str]) -> dict[str, int]:
    """How many wait at each of these cameras; those with none are left out."""
    wanted = select(Incident.camera, func.count().label("waiting")).where(waits(), Incident.camera.in_(list(cameras)))
    return {row.camera: row.waiting for row in session.execute(wanted.group_by(Incident.camera))}
