"""Every message of the whole service is valid by the published schemas and says nothing that they do not describe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from patrol import alerts, incidents
from patrol.alerts.case_links import read_case
from patrol.alerts.messages import MESSAGES
from patrol.alerts.relay import STATUS_EXPIRY_S
from patrol.cases.book import move
from patrol.cases.desk import Desk
from patrol.cases.intake import take_alert
from patrol.cases.moves import Command, Move
from patrol.cases.notices import unsaid
from patrol.store import Store, open_store
from tests.support.cases import T0 as CASE_T0
from tests.support.cases import alert as case_alert
from tests.support.cases import case_registry, opened
from tests.support.county import TOPIC, Patrol, free_port, registry_text
from tests.support.incidents import seen
from tests.support.mosquitto import Mosquitto, Subscriber, publish
from tests.support.relays import answers, wait_for
from tests.unit.alerts.drill import COPIED

DOCS = Path(__file__).parents[2] / "docs"
NOBODY = ("jam-portrait", "gate")
"""Cameras at whose address nobody answers."""
WRONG = ("{", '{"alert": "x", "status": "eaten"}')
"""Answers that are wrong on purpose."""


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


def closed(schema: Any) -> Any:
    """The same schema, where a field that it does not describe is an error."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    more = {"additionalProperties": False} if "properties" in schema and "additionalProperties" not in schema else {}
    return {**{key: closed(value) for key, value in schema.items()}, **more}


SCHEMAS = {name: closed(json.loads((DOCS / "schemas" / f"{name}.schema.json").read_text("utf-8"))) for name in MESSAGES}


def name_of(topic: str) -> str:
    county, rest = topic.removeprefix("patrol/v1/").split("/", 1)
    assert county == TOPIC
    return "camera_status" if rest.startswith("camera/") else rest.split("/", 1)[0]


def check(name: str, payload: str) -> dict[str, Any]:
    text = json.dumps(payload) if name == "available" else payload
    value: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMAS[name]).validate(value)
    MESSAGES[name][1].model_validate_json(text)
    return value


def tell_a_whole_story(store: Store) -> None:
    """An incident is flagged, told at once, confirmed, and judged a false alarm: new, update, end, to both departments."""
    now = datetime.now(UTC)
    with store.sessions.begin() as session:
        (change, *_) = seen(session, "flagged")
        alerts.notify(session, COPIED, change, now, at_once=True)
    for verdict in ("confirmed", "false_alarm"):
        with store.sessions.begin() as session:
            change = incidents.review(session, change.incident_id, verdict, "li", None, now)
            alerts.notify(session, COPIED, change, now, at_once=False)


def test_whatever_the_service_and_its_receivers_publish_is_valid_and_described(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    shown = "\x1f".join(("%t", "%E", "%C", "%p"))
    watcher = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/#", tmp_path / "all", version="mqttv5", shown=shown)
    urls = {camera: f"rtsp://127.0.0.1:{free_port()}/x" for camera in NOBODY}
    registry = tmp_path / "registry.yaml"
    registry.write_text(registry_text(urls, period="20s", dwell="5s"), "utf-8")
    patrol = Patrol(registry, tmp_path / "data", mosquitto.url, model=None)
    receivers = [
        alerts.Receiver(mosquitto.url, county=TOPIC, department=d, acks=("received", "accepted"))
        for d in ("traffic_police", "police")
    ]

    def caught() -> list[tuple[str, str, str, str]]:
        lines = [line.split("\x1f") for line in watcher.lines() if not line.endswith(tuple(WRONG))]
        return [(name_of(topic), expiry, content, payload) for topic, expiry, content, payload in lines]

    def kinds() -> set[tuple[str, Any]]:
        """Each message with what makes it another one."""
        found = set()
        for name, _, _, payload in caught():
            if name == "available":
                found.add((name, payload))
            else:
                value = json.loads(payload)
                found.add((name, {"alert": value.get("type"), "ack": value.get("status")}.get(name)))
                if value.get("forecast") and value.get("ledger"):
                    found.add((name, "with forecast and ledger"))
        return found

    wanted: set[tuple[str, Any]] = {
        ("available", "online"),
        ("available", "stopped"),
        ("rotation", "with forecast and ledger"),
        ("camera_status", None),
        *(("alert", type_) for type_ in ("new", "update", "end")),
        *(("ack", status) for status in ("received", "accepted")),
    }
    store = None
    patrol.start()
    try:
        for receiver in receivers:
            receiver.start()
        store = open_store(None, patrol.data)
        tell_a_whole_story(store)
        wait_for("all but the end is said", lambda: wanted - {("available", "stopped")} <= kinds(), 60)
        wait_for("all six alerts are answered", lambda: sum(a.taken for a in answers(store)) >= 12, 30)
        for wrong in WRONG:
            publish(mosquitto.port, f"patrol/v1/{TOPIC}/ack/police", wrong)
        wait_for("wrong answers are counted", lambda: 'patrol_acks_total{status="other",taken="false"} 2.0' in patrol.get("/metrics").decode(), 20)  # fmt: skip
        metrics = patrol.get("/metrics").decode()
        for status in ("received", "accepted"):
            assert f'patrol_acks_total{{status="{status}",taken="true"}} 6.0' in metrics
        assert patrol.terminate() == 0
        wait_for("`stopped` is said", lambda: wanted <= kinds(), 10)
    finally:
        for receiver in receivers:
            receiver.stop()
        patrol.stop()
        if store is not None:
            store.close()
        watcher.stop()
    for name, expiry, content, payload in caught():
        check(name, payload)
        assert (name == "camera_status") == bool(expiry), (name, expiry)
        assert not expiry or 0 < int(expiry) <= STATUS_EXPIRY_S
        assert name in {"available", "ack"} or content == "application/json"


def test_what_our_own_case_system_says_of_a_case_is_valid_and_described(sqlite_store: Store) -> None:
    desk = Desk(case_registry())
    with sqlite_store.sessions.begin() as session:
        taken = take_alert(session, desk, case_alert("i" * 32), CASE_T0)
        assert taken.number is not None
        other = opened(session, desk).number
        by: dict[str, Any] = {"by": "坐席一", "at": CASE_T0, "reason": "同一事件"}
        move(session, desk, taken.number, Command(Move.ASSIGN, **by, unit="traffic_police"))
        move(session, desk, other, Command(Move.MERGE, **by, into=taken.number))
        said = [check("case", json.dumps(notice.payload)) for notice in unsaid(session, 50)]
        assert {value["number"] for value in said} == {taken.number, other}
        assert {value["stage"] for value in said} >= {"received", "assigned", "merged"}
        for value in said:
            read_case(value["number"], json.dumps(value).encode())


def test_a_field_that_no_schema_describes_would_be_seen() -> None:
    example = DOCS.parent / "tests" / "data" / "contract" / "examples" / "alert-1.fallback-and-a-field-of-tomorrow.json"
    with pytest.raises(jsonschema.ValidationError, match="weather"):
        check("alert", example.read_text("utf-8"))
