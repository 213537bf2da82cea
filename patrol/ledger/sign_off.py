"""Misses, and the shift lead who takes note of each: by name, with a sentence, once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from patrol.ledger import chain
from patrol.store.tables import SignOff, Visit

MISSED = "missed"


class SignOffError(ValueError):
    """A sign-off that cannot be taken; the message names the look."""


def misses(
    session: Session, since: datetime, until: datetime, *, signed: bool | None = None
) -> Sequence[tuple[Visit, SignOff | None]]:
    """Deadlines that passed without an attempt in a time, by deadline.

    Args:
        session: an open session.
        since, until: the time, the end excluded.
        signed: only those signed off (True) or not yet (False).
    """
    wanted = (
        select(Visit, SignOff)
        .outerjoin(SignOff, SignOff.visit == Visit.id)
        .where(Visit.outcome == MISSED, Visit.due_at >= since, Visit.due_at < until)
        .order_by(Visit.due_at, Visit.seq)
    )
    if signed is not None:
        wanted = wanted.where(SignOff.id.is_not(None) if signed else SignOff.id.is_(None))
    return [(visit, signature) for visit, signature in session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which misses.

    Attributes:
        signed: only those signed off (True) or not yet (False); None: both.
        cameras: only of these; None: of all.
        cause: only of this one.
        since, until: only with a deadline in this time, the end excluded.
    """

    signed: bool | None = None
    cameras: Collection[str] | None = None
    cause: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(
    session: Session, wanted: Wanted, *, before: int | None = None, limit: int = 50
) -> Sequence[tuple[Visit, SignOff | None]]:
    """Misses, the last written first; ``before`` is the ``seq`` of the last one of the page before."""
    rows = (
        select(Visit, SignOff)
        .outerjoin(SignOff, SignOff.visit == Visit.id)
        .where(*_conditions(wanted))
        .order_by(Visit.seq.desc())
        .limit(limit)
    )
    if before is not None:
        rows = rows.where(Visit.seq < before)
    return [(visit, signature) for visit, signature in session.execute(rows)]


def count(session: Session, wanted: Wanted) -> int:
    """How many misses there are."""
    rows = select(func.count()).select_from(Visit).outerjoin(SignOff, SignOff.visit == Visit.id)
    return session.scalar(rows.where(*_conditions(wanted))) or 0


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    # Written out and not bound: only so do both databases know that the index on misses holds what is asked for.
    found = [Visit.outcome == literal_column(f"'{MISSED}'")]
    if wanted.signed is not None:
        found.append(SignOff.id.is_not(None) if wanted.signed else SignOff.id.is_(None))
    if wanted.cameras is not None:
        # SQLite would look up each of thousands of cameras with all their looks; the index on misses holds the camera
        # too, and a text put together is no column that another index could be taken for.
        camera = Visit.camera if len(wanted.cameras) == 1 else Visit.camera.concat("")
        found.append(camera.in_(list(wanted.cameras)))
    if wanted.cause is not None:
        found.append(Visit.cause == wanted.cause)
    if wanted.since is not None:
        found.append(Visit.due_at >= wanted.since)
    if wanted.until is not None:
        found.append(Visit.due_at < wanted.until)
    return found


def sign_off(session: Session, visit_ids: Iterable[str], *, who: str, note: str, now: datetime) -> tuple[SignOff, ...]:
    """Sign off misses; all of them or none.

    Args:
        session: an open transaction.
        visit_ids: of the missed looks.
        who: the shift lead, by account or name.
        note: what was found out or done.
        now: when.

    Raises:
        SignOffError: nobody or nothing said, no such look, one that was not missed or was signed off before.
    """
    if not who.strip() or not note.strip():
        raise SignOffError("say who signs off, and a note on why it happened or what was done")
    made = []
    for visit_id in dict.fromkeys(visit_ids):
        visit = session.scalar(select(Visit).where(Visit.id == visit_id))
        if visit is None:
            raise SignOffError(f"no look {visit_id!r} in the ledger")
        if visit.outcome != MISSED:
            raise SignOffError(f"look {visit_id} ({visit.look}) was not missed but {visit.outcome}")
        before = session.scalar(select(SignOff).where(SignOff.visit == visit_id))
        if before is not None:
            raise SignOffError(f"look {visit_id} ({visit.look}) was signed off by {before.who}")
        row = SignOff(visit=visit_id, who=who.strip(), note=note.strip(), at=now)
        session.add(row)
        session.flush()
        chain.seal(session, chain.SIGN_OFF, str(row.id), chain.content_of(row), now)
        made.append(row)
    return tuple(made)
