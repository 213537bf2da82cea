"""The heat of a day: counted once, by the county's hours, and only from what is new."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import numpy as np

from patrol.ledger import book
from patrol.ledger.heat import HOURS, Cells, Heat
from patrol.store import Store
from tests.support.ledger import CHINA

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC).astimezone(CHINA)


def made(
    store: Store,
    look: str,
    minutes_ago: float,
    outcome: str = "inspected",
    due: datetime | None = None,
    gap: float | None = None,
) -> None:
    at = NOW - timedelta(minutes=minutes_ago)
    with store.sessions.begin() as session:
        book.record_visit(
            session, visit_id=uuid.uuid4().hex, look_key=look, camera=look, preset=None, reason="rotation",
            due_at=due or at + timedelta(hours=1), started_at=at, ended_at=at + timedelta(seconds=20), gap_s=gap,
            report={"outcome": outcome, "cause": None, "judged": True, "findings": [], "evidence": []},
        )  # fmt: skip


def missed(store: Store, look: str, minutes_ago: float) -> None:
    at = NOW - timedelta(minutes=minutes_ago)
    with store.sessions.begin() as session:
        book.record_missed(
            session, visit_id=uuid.uuid4().hex, look_key=look, camera=look, preset=None, deadline=at, cause="capacity",
            detail="no stream was free", now=at,
        )  # fmt: skip


def counted(store: Store, heat: Heat, groups: dict[str, int], count: int = 2) -> Cells:
    with store.reading() as session:
        heat.take(session, NOW)
    return heat.cells(groups, count, NOW)


def test_looks_are_counted_in_their_hour_and_group(store: Store) -> None:
    made(store, "a", 10)
    made(store, "a", 50, "unusable")
    made(store, "b", 50, "unreachable")
    missed(store, "b", 200)
    cells = counted(store, Heat(), {"a": 0, "b": 1})
    assert cells.outcomes["inspected"][0, HOURS - 1] == 1
    assert cells.outcomes["unusable"][0, HOURS - 2] == 1
    assert cells.outcomes["unreachable"][1, HOURS - 2] == 1
    assert cells.outcomes["missed"][1, HOURS - 4] == 1
    assert sum(int(counts.sum()) for counts in cells.outcomes.values()) == 4
    assert cells.start == (NOW - timedelta(hours=23)).replace(minute=0)


def test_several_attempts_at_one_deadline_are_one_due_look_where_the_first_fell(store: Store) -> None:
    due = NOW - timedelta(minutes=5)
    for minutes_ago, outcome in ((70, "unreachable"), (20, "unreachable"), (10, "inspected")):
        made(store, "a", minutes_ago, outcome, due=due)
    cells = counted(store, Heat(), {"a": 0})
    assert cells.due[0].nonzero()[0].tolist() == [HOURS - 2]
    assert int(cells.due.sum()) == 1


def test_the_longest_gap_stands_in_the_hour_that_ended_it(store: Store) -> None:
    made(store, "a", 150)
    made(store, "a", 20, gap=7800)
    made(store, "b", 150)
    made(store, "b", 15, gap=8100)
    cells = counted(store, Heat(), {"a": 0, "b": 0}, 1)
    assert cells.worst_gap_s[0, HOURS - 1] == 8100
    assert np.isnan(cells.worst_gap_s[0, : HOURS - 1]).all()


def test_only_new_rows_are_read_and_each_is_counted_once(store: Store) -> None:
    heat = Heat()
    made(store, "a", 40)
    assert int(counted(store, heat, {"a": 0}).due.sum()) == 1
    made(store, "a", 5)
    assert int(counted(store, heat, {"a": 0}).outcomes["inspected"].sum()) == 2
    assert int(counted(store, heat, {"a": 0}).outcomes["inspected"].sum()) == 2


def test_what_is_older_than_a_day_or_of_no_group_is_left_out(store: Store) -> None:
    made(store, "a", 25 * 60)
    made(store, "stranger", 5)
    assert int(counted(store, Heat(), {"a": 0}).due.sum()) == 0
