"""What the service does once a second with what nobody answers: tells the screen, wakes the relay, outlives the store."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from patrol._board import Board
from patrol._dispatcher import Dispatcher
from patrol.alerts.acks import record_ack
from patrol.clock import Clock
from patrol.store import Store, open_store
from tests.support.databases import Postgres
from tests.support.incidents import T0
from tests.unit.alerts.test_sweep import COUNTY, Desk


class Screen:
    """A board that is read, and a relay that counts how often it is woken."""

    def __init__(self, store: Store) -> None:
        self.board = Board(Clock())
        self.events: list[dict[str, Any]] = []
        self.board.listen(self.events.append)
        self.now = T0
        self.woken = 0
        self.dispatcher = Dispatcher(store, lambda: COUNTY, lambda: self.now, self.board, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def look(self, minutes: float) -> None:
        self.now = T0 + timedelta(minutes=minutes)
        self.dispatcher.look()


def test_the_screen_says_whom_to_call_until_somebody_answers(sqlite_store: Store) -> None:
    desk, screen = Desk(sqlite_store), Screen(sqlite_store)
    desk.confirm()
    screen.look(1)
    assert screen.board.problems == {}
    screen.look(2)
    assert screen.board.problems["dispatch"] == (
        "traffic_police has not received it, 0 min 0 s over the limit; call desk 0730-1"
    )
    called = [e for e in screen.events if e["event"] == "escalation"]
    assert [(e["department"], e["whom"], e["phone"]) for e in called] == [("traffic_police", "desk", "0730-1")]
    assert screen.woken == 0, "a telephone call is no alert"
    screen.look(5)
    screen.look(8)
    assert screen.woken == 1, "the fallback department gets one"
    desk.answer("traffic_police", "accepted", 9)
    screen.look(9)
    assert "dispatch" not in screen.board.problems


def test_what_no_route_reaches_stands_on_the_screen_until_there_is_one(sqlite_store: Store) -> None:
    desk, screen = Desk(sqlite_store), Screen(sqlite_store)
    nowhere = COUNTY.model_copy(update={"routes": ()})
    screen.dispatcher._registry = lambda: nowhere
    with pytest.raises(Exception, match="nobody was told"):
        desk.confirm_in(nowhere)
    # The verdict and what is held were written in the transaction that told of the missing route.
    screen.look(1)
    assert "nobody was told" in screen.board.problems["routes"]
    screen.dispatcher._registry = lambda: COUNTY
    screen.look(2)
    assert "routes" not in screen.board.problems
    assert len(desk.alerts("traffic_police")) == 1


def test_a_store_that_is_away_makes_it_late_and_nothing_else(postgres: Postgres, tmp_path: Path) -> None:
    store = open_store(postgres.new(), tmp_path)
    store.upgrade()
    desk, screen = Desk(store), Screen(store)
    desk.confirm()
    postgres.stop("immediate")
    try:
        with pytest.raises(OperationalError):
            desk.alerts("traffic_police")
        screen.look(2)
        assert screen.events == []
    finally:
        postgres.start()
    screen.look(3)
    assert [e["whom"] for e in screen.events if e["event"] == "escalation"] == ["desk"]
    store.close()


def test_an_answer_and_the_sweep_at_the_same_time_do_not_lose_each_other(store: Store) -> None:
    desk = Desk(store)
    desk.confirm()
    screen = Screen(store)
    (alert,) = desk.alerts("traffic_police")
    payload = f'{{"alert": "{alert.id}", "status": "accepted"}}'.encode()

    def answer() -> None:
        with store.sessions.begin() as session:
            record_ack(session, "traffic_police", payload, datetime.now(UTC))

    threads = [threading.Thread(target=answer), *(threading.Thread(target=screen.look, args=(2,)) for _ in range(3))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert desk.track().state == "accepted"
    assert desk.track().due_at == T0 + timedelta(minutes=40)
    assert len([e for e in screen.events if e["event"] == "escalation"]) <= 1
