"""A shift lead finds a camera that is late, opens it, and signs off the miss it has become: in a real browser, in both languages."""

from __future__ import annotations

import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol import access
from patrol.access import Role
from patrol.ledger import book
from patrol.ledger.sign_off import Wanted, page
from patrol.store import Store, open_store
from patrol.store.tables import Account
from tests.support.county import registry_text
from tests.support.journeys import CONSOLE
from tests.support.served import served
from tests.support.signed_in import account

AGES = {"gate": 0.2, "old-bridge": 3.5, "south-bank": 3.0}
"""Hours since each camera was last inspected; their period is two."""


def looked_at(store: Store, camera: str, ago: timedelta) -> None:
    at = datetime.now(UTC) - ago
    with store.sessions.begin() as session:
        book.record_visit(
            session,
            visit_id=uuid.uuid4().hex,
            look_key=camera,
            camera=camera,
            preset=None,
            reason="rotation",
            due_at=at,
            started_at=at,
            ended_at=at + timedelta(seconds=20),
            report={"outcome": "inspected", "cause": None, "judged": True, "findings": [], "evidence": []},
        )


@pytest.mark.timeout(240)
def test_a_shift_lead_sees_a_late_camera_opens_it_and_signs_off_its_miss(tmp_path: Path) -> None:
    registry = tmp_path / "registry.yaml"
    registry.write_text(registry_text(dict.fromkeys(AGES, "rtsp://127.0.0.1/x"), period="2h"), "utf-8")
    store = open_store(None, tmp_path)
    store.upgrade()
    for camera, hours in AGES.items():
        looked_at(store, camera, timedelta(hours=hours))
    account(store, Role.SHIFT_LEAD, name="wang")
    with store.sessions.begin() as session:
        opened = access.open_session(session, session.get_one(Account, "wang"), datetime.now(UTC))
    with served(registry, tmp_path) as (_, base):
        browser = subprocess.run(
            ["node", "e2e/rotation.mjs", base, str(tmp_path), opened.secret],
            cwd=CONSOLE,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
        assert browser.returncode == 0, browser.stderr
    with store.reading() as session:
        signed = page(session, Wanted(signed=True))
        assert [(signature.who, signature.note) for _, signature in signed if signature] == [
            ("wang", "power was out, repair ordered"),
            ("wang", "停电，已报修"),
        ]
        assert page(session, Wanted(signed=False)) == []
    store.close()
