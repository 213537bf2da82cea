"""A county's week in rows, for the benches of the control room: looks, incidents, reviews, alerts and dispatch, seeded.

Written past the ORM (executemany on SQLite, COPY on PostgreSQL). The looks are not sealed in the hash chain: no list or figure reads it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, text

from bench.registry import county
from patrol.ledger import chain
from patrol.store import Store
from patrol.store.tables import (
    Ack,
    Alert,
    Base,
    DispatchTrack,
    Escalation,
    EvidenceFile,
    Incident,
    IncidentLook,
    LookState,
    Outage,
    Review,
    SignOff,
    SpotCheck,
    Visit,
)

_EVERY = timedelta(seconds=6000)
"""Between two looks at one camera."""
_KINDS = ("congestion", "fireworks", "fishing")
_TO = {"congestion": "traffic_police", "fireworks": "police", "fishing": "fisheries"}
_CATEGORIES = ("urban_schools", "city_entry_checkpoints", "key_no_fishing_dikes", "public_squares", "reservoirs")
"""The leading category of camera ``n`` of ``bench.registry.county`` is number ``n % 5``."""
_CAUSES = {"unusable": "dark", "unreachable": "timeout", "missed": "capacity"}
_BATCH = 20_000
_OPEN = ("told", "received", "accepted", "on_scene")


@dataclass
class _Rows:
    """What is written together, as tuples in the order of ``_COLUMNS``."""

    visits: list[tuple[Any, ...]] = field(default_factory=list)
    evidence: list[tuple[Any, ...]] = field(default_factory=list)
    incidents: list[tuple[Any, ...]] = field(default_factory=list)
    sightings: list[tuple[Any, ...]] = field(default_factory=list)
    reviews: list[tuple[Any, ...]] = field(default_factory=list)
    alerts: list[tuple[Any, ...]] = field(default_factory=list)
    acks: list[tuple[Any, ...]] = field(default_factory=list)
    tracks: list[tuple[Any, ...]] = field(default_factory=list)
    escalations: list[tuple[Any, ...]] = field(default_factory=list)
    signatures: list[tuple[Any, ...]] = field(default_factory=list)
    checks: list[tuple[Any, ...]] = field(default_factory=list)
    outages: list[tuple[Any, ...]] = field(default_factory=list)


_TABLES: dict[str, type[Base]] = {
    "visits": Visit,
    "evidence": EvidenceFile,
    "incidents": Incident,
    "sightings": IncidentLook,
    "reviews": Review,
    "alerts": Alert,
    "acks": Ack,
    "tracks": DispatchTrack,
    "escalations": Escalation,
    "signatures": SignOff,
    "checks": SpotCheck,
    "outages": Outage,
}
"""In the order in which they refer to each other."""
_COLUMNS: dict[str, str] = {
    "visits": "seq id look camera preset reason due_at started_at ended_at outcome cause judged gap_s revision report",
    "evidence": "visit path sha256 role media_type bytes",
    "incidents": "id camera preset kind cell place category rule state verdict review severity score summary "
    "first_seen_at last_seen_at ended_at looks clear_looks version",
    "sightings": "incident visit verdict finding",
    "reviews": "incident verdict reason reviewer at",
    "alerts": "id seq department kind type incident envelope state created_at next_attempt_at attempts sent_at received_at "
    "ack_by last_error",
    "acks": "alert department status note at taken problem raw by reported_at phone photos case_number",
    "tracks": "id incident department role route fallback kind state opened_at received_by accepted_by on_scene_by "
    "disposed_by due_at rung rung_at update_due_at updated_at closed_at closed_because",
    "escalations": "dispatch at step rung who whom phone alert because",
    "signatures": "visit who note at",
    "checks": "visit drawn_at answer kind who note at",
    "outages": "look started_at last_failed_at ended_at cause looks part_of",
}
_STATES = "key camera preset added_at last_inspected_at not_before failures missed_until last_visit last_outcome last_cause last_ended_at fingerprint reference outage overhead_s active"


def camera_id(number: int) -> str:
    """Id of camera ``number``, from 0, the same as in ``registry_text``."""
    return f"4306240000132500{number:04d}"


def registry_text(cameras: int) -> str:
    """The registry that has these cameras (and the shipped samples)."""
    return county(cameras)


def fill(store: Store, *, cameras: int, visits: int, incidents: int, now: datetime) -> None:
    """Write a county's past into an empty store, then let the database count it, as it does by itself in time.

    Every camera is looked at each 100 minutes until ``now``: of 100 looks 94 are inspected, 2 unusable, 3 unreachable and 1 is
    missed. Incidents are spread evenly over the looks; those of the last lap are open and unreviewed, of the others 55 % are
    confirmed, and each of these has an alert, two answers and a dispatch track.

    Args:
        store: with the schema of this version, and empty.
        cameras: looks of the rotation, each a camera of its own.
        visits: rows of the ledger.
        incidents: at most as many as visits; some visits see the incident of the lap before again.
        now: aware; the last look starts shortly before it.
    """
    with store.sessions.begin() as session:
        # Begun before there is anything to seal: else the service's first start would seal a million looks.
        chain.begin(session, now - _EVERY * visits / cameras)
    last: dict[int, tuple[Any, ...]] = {}
    inspected: dict[int, datetime] = {}
    for rows in _week(cameras, visits, incidents, now.astimezone(UTC), last, inspected):
        for name, table in _TABLES.items():
            _write(store, table, _COLUMNS[name].split(), getattr(rows, name))
    _write(store, LookState, _STATES.split(), _states(cameras, now.astimezone(UTC), last, inspected))
    _settle(store)


def _week(
    cameras: int,
    visits: int,
    incidents: int,
    now: datetime,
    last: dict[int, tuple[Any, ...]],
    inspected: dict[int, datetime],
) -> Iterator[_Rows]:
    chance = random.Random(1)  # noqa: S311 - a benchmark
    step = _EVERY / cameras
    rows, number, seqs = _Rows(), 0, dict.fromkeys(_TO.values(), 0)
    seen: dict[int, str] = {}
    for index in range(visits):
        started = now - step * (visits - index)
        camera = index % cameras
        begins = chance.random() * (visits - index) < incidents - number
        again = seen.pop(camera, None)
        outcome = "inspected" if begins or again else _outcome(chance.random())
        visit = _visit(index, camera, started, outcome, inspected.get(camera))
        rows.visits.append(visit)
        last[camera] = visit
        if outcome == "inspected":
            inspected[camera] = started
        elif outcome == "missed" and index < visits - 20 * cameras:
            rows.signatures.append((visit[1], "lead", "平台限流，已协调", started + timedelta(hours=3)))
        elif outcome == "unreachable":
            rows.outages.append((visit[2], started, started, started + _EVERY, "timeout", 1, None))
        if outcome == "inspected" and chance.random() < 0.01:
            answer = None if index > visits - cameras else "clear"
            rows.checks.append((visit[1], started, answer, None, answer and "li", None, answer and started + _EVERY))
        if begins:
            key = f"{number:032x}"
            fresh = index >= visits - cameras
            _incident(chance, number, key, camera, visit, rows, seqs, fresh=fresh)
            if number % 3 == 0:
                seen[camera] = key
            number += 1
        if again:
            _sighting(again, visit, "flagged", _KINDS[int(again, 16) % 3], rows)
        if len(rows.visits) == _BATCH:
            yield rows
            rows = _Rows()
    yield rows


def _outcome(chance: float) -> str:
    return (
        "inspected" if chance < 0.94 else "unreachable" if chance < 0.97 else "unusable" if chance < 0.99 else "missed"
    )


def _visit(index: int, camera: int, started: datetime, outcome: str, before: datetime | None) -> tuple[Any, ...]:
    key, cause = camera_id(camera), _CAUSES.get(outcome)
    gap = (started - before).total_seconds() if before is not None and outcome == "inspected" else None
    due = (before or started) + timedelta(hours=2)
    return (
        index + 1, f"{index:032x}", key, key, None, "rotation", due, started, started + timedelta(seconds=26), outcome, cause,
        outcome == "inspected", gap, None, _report(outcome, cause, _KINDS[camera % 3]),
    )  # fmt: skip


_REPORTS: dict[tuple[str, str], str] = {}


def _report(outcome: str, cause: str | None, kind: str) -> str:
    found = _REPORTS.get((outcome, kind))
    if found is None:
        finding = {**_finding(kind, "clear"), "score": 0.02}
        found = _REPORTS[outcome, kind] = json.dumps(
            {
                "schema": "patrol.visit/1", "outcome": outcome, "cause": cause, "judged": outcome == "inspected",
                "quality": {"verdict": "good", "issues": [], "luma": 101.2, "contrast": 48.0, "sharpness": 0.7},
                "frames": {"decoded": 500, "analysed": 40}, "findings": [finding] if outcome == "inspected" else [],
                "not_run": [], "evidence": [], "cost": {"wall_s": 24.1, "cpu_s": 1.3, "stages": {"capture": 20.4}},
            }
        )  # fmt: skip
    return found


def _finding(kind: str, verdict: str) -> dict[str, Any]:
    return {
        "kind": kind, "verdict": verdict, "score": 0.86, "at": 4.2, "box": [0.41, 0.52, 0.47, 0.71], "zone": "near",
        "reason": "made for a benchmark", "measurements": {"people": 1, "rods": 1},
    }  # fmt: skip


def _sighting(key: str, visit: tuple[Any, ...], verdict: str, kind: str, rows: _Rows) -> None:
    rows.sightings.append((key, visit[1], verdict, json.dumps(_finding(kind, verdict))))
    folder = f"evidence/{visit[7]:%Y-%m-%d}/{visit[1]}"
    for role, file, media, size in (
        ("clip", "clip.mp4", "video/mp4", 900_000),
        ("key_frame", "key_frame.jpg", "image/jpeg", 180_000),
        ("picture", "picture.jpg", "image/jpeg", 170_000),
    ):
        rows.evidence.append((visit[1], f"{folder}/{file}", visit[1] + visit[1], role, media, size))


def _incident(
    chance: random.Random,
    number: int,
    key: str,
    camera: int,
    visit: tuple[Any, ...],
    rows: _Rows,
    seqs: dict[str, int],
    *,
    fresh: bool,
) -> None:
    kind, at = _KINDS[number % 3], visit[7]
    verdict = "flagged" if chance.random() < 0.6 else "candidate"
    review = None
    if not fresh:
        choices = ("confirmed", "false_alarm", "duplicate", "unclear", "exempt")
        review = chance.choices(choices, (55, 35, 4, 4, 2))[0]
    cell = f"{chance.randrange(8)},{chance.randrange(8)}"
    place = f"{camera_id(camera)}//{kind}/{cell}"
    rows.incidents.append(
        (
            key, camera_id(camera), None, kind, cell, place, _CATEGORIES[camera % 5], None, "open" if fresh else "ended",
            verdict, review, "major" if chance.random() < 0.05 else "general", 0.5 + chance.random() / 2,
            f"文星街道 {camera}：{kind} 0.86", at, at, None if fresh else at + _EVERY, 1 + (number % 3 == 0),
            0 if fresh else 2, 1 + (review is not None),
        )
    )  # fmt: skip
    _sighting(key, visit, verdict, kind, rows)
    if review is not None:
        who = f"operator{number % 6}"
        rows.reviews.append(
            (key, review, "倒影误报" if review == "false_alarm" else None, who, at + timedelta(minutes=4))
        )
    if review == "confirmed":
        _told(chance, number, key, kind, at + timedelta(minutes=4), rows, seqs)


def _told(
    chance: random.Random, number: int, key: str, kind: str, at: datetime, rows: _Rows, seqs: dict[str, int]
) -> None:
    department, alert = _TO[kind], f"a{number:031x}"
    seqs[department] += 1
    standing = chance.random() < 0.004
    state = chance.choice(_OPEN[1:]) if standing else "disposed"
    envelope = {
        "schema": "patrol.alert/1", "type": "new", "id": alert, "seq": seqs[department], "incident": key, "kind": kind,
        "severity": "general", "reviewed": True, "occurred_at": at.isoformat(), "summary": "made for a benchmark" * 6,
        "camera": {"id": "x", "name": "文星街道", "place": "文星街道", "lon": 112.88, "lat": 28.68}, "evidence": [],
    }  # fmt: skip
    minutes: Callable[[float], datetime] = lambda m: at + timedelta(minutes=m)  # noqa: E731
    rows.alerts.append(
        (
            alert, seqs[department], department, kind, "new", key, json.dumps(envelope), state, at, at, 1, at, minutes(1),
            minutes(5), None,
        )
    )  # fmt: skip
    for status, after in (("received", 1), ("accepted", 6)):
        raw = json.dumps({"alert": alert, "status": status})
        rows.acks.append(
            (
                alert,
                department,
                status,
                None,
                minutes(after),
                True,
                None,
                raw,
                "值班员",
                minutes(after),
                None,
                None,
                None,
            )
        )
    rows.tracks.append(
        (
            number + 1, key, department, "primary", f"{kind} to {department}", None, kind, state, at, minutes(5), minutes(15),
            minutes(45), minutes(240), minutes(240) if standing else None, 0, None, None, at, None if standing else minutes(90),
            None if standing else "disposed",
        )
    )  # fmt: skip
    if chance.random() < 0.1:
        rows.escalations.append(
            (
                number + 1,
                minutes(15),
                "accepted",
                1,
                "contacts",
                "值班电话",
                None,
                None,
                "nobody accepted within 15 min",
            )
        )


def _states(
    cameras: int, now: datetime, last: dict[int, tuple[Any, ...]], inspected: dict[int, datetime]
) -> Iterator[tuple[Any, ...]]:
    added = now - timedelta(days=400)
    for camera in range(cameras):
        visit = last.get(camera)
        key = camera_id(camera)
        if visit is None:
            yield (key, key, None, now, None, None, 0, None, None, None, None, None, None, None, None, None, True)
            continue
        failed = int(visit[9] != "inspected")
        yield (
            key, key, None, added, inspected.get(camera), None, failed, visit[6] if visit[9] == "missed" else None, visit[1],
            visit[9], visit[10], visit[8], "0" * 16, f"references/{key}.jpg", None, 4.2, True,
        )  # fmt: skip


def _write(store: Store, table: type[Base], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    known = table.__table__
    assert isinstance(known, Table)
    assert set(columns) <= set(known.columns.keys())
    names = ", ".join(f'"{name}"' for name in columns)
    with store.engine.begin() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        if store.engine.dialect.name == "sqlite":
            marks = ", ".join("?" * len(columns))
            raw.executemany(f'INSERT INTO "{known.name}" ({names}) VALUES ({marks})', map(_for_sqlite, rows))  # noqa: S608 - names of our own tables
            return
        with raw.cursor() as cursor, cursor.copy(f'COPY "{known.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)


def _for_sqlite(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        value.replace(tzinfo=None).isoformat(" ", "microseconds") if isinstance(value, datetime) else value
        for value in row
    )


def _settle(store: Store) -> None:
    """Let the sequences go on behind the rows, and the planner know how many there are."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if store.engine.dialect.name != "postgresql":
            return
        for table, column in (("visit", "seq"), ("dispatch", "id")):
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), max({column})) FROM {table}")  # noqa: S608 - likewise
            )
        connection.execute(text("VACUUM ANALYZE"))
