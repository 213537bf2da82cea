"""The API of attachments on a real socket, with a token for everybody and cases that lie with different units."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.app import create_app
from patrol import access
from patrol.access import Role
from patrol.registry import parse
from patrol.store import Store
from tests.integration.test_api import Standing
from tests.support import papers
from tests.support.case_files import put_case
from tests.support.county import free_port, registry_text, wait_for

ROOT = Path(__file__).parents[2]
OWN = "a-token-of-16-characters"
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
TOWNSHIP, VILLAGE = "430624104", "430624104201"
PHOTO = papers.photo(said=papers.exif())
CALLERS = {
    "township": (Role.DEPARTMENT, TOWNSHIP),
    "police": (Role.DEPARTMENT, "police"),
    "hotline": (Role.REPORTER, None),
    "auditor": (Role.AUDITOR, None),
    "admin": (Role.ADMIN, None),
    "operator": (Role.OPERATOR, None),
    "lead": (Role.SHIFT_LEAD, None),
}


class Desk:
    """The API on a real socket, with a token for everybody, and three cases: the township's own, a village's, the police's."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        (folder / "scanner.sh").write_text(papers.SCANNER)
        text = registry_text({"gate": "rtsp://127.0.0.1/x"}, period="60s")
        text += f"cases: {{attachments: {{max_mib: 1, max_files: 20, scan: [sh, {folder}/scanner.sh]}}}}\n"
        service = Standing(store, folder, OWN)
        service.loaded = parse(text, "test")
        with store.sessions.begin() as session:
            self.tokens = {n: access.new_token(session, n, role, unit, NOW) for n, (role, unit) in CALLERS.items()}
            self.own = put_case(session, 1, unit=TOWNSHIP, by="hotline")
            self.child = put_case(session, 2, unit=VILLAGE)
            self.foreign = put_case(session, 3, unit="police")
        self.port = free_port()
        config = uvicorn.Config(create_app(service), port=self.port, log_config=None, access_log=False)  # type: ignore[arg-type]
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        wait_for("the API listens", lambda: self.server.started, 20, 0.02)

    def as_(self, who: str) -> httpx.Client:
        token = OWN if who == "centre" else self.tokens[who]
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )

    def bring(self, who: str, case: str, data: bytes = PHOTO, name: str = "a.jpg") -> httpx.Response:
        with self.as_(who) as client:
            return client.post(f"/cases/{case}/attachments", files={"file": (name, data)})

    def get(self, who: str, case: str, below: str = "", **more: Any) -> httpx.Response:
        with self.as_(who) as client:
            return client.get(f"/cases/{case}/attachments{below}", **more)

    def lying(self) -> list[str]:
        return sorted(f.name for f in (self.folder / "cases").rglob("*") if f.is_file())

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
