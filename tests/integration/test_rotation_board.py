"""The rotation board over a store with real rows: columns, deltas, heat, wall, one camera, misses; and who sees what of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from patrol import audit
from patrol._looks import picture_path
from patrol.access import Role, Sight
from patrol.ledger import book
from patrol.registry import look_specs, parse
from patrol.rotation import Row, Snapshot
from patrol.store import Store
from tests.integration.test_api import Standing
from tests.support.county import registry_text
from tests.support.signed_in import signed_in

CAMERAS = ("jam-portrait", "street-walk", "bank-angler", "yard-night")
LOADED = parse(registry_text(dict.fromkeys(CAMERAS, "rtsp://127.0.0.1/x"), period="2h"), "test")
SPECS = {spec.key: spec for spec in look_specs(LOADED.registry)}


class County(Standing):
    """A service whose rotation stands as a test says."""

    def __init__(self, store: Store, data: Path) -> None:
        super().__init__(store, data, loaded=LOADED, sign_in=True)
        now = self.clock.plan()
        self.stand = {key: Row(key, now + 3600, now - 3600, "waiting", 0, now + 3500) for key in CAMERAS}

    def rows(self) -> tuple[tuple[Any, Row], ...]:
        return tuple((SPECS[row.key], row) for row in self.stand.values())


@dataclass
class Room:
    """The application, its service and its store."""

    app: FastAPI
    service: County
    store: Store

    def turn(self) -> None:
        """Let the next answer read anew, without waiting for the second to pass."""
        self.app.state.standing._read_at = -1e9


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    service = County(store, tmp_path)
    return Room(create_app(service), service, store)  # type: ignore[arg-type]


@pytest.fixture
def lead(room: Room) -> Iterator[TestClient]:
    with signed_in(room.app, Role.SHIFT_LEAD, name="wang") as client:
        yield client


@pytest.fixture
def narrow(room: Room) -> Iterator[TestClient]:
    sight = Sight(cameras=frozenset({"street-walk"}))
    with signed_in(room.app, Role.SHIFT_LEAD, name="narrow", sight=sight) as client:
        yield client


def look(store: Store, camera: str, ago: timedelta, outcome: str = "inspected", cause: str | None = None) -> str:
    at = datetime.now(UTC) - ago
    visit = f"{camera}-{ago.total_seconds():.0f}"
    report = {"outcome": outcome, "cause": cause, "judged": True, "findings": [], "evidence": []}
    with store.sessions.begin() as session:
        book.record_visit(
            session, visit_id=visit, look_key=camera, camera=camera, preset=None, reason="rotation", due_at=at,
            started_at=at, ended_at=at + timedelta(seconds=20), report=report,
        )  # fmt: skip
    return visit


def missed(store: Store, camera: str, ago: timedelta, cause: str = "capacity") -> str:
    at, visit = datetime.now(UTC) - ago, f"m-{camera}-{ago.total_seconds():.0f}"
    with store.sessions.begin() as session:
        book.record_missed(
            session, visit_id=visit, look_key=camera, camera=camera, preset=None, deadline=at, cause=cause,
            detail="no stream was free", now=at + timedelta(seconds=1),
        )  # fmt: skip
    return visit


def board(client: TestClient, since: str | None = None) -> dict[str, Any]:
    got = client.get("/api/v1/rotation/board/states", params={} if since is None else {"since": since})
    assert got.status_code == 200, got.text
    return dict(got.json())


def test_the_board_says_in_columns_how_every_look_stands(room: Room, lead: TestClient) -> None:
    look(room.store, "street-walk", timedelta(minutes=5), "unusable", "dark")
    now = room.service.clock.plan()
    room.service.stand["bank-angler"] = Row("bank-angler", now - 60, now - 7300, "late", 2, now)
    del room.service.stand["yard-night"]
    looks, said = lead.get("/api/v1/rotation/board").json(), board(lead)
    assert looks["key"] == list(CAMERAS)
    assert [looks["categories"][n]["key"] for n in looks["category"]] == ["road", "square", "water", "square"]
    assert said["names"] == looks["names"]
    assert said["whole"]
    assert [said["states"][n] for n in said["state"]] == ["waiting", "waiting", "late", "paused"]
    assert said["deadline"][2] == round(now - 60)
    assert said["deadline"][3] is None
    assert said["outcomes"][said["outcome"][1]] == "unusable"
    assert said["causes"][said["cause"][1]] == "dark"
    assert said["away_since"][1] is not None
    assert said["outcome"][0] == -1


def test_polling_is_told_only_what_changed_since(room: Room, lead: TestClient) -> None:
    first = board(lead)
    room.turn()
    quiet = board(lead, first["version"])
    assert (quiet["whole"], quiet["row"], quiet["version"]) == (False, [], first["version"])
    room.service.stand["bank-angler"] = replace(room.service.stand["bank-angler"], state="running")
    room.turn()
    changed = board(lead, first["version"])
    assert changed["row"] == [2]
    assert [changed["states"][n] for n in changed["state"]] == ["running"]
    look(room.store, "jam-portrait", timedelta(seconds=30), "unreachable", "timeout")
    room.turn()
    later = board(lead, changed["version"])
    assert later["row"] == [0]
    assert later["causes"][later["cause"][0]] == "timeout"
    assert board(lead, first["version"])["row"] == [0, 2]


@pytest.mark.parametrize("since", ["", "x", "x.1", "0.99999999999999999999", "…"])
def test_a_version_of_another_board_is_answered_with_the_whole(lead: TestClient, since: str) -> None:
    assert board(lead, since)["whole"]


def test_an_answer_the_console_has_already_is_not_sent_again(lead: TestClient) -> None:
    for path in ("/api/v1/rotation/board", "/api/v1/rotation/heat"):
        got = lead.get(path)
        again = lead.get(path, headers={"If-None-Match": got.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_large_answers_are_compressed_and_small_askers_are_not_forced(lead: TestClient) -> None:
    packed = lead.get("/api/v1/rotation/heat", headers={"Accept-Encoding": "gzip"})
    plain = lead.get("/api/v1/rotation/heat", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json().keys() == plain.json().keys()


def test_the_heat_counts_the_last_day_by_category_platform_and_county(room: Room, lead: TestClient) -> None:
    look(room.store, "street-walk", timedelta(hours=3))
    look(room.store, "street-walk", timedelta(hours=1), "unreachable", "refused")
    missed(room.store, "bank-angler", timedelta(hours=2))
    heat = lead.get("/api/v1/rotation/heat").json()
    line = {group["key"]: number for number, group in enumerate(heat["groups"])}
    assert len(heat["hours"]) == 24
    assert sum(heat["inspected"][line["square"]]) == 1
    assert sum(heat["unreachable"][line["square"]]) == 1
    assert sum(heat["missed"][line["water"]]) == 1
    assert sum(heat["due"][line["road"]]) == 0
    whole = lead.get("/api/v1/rotation/heat", params={"by": "all"}).json()
    assert [sum(map(sum, whole[name])) for name in ("inspected", "unreachable", "missed")] == [1, 1, 1]
    assert [g["key"] for g in lead.get("/api/v1/rotation/heat?by=platform").json()["groups"]] == ["test"]


def kept_picture(room: Room, camera: str, ago: timedelta) -> datetime:
    at = (datetime.now(UTC) - ago).replace(microsecond=0)
    file = room.service.settings.data / picture_path(camera)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\xff\xd8jpeg of " + camera.encode())
    os.utime(file, (at.timestamp(), at.timestamp()))
    return at


def test_the_wall_goes_through_all_cameras_with_the_age_of_each_picture(room: Room, lead: TestClient) -> None:
    at = kept_picture(room, "street-walk", timedelta(minutes=7))
    first = lead.get("/api/v1/rotation/wall", params={"limit": 3}).json()
    second = lead.get("/api/v1/rotation/wall", params={"limit": 3, "cursor": first["next"]}).json()
    assert [tile["key"] for tile in first["items"] + second["items"]] == list(CAMERAS)
    assert (first["total"], second["before"], second["next"]) == (4, 3, None)
    picture = first["items"][1]["picture"]
    assert datetime.fromisoformat(picture["at"]) == at
    assert first["items"][0]["picture"] is None
    shown = lead.get(picture["url"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.content.endswith(b"street-walk")
    filtered = lead.get("/api/v1/rotation/wall", params={"category": "square", "state": "waiting"}).json()
    assert [tile["key"] for tile in filtered["items"]] == ["street-walk", "yard-night"]


@pytest.mark.parametrize("key", ["nowhere", "../patrol.sqlite", "..%2Fpatrol.sqlite", "%2e%2e/link.key", "a" * 400])
def test_no_picture_is_served_but_a_look_s_own(room: Room, lead: TestClient, key: str) -> None:
    kept_picture(room, "street-walk", timedelta(0))
    assert lead.get(f"/api/v1/rotation/cameras/{key}/picture").status_code == 404
    assert lead.get("/api/v1/rotation/cameras/street-walk/picture", params={"preset": key[:64]}).status_code == 404


def test_one_camera_shows_its_looks_gaps_outages_and_zones(room: Room, lead: TestClient) -> None:
    look(room.store, "street-walk", timedelta(hours=5))
    look(room.store, "street-walk", timedelta(hours=3))
    look(room.store, "street-walk", timedelta(hours=1), "unreachable", "refused")
    kept_picture(room, "street-walk", timedelta(hours=3))
    camera = lead.get("/api/v1/rotation/cameras/street-walk").json()
    assert [visit["outcome"] for visit in camera["visits"]] == ["unreachable", "inspected", "inspected"]
    assert [round(gap["gap_s"]) for gap in camera["gaps"]] == [7200]
    assert [(o["cause"], o["ended_at"]) for o in camera["outages"]] == [("refused", None)]
    assert camera["looks"][0]["state"] == "waiting"
    assert camera["looks"][0]["picture"]["url"].startswith("/api/v1/rotation/cameras/street-walk/picture?")
    assert lead.get("/api/v1/rotation/cameras/nowhere").status_code == 404


def test_pictures_are_not_for_admins_and_auditors_but_the_board_is(room: Room) -> None:
    kept_picture(room, "street-walk", timedelta(0))
    for role in (Role.ADMIN, Role.AUDITOR):
        with signed_in(room.app, role) as client:
            assert client.get("/api/v1/rotation/wall").status_code == 403
            assert client.get("/api/v1/rotation/cameras/street-walk/picture").status_code == 403
            assert client.get("/api/v1/rotation/cameras/street-walk").json()["looks"][0]["picture"] is None
            assert len(board(client)["state"]) == 4


def test_whoever_is_granted_one_camera_sees_nothing_of_the_others(room: Room, narrow: TestClient) -> None:
    look(room.store, "street-walk", timedelta(hours=1))
    look(room.store, "bank-angler", timedelta(hours=1))
    mine, other = (missed(room.store, c, timedelta(hours=2)) for c in ("street-walk", "bank-angler"))
    for camera in CAMERAS:
        kept_picture(room, camera, timedelta(0))
    assert narrow.get("/api/v1/rotation/board").json()["key"] == ["street-walk"]
    assert len(board(narrow)["state"]) == 1
    assert [t["key"] for t in narrow.get("/api/v1/rotation/wall").json()["items"]] == ["street-walk"]
    assert narrow.get("/api/v1/rotation/cameras/street-walk/picture").status_code == 200
    assert narrow.get("/api/v1/rotation/cameras/bank-angler/picture").status_code == 404
    assert narrow.get("/api/v1/rotation/cameras/bank-angler").status_code == 404
    heat = narrow.get("/api/v1/rotation/heat", params={"by": "all"}).json()
    assert (sum(heat["inspected"][0]), sum(heat["missed"][0])) == (1, 1)
    assert [m["id"] for m in narrow.get("/api/v1/misses").json()["items"]] == [mine]
    assert narrow.get("/api/v1/misses", params={"camera": "bank-angler"}).json()["items"] == []
    assert narrow.get("/api/v1/misses/figures").json() == {"unsigned": 1}
    refused = narrow.post("/api/v1/misses/sign-off", json={"ids": [mine, other], "note": "平台限流"})
    assert refused.status_code == 404
    assert narrow.get("/api/v1/misses/figures").json() == {"unsigned": 1}


def test_the_numbers_of_rows_in_a_delta_are_the_asker_s_own(room: Room, narrow: TestClient) -> None:
    first = board(narrow)
    room.service.stand["jam-portrait"] = replace(room.service.stand["jam-portrait"], state="running")
    room.service.stand["street-walk"] = replace(room.service.stand["street-walk"], state="due")
    room.turn()
    changed = board(narrow, first["version"])
    assert changed["row"] == [0]
    assert [changed["states"][n] for n in changed["state"]] == ["due"]


def test_misses_are_listed_by_page_and_filter(room: Room, lead: TestClient) -> None:
    for hours in (30, 20, 10):
        missed(room.store, "street-walk", timedelta(hours=hours))
    missed(room.store, "bank-angler", timedelta(hours=5), "platform_down")
    first = lead.get("/api/v1/misses", params={"limit": 3}).json()
    second = lead.get("/api/v1/misses", params={"limit": 3, "cursor": first["next"]}).json()
    assert [m["camera"] for m in first["items"] + second["items"]] == ["bank-angler", *["street-walk"] * 3]
    asked: dict[str, list[int]] = {}
    since = (datetime.now(UTC) - timedelta(hours=21)).isoformat()
    for name, wanted in {
        "category": {"category": "water"},
        "cause": {"cause": "capacity"},
        "since": {"since": since},
        "until": {"until": since},
        "signed": {"signed": "true"},
        "platform": {"platform": "test"},
    }.items():
        asked[name] = [len(lead.get("/api/v1/misses", params=wanted).json()["items"])]
    assert asked == {"category": [1], "cause": [3], "since": [3], "until": [1], "signed": [0], "platform": [4]}
    assert lead.get("/api/v1/misses", params={"since": "2026-01-01T00:00:00"}).status_code == 422


def test_a_shift_lead_signs_off_all_or_none_and_the_trail_says_who(room: Room, lead: TestClient) -> None:
    first, second = (missed(room.store, c, timedelta(hours=2)) for c in ("street-walk", "bank-angler"))
    seen = look(room.store, "yard-night", timedelta(hours=1))
    heard: list[dict[str, Any]] = []
    room.service.board.listen(heard.append)
    refused = lead.post("/api/v1/misses/sign-off", json={"ids": [first, seen], "note": "停电"})
    assert refused.status_code == 409
    assert "was not missed" in refused.json()["detail"]
    assert lead.get("/api/v1/misses/figures").json() == {"unsigned": 2}
    assert heard == []
    done = lead.post("/api/v1/misses/sign-off", json={"ids": [first, second], "note": "停电，已报修"})
    assert (done.status_code, done.json()) == (200, {"signed": 2})
    assert lead.get("/api/v1/misses/figures").json() == {"unsigned": 0}
    signed = lead.get("/api/v1/misses", params={"signed": True}).json()["items"]
    assert {(m["signed"]["who"], m["signed"]["note"]) for m in signed} == {("wang", "停电，已报修")}
    assert [(event["event"], event["looks"]) for event in heard] == [("signed_off", 2)]
    again = lead.post("/api/v1/misses/sign-off", json={"ids": [first], "note": "x"})
    assert (again.status_code, "was signed off by wang" in again.json()["detail"]) == (409, True)
    with room.store.reading() as session:
        rows = [row for row in audit.rows(session) if row.action == "miss.sign_off"]
    assert [(row.who, row.reason, row.detail["looks"] if row.detail else None) for row in rows] == [
        ("wang", "停电，已报修", [first, second])
    ]


@pytest.mark.parametrize("body", [{"ids": [], "note": "x"}, {"ids": ["x"], "note": ""}, {"ids": ["x"]}, {"note": "x"}])
def test_a_sign_off_without_looks_or_note_is_refused(lead: TestClient, body: dict[str, Any]) -> None:
    assert lead.post("/api/v1/misses/sign-off", json=body).status_code == 422


def test_an_operator_reads_misses_and_signs_none(room: Room) -> None:
    miss = missed(room.store, "street-walk", timedelta(hours=2))
    with signed_in(room.app, Role.OPERATOR) as client:
        assert [m["id"] for m in client.get("/api/v1/misses").json()["items"]] == [miss]
        assert client.post("/api/v1/misses/sign-off", json={"ids": [miss], "note": "x"}).status_code == 403


def test_platforms_say_how_many_of_their_looks_are_late(room: Room, lead: TestClient) -> None:
    from patrol.rotation import Limits, LookPlan, Planner

    planner = Planner(Limits(4, {"test": 2}, {}))
    planner.set_plans([LookPlan(key, "test", "h", 7200, 20, 1, 24) for key in CAMERAS], 0.0)

    def snapshot() -> Snapshot:
        return planner.snapshot(0.0)

    room.service.snapshot = snapshot  # type: ignore[method-assign]
    now = room.service.clock.plan()
    room.service.stand["bank-angler"] = Row("bank-angler", now - 60, None, "late", 0, now)
    (platform,) = lead.get("/api/v1/rotation/platforms").json()
    assert (platform["key"], platform["limit"], platform["looks"], platform["late"], platform["looks_away"]) == (
        "test",
        2,
        4,
        1,
        0,
    )
    assert platform["load"] > 0
