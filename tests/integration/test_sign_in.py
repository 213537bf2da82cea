"""Signing in over HTTP: passwords, one-time links, waiting after wrong ones, forgery, sessions that end, the demo's people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.app import create_app
from patrol import access, audit
from patrol.access import Role
from patrol.clock import Clock
from patrol.demo import people
from patrol.store import Store
from patrol.store.tables import Account, AccountSession, OneTimeLink
from tests.integration.test_api import Standing
from tests.support.signed_in import account

GOOD = "seven geese over the dike"
OTHER = "nine boats beneath a bridge"


class Turned(Clock):
    """A service's clock whose wall time a test turns by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 26, 8, tzinfo=UTC)

    def wall(self) -> datetime:
        return self.now


@contextmanager
def county(store: Store, folder: Path, *, demo: bool = False) -> Iterator[tuple[Any, Turned]]:
    service = Standing(store, folder, sign_in=True)
    clock = Turned()
    service.clock = clock
    if demo:
        object.__setattr__(service.settings, "demo", True)
    yield create_app(service), clock  # type: ignore[arg-type]


def browser(app: Any, address: str = "10.0.0.1") -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False, client=(address, 1))


def with_password(store: Store, name: str = "li", role: Role = Role.OPERATOR, now: datetime | None = None) -> str:
    account(store, role, name=name + "-desk")
    with store.sessions.begin() as session:
        access.set_password(session, name + "-desk", None, GOOD, now or datetime.now(UTC))
    return name + "-desk"


def enter(client: TestClient, name: str, password: str = GOOD) -> int:
    return client.post("/api/v1/session", json={"name": name, "password": password}).status_code


def csrf(client: TestClient) -> dict[str, str]:
    return {"X-CSRF-Token": client.get("/api/v1/me").json()["csrf"]}


def test_name_and_password_open_a_session_and_nothing_else_does(store: Store, tmp_path: Path) -> None:
    name = with_password(store)
    with county(store, tmp_path) as (app, _), browser(app) as client:
        assert client.get("/api/v1/me").status_code == 401
        assert enter(client, name, OTHER) == 401
        assert enter(client, "nobody", GOOD) == 401
        assert client.get("/api/v1/status").status_code == 401
        answer = client.post("/api/v1/session", json={"name": name, "password": GOOD})
        assert answer.status_code == 204
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        me = client.get("/api/v1/me").json()
        assert (me["name"], me["role"], me["password_due"]) == (name, "operator", False)
        assert "incident.review" in me["may"]
        assert "registry.edit" not in me["may"]
        assert client.get("/api/v1/status").status_code == 200
        assert client.delete("/api/v1/session", headers=csrf(client)).status_code == 204
        assert client.get("/api/v1/status").status_code == 401
    with store.reading() as session:
        said = [(row.action, row.outcome, row.who) for row in reversed(audit.rows(session))]
        kept = session.get_one(Account, name).password or ""
    assert kept.startswith("$argon2id$")
    assert said == [
        ("session.open", "refused", name),
        ("session.open", "refused", "unknown"),
        ("session.open", "done", name),
        ("session.close", "done", name),
    ]


def test_a_cookie_of_before_the_sign_out_opens_nothing(store: Store, tmp_path: Path) -> None:
    name = with_password(store)
    with county(store, tmp_path) as (app, _), browser(app) as client, browser(app) as thief:
        enter(client, name)
        thief.cookies.set("patrol_session", client.cookies["patrol_session"])
        assert thief.get("/api/v1/me").status_code == 200
        client.delete("/api/v1/session", headers=csrf(client))
        assert thief.get("/api/v1/me").status_code == 401


def test_whoever_guesses_waits_longer_each_time_whether_the_name_exists_or_not(store: Store, tmp_path: Path) -> None:
    name = with_password(store)
    with county(store, tmp_path) as (app, clock):
        for wanted in (name, "nobody"):
            with browser(app, f"10.0.{len(wanted)}.1") as client:
                answers = [
                    client.post("/api/v1/session", json={"name": wanted, "password": f"guess number {n} of many"})
                    for n in range(6)
                ]
                assert [a.status_code for a in answers] == [401] * 5 + [429]
                assert answers[-1].headers["retry-after"] == "30"
        with browser(app, "10.9.9.9") as client:
            assert enter(client, name) == 429, "the right password is not looked at while the name waits"
            clock.now += timedelta(seconds=31)
            assert enter(client, name, OTHER) == 401
            answer = client.post("/api/v1/session", json={"name": name, "password": GOOD})
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
            clock.now += timedelta(seconds=61)
            assert enter(client, name) == 204
            client.cookies.clear()
            assert enter(client, name, OTHER) == 401, "after the right one counting begins anew"


def test_many_guesses_at_once_are_no_way_round_the_waiting(store: Store) -> None:
    """Each try is counted before it is looked at."""
    now = datetime(2026, 11, 26, 8, tzinfo=UTC)
    waits = []
    for _ in range(12):
        with store.sessions.begin() as session:
            waits.append(access.begin_try(session, "li-desk", now))
    assert [wait is None for wait in waits] == [True] * 5 + [False] * 7


def test_one_address_that_tries_many_names_waits_too(store: Store, tmp_path: Path) -> None:
    name = with_password(store)
    with county(store, tmp_path) as (app, _):
        with browser(app) as client:
            codes = [enter(client, f"name-{n}", GOOD) for n in range(21)]
            assert codes == [401] * 20 + [429]
            assert enter(client, name) == 429
        with browser(app, "10.0.0.2") as other:
            assert enter(other, name) == 204


def test_a_change_without_the_sessions_own_token_is_refused(store: Store, tmp_path: Path) -> None:
    admin, other = with_password(store, "wang", Role.ADMIN), with_password(store)
    new = {"name": "zhao-desk", "shown": "坐席三", "role": "operator"}
    with county(store, tmp_path) as (app, _), browser(app) as client, browser(app, "10.0.0.2") as second:
        enter(client, admin)
        enter(second, other)
        assert client.post("/api/v1/users", json=new).status_code == 403
        assert client.post("/api/v1/users", json=new, headers={"X-CSRF-Token": "x"}).status_code == 403
        assert client.post("/api/v1/users", json=new, headers=csrf(second)).status_code == 403
        elsewhere = {**csrf(client), "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        assert client.post("/api/v1/users", json=new, headers=elsewhere).status_code == 403
        assert client.post("/api/v1/users", json=new, headers=csrf(client)).status_code == 201


def test_a_session_ends_when_nobody_used_it_and_after_a_shift_in_any_case(store: Store, tmp_path: Path) -> None:
    name = with_password(store)
    with county(store, tmp_path) as (app, clock), browser(app) as client:

        def later(**how: float) -> int:
            clock.now += timedelta(**how)
            app.state.sessions.forget()
            return client.get("/api/v1/me").status_code

        enter(client, name)
        assert later(minutes=119) == 200
        assert later(minutes=119) == 200, "each use counts"
        assert later(minutes=121) == 401
        enter(client, name)
        codes = [later(minutes=60) for _ in range(12)]
        assert codes == [200] * 11 + [401]


def test_a_one_time_link_works_once_lets_nobody_work_before_a_password_and_then_is_worth_nothing(
    store: Store, tmp_path: Path
) -> None:
    with county(store, tmp_path) as (app, clock), browser(app) as client, browser(app, "10.0.0.2") as late:
        with store.sessions.begin() as session:
            first = access.first_admin_link(session, clock.now)
            link = access.first_admin_link(session, clock.now)
        assert first is not None
        assert link is not None
        assert client.post("/api/v1/session/link", json={"link": first}).status_code == 401, "replaced by a newer one"
        assert client.post("/api/v1/session/link", json={"link": link}).status_code == 204
        assert late.post("/api/v1/session/link", json={"link": link}).status_code == 401
        assert client.get("/api/v1/me").json()["password_due"] is True
        assert client.get("/api/v1/users").json()["detail"] == "choose a password first"
        weak = client.post("/api/v1/me/password", json={"new": "admin123456!"}, headers=csrf(client))
        assert weak.status_code == 422
        assert "name of the account" in weak.json()["detail"]
        assert client.post("/api/v1/me/password", json={"new": GOOD}, headers=csrf(client)).status_code == 204
        assert client.get("/api/v1/users").status_code == 200
        with store.sessions.begin() as session:
            assert access.first_admin_link(session, clock.now) is None, "somebody can sign in as an admin"
        client.cookies.clear()
        assert enter(client, "admin") == 204


def test_a_link_is_over_after_a_day(store: Store, tmp_path: Path) -> None:
    with county(store, tmp_path) as (app, clock), browser(app) as client:
        with store.sessions.begin() as session:
            link = access.first_admin_link(session, clock.now)
        clock.now += timedelta(hours=24)
        assert client.post("/api/v1/session/link", json={"link": link}).status_code == 401


def test_a_new_password_ends_every_other_session_and_needs_the_old_one(store: Store, tmp_path: Path) -> None:
    name = with_password(store)
    with county(store, tmp_path) as (app, _), browser(app) as desk, browser(app, "10.0.0.2") as phone:
        enter(desk, name)
        enter(phone, name)

        def change(**asked: str) -> int:
            return desk.post("/api/v1/me/password", json=asked, headers=csrf(desk)).status_code

        assert change(new=OTHER) == 422
        assert change(old=OTHER, new=OTHER) == 422
        assert change(old=GOOD, new=GOOD) == 422
        assert change(old=GOOD, new=OTHER) == 204
        assert desk.get("/api/v1/me").status_code == 200
        assert phone.get("/api/v1/me").status_code == 401
        assert enter(phone, name) == 401
        assert enter(phone, name, OTHER) == 204


def test_an_admin_makes_changes_and_switches_off_accounts_and_the_last_admin_stays(
    store: Store, tmp_path: Path
) -> None:
    admin = with_password(store, "wang", Role.ADMIN)
    with county(store, tmp_path) as (app, _), browser(app) as client, browser(app, "10.0.0.2") as other:
        enter(client, admin)
        new = {"name": "zhao-desk", "shown": "坐席三", "role": "operator", "sight": {"cameras": ["nowhere"]}}
        answer = client.post("/api/v1/users", json=new, headers=csrf(client))
        assert (answer.status_code, "there is no camera 'nowhere'" in answer.json()["detail"]) == (422, True)
        made = client.post("/api/v1/users", json={**new, "sight": {"cameras": ["gate"]}}, headers=csrf(client)).json()
        secret = made["link"].partition("/enter#")[2]
        assert other.post("/api/v1/session/link", json={"link": secret}).status_code == 204
        other.post("/api/v1/me/password", json={"new": GOOD}, headers=csrf(other))
        seen = {look["camera"] for look in other.get("/api/v1/looks").json()["items"]}
        assert seen == {"gate"}
        change = {"shown": "坐席三", "role": "operator", "enabled": False}
        assert client.put("/api/v1/users/zhao-desk", json=change, headers=csrf(client)).status_code == 428
        stale = {**csrf(client), "If-Match": '"1"'}
        assert client.put("/api/v1/users/zhao-desk", json=change, headers=stale).status_code == 412
        version = client.get("/api/v1/users/zhao-desk").headers["etag"]
        done = client.put("/api/v1/users/zhao-desk", json=change, headers={**csrf(client), "If-Match": version})
        assert done.json()["enabled"] is False
        assert other.get("/api/v1/me").status_code == 401
        assert enter(other, "zhao-desk") == 401
        mine = client.get(f"/api/v1/users/{admin}").headers["etag"]
        away = {"shown": "x", "role": "operator", "enabled": True}
        refused = client.put(f"/api/v1/users/{admin}", json=away, headers={**csrf(client), "If-Match": mine})
        assert (refused.status_code, "last admin" in refused.json()["detail"]) == (409, True)


def test_tokens_are_given_with_scopes_and_an_end_and_revoked(store: Store, tmp_path: Path) -> None:
    admin = with_password(store, "wang", Role.ADMIN)
    with county(store, tmp_path) as (app, clock), browser(app) as client, browser(app, "10.0.0.2") as machine:
        enter(client, admin)
        asked = {"name": "wall", "role": "operator", "scopes": ["rotation.read"]}
        given = client.post("/api/v1/tokens", json=asked, headers=csrf(client)).json()
        machine.headers["Authorization"] = f"Bearer {given['secret']}"
        assert machine.get("/api/v1/looks").status_code == 200
        answer = machine.get("/api/v1/incidents")
        assert (answer.status_code, "not among its scopes" in answer.json()["detail"]) == (403, True)
        assert given["secret"] not in client.get("/api/v1/tokens").text
        scopes = client.get("/api/v1/tokens/scopes").json()
        assert {"figures.read", "case.move:assign"} <= set(scopes["operator"])
        assert "audit.read" not in scopes["operator"]
        assert "audit.read" in scopes["auditor"]
        over = {**asked, "name": "guest", "expires_at": (clock.now - timedelta(days=1)).isoformat()}
        assert client.post("/api/v1/tokens", json=over, headers=csrf(client)).status_code == 409
        wrong = {**asked, "name": "guest", "scopes": ["world.rule"]}
        assert client.post("/api/v1/tokens", json=wrong, headers=csrf(client)).status_code == 409
        assert client.delete("/api/v1/tokens/wall", headers=csrf(client)).status_code == 204
        assert client.delete("/api/v1/tokens/wall", headers=csrf(client)).status_code == 409
        assert client.delete("/api/v1/tokens/none", headers=csrf(client)).status_code == 404


def test_the_demos_people_are_entered_by_a_click_in_the_demo_only(store: Store, tmp_path: Path) -> None:
    with store.sessions.begin() as session:
        people.settle(session, datetime.now(UTC))
    with county(store, tmp_path, demo=True) as (app, _), browser(app) as client:
        ways = client.get("/api/v1/session/ways").json()
        assert set(ways["demo_roles"]) == {"operator", "shift_lead", "department", "admin", "auditor"}
        for role in ways["demo_roles"]:
            client.cookies.clear()
            assert client.post("/api/v1/session/demo", json={"role": role}).status_code == 204
            assert client.get("/api/v1/me").json()["role"] == role
        client.cookies.clear()
        client.post("/api/v1/session/demo", json={"role": "operator", "desk": 2})
        assert client.get("/api/v1/me").json()["name"] == people.SECOND_OPERATOR
    with county(store, tmp_path) as (app, _), browser(app) as client:
        assert client.get("/api/v1/session/ways").json()["demo_roles"] == []
        assert client.post("/api/v1/session/demo", json={"role": "admin"}).status_code == 404


def test_no_secret_is_kept_as_it_is(store: Store, tmp_path: Path) -> None:
    name = with_password(store)
    with county(store, tmp_path) as (app, clock), browser(app) as client:
        enter(client, name)
        cookie = client.cookies["patrol_session"]
        with store.sessions.begin() as session:
            link = access.make_link(session, name, "test", clock.now)
        with store.reading() as session:
            held = repr(
                [
                    [getattr(row, c.key) for c in row.__table__.columns]
                    for table in (Account, AccountSession, OneTimeLink)
                    for row in session.scalars(select(table))
                ]
            )
    assert GOOD not in held
    assert cookie not in held
    assert link not in held


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12 to 128 characters"),
        ("x" * 129, "12 to 128 characters"),
        ("aaaaaaaaaaaabbbb", "different characters"),
        ("my-li-desk-and-more", "name of the account"),
        ("password123456", "everybody tries first"),
        ("qwerty123456qwerty", "everybody tries first"),
        ("xiangyin123456", "everybody tries first"),
    ],
)
def test_a_password_that_is_easily_guessed_is_not_taken(password: str, why: str) -> None:
    from patrol.access.passwords import password_problems

    assert any(why in problem for problem in password_problems(password, name="li-desk"))
    assert password_problems(GOOD, name="li-desk") == []


def test_the_audit_trail_only_grows_and_tells_when_it_was_changed(store: Store) -> None:
    now = datetime(2026, 11, 26, 8, tzinfo=UTC)
    for number in range(5):
        with store.sessions.begin() as session:
            audit.write(session, access.CENTRE, "incident.review", now=now, ref=str(number), detail={"é": [1.5, None]})
    with store.reading() as session:
        found = audit.verify(session)
        assert (found.rows, found.problems) == (5, ())
        assert [row.ref for row in audit.rows(session, action="incident.", limit=2)] == ["4", "3"]
    with store.still() as walking:
        assert len(audit.rows(walking)) == 5
        with store.sessions.begin() as session:
            audit.write(session, access.CENTRE, "incident.review", now=now, ref="5")
        found = audit.verify(walking)
        assert (found.rows, found.problems) == (5, ()), "what is written meanwhile is no problem of the trail"
    from sqlalchemy.exc import DBAPIError

    from patrol.store.tables import AuditRow

    with pytest.raises(DBAPIError, match="append-only"), store.sessions.begin() as session:
        session.execute(update(AuditRow).where(AuditRow.seq == 3).values(who="somebody else"))
    with pytest.raises(DBAPIError, match="append-only"), store.sessions.begin() as session:
        session.delete(session.get_one(AuditRow, 5))
    with store.engine.begin() as connection:
        if store.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER audit_sealed")
        connection.exec_driver_sql("UPDATE audit SET who = 'thief' WHERE seq = 3")
    with store.reading() as session:
        assert audit.verify(session).problems == ("row 3 (incident.review by thief) is not what was written",)
