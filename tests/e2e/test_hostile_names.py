"""Names of cameras, places and departments that try to be code, in a real browser: shown as they are written, never run."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from patrol import alerts, incidents
from patrol.cases.desk import Desk
from patrol.registry import load
from patrol.store import open_store
from tests.support.cases import case_registry_text, opened
from tests.support.county import Patrol, free_port
from tests.support.incidents import seen
from tests.support.journeys import CONSOLE

NAME = "<img src=x onerror=window.ran.push(1)><script>window.ran.push(2)</script>{{7*7}}"


@pytest.mark.timeout(240)
def test_a_name_that_tries_to_be_code_is_shown_and_not_run(tmp_path: Path) -> None:
    registry = tmp_path / "registry.yaml"
    text = case_registry_text({"gate": f"rtsp://127.0.0.1:{free_port()}/x"}, period="2h")
    places = (
        "zh: 县公安局交警大队",
        "en: Traffic police",
        "zh: 道路",
        "en: Road",
        "name: gate",
        'address: "gate, loopback"',
    )
    for place in places:
        assert place in text
        text = text.replace(place, f"{place.partition(':')[0]}: {json.dumps(NAME)}")
    registry.write_text(text, "utf-8")
    patrol = Patrol(registry, tmp_path / "data", None, model=None)
    patrol.start()
    try:
        store, county, now = open_store(None, patrol.data), load(registry).registry, datetime.now(UTC)
        with store.sessions.begin() as session:
            (change, *_) = seen(session, "flagged", camera="gate")
            change = incidents.review(session, change.incident_id, "confirmed", "li", NAME, now)
            alerts.notify(session, county, change, now, at_once=False)
            seen(session, "candidate", camera="gate", kind="fireworks", rule=None, minutes=9)
            opened(session, Desk(county), now, title=NAME, address=NAME)
        store.close()
        browser = subprocess.run(
            ["node", "e2e/hostile.mjs", f"http://127.0.0.1:{patrol.port}", str(tmp_path), NAME],
            cwd=CONSOLE, capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
        assert browser.returncode == 0, browser.stderr
    finally:
        patrol.stop()
