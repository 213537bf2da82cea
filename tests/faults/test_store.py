"""The store locked by another writer, and full: the rotation goes on, people are told, and nothing is lost."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from patrol.ledger.verify import verify
from patrol.store import open_store
from tests.faults.test_kill import CAMERAS, PERIOD_S, registry  # noqa: F401 - a fixture
from tests.support.county import Patrol, wait_for
from tests.support.faults import locked, tmpfs

SLACK_S = 4.0


def said(service: Patrol, what: str) -> bool:
    return what in service.log()


def looks_made(service: Patrol) -> int:
    """Looks that workers reported, written or waiting."""
    metrics = service.get("/metrics").decode()
    total = sum(float(line.split()[-1]) for line in metrics.splitlines() if line.startswith("patrol_visits_total"))
    waiting = next(float(line.split()[-1]) for line in metrics.splitlines() if line.startswith("patrol_unwritten "))
    return int(total + waiting)


def problems(service: Patrol) -> dict[str, str]:
    found: dict[str, str] = service.get("/api/v1/status")["problems"]
    return found


def rows(data: Path) -> list[tuple[str, str, float | None]]:
    with sqlite3.connect(f"file:{data / 'patrol.sqlite'}?mode=ro", uri=True) as db:
        return db.execute("SELECT look, outcome, gap_s FROM visit ORDER BY seq").fetchall()


def assert_nothing_lost(service: Patrol, made: int) -> None:
    """Every look made stands in the ledger, once, in order, and no gap shows a look that is missing."""
    wait_for(
        "all looks are written", lambda: len(rows(service.data)) >= made and not problems(service).get("store"), 60
    )
    service.stop()
    found = rows(service.data)
    assert Counter(outcome for _, outcome, _ in found) == {"inspected": len(found)}
    for camera in CAMERAS:
        gaps = [gap for look, _, gap in found if look == camera and gap is not None]
        assert gaps
        assert max(gaps) <= PERIOD_S + SLACK_S, f"{camera}: a look is missing from the ledger: {gaps}"
    store = open_store(None, service.data)
    with store.reading() as session:
        assert verify(session).problems == ()
    store.close()
    assert not (service.data / "unwritten").exists()


@pytest.mark.timeout(240)
def test_another_writer_holds_the_database(registry: Path, tmp_path: Path) -> None:  # noqa: F811
    service = Patrol(registry, tmp_path / "data", None, model=None)
    service.start()
    try:
        wait_for("first looks", lambda: len(rows(service.data)) >= len(CAMERAS), 60)
        with locked(service.data / "patrol.sqlite"):
            before = len(rows(service.data))
            wait_for("the lock was met", lambda: said(service, "store cannot be written"), 60)
            assert "database is locked" in service.log()
            assert "cannot be written" in problems(service)["store"]
            made = looks_made(service)
            assert made >= before + 2 * len(CAMERAS), "the rotation went on"
            assert len(rows(service.data)) == before, "nothing could be written"
        assert_nothing_lost(service, made)
    finally:
        service.stop()


@pytest.mark.timeout(240)
def test_the_disk_is_full(registry: Path, tmp_path: Path) -> None:  # noqa: F811
    with tmpfs(tmp_path / "small", 48) as disk:
        service = Patrol(registry, disk / "data", None, model=None, log_file=tmp_path / "service.log")
        service.start()
        try:
            wait_for("first looks", lambda: len(rows(service.data)) >= len(CAMERAS), 60)
            filler = disk / "filler"
            full = fill(filler)
            assert full, "the disk is full"
            wait_for("the store met it", lambda: said(service, "store cannot be written"), 90)
            assert "full" in service.log() or "disk I/O error" in service.log()
            assert "cannot be written" in problems(service)["store"]
            before, started = looks_made(service), time.monotonic()
            wait_for("the rotation goes on", lambda: looks_made(service) >= before + len(CAMERAS), 60)
            assert time.monotonic() - started < 3 * PERIOD_S
            made = looks_made(service)
            filler.unlink()
            assert_nothing_lost(service, made)
        finally:
            service.stop()


def fill(filler: Path) -> bool:
    """Write until nothing more fits."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError as error:
            return error.errno == 28
