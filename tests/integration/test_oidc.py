"""Signing in through a county's own identity provider: whom it vouches for, and every word of it that is not to be believed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey

from api.app import create_app
from patrol import access
from patrol.access import Role
from patrol.settings import Oidc
from patrol.store import Store
from patrol.store.tables import Account
from tests.integration.test_api import Standing
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider
from tests.support.signed_in import account

BACK = "/api/v1/session/oidc/return"


@contextmanager
def county(store: Store, folder: Path, provider: IdentityProvider) -> Iterator[Any]:
    service = Standing(store, folder, sign_in=True)
    object.__setattr__(service.settings, "oidc", Oidc(provider.issuer, CLIENT, SECRET, "县统一认证"))
    yield create_app(service)  # type: ignore[arg-type]


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as running:
        yield running


def browser(app: Any) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def to_provider_and(client: TestClient) -> str:
    """Leave for the provider and come back; the address it sends the browser to."""
    left = client.get("/api/v1/session/oidc", follow_redirects=False)
    assert left.status_code == 303
    sent = httpx.get(left.headers["location"], follow_redirects=False)
    parts = urlsplit(sent.headers["location"])
    return f"{parts.path}?{parts.query}"


def sign_in(client: TestClient) -> Any:
    return client.get(to_provider_and(client), follow_redirects=False)


def test_whom_the_provider_knows_comes_in_where_an_admin_has_made_an_account(
    sqlite_store: Store, tmp_path: Path, provider: IdentityProvider
) -> None:
    with county(sqlite_store, tmp_path, provider) as app, browser(app) as client:
        assert client.get("/api/v1/session/ways").json()["oidc"] == "县统一认证"
        assert sign_in(client).status_code == 403, "known to the provider, unknown here"
        account(sqlite_store, Role.OPERATOR, name="zhao-desk")
        answer = sign_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert client.get("/api/v1/me").json()["name"] == "zhao-desk"
        provider.name = "zhao-renamed"
        client.cookies.clear()
        assert sign_in(client).status_code == 303, "bound by subject, whatever it is called later"
        provider.subject, provider.name = "another", "zhao-desk"
        client.cookies.clear()
        assert sign_in(client).status_code == 403, "another person of the same name is another person"
    with sqlite_store.reading() as session:
        assert session.get_one(Account, "zhao-desk").outside == f"{provider.issuer} f3a1"


def test_an_account_with_a_password_or_one_switched_off_is_nobodys_by_name(
    sqlite_store: Store, tmp_path: Path, provider: IdentityProvider
) -> None:
    now = datetime.now(UTC)
    account(sqlite_store, Role.ADMIN, name="boss-desk")
    with sqlite_store.sessions.begin() as session:
        access.set_password(session, "boss-desk", None, "seven geese over the dike", now)
    account(sqlite_store, Role.OPERATOR, name="gone-desk")
    with sqlite_store.sessions.begin() as session:
        access.change_account(
            session, "gone-desk", 1, shown="x", role=Role.OPERATOR, unit=None, sight=None, enabled=False, now=now
        )
    with county(sqlite_store, tmp_path, provider) as app, browser(app) as client:
        for name in ("boss-desk", "gone-desk"):
            provider.name = name
            assert sign_in(client).status_code == 403


@pytest.mark.parametrize(
    "bend",
    [
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"nonce": "another"},
        {"nonce": None},
        {"azp": "somebody-else"},
        {"sub": None},
    ],
    ids=str,
)
def test_a_word_that_is_not_for_us_now_is_not_believed(
    bend: dict[str, Any], sqlite_store: Store, tmp_path: Path, provider: IdentityProvider
) -> None:
    account(sqlite_store, Role.OPERATOR, name="zhao-desk")
    provider.bend = bend
    with county(sqlite_store, tmp_path, provider) as app, browser(app) as client:
        assert sign_in(client).status_code == 401
        assert client.get("/api/v1/me").status_code == 401


def test_a_foreign_signature_a_used_code_and_a_foreign_browser_open_nothing(
    sqlite_store: Store, tmp_path: Path, provider: IdentityProvider
) -> None:
    account(sqlite_store, Role.OPERATOR, name="zhao-desk")
    with county(sqlite_store, tmp_path, provider) as app, browser(app) as client, browser(app) as thief:
        provider.foreign = RSAKey.generate_key(2048, {"kid": "one"})  # type: ignore[assignment]
        assert sign_in(client).status_code == 401
        provider.foreign = None
        back = to_provider_and(client)
        assert thief.get(back, follow_redirects=False).status_code == 401, "its code in another browser"
        assert client.get(back.replace("state=", "state=x"), follow_redirects=False).status_code == 401
        assert client.get(back, follow_redirects=False).status_code == 303
        assert thief.get(back, follow_redirects=False).status_code == 401
        assert SECRET not in thief.get(back).text


def test_a_provider_that_is_away_is_said_and_nothing_else_stops(sqlite_store: Store, tmp_path: Path) -> None:
    with IdentityProvider() as provider:
        pass
    with county(sqlite_store, tmp_path, provider) as app, browser(app) as client:
        answer = client.get("/api/v1/session/oidc", follow_redirects=False)
        assert (answer.status_code, "does not answer" in answer.json()["detail"]) == (503, True)
        assert client.get("/api/v1/session/ways").status_code == 200
