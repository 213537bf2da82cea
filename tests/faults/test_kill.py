"""The service ended with SIGKILL at every step of a look: what is written holds, what is not is made again."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from patrol.ledger.verify import Verdict, verify
from patrol.store import open_store
from tests.support.county import Patrol, registry_text, wait_for
from tests.support.faults import STEPS, strike
from tests.support.rtsp import RtspServer, loop, picture_clip

PERIOD_S = 8
CAMERAS = ("north", "south", "east")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three cameras over real RTSP."""
    folder = tmp_path_factory.mktemp("cameras")
    files = {}
    for seed, name in enumerate(CAMERAS):
        picture = np.random.default_rng(seed).integers(0, 255, (45, 80, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
        files[name] = loop(
            picture_clip(folder / f"{name}-made.ts", picture, seconds=8, noise=6.0), folder / f"{name}.ts"
        )
    server = RtspServer(files)
    text = registry_text({name: server.url(name) for name in files}, period=f"{PERIOD_S}s", dwell="2s")
    file = folder / "registry.yaml"
    # Fireworks need no object model: the service starts at once. Every look is drawn, so every look keeps evidence.
    text = text.replace("categories: [road]", "categories: [square]").replace(
        "cameras:\n", "spot_checks: {share: 1.0}\ncameras:\n"
    )
    file.write_text(text, "utf-8")
    yield file
    server.stop()


def checked(data: Path) -> Verdict:
    store = open_store(None, data)
    with store.reading() as session:
        verdict = verify(session, evidence=data)
    store.close()
    return verdict


def rows(data: Path) -> list[tuple[str, str, str, str]]:
    with sqlite3.connect(f"file:{data / 'patrol.sqlite'}?mode=ro", uri=True) as db:
        return db.execute("SELECT id, look, outcome, started_at FROM visit ORDER BY seq").fetchall()


@pytest.mark.timeout(400)
def test_nothing_written_is_lost_or_half_and_every_look_is_made_again(registry: Path, tmp_path: Path) -> None:
    """One data folder through all strikes: each start is the restart after the strike before."""
    data, before = tmp_path / "data", 0
    for step in STEPS:
        mark = tmp_path / f"struck-{step}"
        # Two calls before it: something was written by this process already.
        service = Patrol(registry, data, None, model=None, environment=strike(step, mark, call=3))
        try:
            ended = service.start_to_end()
        finally:
            service.stop()
        assert mark.is_file(), f"{step}: the fault did not fire; the service said:\n{service.log()[-2000:]}"
        assert ended == -signal.SIGKILL, step
        struck, _, visit = mark.read_text("utf-8").partition(" ")
        assert struck == step
        verdict = checked(data)
        assert verdict.problems == (), f"{step}: {[str(p) for p in verdict.problems]}"
        found = rows(data)
        assert len({row[0] for row in found}) == len(found)
        assert len(found) >= before, f"{step}: a look that stood in the ledger is gone"
        assert step in {"committed", "told", "ordered"} or visit not in {row[0] for row in found}, step
        if step in {"committed", "told"}:
            assert visit in {row[0] for row in found}, step
        before = len(found)
    assert before > len(STEPS)

    service = Patrol(registry, data, None, model=None)
    began = datetime.now(UTC)
    service.start()
    up = datetime.now(UTC)
    try:
        wait_for(
            "every look again",
            lambda: (
                {
                    look
                    for _, look, outcome, at in rows(data)
                    if outcome == "inspected" and at > f"{began:%Y-%m-%d %H:%M:%S}"
                }
                == set(CAMERAS)
            ),
            60,
        )
    finally:
        service.stop()
    fresh = [row for row in rows(data)[before:] if row[2] == "inspected"]
    first = {look: datetime.fromisoformat(at).replace(tzinfo=UTC) for _, look, _, at in reversed(fresh)}
    for camera, at in first.items():
        assert at - up <= timedelta(seconds=PERIOD_S), f"{camera} was looked at later than a period after the start"
    assert checked(data).problems == ()
    assert not list((data).glob("unwritten/*"))
