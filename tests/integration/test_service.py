"""The whole way on real footage: twelve cameras over real RTSP, Mosquitto, `mosquitto_sub` as the department."""

from __future__ import annotations

import hashlib
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.county import CLIPS, TOPIC, Patrol, free_port, registry_text, wait_for
from tests.support.footage import CLIPS as FOOTAGE
from tests.support.mosquitto import Mosquitto, Subscriber, publish
from tests.support.rtsp import RtspServer, covered_lens, loop, picture_clip

PERIOD_S = 100
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Twelve that answer, a covered one and a dead one."""
    folder = tmp_path_factory.mktemp("cameras")
    files = {camera: loop(FOOTAGE / clip, folder / f"{camera}.ts") for camera, (clip, _) in CLIPS.items()}
    files["covered"] = loop(picture_clip(folder / "made.ts", covered_lens(), noise=2.0), folder / "covered.ts")
    server = RtspServer(files)
    yield {**{name: server.url(name) for name in files}, "dead": f"rtsp://127.0.0.1:{free_port()}/dead"}
    server.stop()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "mosquitto")
    broker.start()
    yield broker
    broker.stop()


def visits(patrol: Patrol) -> list[dict[str, Any]]:
    return patrol.cli("visits", "--limit", "1000")


@pytest.mark.footage
@pytest.mark.timeout(600)
def test_the_service_stands(
    cameras: dict[str, str], mosquitto: Mosquitto, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    registry = tmp_path / "registry.yaml"
    registry.write_text(registry_text(cameras, period=f"{PERIOD_S}s"), "utf-8")
    department = Subscriber(
        mosquitto.port, f"patrol/v1/{TOPIC}/alert/traffic_police/#", tmp_path / "department", client="department"
    )
    watcher = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/#", tmp_path / "watcher", client="watcher")
    patrol = Patrol(registry, tmp_path / "data", mosquitto.url)
    patrol.start()
    begun = time.monotonic()
    try:
        # Every camera that answers is inspected within its period.
        inspected = wait_for(
            "all twelve are inspected",
            lambda: (
                (seen := {v["camera"] for v in visits(patrol) if v["outcome"] == "inspected"}) >= set(CLIPS) and seen
            ),
            PERIOD_S,
            every_s=2,
        )
        assert time.monotonic() - begun <= PERIOD_S
        assert inspected == set(CLIPS)

        # The covered and the dead camera stand as what they are, and never count as seen.
        def last(camera: str) -> dict[str, Any] | None:
            return next((v for v in visits(patrol) if v["camera"] == camera), None)

        covered = wait_for("the covered camera was looked at", lambda: last("covered"), PERIOD_S)
        dead = wait_for("the dead camera was looked at", lambda: last("dead"), PERIOD_S)
        assert (covered["outcome"], covered["cause"]) == ("unusable", "occluded")
        assert (dead["outcome"], dead["cause"]) == ("unreachable", "refused")

        # The jammed road is flagged; nobody is told before a person has confirmed it.
        incident = wait_for(
            "the jam is flagged",
            lambda: next(
                (
                    i
                    for i in patrol.cli("incidents", "--kind", "congestion")
                    if i["camera"] == "jam-portrait" and i["verdict"] == "flagged"
                ),
                None,
            ),
            PERIOD_S,
        )
        assert department.messages() == []
        answer = patrol.cli(
            "review", incident["id"], "confirmed", "--reviewer", "li", "--reason", "queue to the bridge"
        )
        assert len(answer["alerts"]) == 1
        message = wait_for("the department hears of it", lambda: next(iter(department.payloads()), None), 20)
        jsonschema.validate(message, json.loads((SCHEMAS / "alert.schema.json").read_text()))
        assert (message["id"], message["incident"], message["reviewed"]) == (answer["alerts"][0], incident["id"], True)

        # Its evidence can be fetched with the signed link, and is what the hash says.
        for file in message["evidence"]:
            with urllib.request.urlopen(file["url"], timeout=10) as got:
                assert hashlib.sha256(got.read()).hexdigest() == file["sha256"]

        # Received, then accepted.
        for status in ("received", "accepted"):
            publish(mosquitto.port, message["ack_topic"], json.dumps({"alert": message["id"], "status": status}))
            wait_for(f"the alert is {status}", lambda status=status: patrol.cli("alerts")[-1]["state"] == status, 10)

        # The rotation goes on: no gap of an answering camera is longer than its period.
        wait_for(
            "every camera is inspected again",
            lambda: all(
                sum(1 for v in visits(patrol) if v["camera"] == c and v["outcome"] == "inspected") >= 2 for c in CLIPS
            ),
            2 * PERIOD_S,
            every_s=2,
        )
        gaps = [v["gap_s"] for v in visits(patrol) if v["gap_s"] is not None]
        assert max(gaps) <= PERIOD_S
        assert not [v for v in visits(patrol) if v["outcome"] == "missed" and v["camera"] in CLIPS]
        record_property("worst_gap_s", round(max(gaps), 1))

        # Retained states, `online` after them.
        topics = [m["topic"].split("/", 3)[3] for m in watcher.messages()]
        assert "rotation" in topics
        assert "camera/jam-portrait/status" in topics
        assert "online" in watcher.payloads()

        # SIGTERM ends cleanly.
        assert patrol.terminate() == 0
        wait_for(
            "`stopped` is published",
            lambda: [m["payload"] for m in watcher.messages() if m["topic"].endswith("/available")][-1] == "stopped",
            10,
        )
    finally:
        patrol.stop()
        department.stop()
        watcher.stop()


@pytest.mark.footage
@pytest.mark.timeout(300)
def test_kill_9_and_restart_loses_nothing(cameras: dict[str, str], mosquitto: Mosquitto, tmp_path: Path) -> None:
    few = {name: cameras[name] for name in ("jam-portrait", "road-tooley", "yard-night", "covered", "dead")}
    registry = tmp_path / "registry.yaml"
    registry.write_text(registry_text(few, period="40s", dwell="5s", at_once=True), "utf-8")
    department = Subscriber(mosquitto.port, f"patrol/v1/{TOPIC}/alert/#", tmp_path / "department", client="department")
    patrol = Patrol(registry, tmp_path / "data", mosquitto.url)
    patrol.start()
    try:
        first = wait_for("an alert goes out at once", lambda: next(iter(department.payloads()), None), 60)
        assert (first["type"], first["reviewed"], first["camera"]["id"]) == ("new", False, "jam-portrait")
        before, known = visits(patrol), patrol.cli("incidents")
        children = patrol.children()
        assert children
        patrol.kill()
        wait_for("no worker outlives it", lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()], 10)

        patrol.start()
        after = visits(patrol)
        assert {v["id"] for v in before} <= {v["id"] for v in after}
        assert {i["id"] for i in known} <= {i["id"] for i in patrol.cli("incidents")}
        # The alert was never answered: it comes again, the same one, until it is.
        count = len(department.messages())
        wait_for(
            "the unanswered alert comes again",
            lambda: first["id"] in [p["id"] for p in department.payloads()[count:]],
            60,
        )
        publish(mosquitto.port, first["ack_topic"], json.dumps({"alert": first["id"], "status": "received"}))
        wait_for(
            "received",
            lambda: next(a for a in patrol.cli("alerts") if a["id"] == first["id"])["state"] == "received",
            10,
        )
        # The rotation resumes where it was: gaps run across the kill.
        wait_for(
            "looks go on",
            lambda: [v for v in visits(patrol) if v["id"] not in {a["id"] for a in after} and v["gap_s"] is not None],
            60,
        )
        assert patrol.terminate() == 0
    finally:
        patrol.stop()
        department.stop()
