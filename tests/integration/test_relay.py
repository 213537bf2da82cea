"""Alerts from the outbox to a department and back, over a real Mosquitto and over amqtt; nothing is lost when parts die."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy import select

from patrol import alerts, incidents
from patrol.alerts.relay import Pace, Relay
from patrol.registry import parse
from patrol.store import Store, queries
from patrol.store.tables import Ack, Alert
from tests.support.county import TOPIC, free_port, registry_text
from tests.support.county import wait_for as _wait_for
from tests.support.incidents import seen
from tests.support.mosquitto import Mosquitto, Subscriber, publish

KEY = b"k" * 32
wait_for = partial(_wait_for, every_s=0.05)
FAST = Pace(again=(0.6,), reconnect=(0.2,), idle=0.2, first_state=0.5)
REGISTRY = parse(registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="60s"), "test").registry
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "mosquitto")
    broker.start()
    yield broker
    broker.stop()


def relay_on(store: Store, url: str) -> Relay:
    return Relay(
        store,
        county_topic=TOPIC,
        mqtt_url=url,
        base_url="http://127.0.0.1:8800",
        link_key=KEY,
        client_id="patrol-test",
        pace=FAST,
    )


def confirmed(store: Store) -> str:
    """An incident that a person has confirmed; the id of its alert."""
    now = datetime.now(UTC)
    with store.sessions.begin() as session:
        (change, *_) = seen(session, "flagged")
        change = incidents.review(session, change.incident_id, "confirmed", "li", None, now)
        (alert,) = alerts.notify(session, REGISTRY, change, now, at_once=False)
    return alert


def answers(store: Store) -> list[Ack]:
    with store.reading() as session:
        return list(session.scalars(select(Ack).order_by(Ack.id)))


def state(store: Store, alert: str) -> str:
    with store.reading() as session:
        return session.get_one(Alert, alert).state


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
        wait_for("the answer is written", lambda: state(store, alert) == "accepted", 5)
        wait_for("all answers are kept", lambda: len(answers(store)) == 3, 5)
        with store.reading() as session:
            ((row, acks),) = queries.alerts(session)
            assert row.received_at is not None
            assert [(a.status, a.taken) for a in acks] == [("received", True), ("accepted", True), ("received", False)]
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
        publish(
            mosquitto.port, f"patrol/v1/{TOPIC}/ack/traffic_police", json.dumps({"alert": alert, "status": "received"})
        )
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 5)
        count = len(department.messages())
        time.sleep(1.5)  # two more turns of the resending
        assert len(department.messages()) <= count + 1
    finally:
        relay.stop()
        department.stop()


@pytest.mark.parametrize(
    ("topic", "payload", "problem"),
    [
        ("traffic_police", "{", "not JSON"),
        ("traffic_police", "[]", "not a JSON object"),
        ("traffic_police", '{"alert": "nobody-knows", "status": "received"}', "no such alert"),
        ("traffic_police", '{"alert": "ALERT", "status": "eaten"}', "`status` is none of"),
        ("fisheries", '{"alert": "ALERT", "status": "received"}', "not of fisheries"),
        ("traffic_police", "x" * 70_000, "longer than"),
    ],
)
def test_a_wrong_answer_is_kept_with_its_problem_and_changes_nothing(
    sqlite_store: Store, mosquitto: Mosquitto, topic: str, payload: str, problem: str
) -> None:
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
        publish(mosquitto.port, f"patrol/v1/{TOPIC}/ack/{topic}", payload.replace("ALERT", alert))

        def kept() -> Ack | None:
            with sqlite_store.reading() as session:
                return session.scalars(select(Ack)).first()

        ack = wait_for("kept", kept, 5)
        assert not ack.taken
        assert problem in (ack.problem or "")
        assert state(sqlite_store, alert) == "sent"
    finally:
        relay.stop()


def test_availability_says_online_last_stopped_on_a_clean_end_and_offline_on_a_crash(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    watcher = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/#", tmp_path / "watch")
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.publish_state({"schema": "patrol.rotation/1", "cameras": 3})
    relay.camera_status("gate", {"camera": "gate", "outcome": "inspected"})
    relay.start()
    wait_for("online", lambda: "online" in watcher.payloads(), 10)
    topics = [m["topic"].split("/", 3)[3] for m in watcher.messages()]
    assert topics[-1] == "available"
    assert set(topics[:-1]) == {"rotation", "camera/gate/status"}
    relay.stop()
    wait_for("stopped", lambda: watcher.payloads()[-1] == "stopped", 5)
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom patrol.store import open_store\nfrom patrol.alerts import Relay\n"
        f"r = Relay(open_store(None, Path({str(tmp_path)!r})), county_topic={TOPIC!r}, mqtt_url={mosquitto.url!r}, base_url='', link_key=b'k', client_id='patrol-test')\n"
        "r.publish_state({})\nr.start()\ntime.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    wait_for("online again", lambda: watcher.payloads()[-1] == "online", 20)
    process.kill()
    assert process.wait(5) == -signal.SIGKILL
    wait_for("the will", lambda: watcher.payloads()[-1] == "offline", 10)
    watcher.stop()


def test_a_broker_killed_in_the_middle_of_a_burst_loses_no_alert(sqlite_store: Store, mosquitto: Mosquitto) -> None:
    receiver = alerts.Receiver(mosquitto.url, county=TOPIC, department="traffic_police", acks=("received",))
    receiver.start()
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    written = []
    try:
        now = datetime.now(UTC)
        for number in range(120):
            with sqlite_store.sessions.begin() as session:
                (change, *_) = seen(session, "flagged", camera=f"c{number}")
                written += alerts.notify(session, REGISTRY, change, now, at_once=True)
            if number == 60:
                wait_for("some were received", lambda: _count(sqlite_store, "received") > 0, 15)
                mosquitto.kill()
        wait_for("the relay has noticed", lambda: not relay.connected, 10)
        assert _count(sqlite_store, "received") < len(written)
        mosquitto.start()
        wait_for("all are received", lambda: _count(sqlite_store, "received") == 120, 60)
        assert len(written) == 120
    finally:
        relay.stop()
        receiver.stop()


def test_a_relay_killed_between_publishing_and_its_answer_loses_no_alert(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    alert = confirmed(sqlite_store)
    department = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/alert/#", tmp_path / "department")
    code = (
        "import time\nfrom pathlib import Path\nfrom patrol.store import open_store\nfrom patrol.alerts import Relay\n"
        f"r = Relay(open_store(None, Path({str(tmp_path)!r})), county_topic={TOPIC!r}, mqtt_url={mosquitto.url!r}, base_url='', link_key=b'k', client_id='patrol-test')\n"
        "r._write_sent = lambda alerts: time.sleep(60)\n"  # dies with the PUBACK in its hands
        "r.start()\ntime.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    wait_for("published", lambda: department.messages() or None, 20)
    process.kill()
    assert process.wait(5) == -signal.SIGKILL
    assert state(sqlite_store, alert) == "queued"
    with sqlite_store.sessions.begin() as session:
        session.get_one(Alert, alert).next_attempt_at = datetime.now(UTC) - timedelta(seconds=1)
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    publish(mosquitto.port, f"patrol/v1/{TOPIC}/ack/traffic_police", json.dumps({"alert": alert, "status": "received"}))
    wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
    relay.stop()
    department.stop()


def test_an_answer_that_came_while_the_service_was_away_is_delivered_when_it_is_back(
    sqlite_store: Store, mosquitto: Mosquitto
) -> None:
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    alert = confirmed(sqlite_store)
    wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
    relay.stop()
    publish(mosquitto.port, f"patrol/v1/{TOPIC}/ack/traffic_police", json.dumps({"alert": alert, "status": "received"}))
    assert state(sqlite_store, alert) == "sent"
    again = relay_on(sqlite_store, mosquitto.url)
    again.start()
    wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
    again.stop()


@pytest.mark.parametrize("name", ["mosquitto", "amqtt"])
def test_the_embedded_broker_carries_alerts_and_answers(sqlite_store: Store, tmp_path: Path, name: str) -> None:
    broker = alerts.start_broker(tmp_path, free_port(), prefer=name)  # type: ignore[arg-type]
    try:
        assert broker.name == name
        assert alerts.probe(broker.url) == {"mosquitto": "5", "amqtt": "3.1.1"}[name]
        got: list[str] = []
        receiver = alerts.Receiver(
            broker.url,
            county=TOPIC,
            department="traffic_police",
            acks=("received", "accepted"),
            on_alert=lambda _d, a: got.append(a["id"]),
        )
        receiver.start()
        relay = relay_on(sqlite_store, broker.url)
        relay.start()
        alert = confirmed(sqlite_store)
        wait_for("accepted", lambda: state(sqlite_store, alert) == "accepted", 20)
        assert got == [alert]
        relay.stop()
        receiver.stop()
    finally:
        broker.stop()
    assert not broker.alive()


@pytest.mark.parametrize("name", ["mosquitto", "amqtt"])
def test_the_embedded_broker_does_not_outlive_a_killed_service(tmp_path: Path, name: str) -> None:
    port = free_port()
    code = f"import time\nfrom pathlib import Path\nfrom patrol.alerts import start_broker\nstart_broker(Path({str(tmp_path)!r}), {port}, prefer={name!r})\nprint('up', flush=True)\ntime.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    assert alerts.probe(f"mqtt://127.0.0.1:{port}")
    process.kill()
    process.wait(5)
    process.stdout.close()

    def gone() -> bool:
        try:
            alerts.probe(f"mqtt://127.0.0.1:{port}", timeout_s=0.5)
        except alerts.MqttError:
            return True
        return False

    wait_for("the broker is gone", gone, 10)


def test_a_taken_port_is_named(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with pytest.raises(alerts.BrokerError, match=f"port {mosquitto.port} .* is taken"):
        alerts.start_broker(tmp_path, mosquitto.port)


def _count(store: Store, wanted: str) -> int:
    with store.reading() as session:
        return len(session.scalars(select(Alert.id).where(Alert.state == wanted)).all())
