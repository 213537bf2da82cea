"""Uploads that break off, are killed half-way, or are slow: nothing is left, nobody waits."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from patrol.cases import attachments
from patrol.store import Store
from tests.support.attachment_desk import OWN, PHOTO, ROOT, Desk
from tests.support.case_files import put_case
from tests.support.county import free_port, wait_for


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(store, tmp_path)
    yield made
    made.stop()


def begun(port: int, token: str, case: str) -> socket.socket:
    """An upload of which the beginning was sent."""
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + PHOTO[:200_000]
    head = (
        f"POST /api/v1/cases/{case}/attachments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body) + 100_000}\r\n\r\n"
    )
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    line.sendall(head.encode() + body)
    return line


def test_an_upload_that_breaks_off_leaves_nothing(desk: Desk) -> None:
    line = begun(desk.port, desk.tokens["township"], desk.own)
    wait_for("the upload has begun", desk.lying, 20, 0.02)
    line.close()
    wait_for("its beginning is gone", lambda: desk.lying() == [], 20, 0.02)
    assert desk.get("township", desk.own).json() == []


_SERVER = """
import sys
from pathlib import Path
import uvicorn
from api.app import create_app
from patrol.store import open_store
from tests.integration.test_api import Standing
folder = Path(sys.argv[1])
service = Standing(open_store(None, folder), folder, sys.argv[3])
uvicorn.run(create_app(service), port=int(sys.argv[2]), log_config=None)
"""


def test_a_kill_in_mid_upload_leaves_what_the_next_start_sweeps_and_no_row(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.sessions.begin() as session:
        case = put_case(session, 1, unit="police")
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", _SERVER, str(tmp_path), str(port), OWN], cwd=ROOT)
    try:
        wait_for("the API listens", lambda: httpx_ok(port), 30, 0.05)
        line = begun(port, OWN, case)
        incoming = tmp_path / "cases" / ".incoming"
        wait_for("half an upload lies there", lambda: any(f.stat().st_size for f in incoming.glob("*")), 20, 0.02)
        server.send_signal(signal.SIGKILL)
        assert server.wait(20) == -signal.SIGKILL
        line.close()
    finally:
        server.kill()
    assert len(list(incoming.iterdir())) == 1, "the kill came in the middle"
    with sqlite_store.reading() as session:
        assert attachments.files_of(session, case) == []
        assert attachments.sweep_leftovers(session, tmp_path) == 1
    assert [f for f in (tmp_path / "cases").rglob("*") if f.is_file()] == []


def httpx_ok(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_a_slow_upload_holds_nobody_up(desk: Desk) -> None:
    """The store has one writer: an upload takes its place only when all of it is there."""
    line = begun(desk.port, desk.tokens["township"], desk.own)
    wait_for("the upload has begun", desk.lying, 20, 0.02)
    assert desk.bring("township", desk.own, b"another one", "b.txt").status_code == 201, "SQLite would give up"
    line.close()
