"""The register of evidence calls and the trace of one clip, on both databases."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from patrol.access import Role
from tests.integration.test_api import Standing
from tests.support.evidence import Kept, ask, link_of, trail
from tests.support.signed_in import signed_in


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
