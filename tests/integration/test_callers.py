"""Who comes in and how far: the service's own token, tokens with a role, guesses, pages of other sites."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from api.security import LIVE_S, LiveTokens
from patrol import access
from patrol.access import Caller, Role
from patrol.store import Store
from tests.integration.test_api import Standing
from tests.support.case_files import number, put_case

ROOT = Path(__file__).parents[2]
OWN = "a-token-of-16-characters"
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@contextmanager
def asking(store: Store, folder: Path, token: str | None = OWN, address: str = "10.0.0.1") -> Iterator[TestClient]:
    app = create_app(Standing(store, folder, token))  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False, client=(address, 1)) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def token_of(store: Store, role: Role, unit: str | None = None, name: str = "somebody") -> str:
    with store.sessions.begin() as session:
        return access.new_token(session, name, role, unit, NOW)


def test_the_centres_own_token_and_nobody_else_passes_where_one_is_set(store: Store, tmp_path: Path) -> None:
    token = token_of(store, Role.AUDITOR)
    with store.sessions.begin() as session:
        case = put_case(session, 1, unit="police")
    path = f"/api/v1/cases/{case}/attachments"
    with asking(store, tmp_path) as client:
        assert client.get(path).status_code == 401
        assert client.get(path, headers=bearer("pat_wrong")).status_code == 401
        assert client.get(path, headers=bearer(OWN)).json() == []
        assert client.get(path, headers=bearer(token)).json() == []
        assert client.get(path, headers=bearer(token + "x")).status_code == 401
        assert client.get(f"{path}?token={token}").status_code == 401


def test_a_revoked_token_is_refused_within_the_time_promised_and_a_new_one_passes(store: Store) -> None:
    """Over the real store, with a clock that is turned by hand."""
    clock, reads = [1000.0], 0

    def read() -> Mapping[str, Caller]:
        nonlocal reads
        reads += 1
        with store.reading() as session:
            return access.live(session, NOW)

    live = LiveTokens(read, clock=lambda: clock[0])
    first = token_of(store, Role.AUDITOR, name="first")

    async def ask(token: str) -> str | None:
        found = await live.caller(token)
        return found.name if found else None

    async def all_of_it() -> None:
        assert await ask(first) == "first"
        second = token_of(store, Role.AUDITOR, name="second")
        clock[0] += 1.0
        assert await ask(second) == "second"
        before = reads
        assert await asyncio.gather(*(ask(f"pat_{n}") for n in range(50))) == [None] * 50
        assert reads == before, "a flood of wrong ones reads nothing"
        with store.sessions.begin() as session:
            access.revoke(session, "first", NOW)
        clock[0] += LIVE_S
        assert await ask(first) is None
        assert await ask(second) == "second"

    asyncio.run(all_of_it())


def test_who_guesses_waits_even_with_the_right_token_and_others_do_not(store: Store, tmp_path: Path) -> None:
    app = create_app(Standing(store, tmp_path, OWN))  # type: ignore[arg-type]
    guesser, desk = (TestClient(app, base_url="http://127.0.0.1", client=(a, 1)) for a in ("10.0.0.1", "10.0.0.2"))
    with capture_logs() as said:
        for guess in range(20):
            shapes = (bearer(f"guess-{guess}"), bearer(f"pat_guess-{guess}"))
            assert guesser.get("/api/v1/status", headers=shapes[guess % 2]).status_code == 401
        answer = guesser.get("/api/v1/status", headers=bearer(OWN))
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/problem+json")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert guesser.get("/healthz").status_code == 200
    assert desk.get("/api/v1/status", headers=bearer(OWN)).status_code == 200
    assert "guess-" not in repr(said)
    assert "guess-" not in answer.text


def test_asking_without_any_token_is_no_guess(store: Store, tmp_path: Path) -> None:
    with asking(store, tmp_path) as client:
        for _ in range(30):
            assert client.get("/api/v1/status").status_code == 401
        assert client.get("/api/v1/status", headers=bearer(OWN)).status_code == 200


def test_a_store_that_is_away_is_said_and_lets_nobody_in(sqlite_store: Store, tmp_path: Path) -> None:
    token = token_of(sqlite_store, Role.AUDITOR)
    (tmp_path / "patrol.sqlite").rename(tmp_path / "moved")
    (tmp_path / "patrol.sqlite").mkdir()
    sqlite_store.engine.dispose()
    with asking(sqlite_store, tmp_path) as client:
        answer = client.get("/api/v1/cases/1/attachments", headers=bearer(token))
    assert (answer.status_code, answer.json()["detail"]) == (503, "the store does not answer")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1"}, 404),
        ({"Origin": "http://127.0.0.1"}, 404),
        ({}, 404),
    ],
)
def test_a_page_of_another_site_cannot_send_anything(
    headers: dict[str, str], status: int, sqlite_store: Store, tmp_path: Path
) -> None:
    """On loopback without a token any page in the browser of that machine could."""
    with asking(sqlite_store, tmp_path, None) as client:
        files = {"file": ("a.txt", b"x")}
        answer = client.post(f"/api/v1/cases/{number(9)}/attachments", files=files, headers=headers)
        assert answer.status_code == status
