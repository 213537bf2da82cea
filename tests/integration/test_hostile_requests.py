"""Requests that mean harm, at a running service: paths that climb, addresses that lead inside, bodies that never end."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from patrol.visits.capture import CaptureFailed, capture
from patrol.visits.report import Cause
from tests.support.control_room import ControlRoom, control_room

CLIMBS = (
    "../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5c..%5cetc%5cpasswd",
    "....//....//etc/passwd",
    "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "/etc/passwd",
    "2026-03-01/own/../../../../link.key",
    "x%00.jpg",
)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlRoom]:
    with control_room(tmp_path_factory.mktemp("hostile")) as running:
        yield running


def raw(room: ControlRoom, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Ask for exactly this path: no client tidies it up on the way."""
    connection = http.client.HTTPConnection(room.url.removeprefix("http://"), timeout=10)
    try:
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("climb", CLIMBS)
@pytest.mark.parametrize("below", ["/evidence/", "/assets/", "/", "/answers/", "/api/v1/exports/"])
def test_a_path_that_climbs_out_of_its_folder_finds_nothing(below: str, climb: str, room: ControlRoom) -> None:
    bearer = {"Authorization": f"Bearer {room.tokens['shift_lead']}"}
    for headers in ({}, bearer):
        status, body = raw(room, below + climb, headers)
        assert b"root:" not in body
        assert status in {200, 400, 401, 403, 404, 405, 422, 503}
        if status == 200:
            assert body.lstrip().lower().startswith(b"<!doctype html"), "only the console's own page"


@pytest.mark.parametrize(
    "source",
    [
        "http://169.254.169.254/latest/meta-data/",
        "rtsp://[fe80::1]/x",
        "http://8.8.8.8/x",
        "http://[::ffff:169.254.169.254]/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
        "concat:/etc/passwd",
    ],
)
def test_an_admin_cannot_point_a_camera_at_what_the_service_must_not_reach(source: str, room: ControlRoom) -> None:
    state = room.ask("admin", "GET", "/api/v1/registry")
    edit = {"operations": [{"op": "set", "path": ["cameras", "own-cam-1", "source"], "value": source}], "reason": "x"}
    answer = room.ask("admin", "POST", "/api/v1/registry/edits", edit, {"If-Match": state.headers["etag"]})
    assert answer.status in {409, 422}, answer.text
    assert room.ask("admin", "GET", "/api/v1/registry").headers["etag"] == state.headers["etag"]


def test_a_password_inside_an_address_is_refused_and_never_repeated(room: ControlRoom) -> None:
    state = room.ask("admin", "GET", "/api/v1/registry")
    source = "rtsp://admin:s3cret-pa55@10.0.0.9/x"
    edit = {"operations": [{"op": "set", "path": ["cameras", "own-cam-1", "source"], "value": source}], "reason": "x"}
    for path in ("edits", "preview"):
        answer = room.ask("admin", "POST", f"/api/v1/registry/{path}", edit, {"If-Match": state.headers["etag"]})
        assert "s3cret" not in answer.text, path
    assert "s3cret" not in room.ask("admin", "GET", "/api/v1/registry").text


class _Leads(BaseHTTPRequestHandler):
    """A camera whose web server sends the reader on to somewhere else."""

    to = ""
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", self.to)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


def test_a_camera_that_redirects_leads_nowhere() -> None:
    inside: list[str] = []
    first: list[str] = []
    target = ThreadingHTTPServer(("127.0.0.1", 0), type("Inside", (_Leads,), {"asked": inside, "to": "/"}))
    where = f"http://127.0.0.1:{target.server_address[1]}/admin?delete=all"
    camera = ThreadingHTTPServer(("127.0.0.1", 0), type("Camera", (_Leads,), {"asked": first, "to": where}))
    for server in (target, camera):
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        with pytest.raises(CaptureFailed):
            capture(
                f"http://127.0.0.1:{camera.server_address[1]}/live.flv",
                dwell_s=1,
                open_timeout_s=3,
                read_timeout_s=3,
                deadline_s=8,
                networks=("loopback",),
            )
        assert first, "the camera itself was asked"
        assert inside == []
    finally:
        for server in (target, camera):
            server.shutdown()
            server.server_close()


def test_a_stream_outside_the_networks_is_not_even_connected_to() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.5)
        with pytest.raises(CaptureFailed, match="outside the networks") as refused:
            capture(
                f"rtsp://127.0.0.1:{listening.getsockname()[1]}/x",
                dwell_s=1,
                open_timeout_s=3,
                read_timeout_s=3,
                deadline_s=8,
                networks=("10.0.0.0/8",),
            )
        assert refused.value.cause is Cause.BAD_SOURCE
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/api/v1/cases", "operator"),
        ("/api/v1/review/next", "operator"),
        ("/api/v1/registry/preview", "admin"),
        ("/api/v1/session", None),
    ],
)
def test_a_command_that_never_ends_is_cut_off(path: str, who: str | None, room: ControlRoom) -> None:
    """Forty megabytes of JSON: refused before they are held in memory."""
    connection = http.client.HTTPConnection(room.url.removeprefix("http://"), timeout=30)
    try:
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(40 * 2**20))
        if who is not None:
            connection.putheader("Authorization", f"Bearer {room.tokens[who]}")
        connection.endheaders()
        try:
            for _ in range(40):
                connection.send(b'"' + b"x" * (2**20 - 1))
        except OSError:
            pass  # it hung up: what it had to say may still be read
        assert connection.getresponse().status == 413
    except (ConnectionError, http.client.HTTPException):
        pytest.fail("it hung up without saying why")
    finally:
        connection.close()


def test_no_answer_names_a_credential(room: ControlRoom) -> None:
    for who in ("shift_lead", "admin", "auditor"):
        for path in ("/api/v1/registry", "/api/v1/registry/cameras", "/api/v1/status", "/metrics", "/api/v1/looks"):
            answer = room.ask(who, "GET", path)
            assert room.tokens[who] not in answer.text
            assert "pat_" not in answer.text


def test_the_data_folder_opens_to_its_owner_only(room: ControlRoom) -> None:
    for name in ("link.key", "patrol.sqlite"):
        found = [file for file in room.data.iterdir() if file.name == name]
        for file in found:
            assert file.stat().st_mode & 0o007 == 0, file


def test_a_file_that_is_no_file_of_evidence_is_never_served(room: ControlRoom) -> None:
    """Also where a row names it: a symbolic link out of the data folder is not followed."""
    place = Path(room.data) / "evidence" / "2026-03-01" / "own" / "key_frame.jpg"
    place.unlink()
    place.symlink_to("/etc/passwd")
    visit = room.ask("operator", "GET", f"/api/v1/visits/{room.objects['visit_id'].own}").json()
    link = next(file["url"] for file in visit["evidence"] if file["role"] == "key_frame")
    answer = room.ask("operator", "GET", link)
    assert (answer.status, b"root:" in answer.body) == (404, False)
