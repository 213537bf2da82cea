"""The review queue over the API: two operators, verdicts with all that follows from them, figures. On both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from api.app import create_app
from patrol import access, audit
from patrol.access import Role, Sight
from patrol.incidents import leases
from patrol.store import Store
from patrol.store.tables import Alert, Review, ReviewLease
from tests.integration.test_api import Standing
from tests.support.incidents import seen

REVIEW = "/api/v1/review"


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Standing:
    return Standing(store, tmp_path)


class Person:
    """Somebody at the console: the same service, a token of their own."""

    def __init__(self, client: TestClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **how: Any) -> Response:
        return self._client.request(method, path, headers={**self._headers, **(headers or {})}, **how)

    def get(self, path: str, **how: Any) -> Response:
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> Response:
        return self.ask("POST", path, **how)

    def delete(self, path: str) -> Response:
        return self.ask("DELETE", path)


@pytest.fixture
def desk(service: Standing) -> Iterator[dict[str, Person]]:
    """Two operators, an auditor, and an operator who may see one camera only."""
    app = create_app(service)  # type: ignore[arg-type]
    people = {"li": Role.OPERATOR, "wang": Role.OPERATOR, "shen": Role.AUDITOR, "gate": Role.OPERATOR}
    with service.store.sessions.begin() as session:
        tokens = {
            name: access.new_token(
                session,
                name,
                role,
                None,
                datetime.now(UTC),
                sight=Sight(cameras=frozenset({"gate"})) if name == "gate" else None,
            )
            for name, role in people.items()
        }
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield {name: Person(client, token) for name, token in tokens.items()}


def flags(store: Store, count: int, camera: str = "jam-portrait") -> list[str]:
    found = []
    for number in range(count):
        with store.sessions.begin() as session:
            (change,) = seen(session, "flagged", camera=camera if number == 0 else f"c{number}", minutes=number)
            found.append(change.incident_id)
    return found


def judge(client: Person, incident: str, verdict: str, version: int = 1, **more: Any) -> Any:
    return client.post(
        f"{REVIEW}/{incident}/verdict", json={"verdict": verdict, **more}, headers={"If-Match": f'"{version}"'}
    )


def test_two_operators_who_ask_at_once_get_different_items(desk: dict[str, Person], service: Standing) -> None:
    ids = flags(service.store, 2)
    together, got = threading.Barrier(2), {}

    def ask(who: str) -> None:
        together.wait()
        got[who] = desk[who].post(f"{REVIEW}/next", json={}).json()["lease"]["incident"]

    threads = [threading.Thread(target=ask, args=(who,)) for who in ("li", "wang")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got.values()) == sorted(ids)
    counts = desk["li"].get(f"{REVIEW}/counts").json()
    assert (counts["waiting"], counts["mine"]) == (2, [got["li"]])
    assert [(held["incident"], held["holder"]) for held in counts["others"]] == [(got["wang"], "wang")]
    shown = {i["id"]: i["lease"] for i in desk["wang"].get(f"{REVIEW}/queue").json()["items"]}
    assert (shown[got["wang"]]["mine"], shown[got["li"]]["mine"]) == (True, False)


def test_what_one_works_on_is_refused_to_the_other_by_name_until_it_is_given_back(
    desk: dict[str, Person], service: Standing
) -> None:
    (incident,) = flags(service.store, 1)
    assert desk["li"].post(f"{REVIEW}/{incident}/lease").json()["mine"] is True
    refused = desk["wang"].post(f"{REVIEW}/{incident}/lease")
    assert (refused.status_code, "li is working on it" in refused.json()["detail"]) == (409, True)
    assert judge(desk["wang"], incident, "confirmed").status_code == 409
    assert desk["wang"].delete(f"{REVIEW}/{incident}/lease").status_code == 204
    assert desk["wang"].post(f"{REVIEW}/{incident}/lease").status_code == 409
    assert desk["li"].delete(f"{REVIEW}/{incident}/lease").status_code == 204
    assert desk["wang"].post(f"{REVIEW}/{incident}/lease").json()["holder"] == "wang"


def test_a_confirmed_one_is_pushed_and_the_answer_names_the_department(
    desk: dict[str, Person], service: Standing
) -> None:
    (incident,) = flags(service.store, 1)
    heard: list[dict[str, Any]] = []
    service.board.listen(heard.append)
    answer = judge(desk["li"], incident, "confirmed", reason="queue to the bridge").json()
    assert (answer["version"], answer["problem"]) == (2, None)
    assert [t["name"]["en"] for t in answer["told"]] == ["Traffic police"]
    assert {"incident", "alert", "lease"} <= {event["event"] for event in heard}
    with service.store.reading() as session:
        assert [a.department for a in session.scalars(select(Alert))] == ["traffic_police"]
        (review,) = session.scalars(select(Review))
        assert (review.reviewer, review.reason, review.detector) == ("li", "queue to the bridge", "congestion")
    whole = desk["shen"].get(f"{REVIEW}/{incident}").json()
    assert [(d["department"], d["state"]) for d in whole["told"]] == [("traffic_police", "told")]
    assert desk["li"].get(f"{REVIEW}/counts").json()["waiting"] == 0


def test_a_verdict_can_be_taken_back_and_every_one_is_kept(desk: dict[str, Person], service: Standing) -> None:
    (incident,) = flags(service.store, 1)
    first = judge(desk["li"], incident, "confirmed").json()
    assert judge(desk["wang"], incident, "false_alarm", 2, code="parked_row").status_code == 409
    second = judge(desk["li"], incident, "false_alarm", first["version"], code="red_light_queue").json()
    assert [t["department"] for t in second["told"]] == ["traffic_police"]
    with service.store.reading() as session:
        assert [(r.verdict, r.reason_code) for r in session.scalars(select(Review).order_by(Review.id))] == [
            ("confirmed", None),
            ("false_alarm", "red_light_queue"),
        ]
        assert [a.type for a in session.scalars(select(Alert).order_by(Alert.seq))] == ["new", "end"]


@pytest.mark.parametrize(
    ("body", "match", "status", "why"),
    [
        ({"verdict": "confirmed"}, None, 428, "If-Match"),
        ({"verdict": "confirmed"}, '"7"', 412, "version 1 now"),
        ({"verdict": "false_alarm"}, '"1"', 422, "needs its reason"),
        ({"verdict": "false_alarm", "code": "walker"}, '"1"', 422, "cannot be given"),
        ({"verdict": "false_alarm", "code": "other"}, '"1"', 422, "needs a sentence"),
        ({"verdict": "guilty"}, '"1"', 422, "verdict"),
    ],
)
def test_a_verdict_that_cannot_be_says_why_and_changes_nothing(
    desk: dict[str, Person],
    service: Standing,
    body: dict[str, str],
    match: str | None,
    status: int,
    why: str,
) -> None:
    (incident,) = flags(service.store, 1)
    headers = {"If-Match": match} if match else {}
    refused = desk["li"].post(f"{REVIEW}/{incident}/verdict", json=body, headers=headers)
    assert (refused.status_code, why in refused.json()["detail"]) == (status, True), refused.json()
    with service.store.reading() as session:
        assert session.scalars(select(Review)).all() == []
        assert session.scalars(select(ReviewLease)).all() == []


def test_many_are_dismissed_at_once_and_what_others_work_on_is_left_out_and_said(
    desk: dict[str, Person], service: Standing
) -> None:
    first, second, third = flags(service.store, 3)
    desk["wang"].post(f"{REVIEW}/{second}/lease")
    judge(desk["li"], third, "confirmed")
    answer = (
        desk["li"]
        .post(f"{REVIEW}/dismissals", json={"incidents": [first, second, third, "nope"], "code": "parked_row"})
        .json()
    )
    assert answer["dismissed"] == 1
    assert [(i["outcome"], i["holder"]) for i in answer["items"]] == [
        ("dismissed", None),
        ("held", "wang"),
        ("judged", None),
        ("unknown", None),
    ]
    wrong = desk["li"].post(f"{REVIEW}/dismissals", json={"incidents": [second], "code": "walker"}).json()
    assert wrong["items"][0]["outcome"] == "held"
    too_many = desk["li"].post(f"{REVIEW}/dismissals", json={"incidents": ["x"] * 201, "code": "parked_row"})
    assert too_many.status_code == 422


def test_one_item_shows_what_helps_to_judge_it(desk: dict[str, Person], service: Standing) -> None:
    store, day = service.store, 24 * 60
    with store.sessions.begin() as session:
        seen(session, "clear", minutes=-day + 10)
        seen(session, "clear", minutes=-day + 90)
        seen(session, "clear", minutes=-2 * day - 20)
    (incident,) = flags(store, 1)
    whole = desk["li"].get(f"{REVIEW}/{incident}").json()
    (sighting,) = whole["sightings"]
    assert sighting["clip"]["file"]["url"].startswith("/evidence/2026-03-01/v/clip.mp4?")
    assert sighting["key_frame"]["media_type"] == "image/jpeg"
    assert [(e["outcome"], e["findings"]) for e in whole["earlier"]] == [("inspected", {}), ("inspected", {})]
    assert [e["at"] for e in whole["earlier"]] == ["2026-02-28T08:10:00Z", "2026-02-27T07:40:00Z"]
    assert (whole["rule"]["id"], whole["rule"]["source"]) == ("no_jam", "written for this test")
    assert [t["department"] for t in whole["would_tell"]] == ["traffic_police"]
    assert (sighting["reason"], sighting["reason_zh"]) == ("14 vehicles in sight", "可见车辆 14 辆")
    assert [r["code"] for r in whole["reasons"]][:2] == ["red_light_queue", "parked_row"]
    assert desk["li"].get(f"{REVIEW}/nope").status_code == 404


def test_pages_of_the_queue_hold_every_item_once_in_order(desk: dict[str, Person], service: Standing) -> None:
    ids = flags(service.store, 5)
    with service.store.sessions.begin() as session:
        (change,) = seen(session, "candidate", camera="c9", minutes=-60)
    shown: list[str] = []
    cursor = None
    while True:
        page = desk["li"].get(f"{REVIEW}/queue", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        shown += [i["id"] for i in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert shown == [*ids, change.incident_id]
    assert desk["li"].get(f"{REVIEW}/queue", params={"cursor": "soon"}).status_code == 422
    judge(desk["li"], ids[0], "unclear")
    assert [i["id"] for i in desk["li"].get(f"{REVIEW}/queue", params={"show": "unclear"}).json()["items"]] == ids[:1]


def test_a_call_is_kept_with_the_alert_and_needs_one(desk: dict[str, Person], service: Standing) -> None:
    (incident,) = flags(service.store, 1)
    call = {"number": "0730-2200110", "outcome": "reached", "note": "on the way"}
    path = f"/api/v1/dispatches/{incident}/traffic_police/calls"
    assert desk["li"].post(path, json=call).status_code == 404
    judge(desk["li"], incident, "confirmed")
    assert desk["li"].post(path, json=call).status_code == 201
    (told,) = desk["li"].get(f"{REVIEW}/{incident}").json()["told"]
    assert (told["state"], [(a["status"], a["by"]) for a in told["answers"]]) == ("phoned", [("phoned", "li")])


def test_the_false_alarms_of_a_camera_are_counted_with_their_interval(
    desk: dict[str, Person], service: Standing
) -> None:
    ids = flags(service.store, 1)
    judge(desk["li"], ids[0], "confirmed")
    judge(desk["li"], ids[0], "false_alarm", 2, code="parked_row")
    whole = desk["shen"].get(f"{REVIEW}/false-alarm-figures").json()
    (figure,) = whole["figures"]
    assert (whole["judged"], whole["false"]) == (1, 1)
    other = desk["shen"].get(f"{REVIEW}/false-alarm-figures", params={"camera": "gate"}).json()
    assert (other["judged"], other["figures"]) == (0, [])
    assert (figure["camera"], figure["judged"], figure["false"], figure["share"]) == ("jam-portrait", 1, 1, 1.0)
    assert figure["low"] == pytest.approx(0.2065, abs=1e-4)
    assert [(r["code"], r["name"]["en"], r["count"]) for r in figure["reasons"]] == [
        ("parked_row", "row of parked vehicles", 1)
    ]
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert desk["shen"].get(f"{REVIEW}/false-alarm-figures", params={"until": past}).json()["figures"] == []


def test_who_may_see_one_camera_only_gets_nothing_of_the_others(desk: dict[str, Person], service: Standing) -> None:
    (hidden,) = flags(service.store, 1)
    assert desk["gate"].post(f"{REVIEW}/next", json={}).json()["lease"] is None
    assert desk["gate"].get(f"{REVIEW}/queue").json()["items"] == []
    assert desk["gate"].get(f"{REVIEW}/counts").json()["waiting"] == 0
    assert desk["gate"].get(f"{REVIEW}/{hidden}").status_code == 404
    assert desk["gate"].post(f"{REVIEW}/{hidden}/lease").status_code == 404
    assert judge(desk["gate"], hidden, "confirmed").status_code == 404
    body = {"incidents": [hidden], "code": "parked_row"}
    assert desk["gate"].post(f"{REVIEW}/dismissals", json=body).json()["items"][0]["outcome"] == "unknown"
    (own,) = flags(service.store, 1, camera="gate")
    assert desk["gate"].post(f"{REVIEW}/next", json={}).json()["lease"]["incident"] == own


def test_an_auditor_reads_and_changes_nothing_and_gets_no_links_to_pictures(
    desk: dict[str, Person], service: Standing
) -> None:
    (incident,) = flags(service.store, 1)
    assert desk["shen"].post(f"{REVIEW}/next", json={}).status_code == 403
    assert judge(desk["shen"], incident, "confirmed").status_code == 403
    (sighting,) = desk["shen"].get(f"{REVIEW}/{incident}").json()["sightings"]
    assert (sighting["clip"]["file"]["sha256"], sighting["clip"]["file"]["url"]) == ("a" * 64, None)


def test_the_verdict_stands_in_the_audit_trail_in_the_same_transaction(
    desk: dict[str, Person], service: Standing
) -> None:
    (incident,) = flags(service.store, 1)
    desk["li"].post(f"{REVIEW}/{incident}/lease")
    judge(desk["li"], incident, "false_alarm", code="other", reason="a fair")
    judge(desk["li"], incident, "confirmed", 9)
    with service.store.reading() as session:
        last, first = audit.rows(session, kind="incident", ref=incident)
        assert (first.action, first.who) == ("incident.lease", "li")
        assert (last.action, last.reason, last.camera) == ("incident.review", "a fair", "jam-portrait")
        assert (last.detail["verdict"], last.detail["code"], last.detail["version"]) == ("false_alarm", "other", 2)
        assert audit.verify(session).problems == ()


def test_a_lease_that_ran_out_is_anybodys(desk: dict[str, Person], service: Standing) -> None:
    (incident,) = flags(service.store, 1)
    with service.store.sessions.begin() as session:
        leases.take(session, incident, "li", datetime.now(UTC) - leases.LASTS)
    assert desk["wang"].post(f"{REVIEW}/next", json={}).json()["lease"]["incident"] == incident
