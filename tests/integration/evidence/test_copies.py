"""Copies of evidence over HTTP, on both databases: asked for with a reason, made, fetched, deleted."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from patrol.access import Role
from patrol.evidence import exports
from patrol.store.tables import EvidenceExport, EvidenceFile
from tests.integration.test_api import LOADED, Standing
from tests.support.county import wait_for
from tests.support.evidence import WISH, Kept, ask, trail
from tests.support.signed_in import signed_in


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
