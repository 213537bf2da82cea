"""A department's people see their own matters and answer them: the same answers as over MQTT, by the same rules."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from patrol.alerts import answer_photos, inbox, outbox, tracks
from patrol.alerts.acks import record_ack
from patrol.alerts.answer_photos import PhotoError
from patrol.alerts.inbox import Given, Matter, NoReasonError, NotNowError
from patrol.alerts.sweep import sweep
from patrol.registry import Registry
from patrol.store import Store
from patrol.store.tables import Ack, Alert, AnswerPhoto, DispatchTrack
from tests.support.people import confirm, county, utc_now

PICTURE = b"\xff\xd8\xff\xe0 as good as a photo"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return county({"hook": "http://127.0.0.1:9/hook"}, tmp_path)


def told(store: Store, registry: Registry, camera: str = "jam-portrait", now: datetime | None = None) -> str:
    """Id of the alert that the traffic police got of a fresh incident."""
    incident = confirm(store, registry, now or utc_now(), camera)
    with store.sessions.begin() as session:
        alert = session.scalars(
            select(Alert).where(Alert.incident == incident, Alert.department == "traffic_police")
        ).one()
        alert.state = "sent"
    return alert.id


def give(store: Store, alert: str, status: str, department: str = "traffic_police", **more: object) -> Ack | None:
    with store.sessions.begin() as session:
        return inbox.answer(session, department, alert, Given(status, "wang", **more), utc_now())  # type: ignore[arg-type]


def matter(store: Store, alert: str, department: str = "traffic_police") -> Matter:
    with store.reading() as session:
        found = inbox.matter_of(session, department, alert)
    assert found is not None
    return found


def bring(store: Store, data: Path, incident: str, picture: bytes = PICTURE, department: str = "traffic_police") -> str:
    with store.sessions.begin() as session:
        return answer_photos.keep(
            session,
            data,
            incident=incident,
            department=department,
            picture=picture,
            brought_sha256=str(hash(picture)),
            by="wang",
            now=utc_now(),
        ).id


def test_a_department_sees_its_own_matters_and_no_other(store: Store, registry: Registry) -> None:
    alert = told(store, registry)
    with store.reading() as session:
        assert [m.alert.id for m in inbox.matters(session, "traffic_police")] == [alert]
        (copy,) = inbox.matters(session, "police")
        assert copy.track.role == "copy"
        assert inbox.matters(session, "430624104") == ()
        assert inbox.matter_of(session, "police", alert) is None
        assert inbox.matter_of(session, "traffic_police", "no such") is None
    with pytest.raises(NoResultFound), store.sessions.begin() as session:
        inbox.answer(session, "police", alert, Given("accepted", "li"), utc_now())


def test_from_told_to_disposed_each_step_is_on_record(store: Store, registry: Registry, tmp_path: Path) -> None:
    alert = told(store, registry)
    said = utc_now() - timedelta(minutes=7)
    give(store, alert, "received")
    give(store, alert, "accepted", reported_at=said)
    give(store, alert, "accepted", eta_min=12)
    give(store, alert, "on_scene", note="到了")
    photo = bring(store, tmp_path, matter(store, alert).track.incident)
    give(store, alert, "disposed", note="车已挪走", photos=(photo,))
    done = matter(store, alert)
    assert [(a.status, a.taken, a.problem, a.eta_min) for a in done.acks] == [
        ("received", True, None, None),
        ("accepted", True, None, None),
        ("accepted", False, None, 12),
        ("on_scene", True, None, None),
        ("disposed", True, None, None),
    ]
    assert {a.by for a in done.acks} == {"wang"}
    reported = done.acks[1].reported_at
    assert reported is not None
    assert abs(reported - said) < timedelta(milliseconds=2)
    assert (done.track.state, done.track.closed_because) == ("disposed", "disposed")
    assert [(p.id, p.ack) for p in done.photos] == [(photo, done.acks[-1].id)]
    assert done.acks[-1].photos == [{"url": f"/answers/{photo}.jpg", "sha256": done.photos[0].sha256}]
    assert done.answers == ()
    # The very bytes of what it says are those of the contract: what came over MQTT would read the same.
    assert json.loads(done.acks[3].raw)["status"] == "on_scene"


def test_seen_is_said_of_every_alert_of_the_matter_and_once(store: Store, registry: Registry) -> None:
    alert = told(store, registry)
    with store.sessions.begin() as session:
        incident = session.get_one(Alert, alert).incident
        again = outbox.tell_again(session, registry, incident, "traffic_police", utc_now())
    assert give(store, alert, "received") is not None
    assert give(store, alert, "received") is None
    with store.reading() as session:
        assert {session.get_one(Alert, one).state for one in (alert, again)} == {"received"}
    assert matter(store, again).alert.id == again
    give(store, alert, "accepted")
    with store.reading() as session:
        assert session.get_one(Alert, again).state == "accepted"


@pytest.mark.parametrize("status", ["received", "accepted", "refused", "phoned", "on_scene", "disposed"])
def test_every_status_of_the_contract_can_be_said_at_once(store: Store, registry: Registry, status: str) -> None:
    alert = told(store, registry)
    assert status in matter(store, alert).answers
    row = give(store, alert, status, reason="不属我管" if status == "refused" else None)
    assert row is not None
    assert (row.status, row.taken, row.note) == (status, True, "不属我管" if status == "refused" else None)
    assert matter(store, alert).track.state == status


def test_a_step_back_is_refused_in_words_and_leaves_nothing(store: Store, registry: Registry) -> None:
    alert = told(store, registry)
    give(store, alert, "on_scene")
    with pytest.raises(NotNowError, match="already on_scene"):
        give(store, alert, "accepted")
    with pytest.raises(NotNowError, match="already on_scene"):
        give(store, alert, "refused", reason="too far")
    give(store, alert, "disposed")
    with pytest.raises(NotNowError, match="already disposed"):
        give(store, alert, "disposed", note="again")
    assert [a.status for a in matter(store, alert).acks] == ["on_scene", "disposed"]


def test_accepting_twice_needs_something_new_to_say(store: Store, registry: Registry) -> None:
    alert = told(store, registry)
    give(store, alert, "accepted")
    with pytest.raises(NotNowError, match="accepted already"):
        give(store, alert, "accepted")
    row = give(store, alert, "accepted", eta_min=5)
    assert row is not None
    assert (row.eta_min, row.problem) == (5, None)


def test_a_refusal_says_why_and_accepting_after_it_waits_for_the_next_alert(store: Store, registry: Registry) -> None:
    alert = told(store, registry)
    for reason in (None, " "):
        with pytest.raises(NoReasonError):
            give(store, alert, "refused", reason=reason)
    give(store, alert, "refused", reason="人手不足")
    assert matter(store, alert).answers == ()
    with store.sessions.begin() as session:
        outbox.tell_again(session, registry, session.get_one(Alert, alert).incident, "traffic_police", utc_now())
    assert matter(store, alert).answers == ("accepted",)
    give(store, alert, "accepted")
    assert matter(store, alert).track.state == "accepted"


def test_a_copy_is_asked_only_whether_it_was_seen(store: Store, registry: Registry) -> None:
    told(store, registry)
    with store.reading() as session:
        (copy,) = inbox.matters(session, "police")
    assert copy.answers == ("received",)
    with pytest.raises(NotNowError, match="beside those who act"):
        give(store, copy.alert.id, "accepted", "police")
    give(store, copy.alert.id, "received", "police")
    assert matter(store, copy.alert.id, "police").track.closed_at is not None


def test_whoever_is_on_it_reports_also_after_it_has_ended(store: Store, registry: Registry) -> None:
    on_it, unseen = told(store, registry), told(store, registry, "c1")
    give(store, on_it, "accepted")
    with store.sessions.begin() as session:
        for alert in (on_it, unseen):
            tracks.ended(session, session.get_one(Alert, alert).incident, "traffic_police", "it ended", utc_now())
    assert matter(store, on_it).answers == ("accepted", "phoned", "on_scene", "disposed")
    assert matter(store, unseen).answers == ("received",)
    give(store, on_it, "disposed", note="到达时已散")
    with pytest.raises(NotNowError, match="it is closed"):
        give(store, unseen, "accepted")


def test_what_another_has_taken_on_says_who(store: Store, registry: Registry) -> None:
    alert = told(store, registry)
    with store.sessions.begin() as session:
        track = session.scalars(select(DispatchTrack).where(DispatchTrack.department == "traffic_police")).one()
        tracks.close(track, "taken on by police", utc_now())
    with pytest.raises(NotNowError, match="police has taken it on"):
        give(store, alert, "accepted")


def test_a_photo_belongs_to_its_matter_and_to_one_answer(store: Store, registry: Registry, tmp_path: Path) -> None:
    alert, other = told(store, registry), told(store, registry, "c1")
    incident = matter(store, alert).track.incident
    photo, foreign = bring(store, tmp_path, incident), bring(store, tmp_path, incident, department="police")
    assert bring(store, tmp_path, incident) == photo
    give(store, alert, "on_scene")
    for wrong in (foreign, "f" * 32):
        with pytest.raises(PhotoError, match="was brought for this alert"):
            give(store, alert, "disposed", photos=(wrong,))
    with pytest.raises(PhotoError, match="was brought for this alert"):
        give(store, other, "on_scene", photos=(photo,))
    assert matter(store, alert).track.state == "on_scene"
    give(store, alert, "disposed", photos=(photo, photo))
    with store.reading() as session:
        kept = session.get_one(AnswerPhoto, photo)
    assert (tmp_path / kept.path).read_bytes() == PICTURE
    give(store, other, "accepted")
    with pytest.raises(PhotoError):
        give(store, other, "on_scene", photos=(photo,))


def test_no_more_photos_than_a_matter_may_have(store: Store, registry: Registry, tmp_path: Path) -> None:
    incident = matter(store, told(store, registry)).track.incident
    for number in range(answer_photos.MOST):
        bring(store, tmp_path, incident, PICTURE + bytes([number]))
    with pytest.raises(PhotoError, match="no more"):
        bring(store, tmp_path, incident, PICTURE + b"one more")
    assert len(list((tmp_path / "answers").iterdir())) == answer_photos.MOST


def test_a_photo_that_was_purged_can_be_named_by_no_answer_and_be_brought_again(
    store: Store, registry: Registry, tmp_path: Path
) -> None:
    alert = told(store, registry)
    incident = matter(store, alert).track.incident
    photo = bring(store, tmp_path, incident)
    with store.sessions.begin() as session:
        session.get_one(AnswerPhoto, photo).purged_at = utc_now()
    with pytest.raises(PhotoError, match="it was deleted on"):
        give(store, alert, "disposed", photos=(photo,))
    again = bring(store, tmp_path, incident)
    assert again != photo
    give(store, alert, "disposed", photos=(again,))


def test_what_an_upload_left_behind_is_swept_and_what_is_kept_stays(
    store: Store, registry: Registry, tmp_path: Path
) -> None:
    photo = bring(store, tmp_path, matter(store, told(store, registry)).track.incident)
    for name in (f"{'a' * 32}.jpg", f"{'b' * 32}.jpg.new", "somebody's.txt"):
        (tmp_path / "answers" / name).write_bytes(b"left")
    with store.reading() as session:
        assert answer_photos.sweep_leftovers(session, tmp_path) == 2
    assert {f.name for f in (tmp_path / "answers").iterdir()} == {f"{photo}.jpg", "somebody's.txt"}


def test_pages_go_through_all_open_ones_first(store: Store, registry: Registry) -> None:
    begin = utc_now() - timedelta(hours=1)
    alerts = [told(store, registry, f"c{n}", begin + timedelta(minutes=n)) for n in range(5)]
    give(store, alerts[4], "disposed")
    give(store, alerts[0], "disposed")
    seen: list[str] = []
    after = None
    for _ in range(3):
        with store.reading() as session:
            page = inbox.matters(session, "traffic_police", after=after, limit=2)
        seen += [m.alert.id for m in page]
        after = inbox.place_of(page[-1])
    assert seen == [alerts[n] for n in (3, 2, 1, 4, 0)]
    with store.reading() as session:
        assert [m.alert.id for m in inbox.matters(session, "traffic_police", is_open=False)] == [alerts[4], alerts[0]]
        assert len(inbox.matters(session, "traffic_police", is_open=True)) == 3


def test_counts_say_what_is_unseen_and_overdue(store: Store, registry: Registry) -> None:
    now = utc_now()
    alerts = [told(store, registry, f"c{n}", now) for n in range(3)]
    give(store, alerts[0], "accepted")
    give(store, alerts[1], "disposed")
    with store.reading() as session:
        assert inbox.counts(session, "traffic_police", now) == inbox.Counts(open=2, unseen=1, overdue=0)
        assert inbox.counts(session, "traffic_police", now + timedelta(minutes=3)).overdue == 1
        assert inbox.counts(session, "fisheries", now) == inbox.Counts(0, 0, 0)
    sweep(store, registry, now + timedelta(minutes=3))
    with store.reading() as session:
        assert inbox.counts(session, "traffic_police", now + timedelta(minutes=3)).overdue == 1


def test_a_person_and_a_machine_that_answer_at_once_are_one_after_the_other(store: Store, registry: Registry) -> None:
    alerts = [told(store, registry, f"c{n}") for n in range(8)]
    said: list[str] = []
    start = threading.Barrier(2)

    def person() -> None:
        start.wait(20)
        for alert in alerts:
            try:
                give(store, alert, "accepted")
                said.append("person")
            except NotNowError as error:
                said.append(str(error))

    def machine() -> None:
        start.wait(20)
        for alert in alerts:
            payload = json.dumps({"alert": alert, "status": "accepted"}).encode()
            with store.sessions.begin() as session:
                record_ack(session, "traffic_police", payload, utc_now())

    threads = [threading.Thread(target=work) for work in (person, machine)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(said) == len(alerts)
    assert {one for one in said if one != "person"} <= {
        "it is accepted already; say in how many minutes you are there, or that you are"
    }
    with store.reading() as session:
        rows = session.scalars(select(Ack)).all()
        assert all(session.get_one(Alert, alert).state == "accepted" for alert in alerts)
    assert sorted(row.alert or "" for row in rows if row.taken) == sorted(alerts)
