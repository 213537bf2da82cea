"""A ledger for tests: looks and misses as the service writes them, and tampering past its triggers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from patrol.ledger import book
from patrol.ledger.verify import Verdict, verify
from patrol.store import Store

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
CHINA = ZoneInfo("Asia/Shanghai")
FINDING = {
    "kind": "fishing",
    "verdict": "clear",
    "score": 0.1,
    "at": 1.25,
    "box": [0.1, 0.2, 0.3, 0.4],
    "reason": "无人 – nobody",
}


def look(
    store: Store, n: int, *, outcome: str = "inspected", report: dict[str, Any] | None = None, share: float = 0.0
) -> str:
    at = T0 + timedelta(minutes=n)
    visit = uuid.uuid4().hex
    with store.sessions.begin() as session:
        book.record_visit(
            session,
            visit_id=visit,
            look_key=f"cam{n % 7}",
            camera=f"cam{n % 7}",
            preset=None,
            reason="rotation",
            due_at=at + timedelta(hours=1),
            started_at=at,
            ended_at=at + timedelta(seconds=20.123456),
            report=report or {"outcome": outcome, "cause": None, "judged": True, "findings": [FINDING], "evidence": []},
            spot_share=share,
        )
    return visit


def missed(store: Store, n: int) -> str:
    visit = uuid.uuid4().hex
    with store.sessions.begin() as session:
        deadline = T0 + timedelta(minutes=n)
        book.record_missed(
            session, visit_id=visit, look_key=f"m{n}", camera=f"m{n}", preset=None, deadline=deadline, cause="capacity",
            detail="no stream was free", now=deadline + timedelta(seconds=1),
        )  # fmt: skip
    return visit


def ledger(store: Store, count: int = 60) -> list[str]:
    with store.sessions.begin() as session:
        book.record_revision(session, sha256="ab" * 32, text="schema: …\n# 点位\n", cameras=7, now=T0)
    return [look(store, n) for n in range(count)]


def checked(store: Store, **given: Any) -> Verdict:
    with store.still() as session:
        return verify(session, **given)


def unsealed(store: Store, statement: str, **values: Any) -> int:
    """Run a statement past the triggers, as somebody does who owns the database. Returns the rows it touched."""
    with store.engine.begin() as connection:
        if store.engine.dialect.name == "sqlite":
            for table in ("visit", "chain"):
                for what in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{what}"))
        else:
            for table in ("visit", "chain"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_sealed ON {table}"))
        return connection.execute(text(statement), values).rowcount
