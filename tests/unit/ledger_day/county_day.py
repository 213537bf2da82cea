"""A small county whose days are made by hand, and the same written into a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from patrol.ledger.day import DayReport, DayRows, OutageRow, RevisionRow, VisitRow, day_of, span_of
from patrol.registry import parse
from patrol.store.tables import RegistryRevision, Visit

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 20)
"""A Friday."""

HEAD = """\
schema: patrol.registry/1
county: {{code: "430624", name: {{zh: 湘阴县, en: Xiangyin}}, topic: xiangyin, timezone: {zone}}}
platforms:
  - {{id: police, name: {{zh: 雪亮工程, en: Xueliang}}}}
  - {{id: fishery, name: {{zh: 智慧渔政, en: Fishery}}}}
categories:
  - {{key: roads, name: {{zh: 城区主干道, en: Main roads}}, detectors: [congestion]}}
  - {{key: dikes, name: {{zh: 禁渔重点堤段, en: No-fishing dikes}}, detectors: [fishing]}}
  - key: schools
    name: {{zh: 校园周边, en: Schools}}
    detectors: [congestion]
    risk_windows: [{{name: school run, from: "07:00", to: "08:30", period: 30m}}]
departments:
  - {{id: police, name: {{zh: 公安, en: Police}}}}
routes:
  - {{kind: congestion, to: police}}
  - {{kind: fishing, to: police}}
rules:
  - {{id: jam, kind: congestion, name: {{zh: 保畅, en: Flow}}, categories: [roads, schools], source: Notice 1}}
  - {{id: ban, kind: fishing, name: {{zh: 禁渔, en: Ban}}, categories: [dikes], source: Notice 2}}
cameras:
"""


def camera(key: str, category: str = "roads", platform: str = "police", more: str = "") -> str:
    return (
        f'  - {{id: {key}, name: "{key} 路口", platform: {platform}, source: "rtsp://192.0.2.1/{key}", '
        f'categories: [{category}], place: {{address: "{key} 地址"}}{more}}}\n'
    )


def registry_text(*cameras: str, zone: str = "Asia/Shanghai") -> str:
    return HEAD.format(zone=zone) + "".join(cameras)


def revision(number: int, since: datetime, *cameras: str, zone: str = "Asia/Shanghai") -> RevisionRow:
    loaded = parse(registry_text(*cameras, zone=zone), "test")
    return RevisionRow(number, loaded.sha256, since, len(cameras), loaded.registry)


def local(clock: str, *, day: date = DAY, zone: ZoneInfo = SHANGHAI, days: int = 0, fold: int = 0) -> datetime:
    """County time as UTC: ``local("00:01")``, ``local("23:30", days=-1)``."""
    parts = [int(part) for part in clock.split(":")]
    seconds = parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)
    at = datetime(day.year, day.month, day.day) + timedelta(days=days, seconds=seconds)  # noqa: DTZ001 - made local below
    return at.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def looked(key: str, at: datetime, outcome: str = "inspected", due: datetime | None = None) -> VisitRow:
    return VisitRow(key, due or at + timedelta(hours=1), at, outcome, outcome == "inspected")


def every(key: str, step: timedelta, first: datetime, until: datetime) -> list[VisitRow]:
    found = []
    while first < until:
        found.append(looked(key, first))
        first += step
    return found


def away(
    start: datetime,
    end: datetime | None,
    *,
    look: str | None = None,
    platform: str | None = None,
    number: int = 1,
    part_of: int | None = None,
) -> OutageRow:
    return OutageRow(number, look, platform, start, end, "timeout", 3, part_of)


def made(
    revisions: Sequence[RevisionRow],
    visits: Sequence[VisitRow] = (),
    *,
    day: date = DAY,
    zone: ZoneInfo = SHANGHAI,
    now: datetime | None = None,
    **more: Any,
) -> DayReport:
    """The report of rows made by hand; a look on the day before is put where the store's query would put it."""
    moment = now or local("12:00", day=day, zone=zone, days=1)
    span = span_of(day, zone, moment)
    before: dict[str, datetime] = {}
    for row in visits:
        if row.outcome == "inspected" and row.started_at < span.start:
            before[row.look] = max(row.started_at, before.get(row.look, row.started_at))
    inside = sorted((v for v in visits if span.start <= v.started_at < span.until), key=lambda v: v.started_at)
    return day_of(DayRows(revisions, inside, before, **more), span, moment)


def put_revision(session: Session, text: str, since: datetime) -> int:
    loaded = parse(text, "test")
    row = RegistryRevision(sha256=loaded.sha256, loaded_at=since, cameras=len(loaded.registry.cameras), text=text)
    session.add(row)
    session.flush()
    return row.id


def visit_values(
    number: int, key: str, at: datetime, outcome: str = "inspected", cause: str | None = None, **more: Any
) -> dict[str, Any]:
    """A row of the ledger as the service writes it, for a bulk insert."""
    report = {
        "schema": "patrol.visit/1",
        "camera": key,
        "outcome": outcome,
        "cause": cause,
        "detail": more.pop("detail", None),
        "seconds": 20.0,
        "frames": {"decoded": 500, "analysed": 60},
        "quality": {"verdict": "good", "issues": [], "luma": 101.2, "contrast": 48.0, "sharpness": 0.7},
        "findings": [{"kind": "congestion", "verdict": "clear", "score": 0.04, "reason": "flows", "measurements": {}}]
        if outcome == "inspected"
        else [],
        "model": "test.onnx",
    }
    values = {
        "id": f"v{number:06d}",
        "look": key,
        "camera": key.partition("/")[0],
        "preset": key.partition("/")[2] or None,
        "reason": "rotation",
        "due_at": at + timedelta(minutes=10),
        "started_at": at,
        "ended_at": at + timedelta(seconds=24),
        "outcome": outcome,
        "cause": cause,
        "judged": outcome == "inspected",
        "gap_s": None,
        "revision": None,
        "report": report,
    }
    return {**values, **more}


def put_visits(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    for at in range(0, len(rows), 1000):
        session.execute(insert(Visit), list(rows[at : at + 1000]))
