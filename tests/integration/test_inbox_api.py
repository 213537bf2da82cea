"""A department's inbox over HTTP: its own alerts and no other, every answer, photos through the sieve, the trail."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from patrol.alerts.acks import record_ack
from patrol.store import Store
from patrol.store.tables import AnswerPhoto
from tests.support import papers
from tests.support.inbox_desk import InboxDesk
from tests.support.people import utc_now

AT = datetime(2029, 11, 26, 2, 0, tzinfo=UTC)
PHOTO = papers.photo(said=papers.exif(orientation=6))


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[InboxDesk]:
    made = InboxDesk(store, tmp_path)
    yield made
    made.close()


def test_a_matter_says_all_that_a_person_on_the_road_needs(desk: InboxDesk) -> None:
    alert = desk.told()
    (matter,) = desk.get("/inbox").json()["items"]
    assert (matter["alert"], matter["kind"], matter["state"], matter["reviewed"]) == (alert, "congestion", "told", True)
    assert (matter["spot"]["camera"], matter["spot"]["name"]) == ("jam-portrait", "jam-portrait")
    assert {"zh", "en"} == set(matter["summary"])
    assert [step["step"] for step in matter["steps"]] == ["received", "accepted", "on_scene", "disposed"]
    assert [step["done_at"] for step in matter["steps"]] == [None] * 4
    assert matter["answers"] == ["received", "accepted", "refused", "phoned", "on_scene", "disposed"]
    assert matter["centre"] == [{"name": "值班长", "phone": "0730-5550100"}]
    assert desk.get("/inbox/counts").json() == {"open": 1, "unseen": 1, "overdue": 0}
    assert desk.get(f"/inbox/{alert}").json()["alert"] == alert


def test_reading_changes_nothing_and_seeing_is_said_once(desk: InboxDesk) -> None:
    alert = desk.told()
    for _ in range(2):
        assert desk.get(f"/inbox/{alert}").json()["state"] == "told"
    for _ in range(2):
        answer = desk.answer(alert, "received")
        assert (answer.status_code, answer.json()["state"]) == (200, "received")
    assert len(answer.json()["acks"]) == len(desk.trail("inbox.answer")) == 1
    assert desk.get("/inbox/counts").json()["unseen"] == 0


@pytest.mark.parametrize("who", ["police", "township"])
def test_a_foreign_alert_is_as_if_it_were_not_there(desk: InboxDesk, who: str) -> None:
    alert = desk.told()
    assert alert not in {one["alert"] for one in desk.get("/inbox", who).json()["items"]}
    for answer in (
        desk.get(f"/inbox/{alert}", who),
        desk.answer(alert, "accepted", who),
        desk.answer(alert, "received", who),
        desk.bring(alert, PHOTO, who=who),
    ):
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"no alert {alert!r}"
    assert desk.get(f"/inbox/{alert}").json()["acks"] == []
    assert not (desk.folder / "answers").exists()


@pytest.mark.parametrize("who", ["operator", "lead", "auditor", "admin"])
def test_nobody_answers_for_a_department_but_its_own_people(desk: InboxDesk, who: str) -> None:
    alert = desk.told()
    assert desk.get("/inbox", who).status_code == 403
    assert desk.answer(alert, "accepted", who).status_code == 403
    assert desk.bring(alert, PHOTO, who=who).status_code == 403


def test_from_seen_to_disposed_with_photos_and_a_trail(desk: InboxDesk) -> None:
    alert = desk.told()
    desk.answer(alert, "received")
    said = (utc_now() - timedelta(minutes=4)).isoformat()
    assert desk.answer(alert, "accepted", reported_at=said).json()["state"] == "accepted"
    on_way = desk.answer(alert, "accepted", on_my_way_eta_min=12).json()
    assert (on_way["state"], on_way["acks"][-1]["eta_min"], on_way["acks"][-1]["problem"]) == ("accepted", 12, None)
    assert desk.answer(alert, "on_scene").json()["awaits"] == "disposed"
    photo = desk.bring(alert, PHOTO).json()
    (waiting,) = desk.get(f"/inbox/{alert}").json()["waiting"]
    # A link is signed anew each time.
    assert waiting | {"url": photo["url"]} == photo
    done = desk.answer(alert, "disposed", note="车已挪走", photos=[photo["id"]]).json()
    assert (done["state"], done["closed_because"], done["awaits"], done["waiting"]) == (
        "disposed",
        "disposed",
        None,
        [],
    )
    assert all(step["done_at"] for step in done["steps"])
    last = done["acks"][-1]
    assert (last["note"], last["by"], [p["sha256"] for p in last["photos"]]) == (
        "车已挪走",
        "t-traffic-police",
        [photo["sha256"]],
    )
    # The centre sees it, with the photo.
    (shown,) = [d for d in desk.get("/dispatches", "operator").json() if d["department"] == "traffic_police"]
    assert [a["status"] for a in shown["answers"]] == ["received", "accepted", "accepted", "on_scene", "disposed"]
    assert desk.as_["operator"].get(shown["answers"][-1]["photos"][0]["url"]).headers["content-type"] == "image/jpeg"
    trail = desk.trail("inbox.answer")
    assert [row.detail["status"] for row in trail if row.detail] == [
        "received",
        "accepted",
        "accepted",
        "on_scene",
        "disposed",
    ]
    assert {(row.who, row.unit, row.ref) for row in trail} == {("t-traffic-police", "traffic_police", alert)}
    assert len(desk.trail("inbox.photo")) == 1
    assert [e["status"] for e in desk.events if e["event"] == "answer"][-1] == "disposed"


def test_an_answer_that_comes_twice_counts_once(desk: InboxDesk) -> None:
    alert = desk.told()
    said = {"status": "accepted", "reported_at": utc_now().isoformat()}
    answers = [
        desk.as_["traffic_police"].post(f"/api/v1/inbox/{alert}/answers", json=said, headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(desk.get(f"/inbox/{alert}").json()["acks"]) == len(desk.trail("inbox.answer")) == 1


def test_what_the_matter_does_not_take_is_a_conflict_in_words(desk: InboxDesk) -> None:
    alert = desk.told()
    desk.answer(alert, "on_scene")
    again = desk.answer(alert, "accepted")
    assert (again.status_code, again.json()["detail"]) == (409, "it is already on_scene; accepted would be a step back")
    copy = desk.told("c1", "police")
    refused = desk.answer(copy, "refused", "police", reason="x")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "you were told beside those who act; only that you have received it is asked",
    )
    assert len(desk.trail("inbox.answer")) == 1


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"status": "eaten"}, "status"),
        ({"status": "refused"}, "reason"),
        ({"status": "refused", "reason": "  "}, "reason"),
        ({"status": "accepted", "on_my_way_eta_min": 0}, "on_my_way_eta_min"),
        ({"status": "accepted", "on_my_way_eta_min": 601}, "on_my_way_eta_min"),
        ({"status": "disposed", "note": "x" * 2001}, "note"),
        ({"status": "disposed", "photos": ["../../etc/passwd"]}, "photos"),
        ({"status": "disposed", "photos": ["f" * 32]}, "photos"),
        ({"status": "accepted", "reported_at": "2026-11-26T08:00:00"}, "reported_at"),
        ({"status": "accepted", "by": "somebody else"}, "by"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(desk: InboxDesk, said: dict[str, object], names: str) -> None:
    alert = desk.told()
    answer = desk.as_["traffic_police"].post(f"/api/v1/inbox/{alert}/answers", json=said)
    assert answer.status_code == 422
    assert names in answer.json()["detail"]
    assert desk.get(f"/inbox/{alert}").json()["acks"] == []


def test_a_kept_photo_says_neither_where_nor_with_what_it_was_taken(desk: InboxDesk) -> None:
    alert = desk.told()
    photo = desk.bring(alert, PHOTO)
    assert photo.status_code == 201
    kept = desk.as_["traffic_police"].get(photo.json()["url"])
    assert kept.headers["content-type"] == "image/jpeg"
    assert "sandbox" in kept.headers["content-security-policy"]
    with Image.open(io.BytesIO(kept.content)) as image:
        # Upright: the red half, on the left of the file, is on top once it is turned.
        assert image.size == (600, 800)
        red, _, blue = image.getpixel((300, 50))  # type: ignore[misc]
        assert red > 150 > blue
        assert dict(image.getexif()) == {}
    assert b"Pillow" not in kept.content
    assert desk.bring(alert, PHOTO).json()["id"] == photo.json()["id"]
    assert [f.suffix for f in (desk.folder / "answers").iterdir()] == [".jpg"]


def test_a_large_photo_is_made_smaller(desk: InboxDesk) -> None:
    alert = desk.told()
    large = papers.photo(of=Image.new("RGB", (4000, 1000), "gray"))
    kept = desk.as_["traffic_police"].get(desk.bring(alert, large).json()["url"]).content
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (2560, 640)


def polyglot() -> bytes:
    """A photo that is a ZIP archive with a page in it as well."""
    out = io.BytesIO(PHOTO)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>")
    return out.getvalue()


def test_of_a_polyglot_only_the_picture_stays(desk: InboxDesk) -> None:
    brought = polyglot()
    assert zipfile.is_zipfile(io.BytesIO(brought))
    photo = desk.bring(desk.told(), brought)
    assert photo.status_code == 201
    kept = desk.as_["traffic_police"].get(photo.json()["url"]).content
    assert not zipfile.is_zipfile(io.BytesIO(kept))
    assert b"script" not in kept


@pytest.mark.parametrize(
    ("data", "name", "status", "says"),
    [
        (PHOTO[:100] + b"\0" * 1_200_000, "a.jpg", 413, "1 MiB"),
        (papers.bomb_png(), "a.png", 422, "pixels"),
        (PHOTO[: len(PHOTO) // 2], "a.jpg", 422, "whole"),
        (papers.paper(), "a.pdf", 415, "a photo is wanted"),
        (papers.word(), "a.docx", 415, "a photo is wanted"),
        (papers.photo("WEBP"), "a.webp", 415, "JPEG or PNG"),
        (papers.paper(), "a.jpg", 415, "the bytes are a PDF"),
        (b"<svg onload=alert(1)>", "a.svg", 415, "text"),
        (b"", "a.jpg", 422, "empty"),
    ],
    ids=["oversized", "bomb", "broken", "pdf", "docx", "webp", "pdf called jpg", "svg", "empty"],
)
def test_what_is_no_good_photo_is_refused_and_leaves_nothing(
    desk: InboxDesk, data: bytes, name: str, status: int, says: str
) -> None:
    alert = desk.told()
    answer = desk.bring(alert, data, name)
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert [f for f in desk.folder.rglob("*") if f.suffix in {".jpg", ".png", ".new"}] == []
    assert [f for f in (desk.folder / "cases").rglob("*") if f.is_file()] == []
    assert desk.get(f"/inbox/{alert}").json()["waiting"] == []
    assert desk.trail("inbox.photo") == []


def test_a_photo_opens_by_its_own_link_alone_for_whom_it_was_made_and_is_written_down(desk: InboxDesk) -> None:
    url = desk.bring(desk.told(), PHOTO).json()["url"]
    client = desk.as_["traffic_police"]
    path, query = url.split("?")
    signed = dict(part.split("=") for part in query.split("&"))
    assert client.get(url).status_code == 200
    (row,) = desk.trail("photo.view")
    assert (row.who, f"/answers/{row.ref}.jpg", row.reason) == ("t-traffic-police", path, "inbox")
    assert desk.as_["police"].get(url).status_code == 403
    assert client.get(path).status_code == 403
    later = query.replace(signed["expires"], str(int(signed["expires"]) + 1))
    assert client.get(f"{path}?{later}").status_code == 403
    assert client.get(f"/answers/{'f' * 32}.jpg?{query}").status_code == 403
    assert client.get(f"/answers/..%2fpatrol.sqlite?{query}").status_code in {403, 404}
    assert len(desk.trail("photo.view")) == 1


def test_a_photo_that_was_purged_is_gone_and_whoever_asks_is_told_when(desk: InboxDesk) -> None:
    alert = desk.told()
    incident = desk.incident_of(alert)
    named, waits, stays = (
        desk.bring(alert, papers.photo(of=Image.new("RGB", (64, side)))).json() for side in (8, 9, 10)
    )
    assert named["purged_at"] is None
    desk.answer(alert, "disposed", photos=[named["id"], stays["id"]])
    with desk.store.sessions.begin() as session:
        for each in (named, waits):
            session.get_one(AnswerPhoto, each["id"]).purged_at = AT
            (desk.folder / "answers" / f"{each['id']}.jpg").unlink()
    client = desk.as_["traffic_police"]
    gone = client.get(named["url"])
    assert (gone.status_code, gone.json()["detail"]) == (410, "its term was over: it was deleted on 2029-11-26")
    assert client.get(stays["url"]).status_code == 200
    assert [row.ref for row in desk.trail("photo.view")] == [stays["id"]], "what is gone was not seen"
    matter = desk.get(f"/inbox/{alert}").json()
    (waiting,) = matter["waiting"]
    assert (waiting["id"], waiting["url"], waiting["purged_at"]) == (waits["id"], None, "2029-11-26T02:00:00Z")
    listed = [
        *desk.get(f"/incidents/{incident}", "operator").json()["alerts"],
        *desk.get("/alerts", "operator").json()["items"],
    ]
    answers = [
        matter["acks"],
        *(one["acks"] for one in listed if one["id"] == alert),
        desk.get(f"/dispatches?incident={incident}&department=traffic_police", "operator").json()[0]["answers"],
    ]
    assert len(answers) == 4
    for shown in answers:
        first, second = shown[-1]["photos"]
        assert (first["url"], first["sha256"], first["purged_at"]) == (None, named["sha256"], "2029-11-26T02:00:00Z")
        assert second["url"].startswith(f"/answers/{stays['id']}.jpg?")
        assert second["purged_at"] is None
    (desk.folder / "answers" / f"{stays['id']}.jpg").unlink()
    assert client.get(stays["url"]).status_code == 404, "lost, and not by right"


def test_pages_are_walked_by_the_cursor_and_a_made_up_one_is_refused(desk: InboxDesk) -> None:
    alerts = [desk.told(f"c{n}") for n in range(3)]
    desk.answer(alerts[2], "disposed", note="done")
    first = desk.get("/inbox?limit=2").json()
    second = desk.get(f"/inbox?limit=2&cursor={first['next']}").json()
    assert [m["alert"] for m in first["items"] + second["items"]] == [alerts[1], alerts[0], alerts[2]]
    assert second["next"] is None
    assert [m["alert"] for m in desk.get("/inbox?open=false").json()["items"]] == [alerts[2]]
    for wrong in (
        "x",
        "0~yesterday~1",
        "2~2026-11-26T08:00:00+00:00~1",
        "0~2026-11-26T08:00:00~1",
        "0~2026-11-26T08:00:00+00:00~-1",
    ):
        assert desk.get(f"/inbox?cursor={wrong.replace('+', '%2B')}").status_code == 422, wrong


def test_what_a_machine_of_the_department_answers_meanwhile_counts(desk: InboxDesk) -> None:
    alert = desk.told()
    with desk.store.sessions.begin() as session:
        said = {
            "alert": alert,
            "status": "on_scene",
            "by": "dispatch system",
            "photos": ["https://police.example/p.jpg"],
        }
        record_ack(session, "traffic_police", json.dumps(said).encode(), utc_now())
    matter = desk.get(f"/inbox/{alert}").json()
    assert (matter["state"], matter["answers"]) == ("on_scene", ["disposed"])
    # A link of the department's own is shown as it is, and never signed.
    assert matter["acks"][0]["photos"] == [{"url": "https://police.example/p.jpg", "sha256": None, "purged_at": None}]
    assert desk.answer(alert, "accepted").status_code == 409
    assert desk.answer(alert, "disposed", note="done").status_code == 200
