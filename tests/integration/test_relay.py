"""Alerts from the outbox to a department and back, over a real Mosquitto: MQTT 3.1.1 and 5, answers, availability."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from patrol import alerts
from patrol.store import Store, queries
from patrol.store.tables import Ack
from tests.support.county import TOPIC
from tests.support.mosquitto import Mosquitto, Subscriber, publish
from tests.support.relays import (
    ACKS,
    KEY,
    answers,
    confirmed,
    relay_on,
    relay_process,
    row_of,
    state,
    wait_for,
)

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


def test_a_confirmed_incident_reaches_its_department_and_its_answers_come_back(
    store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    department = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/alert/traffic_police/#", tmp_path / "department")
    relay = relay_on(store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(store)
        relay.wake()
        (message, *_) = wait_for("the alert arrives", lambda: department.messages() or None, 10)
        assert (message["topic"], message["retain"], message["qos"]) == (
            f"patrol/v1/{TOPIC}/alert/traffic_police/congestion",
            0,
            1,
        )
        envelope = message["payload"]
        jsonschema.validate(envelope, json.loads((SCHEMAS / "alert.schema.json").read_text()))
        assert (envelope["id"], envelope["type"], envelope["reviewed"], envelope["seq"]) == (alert, "new", True, 1)
        path, _, query = envelope["evidence"][0]["url"].removeprefix("http://127.0.0.1:8800").partition("?")
        assert alerts.verify_link(KEY, path, query, datetime.now(UTC))
        wait_for("the broker's PUBACK is written", lambda: state(store, alert) == "sent", 5)
        for status in ("received", "accepted", "received"):
            publish(mosquitto.port, envelope["ack_topic"], json.dumps({"alert": alert, "status": status}))
        wait_for("all answers are kept", lambda: len(answers(store)) == 3, 5)
        with store.reading() as session:
            ((row, acks),) = queries.alerts(session)
            assert (row.state, row.received_at is None) == ("accepted", False)
            assert [(a.status, a.taken) for a in acks] == [("received", True), ("accepted", True), ("received", False)]
    finally:
        relay.stop()
        department.stop()


def test_a_version_5_department_gets_what_version_5_can_say_and_its_alert_never_expires(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    shown = "\x1f".join(("%R", "%D", "%C", "%E", "%P", "%p"))
    department = Subscriber(
        mosquitto.port, f"patrol/v1/{TOPIC}/alert/#", tmp_path / "department", version="mqttv5", shown=shown
    )
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        (line, *_) = wait_for("the alert arrives", lambda: department.lines() or None, 10)
        response, correlation, content, expiry, user, payload = line.split("\x1f")
        assert response == ACKS == json.loads(payload)["ack_topic"]
        assert correlation == alert
        assert content == "application/json"
        assert expiry == ""
        assert "schema:patrol.alert/1" in user
        assert "type:new" in user
    finally:
        relay.stop()
        department.stop()


def test_an_alert_is_sent_again_until_it_is_received_and_then_no_more(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    department = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/alert/#", tmp_path / "department")
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("it is sent three times", lambda: len(department.messages()) >= 3, 15)
        assert {m["id"] for m in department.payloads()} == {alert}
        publish(mosquitto.port, ACKS, json.dumps({"alert": alert, "status": "received"}))
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 5)
        attempts = row_of(sqlite_store, alert).attempts
        other = confirmed(sqlite_store, camera="other")
        wait_for("another is sent three times", lambda: row_of(sqlite_store, other).attempts >= 3, 15)
        assert row_of(sqlite_store, alert).attempts == attempts
    finally:
        relay.stop()
        department.stop()


def test_a_department_gets_its_alerts_in_the_order_of_their_numbers(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    for number in range(150):
        confirmed(sqlite_store, camera=f"c{number}")
    department = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/alert/#", tmp_path / "department")
    receiver = alerts.Receiver(mosquitto.url, county=TOPIC, department="traffic_police")
    receiver.start()
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        wait_for("all have come", lambda: len({m["id"] for m in department.payloads()}) == 150, 30)
        first = list(dict.fromkeys(m["seq"] for m in department.payloads()))
        assert first == list(range(1, 151))
    finally:
        relay.stop()
        receiver.stop()
        department.stop()


@pytest.mark.parametrize(
    ("topic", "payload", "problem"),
    [
        ("traffic_police", "{", "not JSON"),
        ("traffic_police", "[]", "not a JSON object"),
        ("traffic_police", '{"alert": "nobody-knows", "status": "received"}', "no such alert"),
        ("traffic_police", '{"alert": "ALERT", "status": "eaten"}', "`status` is none of"),
        ("traffic_police", '{"alert": "ALERT", "status": "\\ud800"}', "`status` is none of"),
        ("fisheries", '{"alert": "ALERT", "status": "received"}', "not of fisheries"),
        ("traffic_police", "x" * 70_000, "longer than"),
    ],
)
def test_a_wrong_answer_is_kept_with_its_problem_and_holds_up_no_other(
    sqlite_store: Store, mosquitto: Mosquitto, topic: str, payload: str, problem: str
) -> None:
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
        publish(mosquitto.port, f"patrol/v1/{TOPIC}/ack/{topic}", payload.replace("ALERT", alert))
        wait_for("kept", lambda: answers(sqlite_store) or None, 5)
        (ack,) = answers(sqlite_store)
        assert not ack.taken
        assert problem in (ack.problem or "")
        assert state(sqlite_store, alert) == "sent"
        publish(mosquitto.port, ACKS, json.dumps({"alert": alert, "status": "received"}))
        wait_for("the next one is taken", lambda: state(sqlite_store, alert) == "received", 5)
    finally:
        relay.stop()


def test_availability_says_online_last_stopped_on_a_clean_end_and_offline_on_a_crash(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    watcher = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/#", tmp_path / "watch")
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.camera_status("gate", {"camera": "gate", "outcome": "inspected"})
    relay.start()
    relay.publish_state({"schema": "patrol.rotation/1", "cameras": 3})
    wait_for("online", lambda: "online" in watcher.payloads(), 10)
    topics = [m["topic"].split("/", 3)[3] for m in watcher.messages()]
    assert topics[-1] == "available"
    assert set(topics[:-1]) == {"rotation", "camera/gate/status"}
    relay.stop()
    wait_for("stopped", lambda: watcher.payloads()[-1] == "stopped", 5)
    process = relay_process(tmp_path, mosquitto.url)
    wait_for("online again", lambda: watcher.payloads()[-1] == "online", 20)
    process.kill()
    assert process.wait(5) == -signal.SIGKILL
    wait_for("the will", lambda: watcher.payloads()[-1] == "offline", 10)
    watcher.stop()
    late = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/#", tmp_path / "late", client="late")
    wait_for("the states are retained", lambda: len(late.messages()) == 3, 5)
    assert all(m["retain"] for m in late.messages())
    late.stop()


def test_an_answer_that_came_while_the_service_was_away_is_delivered_when_it_is_back(
    sqlite_store: Store, mosquitto: Mosquitto
) -> None:
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    alert = confirmed(sqlite_store)
    wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
    relay.stop()
    publish(mosquitto.port, ACKS, json.dumps({"alert": alert, "status": "received"}))
    assert state(sqlite_store, alert) == "sent"
    again = relay_on(sqlite_store, mosquitto.url)
    again.start()
    wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
    again.stop()


def test_the_service_hears_every_answer_once_it_is_written(sqlite_store: Store, tmp_path: Path) -> None:
    heard: list[tuple[str | None, str, bool, str]] = []

    def note(ack: Ack) -> None:
        heard.append((ack.alert, ack.status, ack.taken, state(sqlite_store, alert)))

    with Mosquitto(tmp_path / "mosquitto") as broker:
        relay = relay_on(sqlite_store, broker.url, on_answer=note)
        relay.start()
        try:
            alert = confirmed(sqlite_store)
            wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
            publish(broker.port, ACKS, f'{{"alert": "{alert}", "status": "accepted"}}')
            publish(broker.port, ACKS, "no answer")
            wait_for("both are heard", lambda: len(heard) == 2, 10)
        finally:
            relay.stop()
    assert heard == [(alert, "accepted", True, "accepted"), (None, "", False, "accepted")]


def test_the_service_hears_when_the_broker_goes_and_comes(sqlite_store: Store, tmp_path: Path) -> None:
    heard: list[tuple[bool, str]] = []
    broker = Mosquitto(tmp_path / "mosquitto")
    relay = relay_on(sqlite_store, broker.url, on_state=lambda there, detail: heard.append((there, detail)))
    relay.start()
    try:
        wait_for("it says that nobody is there", lambda: heard or None, 5)
        assert not heard[0][0]
        assert f"mqtt://127.0.0.1:{broker.port}" in heard[0][1]
        assert not relay.connected
        broker.start()
        wait_for("it says that the broker is there", lambda: heard[-1][0], 10)
        assert relay.connected
        broker.kill()
        wait_for("it says that the broker is gone", lambda: not heard[-1][0], 10)
        assert not relay.connected
    finally:
        relay.stop()
        broker.stop()
