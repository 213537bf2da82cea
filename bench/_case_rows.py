"""A county's cases for bench/cases.py: seeded, over units, divisions, kinds, lights and events as they may well be spread."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, text

from patrol.cases.types import ClockName, level_of
from patrol.store import Store
from patrol.store.tables import CaseClock, CaseEvent, CaseFile, CaseLetter
from tests.support.case_rows import COUNTY, POLICY, put_policy

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
DEPARTMENTS = ("police", "traffic", "fisheries", "city", "water", "emergency", "education", "housing")
TOWNSHIPS = tuple(
    f"{COUNTY}{code:03d}" for code in (1, 101, 104, 110, 116, 117, 118, 119, 120, 122, 124, 125, 126, 201, 206)
)
VILLAGES = tuple(f"{township}{village:03d}" for township in TOWNSHIPS for village in range(1, 21))
_SPAN_OPEN = timedelta(days=30)
_SPAN_CLOSED = timedelta(days=548)
_BATCH = 2000
_LIMITS = {ClockName.ASSIGN: 2, ClockName.FEEDBACK: 5, ClockName.RESOLVE: 11}
"""Calendar days, about what 1, 3 and 7 working days come to."""


@dataclass
class Rows:
    """What one case needs, table by table."""

    files: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)


def fill(store: Store, open_cases: int, closed_cases: int, *, seed: int = 1) -> None:
    """Write so many cases; then let the database count them, as it does by itself in time."""
    chance = random.Random(seed)  # noqa: S311 - a benchmark
    with store.sessions.begin() as session:
        put_policy(session, NOW)
    for rows in _batches(chance, open_cases, closed_cases):
        with store.sessions.begin() as session:
            for table, values in (
                (CaseFile, rows.files),
                (CaseClock, rows.clocks),
                (CaseEvent, rows.events),
                (CaseLetter, rows.letters),
            ):
                known = table.__table__
                assert isinstance(known, Table)
                if values:
                    session.execute(insert(known), values)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if store.engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM ANALYZE"))


def _batches(chance: random.Random, open_cases: int, closed_cases: int) -> Iterator[Rows]:
    rows = Rows()
    for number in range(open_cases + closed_cases):
        _put(chance, number, number < open_cases, rows)
        if len(rows.files) == _BATCH:
            yield rows
            rows = Rows()
    yield rows


def _put(chance: random.Random, number: int, is_open: bool, rows: Rows) -> None:
    opened = NOW - (_SPAN_OPEN if is_open else _SPAN_CLOSED) * chance.random()
    key = f"{COUNTY}{opened:%Y%m%d}{number:06d}"
    village = chance.choice(VILLAGES[:60] if chance.random() < 0.5 else VILLAGES)
    unit: str | None = chance.choice((chance.choice(DEPARTMENTS), village[:9], village))
    # How far each clock came: hours until it was stopped.
    took = {name: timedelta(days=_LIMITS[name] * chance.lognormvariate(-0.7, 0.6)) for name in ClockName}
    events = [("open", opened)]
    if is_open:
        stage = chance.choices(("received", "assigned", "handling", "supervised"), (5, 15, 70, 10))[0]
        done = {"received": 0, "assigned": 1, "handling": 2, "supervised": 2}[stage]
        closed = None
    else:
        stage = chance.choices(("closed", "evaluated", "merged", "withdrawn"), (25, 70, 4, 1))[0]
        done, closed = 3, opened + took[ClockName.RESOLVE]
    if stage == "received":
        unit = None
    suspended = stage == "handling" and chance.random() < 0.03
    void = stage in {"merged", "withdrawn"}
    light = "unlit"
    late = False
    for at, name in enumerate(ClockName):
        due = opened + timedelta(days=_LIMITS[name])
        stopped = min(opened + took[name], NOW) if at < done else None
        red = (stopped or NOW) > due and not suspended
        near = stopped is None and due - timedelta(days=1) < NOW
        late = late or (red and not void)
        light = "red" if stopped is None and red else "yellow" if near and light == "unlit" else light
        rows.clocks.append(
            {
                "case": key,
                "name": name.value,
                "limit": f"{_LIMITS[name]}wd",
                "original_due": due,
                "due": due,
                "yellow_at": due - timedelta(days=1),
                "provisional": due.year > NOW.year,
                "paused_at": NOW if suspended and stopped is None else None,
                "stopped_at": stopped,
                "paused_s": 0.0,
                "used_s": (stopped - opened).total_seconds() / 4 if stopped else None,
                "void": void,
                "breached_at": due if red and not void else None,
            }
        )
        if stopped:
            events.append((("assign", "feedback", "close")[at], stopped))
        if red and not void and chance.random() < 0.5:
            _letter(rows, key, name, due, unit)
    if closed is not None:
        light = "closed_late" if late else "green"
    returned = 0
    if done >= 2 and chance.random() < 0.08:
        returned = 1
        events.append(("return", opened + timedelta(days=1)))
    if chance.random() < 0.05:
        events.append((chance.choice(("transfer", "extend")), opened + timedelta(hours=6)))
    grade, satisfaction = None, None
    if stage == "evaluated" and closed is not None:
        grade = chance.choices(("excellent", "good", "fair", "poor"), (3, 5, 2, 1))[0]
        satisfaction = chance.choice((None, 2, 3, 4, 5, 5))
        events.append(("evaluate", closed + timedelta(days=1)))
    if void and closed is not None:
        events.append(("merge" if stage == "merged" else "withdraw", closed))
    rows.events += [
        {"case": key, "seq": seq, "move": move, "at": at, "by": "desk", "approver": None, "reason": "照章办理", "document": None, "data": {"unit": unit}}
        for seq, (move, at) in enumerate(events, 1)
    ]  # fmt: skip
    rows.files.append(
        {
            "number": key,
            "version": len(events),
            "stage": stage,
            "suspended": suspended,
            "light": light,
            "light_due_at": NOW + timedelta(hours=chance.random() * 200) if is_open and light != "red" else None,
            "letter_due_at": None,
            "resolve_due": opened + timedelta(days=_LIMITS[ClockName.RESOLVE]),
            "provisional": (opened + timedelta(days=_LIMITS[ClockName.RESOLVE])).year > NOW.year,
            "kind": chance.choices(("congestion", "fireworks", "fishing", "other"), (4, 1, 4, 1))[0],
            "severity": "major" if chance.random() < 0.05 else "general",
            "source": chance.choices(("video_ai", "operator", "grid", "resident"), (6, 1, 2, 1))[0],
            "title": f"{chance.choice(('湘江堤段有人垂钓', '主干道车辆排队', '禁放区内燃放烟花', '占道经营'))} {number}",
            "description": "巡查画面显示，现场情况需核实处置。" * 4,
            "occurred_at": opened - timedelta(minutes=5),
            "opened_at": opened,
            "division": village,
            "address": f"第{number % 997}号堤段，桩号 K{number % 89}+{number % 1000:03d}",
            "lon": 112.8 + chance.random() / 5,
            "lat": 28.6 + chance.random() / 5,
            "datum": "WGS84",
            "camera": f"4306240000{number % 5000:06d}",
            "incident": None,
            "request_key": None,
            "opened_by": "alert",
            "unit": unit,
            "level": level_of(unit, COUNTY).value if unit else None,
            "co_units": [chance.choice(DEPARTMENTS)] if chance.random() < 0.1 else [],
            "merged_into": None,
            "closed_at": closed,
            "grade": grade,
            "satisfaction": satisfaction,
            "returned": returned,
            "policy": POLICY,
            "policy_version": "13710-1",
            "calendar_version": "bench",
        }
    )  # fmt: skip


def _letter(rows: Rows, key: str, name: ClockName, due: datetime, unit: str | None) -> None:
    rows.letters.append(
        {
            "case": key,
            "clock": name.value,
            "step": 0,
            "state": "issued",
            "version": 1,
            "doc_no": None,
            "to_unit": unit or "office",
            "drafted_at": due,
            "decided_at": due + timedelta(hours=5),
            "decided_by": "lead",
            "reason": None,
            "fields": {"title": "督办函"},
            "files": None,
        }
    )
