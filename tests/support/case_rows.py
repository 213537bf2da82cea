"""Cases written straight into the tables, clocks and events and all: for what only reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from patrol.cases.types import ClockName, level_of
from patrol.store.tables import CaseClock, CaseEvent, CaseFile, CaseLetter, CasePolicy

COUNTY = "430624"
POLICY = "0" * 64


@dataclass(frozen=True)
class ClockRow:
    """One clock: ``used_h`` working hours it ran, once stopped."""

    due: datetime
    stopped: datetime | None = None
    breached: datetime | None = None
    used_h: float | None = None
    paused: datetime | None = None


@dataclass(frozen=True)
class CaseRow:
    """One case; a clock that is not given is due a week after it was opened and still runs."""

    number: int
    opened: datetime
    stage: str = "handling"
    unit: str | None = "police"
    light: str = "unlit"
    kind: str = "fishing"
    severity: str = "general"
    source: str = "video_ai"
    division: str = "430624101001"
    title: str = "有人垂钓"
    address: str = "东塘镇湘江堤段"
    co_units: tuple[str, ...] = ()
    closed: datetime | None = None
    grade: str | None = None
    satisfaction: int | None = None
    returned: int = 0
    suspended: bool = False
    provisional: bool = False
    due: datetime | None = None
    clocks: dict[str, ClockRow] = field(default_factory=dict)
    events: tuple[tuple[str, datetime], ...] = ()
    letters: tuple[tuple[str, int, str, datetime | None], ...] = ()
    """``(clock, step, state, decided_at)``."""

    @property
    def key(self) -> str:
        return f"{COUNTY}{self.opened:%Y%m%d}{self.number:06d}"

    def clock(self, name: ClockName) -> ClockRow:
        return self.clocks.get(name.value, ClockRow(self.due or self.opened + timedelta(days=7)))


def put_policy(session: Session, at: datetime) -> None:
    if session.get(CasePolicy, POLICY) is None:
        session.add(CasePolicy(sha256=POLICY, version="13710-1", policy={}, at=at))
        session.flush()


def put_cases(session: Session, rows: Iterable[CaseRow]) -> None:
    """Write cases with their clocks, events and letters."""
    for row in rows:
        put_policy(session, row.opened)
        session.add(_file(row))
        session.flush()
        session.add_all(parts_of(row))


def parts_of(row: CaseRow) -> list[Any]:
    clocks = [
        CaseClock(
            case=row.key,
            name=name.value,
            limit="7wd",
            original_due=row.clock(name).due,
            due=row.clock(name).due,
            yellow_at=row.clock(name).due - timedelta(days=1),
            provisional=row.provisional,
            paused_at=row.clock(name).paused,
            stopped_at=row.clock(name).stopped,
            used_s=None if (used := row.clock(name).used_h) is None else used * 3600,
            void=row.stage in {"merged", "withdrawn"},
            breached_at=row.clock(name).breached,
        )
        for name in ClockName
    ]
    events = [
        CaseEvent(case=row.key, seq=seq, move=move, at=at, by="desk", data={})
        for seq, (move, at) in enumerate((("open", row.opened), *row.events), 1)
    ]
    letters = [
        CaseLetter(
            case=row.key,
            clock=clock,
            step=step,
            state=state,
            to_unit=row.unit or "office",
            drafted_at=decided or row.opened,
            decided_at=decided,
            fields={},
        )
        for clock, step, state, decided in row.letters
    ]
    return [*clocks, *events, *letters]


def _file(row: CaseRow) -> CaseFile:
    return CaseFile(
        number=row.key,
        version=1 + len(row.events),
        stage=row.stage,
        suspended=row.suspended,
        light=row.light,
        resolve_due=row.clock(ClockName.RESOLVE).due,
        provisional=row.provisional,
        kind=row.kind,
        severity=row.severity,
        source=row.source,
        opened_by=row.source,
        title=row.title,
        description="",
        occurred_at=row.opened,
        opened_at=row.opened,
        division=row.division,
        address=row.address,
        unit=row.unit,
        level=level_of(row.unit, COUNTY).value if row.unit else None,
        co_units=list(row.co_units),
        closed_at=row.closed,
        grade=row.grade,
        satisfaction=row.satisfaction,
        returned=row.returned,
        policy=POLICY,
        policy_version="13710-1",
        calendar_version="test",
    )
