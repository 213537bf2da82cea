"""Messages to people over real parts: a mail server, a webhook that checks the signature, robots that answer 200 and mean no."""

from __future__ import annotations

import email
import email.policy
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from patrol._board import Board
from patrol._line import Line
from patrol.alerts.channels import ChannelError, Message, open_channel
from patrol.alerts.herald import HeraldPace
from patrol.alerts.webhook import PostError, is_signed, post_json
from patrol.clock import Clock
from patrol.registry import Channel, Registry
from patrol.settings import Settings
from patrol.store import Store
from patrol.store.tables import Notice
from tests.support.county import free_port, wait_for
from tests.support.people import (
    KEY,
    SECRET,
    Hook,
    MailServer,
    confirm,
    county,
    items,
    messages,
    telling,
    utc_now,
)

_MESSAGE = Message("0" * 32, "title", "body", {"schema": "patrol.notice/1"})


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def mail_address(server: MailServer) -> str:
    return f"mailto://127.0.0.1:{server.port}?from=patrol@county.example&to=desk@county.example&mode=insecure"


def sent(store: Store, channel: str) -> list[Notice]:
    return [m for m in messages(store, channel) if m.state == "sent"]


def test_a_confirmed_incident_reaches_the_desk_by_mail_and_by_a_signed_webhook(
    store: Store, tmp_path: Path, mail: MailServer
) -> None:
    with Hook() as hook:
        registry = county({"hook": hook.url, "mail": mail_address(mail)}, tmp_path)
        incident = confirm(store, registry, utc_now())
        with telling(store, registry, tmp_path):
            wait_for("all are sent", lambda: [m.state for m in messages(store)] == ["sent"] * 3, 20, 0.1)
    (to, raw) = mail.mails[0]
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert to == ["desk@county.example"]
    assert letter["subject"] == "【视频巡查】1件：道路拥堵1"
    part = letter.get_body(("plain", "html"))
    assert part is not None
    text = part.get_content()
    assert "道路拥堵" in text
    assert "http://127.0.0.1:8800/a/" in text
    asked = {r.value["department"]: r for r in hook.requests}
    desk, station = asked["traffic_police"], asked["police"]
    assert all(is_signed(SECRET, r.headers, r.body, r.at) for r in hook.requests)
    assert not is_signed("another", desk.headers, desk.body, desk.at)
    assert desk.headers["Idempotency-Key"] == desk.value["id"]
    assert (desk.value["schema"], desk.value["total"], desk.value["counts"]) == (
        "patrol.notice/1",
        1,
        {"congestion": 1},
    )
    (matter,) = desk.value["matters"]
    assert (matter["incident"], matter["asks"], matter["place"]) == (incident, "accept", "jam-portrait, loopback")
    assert station.value["matters"][0]["asks"] == "receive"
    assert "desk" not in desk.value["text"], "nobody is named"


def test_a_webhook_that_fails_twice_gets_it_again_with_the_same_key_until_it_takes_it(
    sqlite_store: Store, tmp_path: Path
) -> None:
    problems: list[tuple[str, str | None]] = []
    with Hook(500, 302, location="http://127.0.0.1:9/elsewhere") as hook:
        registry = county({"hook": hook.url}, tmp_path)
        registry = registry.model_copy(
            update={"routes": tuple(r.model_copy(update={"copy_to": ()}) for r in registry.routes)}
        )
        confirm(sqlite_store, registry, utc_now())
        with telling(sqlite_store, registry, tmp_path, on_state=lambda *state: problems.append(state)):
            (message,) = wait_for("sent", lambda: sent(sqlite_store, "hook") or None, 20, 0.1)
            time.sleep(1)
    assert [r.headers["Idempotency-Key"] for r in hook.requests] == [message.id] * 3, "and no more once it is taken"
    assert {r.path for r in hook.requests} == {"/hook/s3cret-path"}
    assert (message.attempts, message.last_error) == (3, None)
    assert problems == [
        ("hook", "channel hook does not take messages (webhook: it answered 500); they are sent again"),
        (
            "hook",
            "channel hook does not take messages (webhook: it answered 302; redirects are not followed, name the place itself); they are sent again",
        ),
        ("hook", None),
    ]


def test_a_channel_that_hangs_holds_up_nobody_else(sqlite_store: Store, tmp_path: Path, mail: MailServer) -> None:
    with Hook(slow_s=30) as hook:
        registry = county({"hook": hook.url, "mail": mail_address(mail)}, tmp_path)
        for number in range(3):
            confirm(sqlite_store, registry, utc_now(), f"c{number}")
        with telling(sqlite_store, registry, tmp_path, pace=HeraldPace(again=(60.0,), idle=0.1, stop=0.2)):
            wait_for("the slow one has begun", lambda: hook.requests or None, 10, 0.1)
            wait_for("the mails are out", lambda: mail.mails or None, 10, 0.1)
            confirm(sqlite_store, registry, utc_now(), "later")
            wait_for("and later ones too", lambda: len(mail.mails) >= 2, 10, 0.1)
            assert len(hook.requests) == 1, "one at a time over one channel"
            assert sent(sqlite_store, "hook") == []


def test_two_hundred_incidents_in_a_minute_are_few_messages_that_name_them_all(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with Hook() as hook:
        registry = county({"hook": hook.url}, tmp_path, grouping="wait: 1s, interval: 6s, most: 10")
        with telling(sqlite_store, registry, tmp_path):
            begun = time.monotonic()
            for number in range(200):
                confirm(sqlite_store, registry, utc_now(), f"c{number}")
                time.sleep(max(0.0, begun + 0.02 * (number + 1) - time.monotonic()))
            flood_s = time.monotonic() - begun
            wait_for("all are out", lambda: all(m.state == "sent" for m in messages(sqlite_store)), 60, 0.2)
    desk = [r.value for r in hook.requests if r.value["department"] == "traffic_police"]
    assert len(desk) <= 2 + flood_s / 6
    assert sum(v["total"] for v in desk) == sum(v["counts"]["congestion"] for v in desk) == 200
    assert len({i.incident for i in items(sqlite_store) if i.asks == "accept"}) == 200
    digest = max(desk, key=lambda v: v["total"])
    assert digest["digest"]
    assert len(digest["matters"]) == 10
    assert f"另有{digest['total'] - 10}件" in digest["text"]


@pytest.mark.parametrize(
    ("scheme", "plugin"),
    [("wecombot://key-of-the-robot", "wecombot"), ("dingtalk://s3cr3ts3cr3t@t0k3nt0k3n", "dingtalk")],
)
def test_a_robot_that_answers_200_with_an_error_has_not_taken_it(
    scheme: str, plugin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.wecombot import NotifyWeComBot

    def over(hook: Hook) -> None:
        here = f"http://127.0.0.1:{hook.port}"
        monkeypatch.setattr(NotifyWeComBot, "notify_url", here + "/send?key={key}")
        monkeypatch.setattr(NotifyDingTalk, "notify_url", here + "/send?access_token={token}")

    channel = Channel(key="robot", address="env:ADDRESS")
    with Hook(body=b'{"errcode": 45009, "errmsg": "freq out of limit for key-of-the-robot"}') as hook:
        over(hook)
        with pytest.raises(ChannelError, match="errcode 45009: freq out of limit") as caught:
            open_channel(channel, None, {"ADDRESS": scheme}).send(_MESSAGE)
        assert plugin == "dingtalk" or "key-of-the-robot" not in str(caught.value)
    with Hook(body=b'{"errcode": 0, "errmsg": "ok"}') as hook:
        over(hook)
        open_channel(channel, None, {"ADDRESS": scheme}).send(_MESSAGE)
    (request,) = hook.requests
    assert request.value["text"] == {"content": "body"}
    assert ("sign=" in request.path, "timestamp=" in request.path) == (plugin == "dingtalk", plugin == "dingtalk")
    assert "%25" not in request.path, "encoded once"
    with Hook(body=b"<html>") as hook:
        over(hook)
        with pytest.raises(ChannelError, match="without an errcode"):
            open_channel(channel, None, {"ADDRESS": scheme}).send(_MESSAGE)


def test_a_mail_server_that_is_away_is_said_without_the_password() -> None:
    address = (
        f"mailto://user:s3cret-word@127.0.0.1:{free_port()}?from=a@county.example&to=b@county.example&mode=insecure"
    )
    with pytest.raises(ChannelError, match=r"^E-Mail: ") as caught:
        open_channel(Channel(key="mail", address="env:ADDRESS"), None, {"ADDRESS": address}).send(_MESSAGE)
    assert "s3cret-word" not in str(caught.value)


def test_an_answer_that_never_ends_is_cut_off() -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:
        begun = threading.Event()

        def trickle() -> None:
            near, _ = server.accept()
            near.recv(65536)
            near.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            begun.set()
            try:
                while True:
                    near.sendall(b"x")
                    time.sleep(0.05)
            except OSError:
                near.close()

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        started = time.monotonic()
        with pytest.raises(PostError, match=r"no whole answer within 1 s"):
            post_json(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", longest_s=1.0)
        assert begun.is_set()
        assert time.monotonic() - started < 5
        thread.join(5)


def test_messages_of_a_channel_that_left_the_registry_are_marked_and_their_matters_told_over_another(
    sqlite_store: Store, tmp_path: Path, mail: MailServer
) -> None:
    registry = county({"hook": "http://127.0.0.1:9/"}, tmp_path, grouping="wait: 0s, interval: 0s, repeat: 1s")
    confirm(sqlite_store, registry, utc_now())
    later = county({"mail": mail_address(mail)}, tmp_path, grouping="wait: 0s, interval: 0s, repeat: 1s")
    problems: list[tuple[str, str | None]] = []
    with telling(sqlite_store, later, tmp_path, on_state=lambda *state: problems.append(state)):
        wait_for("told by mail", lambda: mail.mails or None, 20, 0.1)
    failed = messages(sqlite_store, "hook")
    assert [m.state for m in failed] == ["failed", "failed"]
    assert problems[0] == ("hook", "channel hook is no longer in the registry; its messages cannot be sent")
    assert items(sqlite_store)[-1].why == "repeat"


def test_no_secret_of_a_channel_comes_into_the_store_or_the_problems(sqlite_store: Store, tmp_path: Path) -> None:
    problems: list[str] = []
    addresses = {
        "hook": f"http://127.0.0.1:{free_port()}/s3cret-path",
        "mail": f"mailto://user:s3cret-word@127.0.0.1:{free_port()}?from=a@county.example&to=b@county.example&mode=insecure",
        "wrong": "wecombot://s3cret key!",
    }
    registry = county(addresses, tmp_path)
    confirm(sqlite_store, registry, utc_now())
    with telling(sqlite_store, registry, tmp_path, on_state=lambda _key, said: problems.append(said or "")):
        wait_for(
            "all were tried",
            lambda: all(m.last_error for m in messages(sqlite_store) if m.department == "traffic_police"),
            30,
            0.2,
        )
    said = json.dumps([[m.last_error for m in messages(sqlite_store)], problems])
    assert "connection is refused" in said
    assert "s3cret" not in said
    with sqlite_store.engine.connect() as connection:
        dump = "\n".join(connection.connection.iterdump())  # type: ignore[attr-defined]
    assert "notice_item" in dump
    assert "s3cret" not in dump
    assert SECRET not in dump


def test_the_services_line_sends_to_people_and_puts_a_broken_channel_on_the_board(
    sqlite_store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    board = Board(Clock())
    with Hook(500) as hook:
        registry: Registry = county({"hook": hook.url}, tmp_path)
        settings = Settings(registry=tmp_path / "r.yaml", data=tmp_path, mqtt=f"mqtt://127.0.0.1:{free_port()}")
        line = Line(settings, sqlite_store, KEY, "t", board, registry=lambda: (registry, tmp_path))
        confirm(sqlite_store, registry, utc_now())
        said: list[str] = []
        board.listen(lambda event: said.append(str(event["problem"])) if event["subject"] == "channel hook" else None)
        line.start()
        request.addfinalizer(line.stop)
        wait_for("on the board", lambda: said or None, 20, 0.05)
        assert said[0].startswith("channel hook does not take messages (webhook: it answered 500)")
        # Its next attempt would be in ten seconds.
        with sqlite_store.sessions.begin() as session:
            session.execute(update(Notice).values(next_attempt_at=utc_now() - timedelta(seconds=1)))
        wait_for("sent", lambda: len(sent(sqlite_store, "hook")) == 2, 20, 0.1)
        assert "channel hook" not in board.problems
    with sqlite_store.reading() as session:
        assert session.scalars(select(Notice.last_error)).all() == [None, None]


def test_the_check_in_the_docs_believes_what_the_service_signs_and_nothing_else(
    sqlite_store: Store, tmp_path: Path
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "channels.md").read_text("utf-8")
    room: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], room)  # noqa: S102 - our own docs
    with Hook() as hook:
        registry = county({"hook": hook.url}, tmp_path)
        confirm(sqlite_store, registry, utc_now())
        with telling(sqlite_store, registry, tmp_path):
            request = wait_for("told", lambda: hook.requests[0] if hook.requests else None, 20, 0.1)
    check = room["is_from_patrol"]
    assert check(SECRET, request.headers, request.body)
    assert not check("another", request.headers, request.body)
    assert not check(SECRET, request.headers, request.body + b" ")
    assert set(json.loads(text.partition("```json\n")[2].partition("```")[0])) == set(request.value)
