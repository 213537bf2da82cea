"""A service with a confirmed incident on each of two cameras, and an operator who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from patrol.access import Role
from patrol.store import Store
from tests.integration.test_api import LOADED, Standing
from tests.support.evidence import Kept, confirmed_with_files
from tests.support.signed_in import signed_in


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Standing:
    return Standing(store, tmp_path, sign_in=True)


@pytest.fixture
def app(service: Standing) -> FastAPI:
    return create_app(service)  # type: ignore[arg-type]


@pytest.fixture
def files(service: Standing, tmp_path: Path) -> tuple[Kept, Kept]:
    return confirmed_with_files(service.store, tmp_path, LOADED.registry)


@pytest.fixture
def operator(app: FastAPI) -> Iterator[TestClient]:
    with signed_in(app, Role.OPERATOR) as client:
        yield client
