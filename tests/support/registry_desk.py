"""A registry file in force over a real store, with its desk: as much of a service as editing it needs."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from patrol._board import Board
from patrol._in_force import InForce
from patrol._looks import limits_of
from patrol._registry_desk import RegistryDesk, ServiceShelf
from patrol._registry_pictures import Pictures
from patrol.clock import Clock
from patrol.registry import LoadedRegistry, load
from patrol.rotation import Planner
from patrol.settings import Settings
from patrol.store import Store

_STREAMS = 4


class Editing:
    """What the registry's routes ask of a service.

    Args:
        store: real.
        file: the registry.
        data: the data folder.
    """

    def __init__(self, store: Store, file: Path, data: Path) -> None:
        self.settings = Settings(registry=file, data=data, workers=2, slots=2, sign_in=True)
        self.store, self.link_key = store, b"k" * 32
        self.clock = Clock()
        self.started_at = datetime.now(UTC)
        self.board = Board(self.clock)
        self.pictures = Pictures()
        first = load(file)
        planner = Planner(limits_of(first.registry, _STREAMS))
        self.in_force = InForce(first, store, planner, self.clock, self.board, _STREAMS)
        self.in_force.install()
        self.desk = RegistryDesk(ServiceShelf(self.in_force, threading.RLock()), store, data)

    @property
    def loaded(self) -> LoadedRegistry:
        return self.in_force.loaded


V1 = "/api/v1/registry"


def op(word: str, *path: str | int, **more: Any) -> dict[str, Any]:
    return {"op": word, "path": list(path), **more}


def base(client: TestClient) -> str:
    return str(client.get(V1).json()["sha256"])


def edit(client: TestClient, sha256: str, *operations: dict[str, Any], reason: str = "test") -> Any:
    return client.post(
        f"{V1}/edits", json={"operations": operations, "reason": reason}, headers={"If-Match": f'"{sha256}"'}
    )


def history(client: TestClient) -> list[tuple[str | None, str | None, str | None]]:
    return [(r["kind"], r["who"], r["reason"]) for r in client.get(f"{V1}/revisions").json()["items"]]
