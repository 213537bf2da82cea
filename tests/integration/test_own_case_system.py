"""A county's own system in place of ours: it takes the alerts, answers with its numbers, and says how its cases stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from patrol.store.tables import CaseAlert, CaseFile, CaseNotice
from tests.support.county import TOPIC
from tests.support.mosquitto import Subscriber, publish
from tests.support.own_case_system import KEEPER, NUMBER, OwnCounty, shown_client
from tests.support.relays import wait_for


@pytest.fixture
def county(database_url: str, tmp_path: Path) -> Iterator[OwnCounty]:
    with OwnCounty(tmp_path, database_url) as started:
        yield started


def test_a_countys_own_system_in_place_of_ours(county: OwnCounty, tmp_path: Path) -> None:
    police = Subscriber(county.broker.port, f"patrol/v1/{TOPIC}/alert/traffic_police/#", tmp_path / "police")
    try:
        incident = county.incident()
        county.shows(incident, number=NUMBER, system_department=KEEPER, stage=None, light=None)
        assert county.system is not None
        county.system.says(NUMBER, "办理中", "yellow")
        county.shows(incident, number=NUMBER, stage="办理中", light="yellow")
        county.system.says(NUMBER, "局长督办", "red")
        county.shows(incident, stage="局长督办", light="red")
        county.system.says(NUMBER, "已办结", "closed_late")
        county.shows(incident, stage="已办结", light="closed_late")
        # A late message of the past, one that is none and one of a number nobody has named change nothing.
        for number, said in (
            (NUMBER, f'{{"number": "{NUMBER}", "stage": "x", "light": "green", "at": "2026-01-01T00:00:00Z"}}'),
            (NUMBER, "{"),
            ("K-1", '{"number": "K-1", "stage": "x", "light": "green", "at": "2026-11-26T00:00:00Z"}'),
        ):
            publish(county.broker.port, f"patrol/v1/{TOPIC}/case/{number}", said)
        wait_for("all are read", lambda: "no incident has this case" in county.patrol.log(), 30)
        assert "older than what is there" in county.patrol.log()
        assert "not JSON" in county.patrol.log()
        county.shows(incident, stage="已办结", light="closed_late")
        case = county.case_of(incident)
        assert [found["case"] for found in county.get(f"incidents?case={NUMBER}")["items"]] == [case]
        assert county.get("incidents?case=XYZ-2026-0002")["items"] == []
        told = {alert["department"]: alert for alert in county.get("alerts")["items"]}
        assert set(told) == {"traffic_police", KEEPER}
        assert all(alert["case"] == case for alert in told.values())
        assert [(a["case_number"], a["case"]) for a in told[KEEPER]["acks"]] == [(NUMBER, case)]
        tracks = {track["department"]: track for track in county.get(f"dispatches?incident={incident}")}
        assert all(track["case"] == case for track in tracks.values())
        assert (tracks[KEEPER]["state"], tracks[KEEPER]["role"]) == ("received", "copy")
        assert tracks["traffic_police"]["state"] == "told", "nobody else's answer is taken for its own"
        county.review(incident, "false_alarm")
        wait_for("the police hear of the end", lambda: "end" in {p["type"] for p in police.payloads()}, 30)
        heard = {p["type"]: p["case"] for p in police.payloads()}
        assert heard == {"new": None, "end": NUMBER}
        with county.opened().reading() as session:
            ours = [
                session.scalar(select(func.count()).select_from(table)) for table in (CaseFile, CaseAlert, CaseNotice)
            ]
        assert ours == [0, 0, 0], "our own case system has kept out of it"
    finally:
        police.stop()


def test_the_client_that_the_guide_shows_is_short_and_needs_nothing_of_ours() -> None:
    program = shown_client()
    assert len(program.strip().splitlines()) <= 28
    imports = [line for line in program.splitlines() if line.startswith(("import ", "from "))]
    assert imports == ["import json, sys", "from datetime import datetime, timezone", "import paho.mqtt.client as mqtt"]


def test_what_tells_departments_and_takes_their_answers_never_loads_our_case_system() -> None:
    parts = "patrol.alerts, patrol.incidents, patrol.store, patrol._line, patrol._dispatcher, patrol._recorder"
    code = f"import sys, {parts}\nprint([name for name in sys.modules if name.split('.')[:2] == ['patrol', 'cases']])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
