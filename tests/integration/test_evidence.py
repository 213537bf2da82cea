"""Evidence over HTTP, on both databases: who opens what, what stands in the register, what becomes of a copy."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import openpyxl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from api.app import create_app
from patrol import alerts, audit
from patrol.access import Role, Sight
from patrol.evidence import exports
from patrol.store import Store
from patrol.store.tables import AuditRow, EvidenceExport, EvidenceFile
from tests.integration.test_api import LOADED, Standing
from tests.support.county import wait_for
from tests.support.evidence import Kept, confirmed_with_files
from tests.support.signed_in import signed_in

WISH = {"reason": "hearing on 27 November", "recipient_unit": "traffic_police"}


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Standing:
    return Standing(store, tmp_path, sign_in=True)


@pytest.fixture
def app(service: Standing) -> FastAPI:
    return create_app(service)  # type: ignore[arg-type]


@pytest.fixture
def files(service: Standing, tmp_path: Path) -> tuple[Kept, Kept]:
    return confirmed_with_files(service.store, tmp_path, LOADED.registry)


@pytest.fixture
def operator(app: FastAPI) -> Iterator[TestClient]:
    with signed_in(app, Role.OPERATOR) as client:
        yield client


def link_of(client: TestClient, kept: Kept) -> str:
    whole = client.get(f"/api/v1/incidents/{kept.incident}").json()
    return str(next(f["url"] for s in whole["sightings"] for f in s["evidence"] if f["sha256"] == kept.sha256))


def trail(store: Store, action: str) -> list[AuditRow]:
    with store.reading() as session:
        return list(audit.rows(session, action=action))


def ask(client: TestClient, kept: Kept, **more: Any) -> Any:
    return client.post(f"/api/v1/evidence/{kept.id}/exports", json={**WISH, **more})


# --- opening ----------------------------------------------------------------------------------------------------------


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


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_is_asked_for_made_fetched_and_deleted_and_each_step_stands_in_the_register(
    app: FastAPI, operator: TestClient, service: Standing, files: tuple[Kept, Kept], tmp_path: Path
) -> None:
    clip, _ = files
    asked = ask(operator, clip, incident=clip.incident)
    assert asked.status_code == 202
    made = asked.json()
    day = datetime.now(LOADED.registry.county.zone)
    assert (made["number"], made["state"], made["url"]) == (f"EX-{day:%Y%m%d}-0001", "queued", None)
    where = f"/api/v1/exports/{made['number']}"
    assert operator.get(f"{where}/file").status_code == 409
    assert service.copier.make_next()
    ready = operator.get(where).json()
    assert (ready["state"], ready["progress"], ready["source_sha256"]) == ("ready", 1.0, clip.sha256)
    fetched = operator.get(ready["url"])
    assert operator.get(ready["url"], headers={"Range": "bytes=0-9"}).status_code == 206
    assert hashlib.sha256(fetched.content).hexdigest() == ready["sha256"]
    assert fetched.headers["content-disposition"].endswith(f'{made["number"]}_jam-portrait_clip.mp4"')
    with av.open(io.BytesIO(fetched.content)) as video:
        frames = sum(1 for _ in video.decode(video=0))
        assert (video.streams.video[0].codec_context.name, frames) == ("h264", 12)
    with signed_in(app, Role.AUDITOR) as auditor:
        calls = auditor.get("/api/v1/evidence-calls").json()["items"]
        assert [(c["how"], c["export"], c["recipient"]) for c in calls] == [
            ("fetch", made["number"], "traffic_police"),
            ("export", made["number"], "traffic_police"),
        ]
        assert {c["why"] for c in calls} == {WISH["reason"]}
        assert auditor.get(f"{where}/file").status_code == 403
        assert auditor.get(where).json()["url"] is None
    real = service.clock.wall
    later = lambda: real() + timedelta(hours=25)  # noqa: E731 - turned by hand
    service.clock.wall = later  # type: ignore[method-assign]
    assert operator.get(ready["url"]).status_code == 410, "its day is over, whether it is deleted yet or not"
    service.copier._now = later
    service.copier.delete_over()
    assert operator.get(where).json()["state"] == "deleted"
    assert list((tmp_path / "exports").iterdir()) == []
    assert [r.ref for r in trail(service.store, "evidence.export_deleted")] == [made["number"]]


def test_a_still_is_copied_as_a_still(operator: TestClient, service: Standing, files: tuple[Kept, Kept]) -> None:
    made = ask(operator, files[1]).json()
    service.copier.make_next()
    fetched = operator.get(f"/api/v1/exports/{made['number']}/file")
    assert (fetched.headers["content-type"], fetched.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"reason": "x"}, "reason"),
        ({"reason": "      x     "}, "reason"),
        ({"recipient_unit": ""}, "recipient_unit"),
        ({"unmasked": True}, "unmasked"),
        ({"incident": "another"}, "incident"),
        ({"case": "43062420261126000099"}, "case"),
        ({"unmasked_reason": "identify the driver"}, "unmasked_reason"),
    ],
)
def test_a_copy_without_a_reason_is_refused_by_the_field_and_takes_no_number(
    app: FastAPI, service: Standing, files: tuple[Kept, Kept], order: dict[str, Any], field: str
) -> None:
    with signed_in(app, Role.SHIFT_LEAD) as lead:
        refused = ask(lead, files[0], **order)
        assert refused.status_code == 422
        assert field in refused.json()["detail"]
        assert ask(lead, files[0]).json()["number"].endswith("-0001")
    assert len(trail(service.store, "evidence.export")) == 1


def test_faces_stay_in_sight_only_for_a_shift_lead_who_says_why(
    app: FastAPI, operator: TestClient, service: Standing, files: tuple[Kept, Kept]
) -> None:
    unmasked = {"unmasked": True, "unmasked_reason": "the court asks for the driver"}
    assert ask(operator, files[0], **unmasked).status_code == 403
    with signed_in(app, Role.SHIFT_LEAD) as lead:
        made = ask(lead, files[0], **unmasked).json()
        assert (made["unmasked"], made["unmasked_reason"]) == (True, unmasked["unmasked_reason"])
        service.copier.make_next()
        assert lead.get(f"/api/v1/exports/{made['number']}").json()["state"] == "ready"
        (call,) = lead.get("/api/v1/evidence-calls", params={"how": "unmasked"}).json()["items"]
    assert call["why"] == f"{WISH['reason']}; {unmasked['unmasked_reason']}"


def test_a_department_takes_copies_of_its_own_alerts_for_itself(app: FastAPI, files: tuple[Kept, Kept]) -> None:
    with signed_in(app, Role.DEPARTMENT, name="jiaojing", unit="traffic_police") as own:
        assert ask(own, files[0]).status_code == 202
        assert ask(own, files[0], recipient_unit="police").status_code == 403
    with signed_in(app, Role.DEPARTMENT, name="yuzheng", unit="fisheries") as other:
        assert ask(other, files[0], recipient_unit="fisheries").status_code == 404


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.REPORTER])
def test_nobody_else_takes_copies(app: FastAPI, files: tuple[Kept, Kept], role: Role) -> None:
    with signed_in(app, role) as client:
        assert ask(client, files[0]).status_code == 403


def test_everybody_sees_only_the_copies_they_asked_for_but_who_traces_sees_all(
    app: FastAPI, operator: TestClient, files: tuple[Kept, Kept]
) -> None:
    numbers = [ask(operator, files[0]).json()["number"] for _ in range(3)]
    with signed_in(app, Role.OPERATOR, name="other") as other:
        assert other.get("/api/v1/exports").json()["items"] == []
        assert other.get(f"/api/v1/exports/{numbers[0]}").status_code == 404
    with signed_in(app, Role.AUDITOR) as auditor:
        page = auditor.get("/api/v1/exports", params={"limit": 2}).json()
        rest = auditor.get("/api/v1/exports", params={"limit": 2, "cursor": page["next"]}).json()
        assert [e["number"] for e in page["items"] + rest["items"]] == numbers[::-1]


def test_numbers_have_no_gap_when_several_ask_at_once(
    app: FastAPI, service: Standing, files: tuple[Kept, Kept]
) -> None:
    with signed_in(app, Role.OPERATOR) as one, signed_in(app, Role.SHIFT_LEAD) as two, ThreadPoolExecutor(6) as pool:
        orders = [(client, reason) for client in (one, two) for reason in ("why so", "x", "why so", "why so")]
        got = list(pool.map(lambda order: ask(order[0], files[0], reason=order[1]), orders))
    assert sorted(a.status_code for a in got) == [202] * 6 + [422] * 2
    numbers = sorted(a.json()["number"][-4:] for a in got if a.status_code == 202)
    assert numbers == [f"{n:04d}" for n in range(1, 7)]


def test_a_file_that_is_not_what_was_recorded_is_not_copied(
    operator: TestClient, service: Standing, files: tuple[Kept, Kept], tmp_path: Path
) -> None:
    made = ask(operator, files[0]).json()
    (tmp_path / files[0].path).write_bytes(b"another film")
    service.copier.make_next()
    failed = operator.get(f"/api/v1/exports/{made['number']}").json()
    assert (failed["state"], "sha256 differs" in failed["problem"]) == ("failed", True)
    assert operator.get(f"/api/v1/exports/{made['number']}/file").status_code == 410
    (tmp_path / files[0].path).unlink()
    assert ask(operator, files[0]).status_code == 410


def test_a_film_that_cannot_be_decoded_costs_its_own_copy_and_no_other(
    operator: TestClient, service: Standing, files: tuple[Kept, Kept], tmp_path: Path
) -> None:
    clip, still = files
    (tmp_path / clip.path).write_bytes(b"no film")
    sha256 = hashlib.sha256(b"no film").hexdigest()
    with service.store.sessions.begin() as session:
        session.execute(update(EvidenceFile).where(EvidenceFile.id == clip.id).values(sha256=sha256))
    numbers = [ask(operator, kept).json()["number"] for kept in (clip, still)]
    while service.copier.make_next():
        pass
    bad, good = (operator.get(f"/api/v1/exports/{number}").json() for number in numbers)
    assert (bad["state"], bad["problem"]) == ("failed", "clip.mp4: it is no video that can be decoded")
    assert good["state"] == "ready"


def test_what_was_half_done_when_the_service_ended_is_made_anew(
    operator: TestClient, service: Standing, files: tuple[Kept, Kept], tmp_path: Path
) -> None:
    made = ask(operator, files[1]).json()
    with service.store.sessions.begin() as session:
        session.execute(update(EvidenceExport).values(state=exports.WORKING, progress=0.4))
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / f".{made['number']}_half.jpg.part").write_bytes(b"half")
    heard: list[str] = []
    service.board.listen(lambda event: heard.append(str(event["event"])))
    service.copier.start()
    try:
        wait_for("the copy", lambda: operator.get(f"/api/v1/exports/{made['number']}").json()["state"] == "ready", 60)
    finally:
        service.copier.stop()
    assert [f.name for f in (tmp_path / "exports").iterdir()] == [f"{made['number']}_jam-portrait_picture.jpg"]
    assert set(heard) == {"export"}


# --- register and trace -----------------------------------------------------------------------------------------------


def test_the_register_says_who_of_which_unit_saw_what_when_and_why_and_can_be_taken_along(
    app: FastAPI, operator: TestClient, service: Standing, files: tuple[Kept, Kept]
) -> None:
    for kept in files:
        operator.get(link_of(operator, kept))
    ask(operator, files[0], reason="=HYPERLINK(1)")
    with signed_in(app, Role.AUDITOR) as auditor:
        page = auditor.get("/api/v1/evidence-calls", params={"limit": 2}).json()
        rest = auditor.get("/api/v1/evidence-calls", params={"limit": 2, "cursor": page["next"]}).json()
        assert [c["how"] for c in page["items"] + rest["items"]] == ["export", "view", "view"]
        views = auditor.get("/api/v1/evidence-calls", params={"how": "view", "camera": "jam-portrait"}).json()["items"]
        assert [(c["shown"], c["what"], c["camera_name"], c["unit"]) for c in views] == [
            ("operator desk", "picture", "jam-portrait", None),
            ("operator desk", "clip", "jam-portrait", None),
        ]
        assert auditor.get("/api/v1/evidence-calls", params={"who": "nobody"}).json()["items"] == []
        one = auditor.get("/api/v1/evidence-calls", params={"sha256": files[1].sha256}).json()["items"]
        assert [c["what"] for c in one] == ["picture"]
        table = auditor.get("/api/v1/evidence-calls/file", params={"format": "csv"})
        rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
        assert rows[0][:4] == ["序号", "时间", "调阅人", "单位"]
        assert [row[5] for row in rows[1:]] == ["查看", "查看", "导出（已遮挡）"]
        assert rows[3][6] == "'=HYPERLINK(1)", "a spreadsheet must not take a reason for a formula"
        book = auditor.get("/api/v1/evidence-calls/file", params={"format": "xlsx", "lang": "en"})
        sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
        assert sheet is not None
        assert [c.value for c in sheet[1]][:3] == ["No.", "Time", "Who"]
        assert sheet.max_row == 4
    assert [row.detail["format"] for row in trail(service.store, "evidence.register")] == ["xlsx", "csv"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN, Role.DEPARTMENT, Role.REPORTER])
def test_the_register_and_the_trace_are_not_for_everybody(app: FastAPI, files: tuple[Kept, Kept], role: Role) -> None:
    unit = "traffic_police" if role is Role.DEPARTMENT else None
    with signed_in(app, role, unit=unit) as client:
        for path in ("evidence-calls", "evidence-calls/file", f"evidence/{files[0].sha256}/trace"):
            assert client.get(f"/api/v1/{path}").status_code == 403


def test_an_auditor_follows_one_clip_from_look_to_copy_without_seeing_it(
    app: FastAPI, operator: TestClient, service: Standing, files: tuple[Kept, Kept], tmp_path: Path
) -> None:
    clip, _ = files
    operator.get(link_of(operator, clip))
    number = ask(operator, clip).json()["number"]
    service.copier.make_next()
    copy = operator.get(f"/api/v1/exports/{number}").json()["sha256"]
    with signed_in(app, Role.AUDITOR) as auditor:
        found = auditor.get(f"/api/v1/evidence/{clip.sha256}/trace").json()
        (file,) = found["files"]
        assert (file["on_disk"], file["visit"]["id"], file["visit"]["outcome"]) == ("there", clip.visit, "inspected")
        assert file["link"]["position"] >= 1
        assert (file["retention"]["key"], file["retention"]["purged_at"]) == ("confirmed", None)
        assert file["retention"]["holds"] != [], "its incident is open"
        assert len(file["link"]["hash"]) == 64
        (incident,) = file["incidents"]
        assert (incident["id"], incident["reviews"][0]["verdict"]) == (clip.incident, "confirmed")
        assert [a["department"] for a in incident["alerts"]] == ["traffic_police"]
        assert [c["how"] for c in found["calls"]] == ["export", "view"]
        assert [e["number"] for e in found["exports"]] == [number]
        leaked = auditor.get(f"/api/v1/evidence/{copy}/trace").json()
        assert (leaked["copy_of"], leaked["sha256"]) == (number, clip.sha256)
        (tmp_path / clip.path).write_bytes(b"x")
        assert auditor.get(f"/api/v1/evidence/{clip.sha256}/trace").json()["files"][0]["on_disk"] == "differs"
        (tmp_path / clip.path).unlink()
        assert auditor.get(f"/api/v1/evidence/{clip.sha256}/trace").json()["files"][0]["on_disk"] == "missing"
        assert auditor.get(f"/api/v1/evidence/{'0' * 64}/trace").status_code == 404
        assert auditor.get("/api/v1/evidence/nohash/trace").status_code == 422
        whole = auditor.get(f"/api/v1/incidents/{clip.incident}").json()
        assert {f["url"] for s in whole["sightings"] for f in s["evidence"]} == {None}
    assert len(trail(service.store, "evidence.trace")) == 4
