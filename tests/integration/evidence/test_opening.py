"""Evidence over HTTP, on both databases: who opens what, and that each look at it is written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from patrol import alerts
from patrol.access import Role, Sight
from patrol.store.tables import EvidenceFile
from tests.integration.test_api import Standing
from tests.support.evidence import Kept, ask, link_of, trail
from tests.support.signed_in import signed_in


def test_a_look_at_a_clip_is_written_down_once_however_many_pieces_a_player_asks_for(
    operator: TestClient, service: Standing, files: tuple[Kept, Kept], tmp_path: Path
) -> None:
    clip, _ = files
    url, content = link_of(operator, clip), (tmp_path / clip.path).read_bytes()
    whole = operator.get(url)
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["etag"] == f'"{clip.sha256}"'
    assert "private" in whole.headers["cache-control"]
    for begin in range(0, 60, 20):
        part = operator.get(url, headers={"Range": f"bytes={begin}-{begin + 19}"})
        assert (part.status_code, part.content) == (206, content[begin : begin + 20])
    (row,) = trail(service.store, "evidence.view")
    assert (row.who, row.kind, row.ref, row.camera) == ("a-operator", "file", clip.sha256, "jam-portrait")
    assert row.reason == f"review:{clip.incident}"
    assert (row.detail["what"], datetime.fromisoformat(row.detail["taken_at"]).year) == ("clip", 2026)


def test_after_ten_minutes_it_is_another_look(
    operator: TestClient, service: Standing, files: tuple[Kept, Kept]
) -> None:
    url = link_of(operator, files[0])
    operator.get(url)
    real = service.clock.wall
    service.clock.wall = lambda: real() + timedelta(minutes=11)  # type: ignore[method-assign]
    operator.get(url)
    assert len(trail(service.store, "evidence.view")) == 2


def test_parts_are_served_as_http_says(operator: TestClient, files: tuple[Kept, Kept], tmp_path: Path) -> None:
    clip, _ = files
    url, content = link_of(operator, clip), (tmp_path / clip.path).read_bytes()
    tag = f'"{clip.sha256}"'
    head = operator.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(content)))
    assert operator.get(url, headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    assert operator.get(url, headers={"Range": "bytes=0-3", "If-Range": tag}).status_code == 206
    changed = operator.get(url, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert (changed.status_code, changed.content) == (200, content)
    assert operator.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_a_link_is_worthless_in_anybody_elses_hands(
    app: FastAPI, operator: TestClient, service: Standing, files: tuple[Kept, Kept]
) -> None:
    url = link_of(operator, files[0])
    with signed_in(app, Role.SHIFT_LEAD) as other:
        assert other.get(url).status_code == 403
    with TestClient(app, base_url="http://127.0.0.1") as nobody:
        assert nobody.get(url).status_code == 401
    assert trail(service.store, "evidence.view") == []


def test_a_link_that_was_changed_or_has_run_out_opens_nothing(
    operator: TestClient, service: Standing, files: tuple[Kept, Kept]
) -> None:
    clip, still = files
    url = link_of(operator, clip)
    for wrong in (
        url.replace("a-operator", "a-shift-lead"),
        url.replace("why=", "why=x"),
        url.replace(clip.at, still.at),
        url.partition("?")[0],
        f"{url}&for=police",
    ):
        assert wrong != url
        assert operator.get(wrong).status_code == 403
    real = service.clock.wall
    service.clock.wall = lambda: real() + timedelta(minutes=31)  # type: ignore[method-assign]
    assert operator.get(url).status_code == 403


def test_what_lies_outside_the_granted_cameras_is_as_if_there_were_none(
    app: FastAPI, service: Standing, files: tuple[Kept, Kept]
) -> None:
    clip, _ = files
    with signed_in(app, Role.OPERATOR, name="gate-only", sight=Sight(cameras=frozenset({"gate"}))) as client:
        said = {"by": "gate-only", "why": "review"}
        query = alerts.sign_link(service.link_key, clip.at, datetime.now(UTC) + timedelta(minutes=1), said)
        assert client.get(f"{clip.at}?{query}").status_code == 404
        assert ask(client, clip).status_code == 404
    assert trail(service.store, "evidence.view") == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.REPORTER])
def test_whoever_may_not_see_pictures_opens_none_with_a_link_in_its_own_name(
    app: FastAPI, service: Standing, files: tuple[Kept, Kept], role: Role
) -> None:
    clip, _ = files
    with signed_in(app, role, name="looks-on") as client:
        said = {"by": "looks-on", "why": "review"}
        query = alerts.sign_link(service.link_key, clip.at, datetime.now(UTC) + timedelta(minutes=1), said)
        assert client.get(f"{clip.at}?{query}").status_code == 403


def test_a_department_sees_what_it_was_told_of_and_nothing_else(
    app: FastAPI, service: Standing, files: tuple[Kept, Kept]
) -> None:
    clip, _ = files
    for unit, status in (("traffic_police", 200), ("fisheries", 404)):
        with signed_in(app, Role.DEPARTMENT, name=unit, unit=unit) as client:
            said = {"by": unit, "why": "inbox"}
            query = alerts.sign_link(service.link_key, clip.at, datetime.now(UTC) + timedelta(minutes=1), said)
            assert client.get(f"{clip.at}?{query}").status_code == status
    (row,) = trail(service.store, "evidence.view")
    assert (row.who, row.unit) == ("traffic_police", "traffic_police")


@pytest.mark.parametrize(
    ("said", "who"), [({"for": "fisheries"}, "department:fisheries"), (None, "department:unnamed")]
)
def test_a_link_in_an_alert_opens_without_signing_in_and_is_written_down_for_its_department(
    app: FastAPI, service: Standing, files: tuple[Kept, Kept], said: dict[str, str] | None, who: str
) -> None:
    clip, _ = files
    query = alerts.sign_link(service.link_key, clip.at, datetime.now(UTC) + timedelta(hours=1), said)
    with TestClient(app, base_url="http://127.0.0.1") as nobody:
        assert nobody.get(f"{clip.at}?{query}").status_code == 200
    (row,) = trail(service.store, "evidence.view")
    assert (row.who, row.reason) == (who, "alert")


def test_no_path_leads_out_of_the_data_folder(
    operator: TestClient, service: Standing, files: tuple[Kept, Kept], tmp_path: Path
) -> None:
    clip, _ = files
    (tmp_path / "link.key").write_bytes(b"secret")
    for outside in (
        "/evidence/../link.key",
        "/evidence/%2e%2e/link.key",
        "/evidence/..%2flink.key",
        "/evidence//etc/passwd",
    ):
        query = alerts.sign_link(
            service.link_key, outside, datetime.now(UTC) + timedelta(minutes=1), {"by": "a-operator", "why": "x"}
        )
        assert operator.get(f"{outside}?{query}").status_code in {403, 404}
    url = link_of(operator, clip)
    (tmp_path / clip.path).unlink()
    (tmp_path / clip.path).symlink_to("/etc/hostname")
    assert operator.get(url).status_code == 404


def test_what_the_purge_took_is_said_to_be_gone_for_good(
    operator: TestClient, service: Standing, files: tuple[Kept, Kept], tmp_path: Path
) -> None:
    url = link_of(operator, files[0])
    (tmp_path / files[0].path).unlink()
    with service.store.sessions.begin() as session:
        session.execute(update(EvidenceFile).values(purged_at=datetime(2026, 11, 20, tzinfo=UTC)))
    gone = operator.get(url)
    assert (gone.status_code, gone.json()["detail"]) == (410, "its term was over: it was deleted on 2026-11-20")
    assert ask(operator, files[0]).status_code == 410
