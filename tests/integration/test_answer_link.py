"""The link in a message, end to end: the page is only looked at by a GET, answers once by a POST, and nothing else opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from api.answer_pages import language_of
from api.app import create_app
from patrol.alerts import sign_link
from patrol.alerts.answer_links import item_token, notice_token
from patrol.alerts.sweep import sweep
from patrol.clock import Clock
from patrol.registry import Registry
from patrol.settings import Settings
from patrol.store import Store
from patrol.store.tables import Ack, Alert, DispatchTrack, NoticeItem
from tests.support.county import wait_for
from tests.support.people import KEY, Hook, confirm, county, items, telling, utc_now

ZH, EN = {"Accept-Language": "zh-CN,zh;q=0.9"}, {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"}


class County:
    """A county that tells people, its API, and what came to a desk's webhook."""

    def __init__(self, store: Store, registry: Registry, folder: Path, client: TestClient, hook: Hook) -> None:
        self.store, self.registry, self.folder, self.client, self.hook = store, registry, folder, client, hook

    def tell(self, *cameras: str, lead_after_s: float | None = None) -> dict[str, str]:
        """Confirm incidents, let the messages out; the links' paths by department (``lead``: the shift lead)."""
        for camera in cameras:
            confirm(self.store, self.registry, utc_now(), camera)
        if lead_after_s is not None:
            for seconds in (120.0, lead_after_s):
                sweep(self.store, self.registry, utc_now() + timedelta(seconds=seconds))
        wanted = 3 if lead_after_s is not None else 2
        with telling(self.store, self.registry, self.folder):
            wait_for("told", lambda: len({r.value["department"] for r in self.hook.requests}) >= wanted, 20, 0.1)
        links: dict[str, str] = {}
        for request in self.hook.requests:
            links.setdefault(request.value["department"] or "lead", request.value["link"].partition(":8800")[2])
        return links

    def state(self) -> tuple[list[Any], ...]:
        """Everything that an answer could change."""
        with self.store.reading() as session:
            return (
                list(session.execute(select(Alert.id, Alert.state, Alert.received_at).order_by(Alert.id))),
                list(session.execute(select(DispatchTrack.id, DispatchTrack.state).order_by(DispatchTrack.id))),
                list(session.execute(select(Ack.id, Ack.status).order_by(Ack.id))),
                list(session.execute(select(NoticeItem.id, NoticeItem.answer).order_by(NoticeItem.id))),
            )

    def track(self, department: str = "traffic_police") -> DispatchTrack:
        with self.store.reading() as session:
            return session.scalars(select(DispatchTrack).where(DispatchTrack.department == department)).one()

    def acks(self) -> list[Ack]:
        with self.store.reading() as session:
            return list(session.scalars(select(Ack).order_by(Ack.id)))

    def post(self, link: str, status: str, name: str = "", reason: str = "") -> Response:
        form = {"status": status, "name": name, "reason": reason}
        answer: Response = self.client.post(link, data=form, headers=EN)
        return answer


@contextmanager
def county_on(store: Store, folder: Path) -> Iterator[County]:
    with Hook() as hook:
        registry = county({"hook": hook.url}, folder)
        service = SimpleNamespace(
            settings=Settings(
                registry=folder / "registry.yaml",
                data=folder,
                token="secret",
                public_url="https://patrol.county.example",
            ),
            store=store,
            link_key=KEY,
            clock=Clock(),
            loaded=SimpleNamespace(registry=registry),
        )
        app = create_app(service)  # type: ignore[arg-type]
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            yield County(store, registry, folder, client, hook)


@pytest.fixture
def on_both(store: Store, tmp_path: Path) -> Iterator[County]:
    """What writes is tried on both databases."""
    with county_on(store, tmp_path) as made:
        yield made


@pytest.fixture
def here(sqlite_store: Store, tmp_path: Path) -> Iterator[County]:
    with county_on(sqlite_store, tmp_path) as made:
        yield made


def test_a_look_at_the_link_changes_nothing_and_an_answer_is_the_departments_own(on_both: County) -> None:
    link = on_both.tell("jam-portrait")["traffic_police"]
    before = on_both.state()
    for _ in range(3):
        page = on_both.client.get(link, headers=ZH)
    assert on_both.client.head(link).status_code in {200, 405}
    assert on_both.state() == before, "programs that preview links fetch them"
    assert page.status_code == 200
    assert "道路拥堵，jam-portrait, loopback" in page.text
    assert '<button name="status" value="accepted" class=main>受理</button>' in page.text
    done = on_both.post(link, "accepted", " 张三 / desk ")
    assert (done.status_code, "Noted: accepted." in done.text, "<form" in done.text) == (200, True, False)
    assert (on_both.track().state, on_both.track().due_at) == ("accepted", on_both.track().on_scene_by)
    (ack,) = on_both.acks()
    assert (ack.status, ack.department, ack.note, ack.taken) == (
        "accepted",
        "traffic_police",
        "by link",
        True,
    )
    item = next(i for i in items(on_both.store) if i.department == "traffic_police")
    assert (item.answer, item.answered_by) == ("accepted", "张三 / desk")
    assert "It was accepted through this link." in on_both.client.get(link, headers=EN).text


def test_a_second_answer_changes_nothing_and_says_so(on_both: County) -> None:
    link = on_both.tell("jam-portrait")["traffic_police"]
    assert on_both.post(link, "received").status_code == 200
    assert on_both.track().state == "received"
    assert on_both.post(link, "refused", "li", "not our road").status_code == 200
    assert on_both.acks()[-1].note == "not our road\nby link"
    assert on_both.track().state == "refused"
    before = on_both.state()
    for status in ("accepted", "refused", "received"):
        again = on_both.post(link, status, "li", "why")
        assert (again.status_code, "has been used already" in again.text) == (409, True)
    assert on_both.state() == before


def test_a_refusal_through_the_link_moves_the_ladder_as_one_over_mqtt_does(on_both: County) -> None:
    link = on_both.tell("jam-portrait")["traffic_police"]
    on_both.post(link, "refused", "li", "not our road")
    (called,) = [
        c for c in sweep(on_both.store, on_both.registry, utc_now()).called if c.department == "traffic_police"
    ]
    assert (called.step, called.rung.whom) == ("refused", "shift lead")


def test_an_answer_that_lacks_something_says_what_and_can_be_given_after_all(here: County) -> None:
    link = here.tell("jam-portrait")["traffic_police"]
    before = here.state()
    for status, name, reason, says in (
        ("accepted", " ", "", "Give your name or post."),
        ("accepted", "x" * 61, "", "60 characters at most."),
        ("refused", "li", " ", "A refusal needs a reason."),
        ("refused", "li", "x" * 501, "Reason: 500 characters at most."),
    ):
        page = here.post(link, status, name, reason)
        assert (page.status_code, says in page.text, f'value="{name}"' in page.text) == (422, True, True)
    assert here.state() == before
    assert here.post(link, "accepted", "li").status_code == 200


def test_what_is_taken_on_or_over_by_another_way_is_not_answered_again(on_both: County) -> None:
    links = on_both.tell("jam-portrait")
    other = f"/a/{item_token(KEY, items(on_both.store)[0].id, utc_now() + timedelta(hours=1))}"
    assert on_both.post(other, "accepted", "wang").status_code == 200
    before = on_both.state()
    with on_both.store.sessions.begin() as session:
        session.execute(NoticeItem.__table__.update().values(answer=None))
    page = on_both.post(links["traffic_police"], "refused", "li", "no")
    assert (page.status_code, "is over already; nothing was changed" in page.text) == (409, True)
    assert on_both.state()[:3] == before[:3]


def test_links_that_are_forged_foreign_or_old_open_nothing(here: County) -> None:
    link = here.tell("jam-portrait")["traffic_police"]
    item, soon = items(here.store)[0].id, utc_now() + timedelta(hours=1)
    before = here.state()
    evidence = sign_link(KEY, "/a/x", soon).rpartition("=")[2]
    wrong = {
        link[:-2] + ("AA" if link[-2:] != "AA" else "BB"): 403,
        f"/a/{item_token(b'x' * 32, item, soon)}": 403,
        f"/a/{evidence}": 403,
        "/a/x": 403,
        "/a/%F0%9F%92%A5": 403,
        f"/a/{item_token(KEY, item, utc_now() - timedelta(seconds=1))}": 410,
        f"/a/{item_token(KEY, 999_999, soon)}": 410,
        f"/a/{notice_token(KEY, '0' * 32, soon)}": 410,
    }
    for path, status in wrong.items():
        looked = here.client.get(path, headers=ZH)
        assert looked.status_code == status, path
        assert (looked.headers["content-type"], "<form" in looked.text) == ("text/html; charset=utf-8", False)
        expected = 409 if path.endswith(notice_token(KEY, "0" * 32, soon)) else status
        assert here.post(path, "accepted", "li").status_code == expected, path
    assert here.state() == before


def test_a_message_of_many_opens_a_list_of_all_each_with_a_link_of_its_own(here: County) -> None:
    link = here.tell("c0", "c1", "c2")["traffic_police"]
    page = here.client.get(link, headers=EN)
    assert "All matters of this message: 3" in page.text
    links = re.findall(r'href="(/a/[\w-]+)"', page.text)
    assert len(set(links)) == 3
    assert here.post(link, "accepted", "li").status_code == 409, "a list is not answered as a whole"
    assert here.post(links[1], "accepted", "li").status_code == 200
    with here.store.reading() as session:
        states = session.scalars(
            select(DispatchTrack.state).where(DispatchTrack.department == "traffic_police").order_by(DispatchTrack.id)
        ).all()
    assert sorted(states) == ["accepted", "told", "told"]


def test_whoever_has_a_copy_or_leads_the_shift_answers_only_for_himself(here: County) -> None:
    links = here.tell("jam-portrait", lead_after_s=300)
    copy = here.client.get(links["police"], headers=EN).text
    assert ('value="received"' in copy, 'value="accepted"' in copy) == (True, False)
    assert here.post(links["police"], "accepted", "li").status_code == 409
    assert here.post(links["police"], "received").status_code == 200
    assert here.track("police").state == "received"
    # The shift lead is told of both departments' silence in one message.
    both = re.findall(r'href="(/a/[\w-]+)"', here.client.get(links["lead"], headers=EN).text)
    assert len(both) == 2
    lead = here.client.get(both[0], headers=EN).text
    assert ("See to it that the department answers" in lead, "<form" in lead) == (True, False)
    before = here.state()
    assert here.post(both[0], "received", "boss").status_code == 409
    assert here.state() == before


def test_the_page_is_kept_nowhere_loads_nothing_and_shows_no_markup_that_was_typed(here: County) -> None:
    link = here.tell("jam-portrait")["traffic_police"]
    page = here.client.get(link)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
    assert not re.search(r"<script|<img|<link|src=|https?://|@import|url\(", page.text)
    assert 'name="viewport"' in page.text
    assert (page.headers["content-language"], 'lang="zh-CN"' in page.text) == ("zh-CN", True)
    typed = here.post(link, "refused", '"><b>x', "").text
    assert "<b>x" not in typed
    assert "&quot;&gt;&lt;b&gt;x" in typed
    long = here.client.post(link, content=b"name=" + b"x" * 20_000, headers=EN)
    assert long.status_code == 413


def test_an_error_is_logged_without_the_token(here: County, monkeypatch: pytest.MonkeyPatch) -> None:
    link = here.tell("jam-portrait")["traffic_police"]

    def away() -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    object.__setattr__(here.store, "reading", away)
    with capture_logs() as logged:
        assert here.client.get(link).status_code == 503
    assert [entry["path"] for entry in logged] == ["/a/***"]


@pytest.mark.parametrize(
    ("accept", "language"),
    [(None, "zh"), ("", "zh"), ("fr", "zh"), ("en", "en"), ("en;q=0.5,zh-CN", "zh"), ("de,en-US;q=0.7,zh;q=0.3", "en"), ("en;q=x", "zh"), ("en;q=0", "zh")],
)  # fmt: skip
def test_the_page_speaks_the_readers_language_and_chinese_to_all_others(accept: str | None, language: str) -> None:
    assert language_of(accept) == language
