"""The API with everybody signed in who has to do with alerts, and a county whose departments are told."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from api.app import create_app
from patrol.access import Role, Sight
from patrol.registry import parse
from patrol.store import Store
from patrol.store.tables import Alert, AuditRow
from tests.integration.test_api import Standing
from tests.support.county import registry_text
from tests.support.people import confirm, utc_now
from tests.support.signed_in import signed_in

TEXT = registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="60s").replace(
    "{kind: congestion, to: traffic_police}", "{kind: congestion, to: traffic_police, copy_to: [police]}"
)
MORE = """
dispatch:
  shift_lead: [{name: 值班长, phone: 0730-5550100}]
cases: {attachments: {max_mib: 1, max_files: 20}}
"""


class _People(dict[str, TestClient]):
    """Clients by who they are, each signed in when it is first asked for."""

    def __init__(
        self, app: FastAPI, people: Mapping[str, tuple[Role, str | None, Sight | None]], kept: contextlib.ExitStack
    ) -> None:
        super().__init__()
        self._app, self._people, self._kept = app, people, kept

    def __missing__(self, who: str) -> TestClient:
        role, unit, sight = self._people[who]
        client = self._kept.enter_context(
            signed_in(self._app, role, name=f"t-{who.replace('_', '-')}", unit=unit, sight=sight)
        )
        self[who] = client
        return client


class InboxDesk:
    """Clients by who they are: ``traffic_police``, ``police`` (told beside it), ``township``, ``operator``, ``lead``, …"""

    PEOPLE: ClassVar[dict[str, tuple[Role, str | None, Sight | None]]] = {
        "traffic_police": (Role.DEPARTMENT, "traffic_police", None),
        "police": (Role.DEPARTMENT, "police", None),
        "township": (Role.DEPARTMENT, "430624104", None),
        "operator": (Role.OPERATOR, None, None),
        "lead": (Role.SHIFT_LEAD, None, None),
        "elsewhere": (Role.OPERATOR, None, Sight(cameras=frozenset({"another"}))),
        "auditor": (Role.AUDITOR, None, None),
        "admin": (Role.ADMIN, None, None),
    }

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.service = Standing(store, folder, loaded=parse(TEXT + MORE, "test"), sign_in=True)
        self.events: list[dict[str, Any]] = []
        self.service.board.listen(self.events.append)
        self.service.relay.wake = lambda: None
        self._open = contextlib.ExitStack()
        self.as_ = _People(create_app(self.service), self.PEOPLE, self._open)  # type: ignore[arg-type]

    def close(self) -> None:
        self._open.close()

    def told(self, camera: str = "jam-portrait", department: str = "traffic_police") -> str:
        """Confirm an incident; id of the alert that a department got of it, which the broker has."""
        incident = confirm(self.store, self.service.loaded.registry, utc_now(), camera)
        with self.store.sessions.begin() as session:
            rows = session.scalars(select(Alert).where(Alert.incident == incident)).all()
            for row in rows:
                row.state = "sent"
            return next(row.id for row in rows if row.department == department)

    def incident_of(self, alert: str) -> str:
        with self.store.reading() as session:
            return session.get_one(Alert, alert).incident

    def answer(self, alert: str, status: str, who: str = "traffic_police", **more: object) -> Response:
        answer: Response = self.as_[who].post(f"/api/v1/inbox/{alert}/answers", json={"status": status, **more})
        return answer

    def bring(self, alert: str, data: bytes, name: str = "a.jpg", who: str = "traffic_police") -> Response:
        answer: Response = self.as_[who].post(f"/api/v1/inbox/{alert}/photos", files={"file": (name, data)})
        return answer

    def get(self, path: str, who: str = "traffic_police") -> Response:
        answer: Response = self.as_[who].get(f"/api/v1{path}")
        return answer

    def trail(self, action: str) -> list[AuditRow]:
        with self.store.reading() as session:
            return list(session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.seq)))
