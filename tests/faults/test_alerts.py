"""No alert and no answer is lost: broker, relay and database die at every step, and each test sees that its fault fired."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

from patrol import alerts
from patrol.alerts.acks import record_ack
from patrol.store import Store, open_store
from patrol.store.tables import Ack, Alert
from tests.support.county import TOPIC
from tests.support.databases import Postgres
from tests.support.incidents import seen
from tests.support.mosquitto import Mosquitto, Subscriber, publish
from tests.support.relays import (
    ACKS,
    PATIENT,
    REGISTRY,
    Wire,
    answers,
    confirmed,
    count,
    relay_on,
    relay_process,
    row_of,
    state,
    wait_for,
)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture
def postgres_store(postgres: Postgres, tmp_path: Path) -> Iterator[Store]:
    store = open_store(postgres.new(), tmp_path)
    store.upgrade()
    yield store
    store.close()


def killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    assert process.wait(5) == -signal.SIGKILL


def received(alert: str) -> str:
    return json.dumps({"alert": alert, "status": "received"})


def test_a_broker_killed_in_the_middle_of_a_burst_loses_no_alert(sqlite_store: Store, mosquitto: Mosquitto) -> None:
    receiver = alerts.Receiver(mosquitto.url, county=TOPIC, department="traffic_police")
    receiver.start()
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        for number in range(120):
            with sqlite_store.sessions.begin() as session:
                (change, *_) = seen(session, "flagged", camera=f"c{number}")
                alerts.notify(session, REGISTRY, change, datetime.now(UTC), at_once=True)
            if number == 60:
                wait_for("some were received", lambda: count(sqlite_store, "received") > 0, 15)
                mosquitto.kill()
        wait_for("the relay has noticed", lambda: not relay.connected, 10)
        assert count(sqlite_store, "received") < 120
        mosquitto.start()
        wait_for("all are received", lambda: count(sqlite_store, "received") == 120, 60)
    finally:
        relay.stop()
        receiver.stop()


def test_a_broker_that_lost_everything_gets_what_nobody_has_received_at_once(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    relay = relay_on(sqlite_store, mosquitto.url, pace=PATIENT)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("the broker has it", lambda: state(sqlite_store, alert) == "sent", 10)
        mosquitto.kill()
        (tmp_path / "mosquitto" / "mosquitto.db").unlink(missing_ok=True)
        mosquitto.start()
        department = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/alert/#", tmp_path / "department")
        wait_for("it is sent again, long before its time", lambda: row_of(sqlite_store, alert).attempts == 2, 10)
        department.stop()
    finally:
        relay.stop()


def test_a_relay_killed_between_publishing_and_its_answer_loses_no_alert(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    alert = confirmed(sqlite_store)
    department = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/alert/#", tmp_path / "department")
    process = relay_process(tmp_path, mosquitto.url, broken="r._write_sent = lambda alerts: time.sleep(60)")
    wait_for("published", lambda: department.messages() or None, 20)
    killed(process)
    assert state(sqlite_store, alert) == "queued"
    # Far off, so that only the new connection can be the reason why it goes out again.
    with sqlite_store.sessions.begin() as session:
        session.execute(update(Alert).values(next_attempt_at=datetime.now(UTC) + timedelta(minutes=5)))
    relay = relay_on(sqlite_store, mosquitto.url, pace=PATIENT)
    relay.start()
    wait_for("published again", lambda: len(department.messages()) == 2, 10)
    assert {m["id"] for m in department.payloads()} == {alert}
    publish(mosquitto.port, ACKS, received(alert))
    wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
    relay.stop()
    department.stop()


def test_an_answer_that_was_not_written_when_the_relay_was_killed_is_delivered_again(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    alert = confirmed(sqlite_store)
    mark = tmp_path / "holds-the-answer"
    broken = f"def held(): len(r._incoming) and (Path({str(mark)!r}).touch(), time.sleep(60))\nr._incoming.write = held"
    process = relay_process(tmp_path, mosquitto.url, broken=broken)
    wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 20)
    publish(mosquitto.port, ACKS, received(alert))
    wait_for("the relay has the answer in its hands", mark.exists, 10)
    killed(process)
    assert answers(sqlite_store) == []
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
    relay.stop()


def test_a_database_that_is_away_loses_neither_an_alert_nor_an_answer(
    postgres_store: Store, postgres: Postgres, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    department = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/alert/#", tmp_path / "department")
    relay = relay_on(postgres_store, mosquitto.url)
    relay.start()
    try:
        first, second = confirmed(postgres_store), confirmed(postgres_store, camera="other")
        wait_for("both sent", lambda: count(postgres_store, "sent") == 2, 10)
        postgres.stop("immediate")
        try:
            publish(mosquitto.port, ACKS, received(first))
            wait_for("the relay holds the answer", lambda: len(relay._incoming) or None, 10)
            with pytest.raises(OperationalError):
                state(postgres_store, first)
            assert relay.connected
        finally:
            postgres.start()
        wait_for("the answer is written", lambda: state(postgres_store, first) == "received", 20)
        before = len(department.messages())
        wait_for("the other is still sent again", lambda: len(department.messages()) > before + 1, 20)
        publish(mosquitto.port, ACKS, received(second))
        wait_for("and received", lambda: state(postgres_store, second) == "received", 10)
        assert len(answers(postgres_store)) == 2
    finally:
        relay.stop()
        department.stop()


def test_an_answer_is_not_lost_when_connection_and_database_go_together(
    postgres_store: Store, postgres: Postgres, mosquitto: Mosquitto
) -> None:
    relay = relay_on(postgres_store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(postgres_store)
        wait_for("sent", lambda: state(postgres_store, alert) == "sent", 10)
        postgres.stop("immediate")
        try:
            publish(mosquitto.port, ACKS, json.dumps({"alert": alert, "status": "disposed", "note": "cleared"}))
            wait_for("the relay holds the answer", lambda: len(relay._incoming) or None, 10)
            mosquitto.kill()
            wait_for("the connection is gone", lambda: not relay.connected, 10)
        finally:
            postgres.start()
        mosquitto.start()
        wait_for("disposed", lambda: state(postgres_store, alert) == "disposed", 20)
        assert answers(postgres_store)[0].note == "cleared"
    finally:
        relay.stop()


def test_a_connection_that_goes_mute_is_given_up_and_the_alert_goes_out(
    sqlite_store: Store, mosquitto: Mosquitto
) -> None:
    wire = Wire(mosquitto.port)
    relay = relay_on(sqlite_store, wire.url)
    relay.start()
    try:
        wait_for("connected", lambda: relay.connected, 10)
        wire.mute()
        alert = confirmed(sqlite_store)
        wait_for("it was published into nothing", lambda: wire.held and row_of(sqlite_store, alert).attempts, 10)
        assert state(sqlite_store, alert) == "queued"
        # Keepalive alone would need half a minute.
        wait_for("the relay gives the connection up", lambda: not relay.connected, 8)
        wire.pass_again()
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 15)
    finally:
        relay.stop()
        wire.close()


def test_a_wall_clock_stepped_back_holds_no_alert_up(sqlite_store: Store, mosquitto: Mosquitto) -> None:
    step = timedelta(0)
    relay = relay_on(sqlite_store, mosquitto.url, now=lambda: datetime.now(UTC) + step)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
        step = timedelta(days=-1)
        attempts = row_of(sqlite_store, alert).attempts
        wait_for("it is sent again", lambda: row_of(sqlite_store, alert).attempts > attempts + 1, 10)
        assert row_of(sqlite_store, alert).next_attempt_at < datetime.now(UTC) - timedelta(hours=23)
    finally:
        relay.stop()


def test_a_damaged_row_holds_up_no_other(sqlite_store: Store, mosquitto: Mosquitto) -> None:
    broken, right = confirmed(sqlite_store), confirmed(sqlite_store, camera="other")
    with sqlite_store.sessions.begin() as session:
        session.execute(update(Alert).where(Alert.id == broken).values(envelope={"id": broken}))
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        wait_for("the other is sent", lambda: state(sqlite_store, right) == "sent", 10)
        wait_for("why not stands on the row", lambda: row_of(sqlite_store, broken).last_error, 10)
        assert "damaged" in (row_of(sqlite_store, broken).last_error or "")
        assert state(sqlite_store, broken) == "queued"
    finally:
        relay.stop()


def test_an_error_nobody_foresaw_does_not_end_the_relay(
    sqlite_store: Store, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[bool, str]] = []
    relay = relay_on(sqlite_store, mosquitto.url, on_state=lambda there, detail: heard.append((there, detail)))
    publish_due = relay._publish_due
    fired = []

    def fails_once() -> bool:
        if not fired:
            fired.append(True)
            raise ZeroDivisionError
        return publish_due()

    monkeypatch.setattr(relay, "_publish_due", fails_once)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent all the same", lambda: state(sqlite_store, alert) == "sent", 10)
        assert fired
        assert (False, "ZeroDivisionError in the relay, see the log") in heard
    finally:
        relay.stop()


@pytest.mark.parametrize("error", [TypeError("of a kind nobody foresaw"), StatementError("naive", "INSERT", {}, ValueError("naive"))])  # fmt: skip
def test_an_answer_that_cannot_be_written_holds_up_no_other(
    sqlite_store: Store, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fired: list[bytes] = []

    def fails_once(session: Session, department: str, payload: bytes, now: datetime, **more: Any) -> Ack:
        if b"poison" in payload:
            fired.append(payload)
            raise error
        return record_ack(session, department, payload, now, **more)

    monkeypatch.setattr("patrol.alerts.incoming.record_ack", fails_once)
    lost: list[str] = []
    relay = relay_on(sqlite_store, mosquitto.url, on_state=lambda there, detail: None if there else lost.append(detail))
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
        publish(mosquitto.port, ACKS, "poison")
        publish(mosquitto.port, ACKS, received(alert))
        wait_for("the one behind it is taken", lambda: state(sqlite_store, alert) == "received", 10)
    finally:
        relay.stop()
    assert set(fired) == {b"poison"}
    assert len(fired) <= 2, "with those beside it, and by itself"
    assert lost == []
    assert [(a.taken, a.raw) for a in answers(sqlite_store)] == [(False, "b'poison'"), (True, received(alert))]
    assert relay.answers == {("other", False): 1, ("received", True): 1}
