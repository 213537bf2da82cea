"""A department's side: the reference receiver, and the commands that the guide gives."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol import alerts
from patrol.store import Store
from tests.support.county import TOPIC, free_port
from tests.support.mosquitto import Mosquitto
from tests.support.relays import answers, confirmed, relay_on, row_of, state, wait_for

GUIDE = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text("utf-8")


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


def commands(program: str, port: int, alert: str) -> list[list[str]]:
    """The guide's commands that begin with ``program``, for this county and broker."""
    found = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
    here = [line.replace("1883", str(port)).replace("xiangyin", TOPIC).replace("ALERT_ID", alert) for line in found]
    return [shlex.split(line) for line in here if line.startswith(program)]


def printed(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()


def test_the_commands_of_the_guide_work(sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path) -> None:
    alert = confirmed(sqlite_store)
    listens, available = commands("mosquitto_sub", mosquitto.port, alert)
    takes, accepts = commands("mosquitto_pub", mosquitto.port, alert)
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.publish_state({"schema": "patrol.rotation/1"})
    with (tmp_path / "desk").open("wb") as out:
        desk = subprocess.Popen(listens, stdout=out)
    relay.start()
    try:
        wait_for("the alert is at the desk", lambda: printed(tmp_path / "desk") or None, 10)
        assert json.loads(printed(tmp_path / "desk")[0])["id"] == alert
        assert subprocess.run(available, capture_output=True, text=True, check=True, timeout=20).stdout == "online\n"
        subprocess.run(takes, check=True, timeout=20)
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
        subprocess.run(accepts, check=True, timeout=20)
        wait_for("accepted", lambda: state(sqlite_store, alert) == "accepted", 10)
        assert [a.note for a in answers(sqlite_store)] == [None, "patrol car 3"]
    finally:
        relay.stop()
        desk.terminate()
        desk.wait(5)


@pytest.mark.parametrize("as_json", [True, False])
def test_the_reference_receiver_prints_each_alert_once_and_answers(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path, as_json: bool
) -> None:
    (command,) = commands("python", mosquitto.port, "")
    with (tmp_path / "out").open("wb") as out:
        words = [sys.executable, *command[1:], *(["--json"] if as_json else [])]
        receiver = subprocess.Popen(words, stdout=out, stderr=subprocess.DEVNULL)
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 20)
        (line,) = printed(tmp_path / "out")
        assert (json.loads(line)["id"] == alert) if as_json else (alert in line and "confirmed" in line)
        receiver.send_signal(signal.SIGTERM)
        assert receiver.wait(10) == 0
    finally:
        relay.stop()
        receiver.kill()
        receiver.wait(5)


def test_a_duplicate_is_shown_once_and_answered_every_time(sqlite_store: Store, mosquitto: Mosquitto) -> None:
    shown: list[str] = []
    silent = alerts.Receiver(
        mosquitto.url,
        county=TOPIC,
        department="traffic_police",
        acks=(),
        on_alert=lambda _department, alert: shown.append(alert["id"]),
    )
    silent.start()
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent three times", lambda: row_of(sqlite_store, alert).attempts >= 3, 10)
        assert shown == [alert]
        assert answers(sqlite_store) == []
        silent.stop()
        again = alerts.Receiver(mosquitto.url, county=TOPIC, department="traffic_police")
        again.start()
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
        again.stop()
    finally:
        relay.stop()


def test_a_receiver_waits_for_a_broker_that_comes_later(sqlite_store: Store, tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "mosquitto")
    receiver = alerts.Receiver(broker.url, county=TOPIC, department="traffic_police")
    receiver.start()
    relay = relay_on(sqlite_store, broker.url)
    relay.start()
    alert = confirmed(sqlite_store)
    with broker:
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 20)
        relay.stop()
        receiver.stop()


def test_what_is_not_an_alert_does_not_stop_the_receiver(sqlite_store: Store, mosquitto: Mosquitto) -> None:
    receiver = alerts.Receiver(mosquitto.url, county=TOPIC, department="traffic_police")
    receiver.start()
    topic = f"patrol/v1/{TOPIC}/alert/traffic_police/congestion"
    wait_for("it listens", lambda: receiver.connected, 10)
    for nonsense in ("{", "[]", "7", '{"id": 1}', '{"id": "x", "ack_topic": "a/#"}'):
        subprocess.run(
            ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(mosquitto.port), "-q", "1", "-t", topic, "-m", nonsense],
            check=True,
            timeout=20,
        )
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    alert = confirmed(sqlite_store)
    wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
    relay.stop()
    receiver.stop()


def test_wrong_options_are_named() -> None:
    command = [sys.executable, "-m", "patrol.alerts.receiver", "--county", "x", "--department", "y"]
    status = subprocess.run([*command, "--ack", "eaten"], capture_output=True, text=True, check=False, timeout=30)
    assert status.returncode == 2
    assert "--ack knows no 'eaten'" in status.stderr
    address = subprocess.run(
        [*command, "--broker", f"http://127.0.0.1:{free_port()}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert address.returncode == 1
    assert "begins with mqtt://" in address.stderr
