"""The connection: encrypted, with a credential, and honest where the broker refuses something."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from patrol import alerts
from patrol.alerts.mqtt import Connection, Published, Received, Subscribed, read_address
from patrol.store import Store
from tests.support.county import TOPIC, free_port
from tests.support.mosquitto import Mosquitto, publish
from tests.support.relays import ACKS, Wire, confirmed, relay_on, row_of, state, wait_for

E = TypeVar("E", Received, Published, Subscribed)


def run(*words: str | Path) -> None:
    subprocess.run([str(w) for w in words], check=True, capture_output=True, timeout=30)


def with_passwords(folder: Path, **users: str) -> str:
    """Configuration lines of a broker that knows only these users."""
    file = folder / "passwords"
    file.write_text("".join(f"{user}:{password}\n" for user, password in users.items()))
    run("mosquitto_passwd", "-U", file)
    return f"allow_anonymous false\npassword_file {file}\n"


def with_rights(folder: Path, *lines: str) -> str:
    """Configuration lines of a broker where everybody may only what ``lines`` say."""
    file = folder / "rights"
    file.write_text("\n".join(lines) + "\n")
    return f"acl_file {file}\n"


def test_an_encrypted_broker_is_reached_with_its_ca_and_not_without(sqlite_store: Store, tmp_path: Path) -> None:
    ca, key, port = tmp_path / "ca.crt", tmp_path / "key.pem", free_port()
    run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *(
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            key,
            "-out",
            ca,
        ),
    )
    listener = f"listener {port} 127.0.0.1\ncertfile {ca}\nkeyfile {key}\n"
    with Mosquitto(tmp_path / "mosquitto", extra=listener) as broker:
        assert alerts.probe(f"mqtts://localhost:{port}?ca={ca}") == "5"
        with pytest.raises(alerts.MqttError, match=rf"mqtts://localhost:{port}: .*certificate verify failed"):
            alerts.probe(f"mqtts://localhost:{port}")
        with pytest.raises(alerts.MqttError, match=r"(?i)mismatch|not valid for"):
            alerts.probe(f"mqtts://127.0.0.1:{port}?ca={ca}")
        with pytest.raises(alerts.MqttError, match="cannot be used"):
            alerts.probe(f"mqtts://localhost:{port}?ca={tmp_path / 'nowhere.crt'}")
        with pytest.raises(alerts.MqttError):
            alerts.probe(f"mqtt://localhost:{port}", timeout_s=1.0)
        relay = relay_on(sqlite_store, f"mqtts://localhost:{port}?ca={ca}")
        relay.start()
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
        publish(broker.port, ACKS, json.dumps({"alert": alert, "status": "received"}))
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 10)
        relay.stop()


def test_a_credential_is_used_and_a_wrong_one_is_named_without_showing_it(sqlite_store: Store, tmp_path: Path) -> None:
    login = tmp_path / "login"
    login.write_text("service:hunter2\n")
    (tmp_path / "mosquitto").mkdir()
    heard: list[tuple[bool, str]] = []
    extra = with_passwords(tmp_path / "mosquitto", service="hunter2")
    with Mosquitto(tmp_path / "mosquitto", extra=extra) as broker:
        wrong = relay_on(
            sqlite_store,
            broker.url.replace("mqtt://", "mqtt://service:hunter3@"),
            on_state=lambda there, detail: heard.append((there, detail)),
        )
        wrong.start()
        wait_for("it is refused", lambda: heard or None, 10)
        wrong.stop()
        assert not heard[0][0]
        assert "Not authorized" in heard[0][1]
        assert "hunter" not in heard[0][1]
        right = relay_on(sqlite_store, broker.url, credential=f"file:{login}")
        right.start()
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
        right.stop()


class Refusing:
    """A 3.1.1 broker that lets everybody in and grants no subscription. Mosquitto's own rights only filter what is delivered."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._server.getsockname()[1]}"
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            with peer:
                while packet := peer.recv(4096):
                    if packet[0] == 0x10:
                        level = packet[packet.index(b"MQTT") + 4]
                        peer.sendall(bytes((0x20, 2, 0, 1 if level == 5 else 0)))
                    elif packet[0] == 0x82:
                        self.asked += 1
                        peer.sendall(bytes((0x90, 3, packet[2], packet[3], 0x80)))


def test_a_refused_subscription_is_a_problem_and_not_silence(sqlite_store: Store) -> None:
    heard: list[tuple[bool, str]] = []
    broker = Refusing()
    relay = relay_on(sqlite_store, broker.url, on_state=lambda there, detail: heard.append((there, detail)))
    relay.start()
    wait_for("the service hears of it", lambda: heard or None, 10)
    assert not relay.connected
    relay.stop()
    broker.close()
    assert broker.asked
    assert not heard[0][0]
    assert f"the subscription to patrol/v1/{TOPIC}/ack/+ is refused" in heard[0][1]


def test_an_alert_that_the_broker_refuses_does_not_count_as_sent(sqlite_store: Store, tmp_path: Path) -> None:
    (tmp_path / "mosquitto").mkdir()
    extra = with_rights(
        tmp_path / "mosquitto", f"topic read patrol/v1/{TOPIC}/ack/#", f"topic write patrol/v1/{TOPIC}/available"
    )
    with Mosquitto(tmp_path / "mosquitto", extra=extra) as broker:
        relay = relay_on(sqlite_store, broker.url)
        relay.start()
        alert = confirmed(sqlite_store)
        wait_for("the reason stands on the row", lambda: row_of(sqlite_store, alert).last_error, 10)
        row = row_of(sqlite_store, alert)
        relay.stop()
    assert row.state == "queued"
    assert row.sent_at is None
    assert "Not authorized" in (row.last_error or "")


def first(connection: Connection, kind: type[E]) -> E:
    """The next event of a kind; others are passed over."""
    while not isinstance(event := connection.events.get(timeout=5), kind):
        pass
    return event


def test_a_message_is_delivered_again_until_it_is_confirmed(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        address = read_address(broker.url)
        one = Connection(address, "x", subscriptions=("t",))
        assert not one.session_present
        assert first(one, Subscribed).problem is None
        publish(broker.port, "t", "once")
        assert first(one, Received).payload == b"once"
        one.close()
        two = Connection(address, "x", subscriptions=("t",))
        assert two.session_present
        again = first(two, Received)
        assert again.payload == b"once"
        two.confirm(again)
        # The broker answers in order: once it has this one, it has the confirmation.
        assert two.publish("u", "own") is not None
        assert first(two, Published).problem is None
        two.close()
        three = Connection(address, "x", subscriptions=("t",))
        publish(broker.port, "t", "next")
        assert first(three, Received).payload == b"next"
        three.close()


def test_a_broker_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        wire = Wire(broker.port)
        wire.mute()
        began = datetime.now(UTC)
        with pytest.raises(alerts.MqttError, match="no answer"):
            alerts.probe(wire.url, timeout_s=0.5)
        assert (datetime.now(UTC) - began).total_seconds() < 5
        assert wire.held
        wire.close()


def test_nobody_there_is_said_with_the_address() -> None:
    port = free_port()
    with pytest.raises(alerts.MqttError, match=f"mqtt://127.0.0.1:{port}: .*refused"):
        alerts.probe(f"mqtt://user:hunter2@127.0.0.1:{port}")
