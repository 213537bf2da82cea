"""What the centre does about a matter over HTTP: call, tell again, silence; by whom it may be done, and what stays of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from patrol.store import Store
from patrol.store.tables import Alert, DispatchTrack
from tests.support.inbox_desk import InboxDesk
from tests.support.people import utc_now


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[InboxDesk]:
    made = InboxDesk(store, tmp_path)
    yield made
    made.close()


def matter(desk: InboxDesk, department: str = "traffic_police", who: str = "operator") -> dict[str, object]:
    (found,) = desk.get(f"/dispatches?department={department}", who).json()
    return dict(found)


def call(desk: InboxDesk, alert: str, who: str = "operator", department: str = "traffic_police", **said: object) -> int:
    body = {"number": "0730-2222222", "outcome": "reached", "whom": "值班室", "note": "马上出警", **said}
    path = f"/api/v1/dispatches/{desk.incident_of(alert)}/{department}/calls"
    return desk.as_[who].post(path, json=body).status_code


def test_a_call_that_reached_somebody_counts_as_accepted_and_is_on_record(desk: InboxDesk) -> None:
    alert = desk.told()
    assert call(desk, alert, outcome="no_answer") == 201
    assert matter(desk)["state"] == "told"
    assert call(desk, alert) == 201
    shown = matter(desk)
    assert shown["state"] == "phoned"
    answers = shown["answers"]
    assert isinstance(answers, list)
    assert [(a["by"], a["phone"]["whom"], a["phone"]["outcome"], a["taken"]) for a in answers] == [
        ("t-operator", "值班室", "no_answer", False),
        ("t-operator", "值班室", "reached", True),
    ]
    assert [row.detail and row.detail["outcome"] for row in desk.trail("dispatch.call")] == ["no_answer", "reached"]


def test_a_call_needs_a_number_and_a_matter(desk: InboxDesk) -> None:
    alert = desk.told()
    assert call(desk, alert, number="") == 422
    assert call(desk, alert, number="  ") == 422
    assert call(desk, alert, outcome="maybe") == 422
    assert call(desk, alert, department="fisheries") == 404
    assert (
        desk.as_["operator"]
        .post("/api/v1/dispatches/none/police/calls", json={"number": "1", "outcome": "busy"})
        .status_code
        == 404
    )
    assert desk.trail("dispatch.call") == []


def test_telling_again_is_a_new_alert_with_the_next_number(desk: InboxDesk) -> None:
    alert = desk.told()
    answer = desk.as_["operator"].post(f"/api/v1/alerts/{alert}/again")
    assert answer.status_code == 201
    again = answer.json()
    with desk.store.reading() as session:
        first, second = session.get_one(Alert, alert), session.get_one(Alert, again["alert"])
    assert (second.seq, second.type, second.incident, second.state) == (
        first.seq + 1,
        "update",
        first.incident,
        "queued",
    )
    assert again["seq"] == second.seq
    assert (matter(desk)["alert"], matter(desk)["alert_state"]) == (again["alert"], "queued")
    twice = desk.as_["operator"].post(f"/api/v1/alerts/{alert}/again")
    assert twice.status_code == 409
    assert "has not left yet" in twice.json()["detail"]
    assert [(row.ref, row.detail and row.detail["before"]) for row in desk.trail("alert.again")] == [
        (again["alert"], alert)
    ]
    assert {"event": "alert", "alert": again["alert"]}.items() <= desk.events[-1].items()


def test_nobody_is_told_again_of_what_is_over(desk: InboxDesk) -> None:
    alert = desk.told()
    desk.answer(alert, "disposed", note="done")
    answer = desk.as_["operator"].post(f"/api/v1/alerts/{alert}/again")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "traffic_police cannot be told again: it is closed (disposed)",
    )
    assert desk.as_["operator"].post("/api/v1/alerts/none/again").status_code == 404


def silence(desk: InboxDesk, who: str = "lead", **said: object) -> tuple[int, dict[str, object]]:
    body = {"kind": "congestion", "reason": "演练", "ends_at": (utc_now() + timedelta(hours=2)).isoformat(), **said}
    answer = desk.as_[who].post("/api/v1/silences", json=body)
    return answer.status_code, dict(answer.json())


def test_a_silence_holds_back_what_is_new_until_it_is_ended(desk: InboxDesk) -> None:
    status, made = silence(desk)
    assert (status, made["by"], made["kind"]) == (201, "t-lead", "congestion")
    with pytest.raises(StopIteration):
        desk.told()
    (shown,) = desk.get("/silences", "operator").json()
    assert (shown["id"], shown["holds"]) == (made["id"], 1)
    ended = desk.as_["lead"].delete(f"/api/v1/silences/{made['id']}")
    assert (ended.status_code, ended.json()["ended_by"]) == (200, "t-lead")
    again = desk.as_["lead"].delete(f"/api/v1/silences/{made['id']}")
    assert again.status_code == 409
    assert desk.get("/silences", "operator").json() == []
    assert [row.reason for row in desk.trail("silence.add")] == ["演练"]
    assert len(desk.trail("silence.end")) == 1


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"kind": None}, "names a kind"),
        ({"reason": ""}, "reason"),
        ({"reason": "  "}, "reason"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "in the future"),
        ({"camera": "nowhere"}, "camera"),
        ({"category": "nothing"}, "category"),
        ({"place": "43"}, "place"),
        ({"kind": "murder"}, "kind"),
    ],
)
def test_a_silence_that_cannot_be_is_refused_by_its_field(desk: InboxDesk, said: dict[str, object], names: str) -> None:
    status, problem = silence(desk, **said)
    assert status == 422
    assert names in str(problem["detail"])
    assert desk.get("/silences", "operator").json() == []


def test_each_deed_is_for_those_who_may(desk: InboxDesk) -> None:
    alert = desk.told()
    _, made = silence(desk)
    for who in ("auditor", "admin", "traffic_police"):
        assert call(desk, alert, who) == 403
        assert desk.as_[who].post(f"/api/v1/alerts/{alert}/again").status_code == 403
    for who in ("operator", "auditor", "admin", "traffic_police"):
        assert silence(desk, who)[0] == 403
        assert desk.as_[who].delete(f"/api/v1/silences/{made['id']}").status_code == 403
    assert desk.get("/dispatches", "traffic_police").status_code == 403
    assert desk.get("/dispatches", "auditor").status_code == 200
    with desk.store.reading() as session:
        assert session.scalars(select(DispatchTrack.state)).all() == ["told", "told"]


def test_who_does_not_see_the_camera_does_not_see_the_matter(desk: InboxDesk) -> None:
    alert = desk.told()
    assert desk.get("/dispatches", "elsewhere").json() == []
    assert call(desk, alert, "elsewhere") == 404
    assert desk.as_["elsewhere"].post(f"/api/v1/alerts/{alert}/again").status_code == 404
