"""A platform goes away while the service runs: one alarm, one outage with its cameras' in it, probes in place of attempts."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_kill import CAMERAS, PERIOD_S
from tests.support.county import Patrol, registry_text, wait_for
from tests.support.rtsp import RtspServer, covered_lens, loop, picture_clip


def rows(data: Path, statement: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{data / 'patrol.sqlite'}?mode=ro", uri=True) as db:
        return db.execute(statement).fetchall()


def states(service: Patrol) -> set[str]:
    return {look["state"] for look in service.get("/api/v1/looks")["items"]}


@pytest.mark.timeout(200)
def test_one_alarm_for_all_cameras_of_a_platform_that_went_away(tmp_path: Path) -> None:
    # What they show does not matter: a covered lens is a picture, and its platform answers.
    clip = picture_clip(tmp_path / "made.ts", covered_lens(), seconds=8, noise=4.0)
    server = RtspServer({name: loop(clip, tmp_path / f"{name}.ts") for name in CAMERAS})
    file = tmp_path / "registry.yaml"
    text = registry_text({name: server.url(name) for name in CAMERAS}, period=f"{PERIOD_S}s", dwell="2s")
    file.write_text(text.replace("categories: [road]", "categories: [square]"), "utf-8")
    service = Patrol(file, tmp_path / "data", None, model=None)
    service.start()
    try:
        wait_for("first looks", lambda: len(rows(service.data, "SELECT 1 FROM visit")) >= len(CAMERAS), 60)
        assert rows(service.data, "SELECT 1 FROM platform_outage") == []
        # A look under way when the server goes would end in a decode error, and the outage might bear that cause.
        wait_for("no look is under way", lambda: "running" not in states(service), 60)
        server.stop()
        wait_for("the platform is away", lambda: bool(rows(service.data, "SELECT 1 FROM platform_outage")), 60)
        problems = service.get("/api/v1/status")["problems"]
        assert [key for key in problems if key.startswith("platform")] == ["platform test"]
        assert "3 looks cannot be made" in problems["platform test"]
        assert 'patrol_platform_away{platform="test"} 1.0' in service.get("/metrics").decode()
        assert states(service) <= {"away", "running"}
        tries = "SELECT reason FROM visit WHERE outcome = 'unreachable' ORDER BY seq"
        before = len(rows(service.data, tries))
        wait_for("probes", lambda: len(rows(service.data, tries)) >= before + 4, 60)
        outages = rows(service.data, "SELECT platform, cause, cameras, ended_at FROM platform_outage")
        assert outages == [("test", "refused", 3, None)]
        assert {reason for (reason,) in rows(service.data, tries)[before:]} == {"retry"}
        folded = rows(service.data, "SELECT count(*) FROM outage WHERE part_of IS NOT NULL")
        # Their pictures were unusable before: those outages began earlier and are not the platform's.
        assert folded == [(0,)]
    finally:
        service.stop()
        server.stop()
