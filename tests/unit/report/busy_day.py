"""A busy day of a county in a store: cameras of all kinds, an outage of a platform, misses, incidents, spot-checks, a root."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from patrol.store.tables import (
    DailyRoot,
    Incident,
    IncidentLook,
    LookState,
    Outage,
    PlatformOutage,
    Review,
    SignOff,
    SpotCheck,
)
from tests.unit.ledger_day.county_day import camera, local, put_revision, put_visits, registry_text, visit_values

PLATFORM_AWAY = ("13:20", "15:05")
CROWDED = ("03:30", "06:10")
ROOT = "0f1e2d3c" * 8


def fill(session: Session, cameras: int, *, seed: int = 1) -> dict[str, int]:
    """Write the day; says what it wrote: ``visits``, ``missed``, ``away`` cameras."""
    chance = random.Random(seed)
    kinds = [("roads", "police"), ("dikes", "fishery"), ("schools", "police"), ("roads", "police"), ("dikes", "police")]
    keys, entries = [], []
    for number in range(cameras):
        category, platform = kinds[number % len(kinds)]
        key = f"cam-{number:04d}"
        more = ', paused: {reason: "拆除施工，工单 4711"}' if number % 97 == 96 else ""
        more = more or (", enabled: false" if number % 101 == 100 else "")
        entries.append(camera(key, category, platform, more))
        if not more:
            keys.append((key, category, platform))
    revision = put_revision(session, registry_text(*entries), local("08:00", days=-20))
    put_revision(session, registry_text(*entries, camera("cam-late")), local("12:00"))
    session.add_all(LookState(key=key, camera=key, added_at=local("08:00", days=-20)) for key, _, _ in keys)

    rows, missed, dark = [], 0, 0
    down = (local(CROWDED[0]), local(CROWDED[1]))
    gone = (local(PLATFORM_AWAY[0]), local(PLATFORM_AWAY[1]))
    platform = PlatformOutage(
        platform="fishery",
        started_at=gone[0],
        noticed_at=gone[0],
        ended_at=gone[1],
        cause="timeout",
        cameras=cameras // 5,
    )
    session.add(platform)
    session.flush()

    def add(key: str, at: datetime, outcome: str = "inspected", cause: str | None = None, **more: object) -> str:
        values = visit_values(len(rows), key, at, outcome, cause, revision=revision, **more)
        rows.append(values)
        return str(values["id"])

    for number, (key, category, where) in enumerate(keys):
        at = local("22:00", days=-1) + timedelta(seconds=chance.uniform(0, 6000))
        if number % 41 == 7:
            # Away from the early evening before on, tried every hour.
            dark += 1
            add(key, local("18:00", days=-1))
            start = local("19:30", days=-1)
            session.add(Outage(look=key, started_at=start, last_failed_at=local("23:30"), cause="refused", looks=28))
            for hour in range(28):
                add(key, start + timedelta(hours=hour), "unreachable", "refused", detail="=connection refused")
            continue
        while at < local("24:00"):
            if number % 3 == 0 and down[0] <= at < down[1]:
                missed += 1
                add(key, at, "missed", "capacity", detail="more was due than streams", due_at=at)
                at = down[1] + timedelta(seconds=number * 4)
                continue
            if where == "fishery" and gone[0] <= at < gone[1]:
                session.add(
                    Outage(
                        look=key,
                        started_at=at,
                        last_failed_at=at,
                        ended_at=gone[1] + timedelta(seconds=number),
                        cause="timeout",
                        part_of=platform.id,
                    )
                )
                add(key, at, "unreachable", "timeout")
                at = gone[1] + timedelta(seconds=number)
                continue
            if chance.random() < 0.01:
                add(key, at, "unusable", chance.choice(["dark", "blurred", "moved"]))
                at += timedelta(minutes=2)
                continue
            add(key, at)
            step = chance.uniform(95, 112) if category != "schools" else chance.uniform(25, 112)
            at += timedelta(minutes=step)
    put_visits(session, rows)
    today = [r for r in rows if local("00:00") <= r["started_at"] < local("24:00")]
    for number, row in enumerate([r for r in today if r["outcome"] == "missed"][:5]):
        session.add(
            SignOff(
                visit=row["id"], who="李班长", note=f"停电，已报修 #{number}", at=row["started_at"] + timedelta(hours=5)
            )
        )
    clear = [r for r in today if r["outcome"] == "inspected"]
    for number, row in enumerate(clear[:: max(1, len(clear) // 12)][:12]):
        answer = (["clear"] * 9 + ["overlooked", "unclear", None])[number]
        session.add(
            SpotCheck(
                visit=row["id"],
                drawn_at=row["started_at"],
                answer=answer,
                kind="congestion" if answer == "overlooked" else None,
                who="张三" if answer else None,
                note="=HYPERLINK(1)" if answer == "overlooked" else None,
                at=local("20:00") if answer else None,
            )
        )
    for number, row in enumerate(clear[5:9]):
        incident = Incident(
            id=f"inc{number}",
            camera=row["camera"],
            kind=("congestion", "fishing")[number % 2],
            cell="1-1",
            place=f"{row['camera']}/{number}",
            category="roads",
            rule="jam",
            state="ended" if number else "open",
            verdict="flagged" if number != 2 else "candidate",
            review=("confirmed", "false_alarm", None, None)[number],
            judged_at=row["started_at"] + timedelta(minutes=6) if number < 2 else None,
            score=0.9,
            summary=f"@{row['camera']} 地址：发现道路拥堵。车辆排队 <120 m> & 不动",
            first_seen_at=row["started_at"],
            last_seen_at=row["started_at"],
        )
        session.add(incident)
        session.flush()
        session.add(IncidentLook(incident=incident.id, visit=row["id"], verdict=incident.verdict, finding={}))
        if number < 2:
            verdict = "confirmed" if number == 0 else "false_alarm"
            session.add(
                Review(
                    incident=incident.id,
                    verdict=verdict,
                    reviewer="王五",
                    reason="现场核实",
                    at=row["started_at"] + timedelta(minutes=6),
                )
            )
    session.add(
        DailyRoot(
            day="2026-11-20",
            first_position=101,
            last_position=9101,
            last_hash="ab" * 32,
            root=ROOT,
            made_at=local("00:00", days=1),
        )
    )
    return {"visits": len(today), "missed": sum(r["outcome"] == "missed" for r in today), "away": dark}
