"""A department's receiver is killed between any two steps, and each test sees that it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol.store import Store
from tests.support.mosquitto import Mosquitto
from tests.support.receivers import Running, in_book, printed
from tests.support.relays import PATIENT, confirmed, relay_on, state, wait_for


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


HELD_AT = {
    "taken up": """
take_up = book.Book.take_up
def held(*words): found = take_up(*words); hold(); return found
book.Book.take_up = held""",
    "in the file": """
way = hand_on.FileWay.__call__
def held(*words, **more): way(*words, **more); hold()
hand_on.FileWay.__call__ = held""",
    "command run": """
way = hand_on.CommandWay.__call__
def held(*words, **more): way(*words, **more); hold()
hand_on.CommandWay.__call__ = held""",
    "handed on": """
mark = book.Book.mark
def held(*words, whole): mark(*words, whole=whole); whole and hold()
book.Book.mark = held""",
    "answered": """
answer = listen.Receiver._answer
def held(*words): answer(*words); hold()
listen.Receiver._answer = held""",
}
"""Where the receiver stands still when it is killed."""


@pytest.mark.parametrize("step", HELD_AT)
def test_a_receiver_killed_between_two_steps_loses_nothing_and_repeats_only_what_it_cannot_know(
    sqlite_store: Store, mosquitto: Mosquitto, tmp_path: Path, step: str
) -> None:
    file, runs = tmp_path / "alerts.jsonl", tmp_path / "runs"
    words = ["--file", str(file), "--command", f"sh -c 'echo $ALERT_ID $ALERT_UNSURE >> {runs}'"]
    # Sends nothing again by itself: what comes again comes from the broker, because it was not confirmed.
    relay = relay_on(sqlite_store, mosquitto.url, pace=PATIENT)
    relay.start()
    try:
        with Running(tmp_path, mosquitto.url, *words, held_at=HELD_AT[step]) as receiver:
            wait_for("it listens", receiver.listens, 30)
            alert = confirmed(sqlite_store)
            wait_for(f"it stands still when the alert is {step}", receiver.held.exists, 20)
            receiver.kill()
        before = in_book(tmp_path)[alert]
        assert before["state"] == ("handed_on" if step in {"handed on", "answered"} else "taken_up")
        with Running(tmp_path, mosquitto.url, *words) as receiver:
            wait_for("it came again", lambda: in_book(tmp_path)[alert]["deliveries"] == 2, 30)
            wait_for("received", lambda: state(sqlite_store, alert) == "received", 20)
            wait_for("handed on", lambda: in_book(tmp_path)[alert]["state"] == "handed_on", 20)
            receiver.end()
    finally:
        relay.stop()
    assert [json.loads(line)["id"] for line in printed(file)] == [alert]
    # The one step where nobody can know: the command had ended, and the book did not say so yet.
    again = [f"{alert} yes"] if step == "command run" else []
    assert printed(runs) == [f"{alert} no", *again]
    assert len(printed(receiver.out)) == 1
