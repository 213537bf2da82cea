"""A department's side: `patrol receiver` against a real broker."""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from patrol import alerts
from patrol.cli import app
from patrol.store import Store
from tests.support.county import TOPIC
from tests.support.mosquitto import Mosquitto, Subscriber, publish
from tests.support.receivers import Running, in_book, printed
from tests.support.relays import ACKS, answers, confirmed, count, relay_on, row_of, state, wait_for


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


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


def test_what_is_wrong_with_a_message_is_said_and_the_next_one_is_taken(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic = f"patrol/v1/{TOPIC}/alert/traffic_police/congestion"
    with Running(tmp_path, mosquitto.url, "--json") as receiver:
        wait_for("it listens", receiver.listens, 20)
        (tmp_path / "long").write_text(json.dumps({"id": "l", "ack_topic": ACKS, "summary": "x" * 70_000}))
        publish(mosquitto.port, topic, "{")
        publish(mosquitto.port, topic, json.dumps({"id": "x", "ack_topic": f"patrol/v1/{TOPIC}/ack/police"}))
        subprocess.run(
            ["mosquitto_pub", "-p", str(mosquitto.port), "-q", "1", "-t", topic, "-f", str(tmp_path / "long")],
            check=True,
            timeout=20,
        )
        publish(mosquitto.port, topic, json.dumps({"schema": "patrol.alert/9", "id": "y", "ack_topic": ACKS, "seq": 3}))
        publish(mosquitto.port, topic, json.dumps({"schema": "patrol.alert/1", "id": "z", "ack_topic": ACKS, "seq": 5}))
        wait_for("the last is printed", lambda: len(printed(receiver.out)) == 2, 10)
        receiver.end()
    said = receiver.err.read_text("utf-8")
    for why in ("not JSON", "`ack_topic` is not", "longer than 65536", "another schema", "seq 4 is still to come"):
        assert why in said
    assert [json.loads(line)["id"] for line in printed(receiver.out)] == ["y", "z"]
    listing = ["receiver", "--list", "--book", str(tmp_path / "book")]
    listed = CliRunner().invoke(app, [*listing, "--json"])
    shown = json.loads(listed.stdout)
    assert [(row["id"], row["seq"], row["state"]) for row in shown["alerts"]] == [
        ("z", 5, "handed_on"),
        ("y", 3, "handed_on"),
    ]
    assert [(hole["first"], hole["last"]) for hole in shown["still_to_come"]] == [(4, 4)]
    assert "seq 4 is still to come" in CliRunner().invoke(app, listing).stdout


def test_a_command_that_fails_is_run_again_until_it_works_and_only_then_answered(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    runs, works = tmp_path / "runs", tmp_path / "works"
    # Slow at first, so that the time limit is what fails it; what it started must be gone too.
    script = f"echo $ALERT_TYPE $ALERT_KIND >> {runs}; test -e {works} || sleep 50.123; cat > {tmp_path}/got"
    words = ["--command", f'sh -c "{script}"', "--command-timeout", "0.5"]
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        with Running(tmp_path, mosquitto.url, *words) as receiver:
            alert = confirmed(sqlite_store)
            wait_for("it was tried twice", lambda: runs.exists() and len(printed(runs)) >= 2, 30)
            row = wait_for("the book says why", lambda: in_book(tmp_path)[alert]["problem"], 10)
            assert row == "sh took more than 0.5 s and was ended"
            assert state(sqlite_store, alert) == "sent"
            assert not printed(receiver.out)
            assert not answers(sqlite_store)
            works.touch()
            wait_for("received", lambda: state(sqlite_store, alert) == "received", 20)
            receiver.end()
        assert "not handed on" in receiver.err.read_text("utf-8")
    finally:
        relay.stop()
    assert set(printed(runs)) == {"new congestion"}
    assert json.loads((tmp_path / "got").read_text("utf-8"))["id"] == alert
    assert alert in receiver.out.read_text("utf-8")
    left = subprocess.run(["pgrep", "-f", "sleep 50.123"], capture_output=True, text=True, check=False).stdout
    assert not left


def test_a_receiver_with_a_book_that_was_away_gets_what_came_meanwhile_and_repeats_nothing(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        with Running(tmp_path, mosquitto.url, "--json", "--ack", "") as receiver:
            first = confirmed(sqlite_store)
            wait_for("it came three times", lambda: row_of(sqlite_store, first).attempts >= 3, 20)
            wait_for("it is printed", lambda: printed(receiver.out) or None, 20)
            receiver.end()
        second = confirmed(sqlite_store, camera="other")
        wait_for("the broker has the second", lambda: state(sqlite_store, second) == "sent", 10)
        with Running(tmp_path, mosquitto.url, "--json", "--ack", "received,accepted") as receiver:
            wait_for("both are accepted", lambda: count(sqlite_store, "accepted") == 2, 30)
            receiver.end()
        assert [json.loads(line)["id"] for line in printed(receiver.out)] == [first, second]
    finally:
        relay.stop()


class Files(BaseHTTPRequestHandler):
    """Serves what it is given; 404 for the rest. ``/late`` is there from the second time on."""

    served: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.asked.append(path)
        body = self.served.get(path)
        code = 404 if body is None else 503 if path == "/late.jpg" and self.asked.count(path) == 1 else 200
        self.send_response(code)
        self.send_header("content-length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def files() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    Files.asked.clear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_evidence_is_fetched_and_checked_and_holds_up_no_answer(
    mosquitto: Mosquitto, tmp_path: Path, files: str
) -> None:
    right, late = b"clip" * 100_000, b"late"
    Files.served = {"/clip.mp4": right, "/changed.jpg": b"something else", "/late.jpg": late}

    def entry(path: str, content: bytes, role: str) -> dict[str, str]:
        url = f"{files}{path}?expires=1&signature=SECRET"
        return {"url": url, "sha256": hashlib.sha256(content).hexdigest(), "role": role}

    evidence = [
        entry("/clip.mp4", right, "clip"),
        entry("/changed.jpg", b"the picture", "key_frame"),
        entry("/gone.jpg", b"gone", "gone"),
        entry("/late.jpg", late, "late"),
        {"url": f"{files}/clip.mp4", "role": "unchecked"},
    ]
    alert = {"schema": "patrol.alert/1", "id": "a", "ack_topic": ACKS, "seq": 1, "evidence": evidence}
    department = Subscriber(mosquitto.port, ACKS, tmp_path / "acks")
    sooner = (
        "from patrol.alerts.receiver import evidence; evidence.Keeper.__init__.__kwdefaults__['again_s'] = (0.3, 0.3)"
    )
    with Running(tmp_path, mosquitto.url, "--evidence", str(tmp_path / "kept"), held_at=sooner) as receiver:
        wait_for("it listens", receiver.listens, 20)
        publish(mosquitto.port, f"patrol/v1/{TOPIC}/alert/traffic_police/congestion", json.dumps(alert))
        wait_for("it is answered", lambda: department.payloads() or None, 10)

        def settled() -> dict[str, tuple[str, str | None]] | None:
            row = in_book(tmp_path).get("a")
            found = {e["role"]: (e["state"], e["problem"]) for e in row["evidence"]} if row else {}
            return found if found and "wanted" not in {state for state, _ in found.values()} else None

        states = wait_for("all is settled", settled, 20)
        receiver.end()
    department.stop()
    assert states["clip"] == states["late"] == ("kept", None)
    assert Files.asked.count("/late.jpg") == 2
    assert states["gone"] == ("failed", "the server answers 404")
    assert states["key_frame"][0] == "failed"
    assert "its sha256 is" in (states["key_frame"][1] or "")
    kept = sorted(p for p in (tmp_path / "kept").rglob("*") if p.is_file())
    assert [p.name.partition("-")[0] + p.suffix for p in kept] == ["clip.mp4", "late.jpg"]
    assert kept[0].read_bytes() == right
    said = receiver.err.read_text("utf-8")
    assert "evidence without a link or a sha256" in said
    assert "SECRET" not in said
