"""The embedded broker: both kinds carry alerts, keep sessions, restart, and never outlive the service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from patrol import alerts
from patrol.alerts.broker import Broker
from patrol.store import Store
from tests.support.county import TOPIC, free_port
from tests.support.mosquitto import Mosquitto, Subscriber, publish
from tests.support.relays import ACKS, confirmed, relay_on, relay_process, state, wait_for

Kind = Literal["mosquitto", "amqtt"]
both = pytest.mark.parametrize("name", ["mosquitto", "amqtt"])


def answers_at(port: int) -> bool:
    try:
        alerts.probe(f"mqtt://127.0.0.1:{port}", timeout_s=0.5)
    except alerts.MqttError:
        return False
    return True


@both
def test_the_embedded_broker_carries_alerts_and_answers(sqlite_store: Store, tmp_path: Path, name: Kind) -> None:
    broker = alerts.start_broker(tmp_path, free_port(), prefer=name)
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
        # What a department answers while the service is away waits in the broker.
        port = int(broker.url.rpartition(":")[2])
        publish(port, ACKS, json.dumps({"alert": alert, "status": "on_scene"}))
        again = relay_on(sqlite_store, broker.url)
        again.start()
        wait_for("on scene", lambda: state(sqlite_store, alert) == "on_scene", 10)
        again.stop()
        receiver.stop()
    finally:
        broker.stop()
    assert not broker.alive()
    assert not answers_at(port)


@both
def test_the_embedded_broker_says_offline_when_the_service_is_killed(
    sqlite_store: Store, tmp_path: Path, name: Kind
) -> None:
    broker = alerts.start_broker(tmp_path, free_port(), prefer=name)
    try:
        watcher = Subscriber(int(broker.url.rpartition(":")[2]), f"patrol/v1/{TOPIC}/available", tmp_path / "watch")
        process = relay_process(tmp_path, broker.url)
        wait_for("online", lambda: watcher.payloads()[-1:] == ["online"], 20)
        process.kill()
        assert process.wait(5) == -signal.SIGKILL
        wait_for("the will", lambda: watcher.payloads()[-1] == "offline", 10)
        watcher.stop()
    finally:
        broker.stop()


@both
def test_the_embedded_broker_does_not_outlive_a_killed_service(tmp_path: Path, name: Kind) -> None:
    port = free_port()
    code = f"import time\nfrom pathlib import Path\nfrom patrol.alerts import start_broker\nstart_broker(Path({str(tmp_path)!r}), {port}, prefer={name!r})\nprint('up', flush=True)\ntime.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    assert answers_at(port)
    process.kill()
    process.wait(5)
    process.stdout.close()
    wait_for("the broker is gone", lambda: not answers_at(port), 10)


@both
def test_a_broker_that_was_killed_is_started_again_on_the_same_port(tmp_path: Path, name: Kind) -> None:
    broker = alerts.start_broker(tmp_path, free_port(), prefer=name)
    try:
        killed = _pid(broker)
        os.kill(killed, signal.SIGKILL)
        wait_for("it is seen to be gone", lambda: not broker.alive(), 5)
        # The program behind a watcher ends with it, or the port would stay taken.
        wait_for("its port is free", lambda: not answers_at(int(broker.url.rpartition(":")[2])), 5)
        broker.ensure()
        assert broker.alive()
        assert _pid(broker) != killed
        assert alerts.probe(broker.url)
    finally:
        broker.stop()


def test_mosquitto_keeps_what_waits_over_a_restart_also_in_a_folder_with_a_difficult_name(tmp_path: Path) -> None:
    folder = tmp_path / "数据 folder"
    folder.mkdir()
    port = free_port()
    broker = alerts.start_broker(folder, port, prefer="mosquitto")
    department = Subscriber(port, "patrol/v1/x/alert/#", tmp_path / "before")
    wait_for("subscribed", lambda: _arrives(port, department), 5)
    department.stop()
    publish(port, "patrol/v1/x/alert/police/fishing", "waits")
    broker.stop()
    broker = alerts.start_broker(folder, port, prefer="mosquitto")
    try:
        again = Subscriber(port, "patrol/v1/x/alert/#", tmp_path / "after")
        wait_for("what waited", lambda: again.payloads() == ["waits"], 5)
        again.stop()
    finally:
        broker.stop()


def test_the_embedded_broker_listens_on_loopback_only(tmp_path: Path) -> None:
    broker = alerts.start_broker(tmp_path, free_port(), prefer="mosquitto")
    try:
        port = f"{int(broker.url.rpartition(':')[2]):04X}"
        lines = Path("/proc/net/tcp").read_text().splitlines() + Path("/proc/net/tcp6").read_text().splitlines()
        listening = [
            line.split()[1] for line in lines if line.split()[3] == "0A" and line.split()[1].endswith(f":{port}")
        ]
        assert listening == [f"0100007F:{port}"]
    finally:
        broker.stop()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with (
        Mosquitto(tmp_path / "other") as other,
        pytest.raises(alerts.BrokerError, match=f"port {other.port} .* is taken"),
    ):
        alerts.start_broker(tmp_path, other.port)


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    broker = Broker(
        "amqtt", [sys.executable, "-c", "raise SystemExit('no such plugin')"], free_port(), tmp_path / "log"
    )
    with pytest.raises(alerts.BrokerError, match="the embedded broker amqtt does not start: no such plugin"):
        broker.ensure()
    assert not broker.alive()


def _arrives(port: int, subscriber: Subscriber) -> bool:
    publish(port, "patrol/v1/x/alert/police/fishing", "there?")
    return bool(subscriber.payloads())


def _pid(broker: Broker) -> int:
    assert broker._process is not None
    return broker._process.pid
