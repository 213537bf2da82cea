"""A case in the book, written by hand, for tests of what belongs to cases and not of the loop."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from patrol.cases.types import ClockName
from patrol.registry import Policy
from patrol.store.tables import CaseClock, CaseEvent, CaseFile, CasePolicy

OPENED = datetime(2026, 11, 25, 8, tzinfo=UTC)


def number(serial: int) -> str:
    """Number of the so-manieth case of the day."""
    return f"43062420261125{serial:06d}"


def put_case(
    session: Session, serial: int, *, unit: str | None, co_units: tuple[str, ...] = (), by: str = "operator 3"
) -> str:
    """Write a case that lies with a unit; its number."""
    if session.get(CasePolicy, "p" * 64) is None:
        session.add(
            CasePolicy(
                sha256="p" * 64, version="13710-1", policy=Policy().model_dump(mode="json", by_alias=True), at=OPENED
            )
        )
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
            opened_by=by,
            unit=unit,
            co_units=list(co_units),
            policy="p" * 64,
            policy_version="13710-1",
            calendar_version="2026",
        )
    )
    session.flush()
    for name in ClockName:
        due = datetime(2026, 12, 4, 15, 59, 59, 999999, tzinfo=UTC)
        session.add(
            CaseClock(
                case=number(serial), name=name, limit="7wd", original_due=due, due=due, yellow_at=due, provisional=False,
                paused_at=None, stopped_at=None, used_s=None, breached_at=None,
            )
        )  # fmt: skip
    session.add(CaseEvent(case=number(serial), seq=1, move="open", at=OPENED, by=by, data={}))
    session.flush()
    return number(serial)
