"""What a case says on ``case/<number>``: its stage and lights, written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from patrol.cases._rows import clock_of
from patrol.cases.lights import light_of
from patrol.clock import iso
from patrol.store.tables import CaseClock, CaseFile, CaseNotice

SCHEMA = "patrol.case/1"


def say(session: Session, row: CaseFile, clocks: Sequence[CaseClock], now: datetime) -> None:
    """Put the case as it stands now behind what it said before."""
    session.add(CaseNotice(case=row.number, payload=payload_of(row, clocks, now), created_at=now))


def payload_of(row: CaseFile, clocks: Sequence[CaseClock], now: datetime) -> dict[str, Any]:
    """The message of the contract."""
    return {
        "schema": SCHEMA,
        "number": row.number,
        "incident": row.incident,
        "stage": row.stage,
        "light": row.light,
        "clocks": [
            {
                "name": kept.name,
                "light": light_of(clock_of(kept), now).value,
                "due": iso(kept.due),
                "original_due": iso(kept.original_due),
                "provisional": kept.provisional,
                "stopped_at": iso(kept.stopped_at) if kept.stopped_at else None,
                "paused": kept.paused_at is not None,
            }
            for kept in clocks
            if not kept.void
        ],
        "unit": row.unit,
        "merged_into": row.merged_into,
        "at": iso(now),
    }


def unsaid(session: Session, limit: int, besides: Iterable[int] = ()) -> list[CaseNotice]:
    """What the broker does not have yet, oldest first; without what is on its way."""
    return list(
        session.scalars(
            select(CaseNotice)
            .where(CaseNotice.published_at.is_(None), CaseNotice.id.not_in(list(besides)))
            .order_by(CaseNotice.id)
            .limit(limit)
        )
    )


def mark_said(session: Session, ids: Iterable[int], now: datetime) -> None:
    """The broker has them."""
    session.execute(update(CaseNotice).where(CaseNotice.id.in_(list(ids))).values(published_at=now))


def unsay(session: Session, since: datetime) -> None:
    """The broker may have lost what it got since then (UTC): it is to be said again."""
    session.execute(update(CaseNotice).where(CaseNotice.published_at >= since).values(published_at=None))
