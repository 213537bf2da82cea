"""The wall clock of the running service steps by an hour and a day, both ways: nothing starves, nothing floods."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol.ledger.verify import verify
from patrol.store import open_store
from tests.faults.test_kill import CAMERAS, PERIOD_S, registry  # noqa: F401 - a fixture
from tests.support.county import Patrol
from tests.support.faults import SteppedClock

HOUR, DAY = 3600, 86_400
SLACK_S = 4.0
"""A look takes two seconds and its row is seen half a second later; the rest is a noisy machine."""


class Watch:
    """What comes into the ledger, by this process's steady clock."""

    def __init__(self, data: Path) -> None:
        self._file = data / "patrol.sqlite"
        self._seen = 0
        self.rows: list[tuple[float, int, str, str, datetime, float | None]] = []

    def run(self, seconds: float) -> list[tuple[float, int, str, str, datetime, float | None]]:
        """Look on for a while; the rows that came: seen at, seq, look, outcome, its own time, its gap."""
        until, first = time.monotonic() + seconds, len(self.rows)
        while time.monotonic() < until:
            with sqlite3.connect(f"file:{self._file}?mode=ro", uri=True) as db:
                found = db.execute(
                    "SELECT seq, look, outcome, started_at, gap_s FROM visit WHERE seq > ? ORDER BY seq", (self._seen,)
                ).fetchall()
            for seq, look, outcome, at, gap in found:
                self._seen = seq
                self.rows.append(
                    (time.monotonic(), seq, look, outcome, datetime.fromisoformat(at).replace(tzinfo=UTC), gap)
                )
            time.sleep(0.2)
        return self.rows[first:]


@pytest.fixture
def clock(tmp_path: Path) -> SteppedClock:
    return SteppedClock(tmp_path)


@pytest.fixture
def service(registry: Path, clock: SteppedClock, tmp_path: Path) -> Iterator[Patrol]:  # noqa: F811
    patrol = Patrol(registry, tmp_path / "data", None, model=None, environment=clock.environment())
    patrol.start()
    yield patrol
    patrol.stop()


@pytest.mark.timeout(300)
def test_a_step_of_the_wall_clock_changes_no_deadline(service: Patrol, clock: SteppedClock) -> None:
    watch = Watch(service.data)
    usual = len(watch.run(2.5 * PERIOD_S)[len(CAMERAS) :])
    for step in (HOUR, -HOUR, DAY, -DAY):
        clock.step(step)
        stepped = time.monotonic()
        came = watch.run(2.5 * PERIOD_S)
        told = [at for seen, _, _, _, at, _ in came if seen > stepped + SLACK_S]
        assert told, step
        off = told[-1] - datetime.now(UTC)
        assert abs(off - timedelta(seconds=step)) < timedelta(seconds=30), f"{step}: the service did not see the step"
        assert Counter(outcome for _, _, _, outcome, _, _ in came) == {"inspected": len(came)}, f"{step}: {came}"
        for camera in CAMERAS:
            seen = [at for at, _, look, *_ in watch.rows if look == camera]
            gaps = [b - a for a, b in itertools.pairwise(seen)]
            assert max(gaps) <= PERIOD_S + SLACK_S, f"{step}: {camera} starved: {gaps}"
        assert len(came) <= 2 * usual, f"{step}: flooded"
        assert all(gap is None or 0 < gap <= PERIOD_S for *_, gap in came), f"{step}: gaps are by the steady clock"
    store = open_store(None, service.data)
    with store.reading() as session:
        assert verify(session).problems == ()
    store.close()


@pytest.mark.timeout(200)
@pytest.mark.parametrize("step", [-HOUR, -DAY])
def test_a_clock_set_back_between_two_runs_puts_no_camera_off(service: Patrol, clock: SteppedClock, step: int) -> None:
    watch = Watch(service.data)
    assert len(watch.run(1.5 * PERIOD_S)) >= len(CAMERAS)
    service.kill()
    clock.step(step)
    service.start()
    came = watch.run(PERIOD_S + SLACK_S)
    assert {look for _, _, look, outcome, _, _ in came if outcome == "inspected"} == set(CAMERAS)
    assert came[-1][4] - datetime.now(UTC) < timedelta(seconds=step + 60), "the step was seen"
