"""Copies that were asked for: ordered with a reason, numbered without gaps, made one at a time, deleted after a day.

Rows only; the pictures are made by ``copier.py``. The row of a copy stays when the copy itself is deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.access import Caller
from patrol.evidence.export import CLIP, STILL, Made
from patrol.store.numbers import take
from patrol.store.tables import EvidenceExport, EvidenceFile, Visit

KEPT_FOR = timedelta(hours=24)
"""How long a copy lies here to be fetched. Whoever needs it longer has fetched it; the original is kept by its class."""
LEAST_REASON, LONGEST_REASON, LONGEST_UNIT = 5, 500, 120
_MOST_OPEN = 20
"""Copies of one caller that may wait at the same time."""
_MOST_A_DAY = 9_999
QUEUED, WORKING, READY, FAILED, DELETED = "queued", "working", "ready", "failed", "deleted"


class OrderError(Exception):
    """A copy that cannot be ordered as asked.

    Attributes:
        field: what is wrong with; None: with none of the fields.
    """

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Attributes:
        reason: why the copy is needed.
        recipient_unit: who gets it: a unit, never a person.
        incident, case: what it belongs to; None: nothing of the kind.
        unmasked_reason: why faces and plates must be seen; None: they are hidden.
    """

    reason: str
    recipient_unit: str
    incident: str | None = None
    case: str | None = None
    unmasked_reason: str | None = None


def order(
    session: Session, kept: EvidenceFile, visit: Visit, wish: Wish, caller: Caller, zone: ZoneInfo, now: datetime
) -> EvidenceExport:
    """Ask for a copy.

    Args:
        session: the transaction; its number is given back where it fails.
        kept: the file.
        visit: the look that it is of.
        wish: why and for whom.
        caller: who asks.
        zone: of the county; numbers count by its days.
        now: aware.

    Raises:
        OrderError: a reason or unit that says nothing, or too many copies wait already.
    """
    reason = _said(wish.reason, "reason", LEAST_REASON, LONGEST_REASON)
    unit = _said(wish.recipient_unit, "recipient_unit", 2, LONGEST_UNIT)
    second = None
    if wish.unmasked_reason is not None:
        second = _said(wish.unmasked_reason, "unmasked_reason", LEAST_REASON, LONGEST_REASON)
    waiting = select(EvidenceExport.number).where(
        EvidenceExport.by == caller.name, EvidenceExport.state.in_((QUEUED, WORKING))
    )
    if len(session.scalars(waiting.limit(_MOST_OPEN)).all()) == _MOST_OPEN:
        raise OrderError(f"{_MOST_OPEN} copies of yours wait already: let them be made first")
    prefix = f"EX-{now.astimezone(zone):%Y%m%d}-"
    number = take(session, prefix)
    if number > _MOST_A_DAY:
        raise OrderError(f"all {_MOST_A_DAY} numbers of this day are given out: ask tomorrow")
    row = EvidenceExport(
        number=f"{prefix}{number:04d}",
        evidence=kept.id,
        source_sha256=kept.sha256,
        visit=visit.id,
        camera=visit.camera,
        taken_at=visit.started_at,
        incident=wish.incident,
        case_number=wish.case,
        recipient_unit=unit,
        reason=reason,
        unmasked_reason=second,
        by=caller.name,
        unit=caller.unit,
        state=QUEUED,
        progress=0.0,
        created_at=now,
        media_type=STILL if kept.media_type.startswith("image/") else CLIP,
    )
    session.add(row)
    session.flush()
    return row


def listed(
    session: Session,
    *,
    by: str | None = None,
    evidence: int | None = None,
    state: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Sequence[EvidenceExport]:
    """Copies, newest first.

    Args:
        session: reads.
        by: of this caller only.
        evidence: of this file only.
        state: in this state only.
        before: number of the last one of the page before; numbers sort as they were given.
        limit: at most so many.
    """
    wanted = select(EvidenceExport).order_by(EvidenceExport.number.desc())
    if by is not None:
        wanted = wanted.where(EvidenceExport.by == by)
    if evidence is not None:
        wanted = wanted.where(EvidenceExport.evidence == evidence)
    if state is not None:
        wanted = wanted.where(EvidenceExport.state == state)
    if before is not None:
        wanted = wanted.where(EvidenceExport.number < before)
    return session.scalars(wanted.limit(limit)).all()


def begin_again(session: Session) -> int:
    """Put what was being made when the service ended back into the queue; how many."""
    left = session.scalars(select(EvidenceExport).where(EvidenceExport.state == WORKING)).all()
    for row in left:
        row.state, row.progress = QUEUED, 0.0
    return len(left)


def next_one(session: Session) -> EvidenceExport | None:
    """Take the oldest that waits; None: none does."""
    row = session.scalar(
        select(EvidenceExport).where(EvidenceExport.state == QUEUED).order_by(EvidenceExport.number).limit(1)
    )
    if row is not None:
        row.state, row.progress = WORKING, 0.0
    return row


def made(row: EvidenceExport, copy: Made, path: str, now: datetime) -> None:
    """Note that a copy is ready; ``path`` is relative to the data folder."""
    row.state, row.progress, row.problem = READY, 1.0, None
    row.path, row.sha256, row.bytes = path, copy.sha256, copy.bytes
    row.ready_at, row.expires_at = now, now + KEPT_FOR


def failed(row: EvidenceExport, problem: str) -> None:
    """Note that a copy cannot be made, and why."""
    row.state, row.problem = FAILED, problem


def over(session: Session, now: datetime) -> Sequence[EvidenceExport]:
    """Copies whose day is over and which still lie here."""
    return session.scalars(
        select(EvidenceExport).where(EvidenceExport.state == READY, EvidenceExport.expires_at <= now)
    ).all()


def _said(text: str, field: str, least: int, most: int) -> str:
    said = " ".join(text.split())
    if not least <= len(said) <= most or not said.isprintable():
        raise OrderError(f"{field}: {least} to {most} readable characters are needed, {len(said)} were given", field)
    return said
