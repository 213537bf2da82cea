"""The service's side of keeping: one purge a day at its hour, the rest soon after, and what the board says when it cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol import retention
from patrol._board import Board
from patrol._keeping import Keeping, due
from patrol.clock import Clock
from patrol.registry import Registry, parse
from patrol.store import Store
from patrol.store.tables import RetentionRun
from tests.support.county import registry_text
from tests.support.keeping import NOW, kept_look, there

REGISTRY: Registry = parse(
    registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="2h") + "retention: {least_free_gb: 0}\n", "test"
).registry


@dataclass
class Desk:
    """A service's keeping with a clock turned by hand, and what its board says."""

    store: Store
    data: Path
    now: datetime = NOW
    registry: Registry = REGISTRY
    board: Board = field(default_factory=lambda: Board(Clock()))

    def __post_init__(self) -> None:
        self.keeping = self.keeper()

    def keeper(self, **given: int) -> Keeping:
        return Keeping(self.store, lambda: self.registry, lambda: self.now, self.board, self.data, **given)

    def look(self, *, after: timedelta = timedelta(0)) -> int:
        """A while later, look; how many runs there have been."""
        self.now += after
        self.keeping.look()
        with self.store.reading() as session:
            return session.query(RetentionRun).count()


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    (tmp_path / "data" / "evidence").mkdir(parents=True)
    return Desk(store, tmp_path / "data")


def test_the_purge_is_made_once_a_day_at_its_hour_in_the_county() -> None:
    # 03:10 in Xiangyin is 19:10 UTC of the day before.
    hour = datetime(2026, 11, 25, 19, 10, tzinfo=UTC)
    minute = timedelta(minutes=1)
    assert not due(hour - minute, hour - timedelta(days=1), REGISTRY)
    assert due(hour, hour - timedelta(days=1), REGISTRY)
    assert not due(hour + minute, hour, REGISTRY)
    assert due(hour + timedelta(hours=12), None, REGISTRY)
    assert due(hour + timedelta(days=3), hour, REGISTRY)


def test_a_day_has_one_run_and_what_is_left_of_it_goes_at_the_next_looks(desk: Desk) -> None:
    with desk.store.sessions.begin() as session:
        for _ in range(3):
            kept_look(session, desk.data, days_ago=29.5)
        kept_look(session, desk.data, days_ago=0.1)
    assert [desk.look(), desk.look(after=timedelta(minutes=5))] == [1, 1]
    assert len(there(desk.data)) == 8
    desk.keeping = desk.keeper(most=4)
    assert desk.look(after=timedelta(days=1)) == 2
    assert len(there(desk.data)) == 4
    assert desk.look(after=timedelta(minutes=5)) == 3
    assert len(there(desk.data)) == 2
    assert desk.look(after=timedelta(minutes=5)) == 3
    assert desk.board.problems == {}


def test_a_clock_that_jumped_stops_the_purge_and_the_board_says_what_to_do(desk: Desk) -> None:
    with desk.store.sessions.begin() as session:
        _, paths = kept_look(session, desk.data, days_ago=0.1)
    desk.look()
    assert desk.look(after=timedelta(days=40)) == 1
    assert "yes-the-clock-is-right" in desk.board.problems["retention"]
    assert there(desk.data) == set(paths)
    desk.now -= timedelta(days=40)
    desk.look()
    assert desk.board.problems == {}


def test_a_short_disk_is_told_and_purges_nothing_early(desk: Desk) -> None:
    desk.registry = desk.registry.model_copy(
        update={"retention": desk.registry.retention.model_copy(update={"least_free_gb": 1_000_000})}
    )
    with desk.store.sessions.begin() as session:
        _, paths = kept_look(session, desk.data, days_ago=29)
        kept_look(session, desk.data, days_ago=0.1)
    desk.look()
    assert "Nothing is deleted before its day" in desk.board.problems["disk"]
    assert set(paths) <= there(desk.data)


def test_what_a_purge_met_stays_on_the_board_until_the_next_one(desk: Desk) -> None:
    with desk.store.sessions.begin() as session:
        _, (clip, _) = kept_look(session, desk.data, days_ago=40)
        kept_look(session, desk.data, days_ago=0.1)
    (desk.data / clip).write_bytes(b"changed")
    desk.look()
    assert f"{clip}: is not the file that was kept" in desk.board.problems["retention"]
    desk.look(after=timedelta(minutes=5))
    assert "retention" in desk.board.problems


def test_a_backup_under_way_only_puts_the_purge_off(desk: Desk) -> None:
    with desk.store.sessions.begin() as session:
        kept_look(session, desk.data, days_ago=0.1)
    with retention.alone(desk.data):
        assert desk.look() == 0
        assert desk.board.problems == {}
    assert desk.look(after=timedelta(minutes=5)) == 1
