"""Nobody sees or does more than the role allows: every route, every role, own and foreign objects, on a running service.

The routes come from the application itself. Who may do what stands here a second time, written by hand. A route whose action is not
in that table, whose object has no sample, or which is asked with something and has no request here, fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import APIRouter, WebSocket

from api.app import create_app
from api.callers import Rule, RuleError, asks, rules
from api.events import visible
from patrol.access import ACTIONS, CASE_ACTIONS, Caller, Role, Sight, can
from patrol.registry import parse
from patrol.settings import Settings
from tests.support.control_room import (
    FOREIGN_CAMERA,
    FOREIGN_UNIT,
    LIMITED,
    OWN_CAMERA,
    OWN_UNIT,
    ControlRoom,
    control_room,
)
from tests.support.control_room_requests import LISTS, OBJECTS, REQUESTS
from tests.support.county import registry_text

_DESK = {"operator", "shift_lead"}
_READERS = {*_DESK, "auditor"}
_STAFF = {*_READERS, "admin"}
_LEAD, _ADMIN, _UNIT, _AUDITOR = {"shift_lead"}, {"admin"}, {"department"}, {"auditor"}
_ALL = {role.value for role in Role}
WHO: dict[str, set[str]] = {
    "self.read": _ALL,
    "self.edit": _ALL,
    "status.read": _STAFF,
    "metrics.read": _STAFF,
    "events.read": {*_STAFF, "department"},
    "rotation.read": _STAFF,
    "picture.read": _DESK,
    "incident.read": _READERS,
    "incident.review": _DESK,
    "alert.read": _READERS,
    "dispatch.read": _READERS,
    "dispatch.call": _DESK,
    "dispatch.silence": _LEAD,
    "inbox.read": _UNIT,
    "inbox.answer": _UNIT,
    "miss.read": _READERS,
    "miss.sign_off": _LEAD,
    "spot_check.answer": _DESK,
    "ledger.read": _STAFF,
    "figures.read": _READERS,
    "audit.read": _AUDITOR,
    "evidence.trace": {"auditor", "shift_lead"},
    "evidence.export": {*_DESK, "department"},
    "evidence.export_unmasked": _LEAD,
    "retention.read": {"auditor", "shift_lead", "admin"},
    "retention.hold": _LEAD,
    "registry.read": _STAFF,
    "registry.history": _STAFF,
    "registry.edit": _ADMIN,
    "registry.restore": _ADMIN,
    "users.edit": _ADMIN,
    "tokens.edit": _ADMIN,
    "case.read": {*_READERS, "department", "reporter"},
    "case.open": _DESK,
    "case.report": {*_DESK, "reporter"},
    "attachment.read": {*_DESK, "department", "reporter"},
    "attachment.add": {*_DESK, "department", "reporter"},
    "attachment.remove": _LEAD,
    "letter.read": {*_READERS, "department"},
    "letter.issue": _LEAD,
    "calendar.recompute": _LEAD,
}
"""By hand, from the issue and docs/access.md. Moves of cases: tests/unit/access/test_roles.py."""


_WHOLE = {
    "registry.history",
    "registry.edit",
    "registry.restore",
    "users.edit",
    "tokens.edit",
    "audit.read",
    "ledger.read",
}
"""Closed to whoever is limited to some cameras."""


def _application():  # type: ignore[no-untyped-def]
    return create_app(SimpleNamespace(settings=Settings(registry=Path(), data=Path())))  # type: ignore[arg-type]


RULES: dict[tuple[str, str], Rule] = _application().state.rules
CLOSED = sorted(key for key, rule in RULES.items() if rule.actions)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlRoom]:
    with control_room(tmp_path_factory.mktemp("matrix")) as running:
        yield running


def test_what_each_role_may_is_what_was_written_by_hand() -> None:
    assert set(WHO) == {action for action in ACTIONS if not action.startswith("case.move:")}
    for action, people in WHO.items():
        able = {role.value for role in Role if can(Caller("x", role, OWN_UNIT), action) is None}
        assert able == people, action
    assert set(WHO) & CASE_ACTIONS


def test_whoever_is_limited_to_some_cameras_never_reaches_the_county_as_a_whole() -> None:
    sight = Sight(cameras=frozenset({OWN_CAMERA}))
    for action in WHO:
        free = {role for role in Role if can(Caller("x", role, OWN_UNIT), action) is None}
        limited = {role for role in Role if can(Caller("x", role, OWN_UNIT, sight=sight), action) is None}
        assert limited == (set() if action in _WHOLE else free), action


@pytest.mark.parametrize("where", ["route", "router", "socket", "mount"])
def test_a_route_without_a_rule_keeps_the_application_from_starting(where: str) -> None:
    app = _application()
    rules(app)
    router = APIRouter()

    @router.get("/api/v1/forgotten/again", dependencies=[])
    def forgotten() -> str:
        return "everything"

    if where == "route":
        app.add_api_route("/api/v1/forgotten", forgotten)
    elif where == "router":
        app.include_router(router)
    elif where == "socket":

        @app.websocket("/api/v1/forgotten")
        async def socket(_: WebSocket) -> None:
            return None

    else:
        app.mount("/forgotten", _application())
    with pytest.raises(RuleError, match=r"forgotten|could declare"):
        rules(app)


def test_an_action_that_does_not_exist_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="no such action"):
        asks("world.rule")


def _objects(path: str) -> list[str]:
    return re.findall(r"{(\w+)(?::\w+)?}", path)


def _filled(room: ControlRoom, path: str, whose: str) -> str:
    room_of = path.removeprefix("/api/v1/").split("/")[0]
    for name in _objects(path):
        pair = room.objects.get(f"{room_of}.{name}") or room.objects.get(name)
        assert pair is not None, f"{path}: give tests/support/control_room.py an own and a foreign {name}"
        path = path.replace("{" + name + "}", getattr(pair, whose))
    return path


def _ask(room: ControlRoom, who: str | None, method: str, path: str, whose: str = "own"):  # type: ignore[no-untyped-def]
    request = REQUESTS.get((method, path))
    if method not in {"GET", "HEAD"}:
        assert request is not None, f"{method} {path}: give tests/support/control_room_requests.py a request"
    request = request or {}
    query = request.get("query", "")
    return room.ask(
        who,
        method,
        _filled(room, path, whose) + (f"?{query}" if query else ""),
        request.get("body"),
        request.get("headers"),
        request.get("raw"),
    )


@pytest.mark.parametrize(("method", "path"), CLOSED, ids=str)
def test_a_route_opens_to_its_roles_and_to_nobody_else(method: str, path: str, room: ControlRoom) -> None:
    if path == "/api/v1/events":
        method_of = {who: _first_line(room, who) for who in [None, *_ALL]}
        people = WHO["events.read"]
        assert method_of == {who: 200 if who in people else 401 if who is None else 403 for who in [None, *_ALL]}
        return
    people = set().union(*(WHO[action] for action in RULES[(method, path)].actions))
    assert _ask(room, None, method, path).status == 401
    for role in sorted(_ALL - people):
        answer = _ask(room, role, method, path)
        assert (role, answer.status) == (role, 403), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    for role in sorted(people):
        if role == "reporter" and _objects(path):
            continue  # it sees what it brought, and brought nothing: below
        answer = _ask(room, role, method, path)
        assert answer.status not in {401, 403} or (method, path, role) in OBJECTS, (role, answer.status, answer.text)
        assert answer.status < 500, (role, answer.text)


@pytest.mark.parametrize("who", [LIMITED, "department", "reporter"])
def test_whoever_is_limited_reaches_its_own_objects_and_no_foreign_ones(who: str, room: ControlRoom) -> None:
    role = "operator" if who == LIMITED else who
    tried = 0
    for method, path in CLOSED:
        actions = RULES[(method, path)].actions
        if not _objects(path) or not any(role in WHO[action] for action in actions):
            continue
        if who == LIMITED and set(actions) <= _WHOLE:
            assert _ask(room, who, method, path).status == 403
            continue
        tried += 1
        foreign = _ask(room, who, method, path, "foreign")
        assert foreign.status in {403, 404}, (method, path, foreign.status, foreign.text)
        # A refusal may repeat what was asked for, and says no more.
        assert "{camera_id}" in path or FOREIGN_CAMERA not in foreign.text
        own = _ask(room, who, method, path, "own")
        if who == "reporter":
            assert own.status in {403, 404}, (method, path, own.status)
        elif (method, path, role) not in OBJECTS:
            assert own.status not in {401, 403, 404}, (method, path, own.status, own.text)
        assert own.status < 500
    assert tried >= (3 if who == "reporter" else 5)


@pytest.mark.parametrize("who", [LIMITED, "department"])
def test_no_list_shows_whoever_is_limited_anything_foreign(who: str, room: ControlRoom) -> None:
    role = "operator" if who == LIMITED else who
    foreign = {FOREIGN_CAMERA, *(pair.foreign for name, pair in room.objects.items() if len(pair.foreign) > 8)}
    read = 0
    for method, path in CLOSED:
        if method != "GET" or _objects(path) or path in LISTS or path == "/api/v1/events":
            continue
        actions = RULES[(method, path)].actions
        if not any(role in WHO[action] for action in actions):
            continue
        answer = _ask(room, who, method, path)
        if who == LIMITED and set(actions) <= _WHOLE:
            assert answer.status == 403
            continue
        assert answer.status == 200, (path, answer.status, answer.text)
        shown = {word for word in foreign if word in answer.text}
        assert shown == set(), (path, shown)
        read += 1
    assert read >= 3


def test_what_is_open_to_all_holds_no_data_without_a_signature(room: ControlRoom) -> None:
    opened = {path for (_, path), rule in RULES.items() if not rule.actions}
    for path in sorted(opened):
        answer = room.ask(None, "GET", path.replace("{path}", "2026-03-01/v/clip.mp4").replace("{token}", "guess"))
        assert answer.status < 500 or path == "/readyz"
        for word in (OWN_CAMERA, FOREIGN_CAMERA, *(pair.own for pair in room.objects.values() if len(pair.own) > 8)):
            assert word not in answer.text, path


def test_a_link_to_a_file_is_worth_nothing_in_anybody_elses_hands(room: ControlRoom) -> None:
    visit = room.ask(LIMITED, "GET", f"/api/v1/visits/{room.objects['visit_id'].own}").json()
    link = visit["evidence"][0]["url"]
    assert room.ask(LIMITED, "GET", link).status == 200
    part = room.ask(LIMITED, "GET", link, headers={"Range": "bytes=4-7"})
    assert (part.status, len(part.body)) == (206, 4)
    for who in [None, *sorted(_ALL)]:
        assert room.ask(who, "GET", link).status in {401, 403}, who
    for bent in (link.replace("own", "foreign"), link.replace("by=", "by=x"), link + "0", link.partition("?")[0]):
        assert room.ask(LIMITED, "GET", bent).status == 403, bent
    for role in ("admin", "auditor"):
        assert (
            room.ask(role, "GET", f"/api/v1/visits/{room.objects['visit_id'].own}").json()["evidence"][0]["url"] is None
        )


def _first_line(room: ControlRoom, who: str | None) -> int:
    import http.client

    host = room.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    headers = {"Authorization": f"Bearer {room.tokens[who]}"} if who else {}
    try:
        connection.request("GET", "/api/v1/events", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


_COUNTY = parse(
    registry_text({OWN_CAMERA: "rtsp://127.0.0.1/x", FOREIGN_CAMERA: "rtsp://127.0.0.1/y"}, period="2h"), "x"
)
_POLICE = Caller("desk", Role.DEPARTMENT, OWN_UNIT)
_ONE = Caller("one", Role.OPERATOR, sight=Sight(cameras=frozenset({OWN_CAMERA})))


@pytest.mark.parametrize(
    ("caller", "event", "shown"),
    [
        (_ONE, {"event": "look", "look": OWN_CAMERA}, "whole"),
        (_ONE, {"event": "look", "look": f"{FOREIGN_CAMERA}/2"}, None),
        (_ONE, {"event": "incident", "incident": "i", "camera": FOREIGN_CAMERA}, None),
        (_ONE, {"event": "incident", "incident": "i", "camera": OWN_CAMERA}, "whole"),
        (_ONE, {"event": "alert", "alert": "a"}, "that"),
        (_ONE, {"event": "problem", "subject": "broker", "problem": "away"}, "whole"),
        (_ONE, {"event": "problem", "subject": "capacity", "problem": f"the first camera, {FOREIGN_CAMERA}"}, None),
        (_POLICE, {"event": "answer", "alert": "a", "department": OWN_UNIT}, "whole"),
        (_POLICE, {"event": "answer", "alert": "a", "department": FOREIGN_UNIT}, "that"),
        (_POLICE, {"event": "escalation", "department": FOREIGN_UNIT, "phone": "0730"}, "that"),
        (_POLICE, {"event": "export", "export": "EX-20261126-0001"}, "that"),
        (_POLICE, {"event": "look", "look": OWN_CAMERA}, None),
        (_POLICE, {"event": "incident", "incident": "i", "camera": OWN_CAMERA}, None),
        (_POLICE, {"event": "problem", "subject": "registry", "problem": "x"}, None),
        (Caller("lead", Role.SHIFT_LEAD), {"event": "look", "look": FOREIGN_CAMERA}, "whole"),
    ],
)
def test_an_event_says_to_each_what_it_may_know(caller: Caller, event: dict[str, str], shown: str | None) -> None:
    """Whole, that something of the kind has happened, or nothing."""
    found = visible(event, caller, _COUNTY.registry)
    if shown == "whole":
        assert found == event
    elif shown == "that":
        assert found == {"event": event["event"], "at": None}
    else:
        assert found is None
