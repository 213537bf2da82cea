"""A registry that is edited over HTTP, and an admin who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from patrol.access import Role
from patrol.store import Store
from tests.support.registry_desk import Editing
from tests.support.signed_in import signed_in
from tests.unit.registry.county import TEXT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "etc" / "camera_registry.yaml"
    made.parent.mkdir()
    made.write_text(TEXT, "utf-8")
    return made


@pytest.fixture
def service(store: Store, file: Path, tmp_path: Path) -> Editing:
    return Editing(store, file, tmp_path / "data")


@pytest.fixture
def app(service: Editing) -> FastAPI:
    return create_app(service)  # type: ignore[arg-type]


@pytest.fixture
def admin(app: FastAPI) -> Iterator[TestClient]:
    with signed_in(app, Role.ADMIN) as client:
        yield client
