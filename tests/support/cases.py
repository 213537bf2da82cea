"""A case in the book, written by hand, for tests of what belongs to cases and not of the loop."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from patrol.store.tables import CaseEvent, CaseFile, CasePolicy

OPENED = datetime(2026, 11, 25, 8, tzinfo=UTC)


def number(serial: int) -> str:
    """Number of the so-manieth case of the day."""
    return f"43062420261125{serial:06d}"


def put_case(
    session: Session, serial: int, *, unit: str | None, co_units: tuple[str, ...] = (), by: str = "operator 3"
) -> str:
    """Write a case that lies with a unit; its number."""
    if session.get(CasePolicy, "p" * 64) is None:
        session.add(CasePolicy(sha256="p" * 64, version="13710-1", policy={}, at=OPENED))
        session.flush()
    session.add(
        CaseFile(
            number=number(serial),
            version=1,
            stage="handling",
            light="unlit",
            light_due_at=None,
            letter_due_at=None,
            resolve_due=datetime(2026, 12, 4, 15, 59, 59, 999999, tzinfo=UTC),
            provisional=False,
            kind="congestion",
            severity="general",
            source="operator",
            title="拥堵",
            description="",
            occurred_at=OPENED,
            opened_at=OPENED,
            division="430624104201",
            address="樟树镇",
            unit=unit,
            co_units=list(co_units),
            policy="p" * 64,
            policy_version="13710-1",
            calendar_version="2026",
        )
    )
    session.flush()
    session.add(CaseEvent(case=number(serial), seq=1, move="open", at=OPENED, by=by, data={}))
    session.flush()
    return number(serial)
