"""A copy of evidence that was half made when the service was killed is made whole by the next one, and nothing is left of the first."""

from __future__ import annotations

import hashlib
import json
import subprocess
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from patrol import access
from patrol.access import Role
from patrol.registry import load
from patrol.store import Store, open_store
from patrol.store.tables import EvidenceExport
from tests.support.cases import case_registry_text
from tests.support.county import Patrol, wait_for
from tests.support.evidence import confirmed_with_files


def state_of(store: Store, number: str) -> str:
    with store.reading() as session:
        return session.get_one(EvidenceExport, number).state


def copiers(patrol: Patrol) -> list[int]:
    """The processes in which the service makes copies."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    assert patrol.process is not None
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [int(pid) for pid, parent, args in lines if int(parent) == patrol.process.pid and "patrol.evidence" in args]


def runs(pid: int) -> bool:
    """Whether a process is there and is no corpse that nobody has buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.timeout(400)
def test_a_copy_that_was_being_made_when_the_service_was_killed_is_made_by_the_next(tmp_path: Path) -> None:
    file = tmp_path / "county.yaml"
    file.write_text(case_registry_text({"cam-1": "rtsp://127.0.0.1:1/x"}), "utf-8")
    patrol = Patrol(file, tmp_path / "data", None, model=None, extra=("--sign-in",))
    patrol.start()
    store = open_store(None, patrol.data)
    try:
        # Long enough that the kill falls into its making.
        clip, _ = confirmed_with_files(store, patrol.data, load(file).registry, camera="cam-1", frames=150)
        with store.sessions.begin() as session:
            token = access.new_token(session, "lead", Role.SHIFT_LEAD, None, datetime.now(UTC))

        def ask(path: str, body: Any = None) -> bytes:
            request = urllib.request.Request(
                f"http://127.0.0.1:{patrol.port}{path}",
                data=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                return bytes(answer.read())

        wish = {"reason": "hearing tomorrow", "recipient_unit": "County court"}
        number = json.loads(ask(f"/api/v1/evidence/{clip.id}/exports", wish))["number"]
        (copier,) = wait_for("it is being made", lambda: copiers(patrol) or None, 60, every_s=0.1)
        patrol.kill()
        assert state_of(store, number) == "working", "the kill fell into its making"
        wait_for("its process ends with the service", lambda: not runs(copier), 10, every_s=0.1)
        patrol.start()
        wait_for("the next service makes it", lambda: state_of(store, number) == "ready", 200)
        copy = ask(f"/api/v1/exports/{number}/file")
        with store.reading() as session:
            assert hashlib.sha256(copy).hexdigest() == session.get_one(EvidenceExport, number).sha256
        assert [f.name for f in (patrol.data / "exports").iterdir()] == [f"{number}_cam-1_clip.mp4"]
    finally:
        store.close()
        patrol.stop()
