"""What is kept, over HTTP: who reads it, who holds, and that grants end where the cameras do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.app import create_app
from patrol import audit
from patrol.access import Role, Sight
from patrol.store import Store
from patrol.store.tables import EvidenceFile, IncidentLook
from tests.integration.test_api import Standing
from tests.support.keeping import NOW, incident_of, kept_look, kept_photo, purged, there
from tests.support.signed_in import signed_in

HOLDS = "/api/v1/retention/holds"


@pytest.fixture
def app(store: Store, tmp_path: Path) -> FastAPI:
    return create_app(Standing(store, tmp_path, sign_in=True))  # type: ignore[arg-type]


def test_an_auditor_reads_what_is_kept_what_is_due_and_what_the_purge_took(
    app: FastAPI, store: Store, tmp_path: Path
) -> None:
    with store.sessions.begin() as session:
        kept_look(session, tmp_path, days_ago=50)
    purged(store, tmp_path)
    with store.sessions.begin() as session:
        kept_look(session, tmp_path, days_ago=40)
        kept_look(session, tmp_path, days_ago=200, verdict="flagged", ended=False)
    with signed_in(app, Role.AUDITOR) as auditor:
        got = auditor.get("/api/v1/retention").json()
    classes = {one["key"]: one for one in got["classes"]}
    assert (classes["routine"]["days"], classes["routine"]["floor_days"], classes["routine"]["due"]) == (30, 30, 2)
    assert classes["routine"]["due_bytes"] > 0
    assert classes["flagged"]["held"] == 2
    assert got["causes"] == [{"why": "the incident is still open", "items": 2}]
    assert [(run["deleted"], run["left"]) for run in got["runs"]] == [(2, False)]
    assert got["space"]["free_bytes"] > 0
    assert got["problem"] is None


def test_the_trace_of_a_purged_clip_says_when_why_and_by_which_run_it_went(
    app: FastAPI, store: Store, tmp_path: Path
) -> None:
    with store.sessions.begin() as session:
        visit, _ = kept_look(session, tmp_path, days_ago=50)
    report = purged(store, tmp_path)
    with store.reading() as session:
        file = session.scalars(
            select(EvidenceFile).where(EvidenceFile.visit == visit, EvidenceFile.role == "clip")
        ).one()
    with signed_in(app, Role.AUDITOR) as auditor:
        (traced,) = auditor.get(f"/api/v1/evidence/{file.sha256}/trace").json()["files"]
    assert traced["on_disk"] == "missing"
    assert traced["visit"]["id"] == visit
    assert (traced["purge"]["run"], traced["purge"]["hash"]) == (report.run, report.hash)
    assert traced["purge"]["found"]
    assert "30 days are over" in traced["purge"]["reason"]


def test_a_shift_lead_holds_and_lifts_and_nobody_else_does(app: FastAPI, store: Store, tmp_path: Path) -> None:
    with store.sessions.begin() as session:
        visit, paths = kept_look(session, tmp_path, days_ago=200, verdict="flagged")
    incident = incident_of(store, visit)
    asked = {"kind": "incident", "ref": incident, "reason": "行政复议"}
    for role in (Role.OPERATOR, Role.AUDITOR, Role.ADMIN):
        with signed_in(app, role) as other:
            assert other.post(HOLDS, json=asked).status_code == 403
    with signed_in(app, Role.SHIFT_LEAD) as lead:
        put = lead.post(HOLDS, json=asked)
        assert put.status_code == 201, put.text
        assert (put.json()["by"], put.json()["reason"]) == ("shift_lead desk", "行政复议")
        assert lead.post(HOLDS, json=asked).status_code == 409
        assert lead.post(HOLDS, json={**asked, "ref": "nobody"}).status_code == 404
        assert lead.post(HOLDS, json={**asked, "reason": "  "}).status_code == 422
        purged(store, tmp_path)
        assert there(tmp_path) == set(paths)
        assert [one["id"] for one in lead.get("/api/v1/retention").json()["holds"]] == [put.json()["id"]]
        where = f"{HOLDS}/{put.json()['id']}"
        assert lead.delete(where).status_code == 422
        assert lead.delete(where, params={"because": "已结案"}).status_code == 204
        assert lead.delete(where, params={"because": "已结案"}).status_code == 409
        assert lead.delete(f"{HOLDS}/999", params={"because": "x"}).status_code == 404
    purged(store, tmp_path, wall=lambda: NOW + timedelta(hours=1))
    assert there(tmp_path) == set()
    with store.reading() as session:
        held = audit.rows(session, action="retention.hold", outcome="done")
        lifted = audit.rows(session, action="retention.lift")
    assert [(row.who, row.ref, row.reason, row.address) for row in (*held, *lifted)] == [
        ("a-shift-lead", incident, "行政复议", "testclient"),
        ("a-shift-lead", incident, "已结案", "testclient"),
    ]


def test_what_a_shift_lead_may_not_see_it_cannot_hold_or_lift(app: FastAPI, store: Store, tmp_path: Path) -> None:
    with store.sessions.begin() as session:
        visit, (clip, _) = kept_look(session, tmp_path, days_ago=1, verdict="flagged", camera="jam-portrait")
        incident = session.scalars(select(IncidentLook.incident).where(IncidentLook.visit == visit)).one()
        photo = kept_photo(session, tmp_path, incident, days_ago=1)
    sight = Sight(frozenset({"another-camera"}), frozenset(), frozenset(), frozenset())
    with (
        signed_in(app, Role.SHIFT_LEAD) as whole,
        signed_in(app, Role.SHIFT_LEAD, name="lead-of-one", sight=sight) as one,
    ):
        for file in (clip, photo):
            asked = {"kind": "file", "ref": file, "reason": "x"}
            assert one.post(HOLDS, json=asked).status_code == 404
            made = whole.post(HOLDS, json=asked)
            assert made.status_code == 201
            where = f"{HOLDS}/{made.json()['id']}"
            assert [hold["ref"] for hold in whole.get("/api/v1/retention").json()["holds"]] == [file]
            assert one.get("/api/v1/retention").json()["holds"] == []
            assert one.delete(where, params={"because": "x"}).status_code == 404
            assert whole.delete(where, params={"because": "x"}).status_code == 204
        of_the_camera = Sight(frozenset({"jam-portrait"}), frozenset(), frozenset(), frozenset())
        with signed_in(app, Role.SHIFT_LEAD, name="lead-of-it", sight=of_the_camera) as its:
            assert its.post(HOLDS, json={"kind": "file", "ref": photo, "reason": "x"}).status_code == 201
