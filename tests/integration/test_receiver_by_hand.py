"""What people type: the commands that the guides give, an answer by hand, options that are wrong."""

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
from typer.testing import CliRunner

from patrol.cli import app
from patrol.store import Store
from tests.support.county import TOPIC
from tests.support.mosquitto import Mosquitto, Subscriber
from tests.support.receivers import OF_US, printed
from tests.support.relays import ACKS, answers, confirmed, relay_on, state, wait_for

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "mqtt.md").read_text("utf-8")
RECEIVER_GUIDE = (ROOT / "docs" / "receiver.md").read_text("utf-8")


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


def commands(program: str, port: int, alert: str, guide: str = GUIDE) -> list[list[str]]:
    """The guide's commands that begin with ``program``, for this county and broker."""
    found = [line for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL) for line in block.splitlines()]
    here = [line.replace("1883", str(port)).replace("xiangyin", TOPIC).replace("ALERT_ID", alert) for line in found]
    return [shlex.split(line) for line in here if line.startswith(program)]


def patrol(*words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "patrol.cli", *words], capture_output=True, text=True, check=False, timeout=timeout
    )


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
    (command,) = commands("patrol receiver", mosquitto.port, "")
    with (tmp_path / "out").open("wb") as out:
        words = [sys.executable, "-m", "patrol.cli", *command[1:], *(["--json"] if as_json else [])]
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


def test_an_answer_by_hand_arrives_with_all_that_was_said(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    department = Subscriber(mosquitto.port, ACKS, tmp_path / "acks")
    relay = relay_on(sqlite_store, mosquitto.url)
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 10)
        (of_the_guide,) = commands("patrol receiver answer", mosquitto.port, alert, RECEIVER_GUIDE)
        assert patrol(*of_the_guide[1:]).returncode == 0
        wait_for("accepted", lambda: state(sqlite_store, alert) == "accepted", 10)
        photo = f"{'A' * 64}=https://x.example/a=b.jpg"
        words = ["--note", "等候", "--by", "li", "--phone", "0730-110", "--outcome", "nobody there", "--photo", photo]
        # In this process: the one above has shown that the command is there.
        done = CliRunner().invoke(
            app, ["receiver", "answer", *OF_US, "--broker", mosquitto.url, alert, "phoned", *words]
        )
        assert (done.exit_code, done.stdout) == (0, f"{alert}: phoned\n")
        wait_for("phoned", lambda: state(sqlite_store, alert) == "phoned", 10)
    finally:
        relay.stop()
        department.stop()
    accepted, phoned = department.payloads()
    assert (accepted["status"], accepted["by"], accepted["note"]) == ("accepted", "Li Wei", "patrol car 3")
    at = phoned.pop("at")
    assert phoned == {
        "schema": "patrol.ack/1",
        "alert": alert,
        "status": "phoned",
        "note": "等候",
        "by": "li",
        "phone": {"number": "0730-110", "at": at, "outcome": "nobody there"},
        "photos": [{"url": "https://x.example/a=b.jpg", "sha256": "a" * 64}],
    }


def test_an_answer_that_the_broker_refuses_is_not_said_to_have_arrived(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic read #\n")
    with Mosquitto(tmp_path / "mosquitto", f"acl_file {tmp_path / 'acl'}\n") as broker:
        done = CliRunner().invoke(app, ["receiver", "answer", *OF_US, "--broker", broker.url, "a", "received"])
    assert done.exit_code == 3
    assert "the broker refuses the answer: Not authorized" in done.stderr


@pytest.mark.parametrize(
    ("words", "why", "code"),
    [
        (("--ack", "eaten"), "--ack eaten: there is no status 'eaten'", 2),
        (("--ack", "refused"), "a reason is missing", 2),
        (("--broker", "http://127.0.0.1:1"), "begins with mqtt://", 2),
        (("--credential", "env:PATROL_NOT_SET"), "env:PATROL_NOT_SET is not set", 2),
        (("--command", "no-such-program -x"), "there is no program 'no-such-program'", 2),
        (("--command", "sh -c 'x"), "--command cannot be read", 2),
        (("--file", "/nowhere/alerts.jsonl"), "--file /nowhere/alerts.jsonl: No such file", 2),
        (("--book", "/nowhere/book"), "book /nowhere/book: No such file", 1),
        (("--department", "a/#"), "--department 'a/#'", 2),
        (("--list",), "--list shows a book", 2),
        (("answer", *OF_US, "a", "eaten"), "there is no status 'eaten'", 2),
        (("answer", *OF_US, "a", "refused"), "a reason is missing", 2),
        (("answer", *OF_US, "a", "phoned", "--outcome", "busy"), "--phone", 2),
        (("answer", *OF_US, "a", "disposed", "--photo", "https://x"), "a photo is given by", 2),
        (("answer", "a", "received"), "--county is missing", 2),
        (("answer", *OF_US, "--broker", "mqtt://127.0.0.1:1", "a", "received"), "mqtt://127.0.0.1:1", 3),
    ],
)
def test_wrong_options_are_named(words: tuple[str, ...], why: str, code: int) -> None:
    # In this process: what is wrong is found before anything is started.
    first = words if words[0] == "answer" else (*OF_US, *words)
    done = CliRunner().invoke(app, ["receiver", *first])
    assert done.exit_code == code
    assert why in done.stderr


def test_the_unit_file_runs_the_command_of_the_guide() -> None:
    unit = (ROOT / "deploy" / "patrol-receiver.service").read_text("utf-8").replace("\\\n", " ")
    (line,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    program, command, *words = shlex.split(line)
    assert (Path(program).name, command) == ("patrol", "receiver")
    done = CliRunner().invoke(app, ["receiver", *words, "--help"])
    assert done.exit_code == 0
    known = set(re.findall(r"--[a-z-]+", done.stdout))
    assert {word for word in words if word.startswith("--")} <= known
    for name in re.findall(r"PATROL_[A-Z]+", unit):
        assert name in done.stdout
