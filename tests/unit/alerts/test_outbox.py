"""Who is told when: once confirmed or at once, then every change to those told, numbered without a gap."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from patrol import alerts, incidents
from patrol.alerts.sweep import sweep
from patrol.store import Store
from patrol.store.tables import Alert, Incident
from tests.support.incidents import T0, seen
from tests.unit.alerts.drill import COPIED, REGISTRY


class Drill:
    """One incident, told about with the registry of copies."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def look(self, verdict: str, minutes: float = 0, *, at_once: bool = False) -> None:
        with self.store.sessions.begin() as session:
            for change in seen(session, verdict, minutes=minutes):
                alerts.notify(session, COPIED, change, T0 + timedelta(minutes=minutes), at_once=at_once)
                self.incident = change.incident_id

    def judge(self, verdict: str) -> None:
        with self.store.sessions.begin() as session:
            change = incidents.review(session, self.incident, verdict, "li", None, T0)
            alerts.notify(session, COPIED, change, T0, at_once=False)

    def swept(self, seconds: float) -> list[Alert]:
        done = sweep(self.store, COPIED, T0 + timedelta(seconds=seconds))
        with self.store.reading() as session:
            return [session.get_one(Alert, alert) for alert in done.alerts]

    def told(self, department: str = "traffic_police") -> list[tuple[int, str, bool]]:
        with self.store.reading() as session:
            rows = session.scalars(select(Alert).where(Alert.department == department).order_by(Alert.seq)).all()
            return [(row.seq, row.type, row.envelope["reviewed"]) for row in rows]


@pytest.fixture
def drill(sqlite_store: Store) -> Drill:
    return Drill(sqlite_store)


def test_nobody_is_told_before_a_person_has_confirmed_it(drill: Drill) -> None:
    drill.look("candidate")
    drill.look("flagged", 4)
    assert drill.told() == []
    drill.judge("confirmed")
    assert drill.told() == [(1, "new", True)]
    assert drill.told("police") == [(1, "new", True)]


def test_a_flagged_one_is_told_at_once_where_a_rule_says_so_and_the_review_follows(drill: Drill) -> None:
    drill.look("candidate", at_once=True)
    assert drill.told() == []
    drill.look("flagged", 4, at_once=True)
    assert drill.told() == [(1, "new", False)]
    drill.judge("confirmed")
    assert drill.told() == [(1, "new", False), (2, "update", True)]


@pytest.mark.parametrize("verdict", ["false_alarm", "duplicate", "exempt"])
def test_a_verdict_that_it_is_nothing_ends_what_was_told(drill: Drill, verdict: str) -> None:
    drill.look("flagged", at_once=True)
    drill.judge(verdict)
    drill.look("flagged", 30, at_once=True)
    assert drill.told() == [(1, "new", False), (2, "end", False)]
    assert drill.told("police") == drill.told()


def test_a_verdict_that_it_is_nothing_tells_nobody_who_was_not_told(drill: Drill) -> None:
    drill.look("flagged")
    drill.judge("false_alarm")
    assert drill.told() == []


def test_a_verdict_taken_back_opens_it_anew(drill: Drill) -> None:
    drill.look("flagged", at_once=True)
    drill.judge("false_alarm")
    drill.judge("confirmed")
    assert drill.told() == [(1, "new", False), (2, "end", False), (3, "new", True)]


def test_its_end_is_told_once(drill: Drill) -> None:
    drill.look("flagged", at_once=True)
    for number in range(1, 6):
        drill.look("clear", 30.0 * number)
    with drill.store.reading() as session:
        assert session.scalars(select(Incident.state)).all() == ["ended"]
    assert [kind for _, kind, _ in drill.told()].count("end") == 1
    assert drill.told()[-1][1] == "end"


def test_an_answer_is_asked_for_within_the_departments_time(drill: Drill) -> None:
    drill.look("flagged", at_once=True)
    with drill.store.reading() as session:
        row = session.scalars(select(Alert)).first()
    assert row is not None
    assert (row.state, row.created_at, row.ack_by) == ("queued", T0, T0 + timedelta(minutes=2))


def test_updates_that_come_thick_are_put_together_and_none_is_dropped(drill: Drill) -> None:
    drill.look("flagged", at_once=True)
    for seconds in (10, 20, 100):
        drill.look("flagged", seconds / 60, at_once=True)
    assert drill.told() == [(1, "new", False)]
    assert drill.swept(119) == []
    (alert,) = [a for a in drill.swept(120) if a.department == "traffic_police"]
    assert (alert.seq, alert.type) == (2, "update")
    assert alert.envelope["seen_at"] == "2026-03-01T08:01:40.000Z", "the incident as it stands now"
    assert drill.swept(600) == []


def test_a_review_and_an_end_do_not_wait_for_other_updates(drill: Drill) -> None:
    drill.look("flagged", at_once=True)
    drill.look("flagged", 0.5, at_once=True)
    drill.judge("confirmed")
    assert drill.told() == [(1, "new", False), (2, "update", True)]
    drill.look("flagged", 1, at_once=True)
    drill.judge("false_alarm")
    assert drill.told()[2:] == [(3, "end", False)]
    assert drill.swept(3600) == [], "what waited is told by the end"


def test_without_a_route_nothing_is_written_and_the_caller_is_told(sqlite_store: Store) -> None:
    nowhere = REGISTRY.model_copy(update={"routes": ()})
    with sqlite_store.sessions.begin() as session:
        (change, *_) = seen(session, "flagged")
        with pytest.raises(alerts.RouteError, match="nobody was told"):
            alerts.notify(session, nowhere, change, T0, at_once=True)
    with sqlite_store.reading() as session:
        assert session.scalars(select(Alert.id)).all() == []
        assert len(session.scalars(select(Incident.id)).all()) == 1


def test_an_alert_dies_with_the_transaction_of_its_cause(sqlite_store: Store) -> None:
    def fail() -> None:
        with sqlite_store.sessions.begin() as session:
            (change, *_) = seen(session, "flagged")
            assert alerts.notify(session, REGISTRY, change, T0, at_once=True)
            raise RuntimeError("the cause fails")

    with pytest.raises(RuntimeError, match="the cause fails"):
        fail()
    with sqlite_store.reading() as session:
        assert session.scalars(select(Alert.id)).all() == []


def test_writers_at_the_same_time_leave_no_gap_and_no_double(store: Store) -> None:
    start = threading.Barrier(4)
    failed: list[BaseException] = []

    def write(writer: int) -> None:
        start.wait(10)
        try:
            for number in range(8):
                with store.sessions.begin() as session:
                    (change, *_) = seen(session, "flagged", camera=f"w{writer}-{number}")
                    alerts.notify(session, COPIED, replace(change, camera="jam-portrait"), T0, at_once=True)
                    if number % 4 == 3:
                        session.rollback()
        except Exception as error:  # noqa: BLE001 - handed to the test
            failed.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    with store.reading() as session:
        for department in ("traffic_police", "police"):
            numbers = session.scalars(select(Alert.seq).where(Alert.department == department)).all()
            assert sorted(numbers) == list(range(1, 25))
