"""The built-in case system on a real Mosquitto: alerts in, numbers out, what a case says; broker and store coming and going."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy import func, select

from patrol._case_line import CaseLine
from patrol.alerts.pace import Pace
from patrol.cases.book import move
from patrol.cases.desk import Desk
from patrol.cases.intake import take_alert
from patrol.cases.moves import Command, Move
from patrol.cases.sweep import sweep
from patrol.store import Store
from patrol.store.tables import Alert, CaseFile, CaseLink, CaseNotice
from tests.support.campaign import write_confirmed
from tests.support.case_campaign import KEEPER, REGISTRY
from tests.support.cases import alert, case_registry, opened
from tests.support.county import TOPIC
from tests.support.mosquitto import Mosquitto, Subscriber, publish
from tests.support.relays import relay_on, wait_for

DESK = Desk(case_registry())
MINE = f"patrol/v1/{TOPIC}/alert/governance_centre/congestion"
FAST = Pace(reconnect=(0.2,), idle=0.2, puback=2.0)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


def line_on(store: Store, url: str) -> CaseLine:
    return CaseLine(store, lambda: DESK, county=TOPIC, department="governance_centre", mqtt_url=url, pace=FAST)


def numbers(store: Store) -> list[str]:
    with store.reading() as session:
        return sorted(session.scalars(select(CaseFile.number)))


def test_an_alert_becomes_a_case_is_answered_with_its_number_and_says_what_becomes_of_it(
    store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    answers = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/ack/governance_centre", tmp_path / "answers")
    told = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/case/+", tmp_path / "told", client="told")
    line = line_on(store, mosquitto.url)
    line.start()
    try:
        wait_for("the line listens", lambda: line.listening, 10)
        for _ in range(2):
            publish(mosquitto.port, MINE, alert("i-1", alert_id="a-1").decode())
        (first, again) = wait_for(
            "both are answered", lambda: answers.payloads()[:2] if len(answers.payloads()) > 1 else None, 10
        )
        (number,) = numbers(store)
        assert first["alert"] == again["alert"] == "a-1"
        assert first["status"] == "received"
        assert first["case"] == again["case"] == number
        with store.sessions.begin() as session:
            now = datetime.now(UTC)
            move(session, DESK, number, Command(Move.ASSIGN, "坐席一", now, unit="traffic_police"))
        line.wake()
        # An alert that comes again is answered again, and its case says again how it stands.
        stages = ["received", "received", "assigned"]
        wait_for("the stage is said", lambda: [m["stage"] for m in told.payloads()] == stages, 10)
        assert told.messages()[0]["topic"] == f"patrol/v1/{TOPIC}/case/{number}"
        assert told.messages()[0]["retain"] == 0
        sweep(store, DESK, datetime.now(UTC) + timedelta(days=60))
        line.wake()
        wait_for("the light is said", lambda: [m["light"] for m in told.payloads()][3:] == ["red"], 10)
        wait_for("nothing waits", lambda: unsaid(store) == 0, 10)
    finally:
        line.stop()


def test_what_is_no_alert_is_not_answered_and_holds_nothing_up(
    store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    answers = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/ack/governance_centre", tmp_path / "answers")
    line = line_on(store, mosquitto.url)
    line.start()
    try:
        wait_for("the line listens", lambda: line.listening, 10)
        for payload in ("", "[1]", '{"schema": "patrol.alert/1"}', alert("i", camera=None).decode()):
            publish(mosquitto.port, MINE, payload)
        publish(mosquitto.port, MINE, alert("i-2", alert_id="a-2").decode())
        wait_for("the good one is answered", lambda: answers.payloads() or None, 10)
        assert [answer["alert"] for answer in answers.payloads()] == ["a-2"]
        assert len(numbers(store)) == 1
    finally:
        line.stop()


def test_what_came_while_it_was_away_is_taken_when_it_is_back(store: Store, mosquitto: Mosquitto) -> None:
    line = line_on(store, mosquitto.url)
    line.start()
    wait_for("the line listens", lambda: line.listening, 10)
    line.stop()
    for n in range(30):
        publish(mosquitto.port, MINE, alert(f"i-{n}").decode())
    line = line_on(store, mosquitto.url)
    line.start()
    try:
        wait_for("all became cases", lambda: len(numbers(store)) == 30, 15)
        wait_for("all was said", lambda: unsaid(store) == 0, 15)
    finally:
        line.stop()
    assert [number[-6:] for number in numbers(store)] == [f"{n:06d}" for n in range(1, 31)]


def test_a_broker_that_is_killed_loses_nothing_a_case_has_to_say(
    store: Store, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    line = line_on(store, mosquitto.url)
    line.start()
    try:
        wait_for("the line listens", lambda: line.listening, 10)
        mosquitto.kill()
        wait_for("the line has noticed", lambda: not line.listening, 10)
        with store.sessions.begin() as session:
            numbered = [opened(session, DESK, datetime.now(UTC)).number for _ in range(100)]
        assert unsaid(store) == 100
        mosquitto.start()
        told = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/case/+", tmp_path / "told", client="told")
        line.wake()
        wait_for("all was said", lambda: unsaid(store) == 0, 20)
        assert {m["number"] for m in told.payloads()} <= set(numbered)
    finally:
        line.stop()


def test_what_a_case_said_before_its_answer_was_heard_is_shown_all_the_same(store: Store, mosquitto: Mosquitto) -> None:
    """The line ended between commit and answer: its notice goes out first, and nobody knows yet whose case that is."""
    incident = write_confirmed(store, "congestion", REGISTRY)
    with store.sessions.begin() as session:
        told = session.scalars(select(Alert)).one()
        taken = take_alert(session, DESK, json.dumps(told.envelope).encode(), datetime.now(UTC))
    line = line_on(store, mosquitto.url)
    relay = relay_on(store, mosquitto.url, case_department=KEEPER)
    line.start()
    try:
        wait_for("the notice is said", lambda: unsaid(store) == 0, 10)
        relay.start()
        wait_for(
            "the incident shows its case", lambda: shown(store, incident) == (taken.number, "received", "unlit"), 10
        )
    finally:
        relay.stop()
        line.stop()


def shown(store: Store, incident: str) -> tuple[str, str | None, str | None] | None:
    with store.reading() as session:
        row = session.get(CaseLink, incident)
    return None if row is None else (row.number, row.stage, row.light)


def unsaid(store: Store) -> int:
    with store.reading() as session:
        counted = select(func.count()).select_from(CaseNotice).where(CaseNotice.published_at.is_(None))
        return session.scalar(counted) or 0


def test_what_a_killed_broker_had_acknowledged_and_not_saved_is_said_again(store: Store, tmp_path: Path) -> None:
    """It comes back knowing who listens, and without what it had last taken for them."""
    broker = Mosquitto(tmp_path / "mosquitto", extra="autosave_interval 3600\n")
    broker.start()
    line = line_on(store, broker.url)
    line.start()
    try:
        wait_for("the line listens", lambda: line.listening, 10)
        told = Subscriber(broker.port, f"patrol/v1/{TOPIC}/case/+", tmp_path / "told", client="told")
        with store.sessions.begin() as session:
            first = opened(session, DESK, datetime.now(UTC)).number
        wait_for("the session of who listens stands", lambda: told.payloads() or None, 10)
        told.stop()
        broker.stop()
        broker.start()
        wait_for("the line is back", lambda: line.listening, 10)
        with store.sessions.begin() as session:
            unsaved = [opened(session, DESK, datetime.now(UTC)).number for _ in range(5)]
        wait_for("all was said", lambda: unsaid(store) == 0, 10)
        broker.kill()
        broker.start()
        told = Subscriber(broker.port, f"patrol/v1/{TOPIC}/case/+", tmp_path / "told", client="told")
        wait_for("all came", lambda: {m["number"] for m in told.payloads()} == {first, *unsaved} or None, 10)
    finally:
        line.stop()
        broker.stop()


def test_the_answer_is_one_of_the_contract(store: Store, mosquitto: Mosquitto, tmp_path: Path) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "ack.schema.json").read_text())
    answers = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/ack/governance_centre", tmp_path / "answers")
    line = line_on(store, mosquitto.url)
    line.start()
    try:
        wait_for("the line listens", lambda: line.listening, 10)
        publish(mosquitto.port, MINE, alert("i-1").decode())
        (answer, *_) = wait_for("it is answered", lambda: answers.payloads() or None, 10)
        jsonschema.validate(answer, schema)
    finally:
        line.stop()
