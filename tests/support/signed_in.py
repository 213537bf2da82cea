"""People of every role who are signed in to an application under test, each with a client of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.testclient import TestClient

from patrol import access
from patrol.access import Role, Sight
from patrol.store import Store
from patrol.store.tables import Account


def account(
    store: Store, role: Role, *, name: str | None = None, unit: str | None = None, sight: Sight | None = None
) -> str:
    """An account of a role, entered by nobody yet; its name."""
    made = name or f"a-{role.value}".replace("_", "-")
    with store.sessions.begin() as session:
        access.new_account(
            session, made, role, shown=f"{role.value} desk", unit=unit, sight=sight, by="test", now=datetime.now(UTC)
        )
    return made


def enter(store: Store, client: TestClient, name: str) -> TestClient:
    """Sign a client in as an account, past the password; what it changes carries the session's CSRF token from now on."""
    with store.sessions.begin() as session:
        row = session.get_one(Account, name)
        opened = access.open_session(session, row, datetime.now(UTC))
    client.cookies.set("patrol_session", opened.secret)
    client.headers["x-csrf-token"] = client.get("/api/v1/me").json()["csrf"]
    return client


@contextmanager
def signed_in(
    app: FastAPI, role: Role, *, name: str | None = None, unit: str | None = None, sight: Sight | None = None
) -> Iterator[TestClient]:
    """A browser of somebody of a role.

    Args:
        app: whose service has ``sign_in`` set.
        role: as what.
        name: of the account, made where it is not there; None: one after the role.
        unit: of a department.
        sight: cameras it is limited to.
    """
    store: Store = app.state.service.store
    wanted = name or f"a-{role.value}".replace("_", "-")
    with store.reading() as session:
        there = {row.name for row in access.accounts(session)}
    if wanted not in there:
        account(store, role, name=wanted, unit=unit, sight=sight)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield enter(store, client, wanted)
