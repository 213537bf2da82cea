"""The API over a store with real rows: what the console and other machines read."""

from __future__ import annotations

import json
import runpy
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from patrol import alerts, incidents
from patrol._board import Board
from patrol._cases import Cases
from patrol.alerts import silences
from patrol.alerts.acks import record_ack
from patrol.alerts.sweep import sweep
from patrol.clock import Clock
from patrol.evidence.copier import Copier
from patrol.ledger import spot_checks
from patrol.registry import LoadedRegistry, look_specs, parse
from patrol.rotation import Row, Snapshot
from patrol.settings import Settings
from patrol.store import Store
from tests.support.county import registry_text
from tests.support.incidents import seen
from tests.support.ledger import FINDING, look

ROOT = Path(__file__).parents[2]
LOADED: LoadedRegistry = parse(
    registry_text({"jam-portrait": "rtsp://127.0.0.1/x", "gate": "rtsp://127.0.0.1/y"}, period="60s"), "test"
)


class Standing:
    """As much of a service as the API asks for: real store, real board, a rotation that stands still."""

    def __init__(
        self,
        store: Store,
        data: Path,
        token: str | None = None,
        loaded: LoadedRegistry = LOADED,
        *,
        sign_in: bool | None = None,
    ) -> None:
        self.settings = Settings(
            registry=data / "registry.yaml",
            data=data,
            token=token,
            sign_in=token is not None if sign_in is None else sign_in,
        )
        self.clock, self.loaded, self.store, self.link_key = Clock(), loaded, store, b"k" * 32
        self.board = Board(self.clock)
        self.counts: Counter[tuple[str, str]] = Counter({("inspected", ""): 3})
        self.cpu_s, self.started_at = 1.5, datetime.now(UTC)
        self.relay = SimpleNamespace(connected=True, answers=Counter({("received", True): 2}), wake=lambda: None)
        self.recorder = SimpleNamespace(waiting=lambda: 0)
        self.outlook = None
        self.cases = Cases(store, lambda: loaded.registry, self.clock.wall, self.board, "mqtt://127.0.0.1")
        self.copier = Copier(store, data, lambda: loaded.registry, self.clock.wall, self.board.tell)

    def beats(self) -> bool:
        return True

    def model_name(self) -> str | None:
        return None

    def rows(self) -> tuple[tuple[Any, Row], ...]:
        now = self.clock.plan()
        return tuple((s, Row(s.key, now + 60, now, "waiting", 0, now + 50)) for s in look_specs(LOADED.registry))

    def snapshot(self) -> Snapshot:
        from patrol.rotation import Limits, Planner

        return Planner(Limits(1, {}, {})).snapshot(self.clock.plan())


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Standing:
    return Standing(store, tmp_path)


@pytest.fixture
def client(service: Standing) -> Iterator[TestClient]:
    with TestClient(create_app(service), base_url="http://127.0.0.1", raise_server_exceptions=False) as made:  # type: ignore[arg-type]
        yield made


def confirmed(store: Store, count: int = 1) -> list[str]:
    found = []
    for number in range(count):
        with store.sessions.begin() as session:
            (change,) = seen(session, "flagged", camera="jam-portrait" if number == 0 else f"c{number}", minutes=number)
            change = incidents.review(session, change.incident_id, "confirmed", "li", "why", datetime.now(UTC))
            alerts.notify(session, LOADED.registry, change, datetime.now(UTC), at_once=False)
            found.append(change.incident_id)
    return found


def test_an_incident_shows_sightings_evidence_reviews_and_alerts(client: TestClient, service: Standing) -> None:
    (incident,) = confirmed(service.store)
    whole = client.get(f"/api/v1/incidents/{incident}").json()
    assert (whole["camera_name"], whole["review"], whole["reviews"][0]["reason"]) == (
        "jam-portrait",
        "confirmed",
        "why",
    )
    assert [f["role"] for f in whole["sightings"][0]["evidence"]] == ["clip", "key_frame"]
    assert [a["department_name"]["en"] for a in whole["alerts"]] == ["Traffic police"]


def test_a_dry_run_says_who_would_be_told_and_why_and_changes_nothing(client: TestClient, service: Standing) -> None:
    asked = {"kind": "congestion", "camera": "jam-portrait", "at": "2026-03-03T12:00"}
    found = client.get("/api/v1/route", params=asked).json()
    assert found["at"] == "2026-03-03T12:00:00+08:00"
    assert [(t["department"], t["role"]) for t in found["told"]] == [("traffic_police", "primary")]
    assert [t for t in found["tried"] if t["why_not"] is None] == [{"name": found["route"], "why_not": None}]
    assert found["later"][0]["after_s"] == 120
    assert client.get("/api/v1/dispatches").json() == []
    assert client.get("/api/v1/route", params={**asked, "camera": "nowhere"}).status_code == 404
    assert client.get("/api/v1/route", params={"kind": "theft"}).status_code == 422


def test_what_nobody_answers_is_shown_with_whom_was_called(client: TestClient, service: Standing) -> None:
    (incident,) = confirmed(service.store)
    sweep(service.store, LOADED.registry, datetime.now(UTC) + timedelta(minutes=3))
    (track,) = client.get("/api/v1/dispatches", params={"closed": False}).json()
    assert (track["incident"], track["department"], track["state"], track["rung"]) == (
        incident,
        "traffic_police",
        "told",
        1,
    )
    assert [(e["who"], e["step"]) for e in track["escalations"]] == [("desk", "received")]
    assert client.get("/api/v1/dispatches", params={"closed": True}).json() == []


def test_a_silence_is_shown_with_what_it_holds(client: TestClient, service: Standing) -> None:
    now = datetime.now(UTC)
    with service.store.sessions.begin() as session:
        silences.add(
            session,
            reason="works",
            by="li",
            kind="congestion",
            starts_at=now,
            ends_at=now + timedelta(hours=1),
            now=now,
        )
    confirmed(service.store)
    (shown,) = client.get("/api/v1/silences").json()
    assert (shown["reason"], shown["holds"], shown["kind"]) == ("works", 1, "congestion")
    assert client.get("/api/v1/alerts").json()["items"] == []


def test_what_a_department_answered_is_shown_with_all_it_said(client: TestClient, service: Standing) -> None:
    (incident,) = confirmed(service.store)
    alert = client.get("/api/v1/alerts").json()["items"][0]["id"]
    said = {
        "by": "desk 3",
        "at": "2026-03-01T16:07:00+08:00",
        "phone": {"number": "0730-1", "at": None, "outcome": "no answer", "whom": None},
        "photos": ["https://police.example/1.jpg", {"url": "https://police.example/2.jpg", "sha256": "a" * 64}],
        "case": "2026-17",
    }
    with service.store.sessions.begin() as session:
        for more in ({"status": "received"}, {"status": "phoned", **said}, {"status": "disposed", "case": 17}):
            payload = json.dumps({"alert": alert, **more}).encode()
            record_ack(session, "traffic_police", payload, datetime.now(UTC))
    bare, whole, wrong = client.get(f"/api/v1/incidents/{incident}").json()["alerts"][0]["acks"]
    assert (bare["by"], bare["reported_at"], bare["phone"], bare["photos"], bare["case_number"]) == (
        None,
        None,
        None,
        [],
        None,
    )
    assert (whole["by"], whole["phone"], whole["case_number"]) == (said["by"], said["phone"], said["case"])
    assert datetime.fromisoformat(whole["reported_at"]) == datetime(2026, 3, 1, 8, 7, tzinfo=UTC)
    assert whole["photos"] == [
        {"url": "https://police.example/1.jpg", "sha256": None, "purged_at": None},
        {"url": "https://police.example/2.jpg", "sha256": "a" * 64, "purged_at": None},
    ]
    assert (wrong["taken"], wrong["case_number"], wrong["problem"]) == (True, None, "`case` is not as described")


def test_evidence_is_served_to_whoever_holds_its_link_in_ranges_and_to_nobody_else(
    client: TestClient, service: Standing, tmp_path: Path
) -> None:
    (incident,) = confirmed(service.store)
    file = tmp_path / "evidence/2026-03-01/v/clip.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"0123456789")
    url = client.get(f"/api/v1/incidents/{incident}").json()["sightings"][0]["evidence"][0]["url"]
    assert client.get(url).content == b"0123456789"
    part = client.get(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert client.get(url.partition("?")[0]).status_code == 403
    assert client.get(url.replace("clip.mp4", "key_frame.jpg")).status_code == 403
    stale = alerts.sign_link(
        service.link_key, "/evidence/2026-03-01/v/clip.mp4", datetime.now(UTC) - timedelta(seconds=1)
    )
    assert client.get(f"/evidence/2026-03-01/v/clip.mp4?{stale}").status_code == 403
    for outside in ("/evidence/../service.lock", "/evidence/%2e%2e/service.lock"):
        assert client.get(outside).status_code in {403, 404}


def test_pages_follow_each_other_without_a_gap_or_a_double(client: TestClient, service: Standing) -> None:
    everything = set(confirmed(service.store, 5))
    for path, key in (("incidents", "id"), ("alerts", "incident"), ("visits", "id")):
        got: list[str] = []
        cursor: str | None = None
        while True:
            page = client.get(f"/api/v1/{path}", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
            got += [item[key] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(got) == len(set(got)) == 5
        if path != "visits":
            assert set(got) == everything


def test_clear_looks_wait_for_people_with_their_evidence_and_leave_when_answered(
    client: TestClient, service: Standing
) -> None:
    file = {"path": "evidence/2026-03-01/v/clip.mp4", "sha256": "0" * 64, "role": "clip", "bytes": 10}
    clear = {"outcome": "inspected", "cause": None, "judged": True, "findings": [FINDING]}
    for n in range(3):
        look(service.store, n, report={**clear, "evidence": [{**file, "media_type": "video/mp4"}]}, share=1.0)
    found = client.get("/api/v1/spot-checks", params={"days": 366}).json()
    assert [c["camera"] for c in found["waiting"]] == ["cam0", "cam1", "cam2"], "oldest first"
    assert [f["role"] for f in found["waiting"][0]["evidence"]] == ["clip"]
    assert "signature=" in found["waiting"][0]["evidence"][0]["url"]
    assert (found["figures"]["drawn"], found["figures"]["share"]) == (3, None)
    numbers = [c["id"] for c in found["waiting"]]
    with service.store.sessions.begin() as session:
        spot_checks.answer(session, numbers[0], "overlooked", who="li", kind="fishing", now=datetime.now(UTC))
        spot_checks.answer(session, numbers[1], "clear", who="li", now=datetime.now(UTC))
    found = client.get("/api/v1/spot-checks", params={"days": 366}).json()
    assert [c["id"] for c in found["waiting"]] == numbers[2:]
    assert (found["figures"]["answered"], found["figures"]["share"]) == (2, 0.5)
    assert 0 < found["figures"]["low"] < 0.5 < found["figures"]["high"] < 1
    assert client.get("/api/v1/spot-checks", params={"days": 0}).status_code == 422


def test_looks_and_status_say_where_the_rotation_stands(client: TestClient) -> None:
    looks = client.get("/api/v1/looks").json()["items"]
    assert {look["key"] for look in looks} == {"jam-portrait", "gate"}
    status = client.get("/api/v1/status").json()
    assert (status["model"], status["synthetic"], status["county"]["code"]) == (None, False, "430624")
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\n"
    metrics = client.get("/metrics").text
    assert 'patrol_visits_total{cause="",outcome="inspected"} 3.0' in metrics
    assert 'patrol_acks_total{status="received",taken="true"} 2.0' in metrics


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/v1/incidents/nope", 404, "no incident 'nope'"),
        ("/api/v1/visits/nope", 404, "no visit 'nope'"),
        ("/api/v1/incidents?state=eaten", 422, "state"),
        ("/api/v1/incidents?cursor=x", 422, "cursor"),
        ("/api/v1/visits?limit=0", 422, "limit"),
        ("/api/v1/nothing", 404, None),
        ("/nothing.js", 404, None),
    ],
)
def test_errors_are_problem_details(client: TestClient, path: str, status: int, words: str | None) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert words is None or words in answer.json()["detail"]


def test_another_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/api/v1/status", headers={"Host": "evil.example"}).status_code == 421


def test_a_token_is_asked_for_where_one_is_set(store: Store, tmp_path: Path) -> None:
    token = "a-token-of-16-characters"
    app = create_app(Standing(store, tmp_path, token))  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/api/v1/status").status_code == 401
        assert client.get("/api/v1/status", headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/api/v1/status", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert client.get("/healthz").status_code == 200
        # An address stands in histories and logs: a token in it opens nothing.
        assert client.get(f"/api/v1/status?token={token}").status_code == 401


def test_the_published_openapi_document_is_the_one_of_the_code() -> None:
    document = runpy.run_path(str(ROOT / "scripts" / "openapi"))["document"]()
    published = (ROOT / "docs" / "openapi.json").read_text("utf-8")
    assert json.loads(document) == json.loads(published), "run scripts/openapi, then `npm run types` in console/"
