"""A county whose cases are kept by a system of its own: the service, a broker, and the client that docs/mqtt.md shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np

from patrol.store import Store, open_store
from tests.support.county import TOPIC, Patrol, free_port, registry_text
from tests.support.incidents import EVIDENCE, seen
from tests.support.mosquitto import Mosquitto
from tests.support.relays import wait_for

KEEPER = "centre"
NUMBER = "XYZ-2026-0001"
_GUIDE = Path(__file__).parents[2] / "docs" / "mqtt.md"


def shown_client() -> str:
    """The program of docs/mqtt.md, as it stands there."""
    section = _GUIDE.read_text("utf-8").split("## A case system of your own\n", 1)[1].split("\n## ", 1)[0]
    return section.split("```python\n", 1)[1].split("```", 1)[0]


class OwnSystem:
    """The county's case system as a process of its own, which knows nothing of this repository."""

    def __init__(self, folder: Path, port: int) -> None:
        file = folder / "case_system.py"
        file.write_text(shown_client(), "utf-8")
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._process = subprocess.Popen(
            # -P and another folder: what is beside this repository's code is not to be found.
            [sys.executable, "-P", str(file), "127.0.0.1", str(port), TOPIC, KEEPER],
            stdin=subprocess.PIPE, cwd=folder, env=clean, text=True,
        )  # fmt: skip

    def says(self, number: str, stage: str, light: str) -> None:
        """As a person or another program would."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number} {stage} {light}\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdin is not None
        self._process.stdin.close()


class OwnCounty:
    """All of it running.

    Args:
        folder: for everything.
        database: None: SQLite in the data folder.
    """

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.folder = folder
        self._database = database
        self.broker = Mosquitto(folder / "mosquitto")
        text = registry_text({"jam-portrait": f"rtsp://127.0.0.1:{free_port()}/x"}, period="2h", dwell="5s")
        text = text.replace("departments:\n", f"departments:\n  - {{id: {KEEPER}, name: {{zh: 中心, en: Centre}}}}\n")
        registry = folder / "registry.yaml"
        registry.write_text(f"{text}\ncases: {{system: external, department: {KEEPER}}}\n", "utf-8")
        extra = ("--database", database) if database else ()
        self.patrol = Patrol(registry, folder / "data", self.broker.url, model=None, extra=extra)
        self.store: Store | None = None
        self.system: OwnSystem | None = None

    def incident(self) -> str:
        """A look that flags a jam, judged by a person with `patrol review`; its id."""
        store = self.opened()
        for file in EVIDENCE:
            path = self.patrol.data / str(file["path"])
            path.parent.mkdir(parents=True, exist_ok=True)
            _draw(path)
        with store.sessions.begin() as session:
            (change, *_) = seen(session, "flagged")
        self.review(change.incident_id, "confirmed")
        return change.incident_id

    def review(self, incident: str, verdict: str) -> None:
        more = ("--database", self._database) if self._database else ()
        self.patrol.cli("review", incident, verdict, *more)

    def opened(self) -> Store:
        if self.store is None:
            self.store = open_store(self._database, self.patrol.data)
        return self.store

    def get(self, path: str) -> Any:
        return self.patrol.get(f"/api/v1/{path}")

    def case_of(self, incident: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.get(f"incidents/{incident}")["case"]
        return found

    def shows(self, incident: str, **wanted: str | None) -> None:
        """Wait until the API shows the incident's case so."""

        def is_so() -> bool:
            case = self.case_of(incident)
            return case is not None and {name: case[name] for name in wanted} == wanted

        wait_for(f"{wanted} is shown", is_so, 30)

    def __enter__(self) -> Self:
        self.broker.start()
        self.patrol.start()
        self.system = OwnSystem(self.folder, self.broker.port)
        return self

    def __exit__(self, *_: object) -> None:
        if self.system is not None:
            self.system.stop()
        self.patrol.stop()
        if self.store is not None:
            self.store.close()
        self.broker.stop()


def _draw(path: Path) -> None:
    """A grey picture, or a second of it: a board that cannot show its evidence would say so."""
    picture = np.full((48, 64, 3), 128, np.uint8)
    if path.suffix == ".jpg":
        assert cv2.imwrite(str(path), picture)
        return
    clip = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 5.0, (64, 48))
    for _ in range(5):
        clip.write(picture)
    clip.release()
