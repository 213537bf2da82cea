"""The demo county: synthetic cameras served over HTTP on loopback, and the registry that names them.

It exists so that everything behind it is real: streams are opened, fail, stall and end as a camera's do.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog

from patrol.demo import _county
from patrol.demo._county import DemoCamera
from patrol.demo._loop import Loop, read_loop, send
from patrol.demo.scenes import SCENES, encode

log = structlog.get_logger(__name__)

_MAKERS = 2
_READY_WITHIN_S = 20.0
_STEP = 3
"""Keyframes by which the next stream of a camera begins later in its loop."""


class DemoCounty:
    """A made-up county of about a dozen cameras.

    Args:
        data_dir: folder of the demo's data; nothing is written to it but by the service itself.
        footage: a clip, or a folder of clips (``.mp4``), to serve in place of most synthetic scenes.

    Raises:
        FootageError: a clip that cannot be served, or none in the folder.
    """

    def __init__(self, data_dir: Path, *, footage: Path | None = None) -> None:
        self.data_dir = data_dir
        self.cameras = _county.cameras(footage)
        self._loops: dict[str, Future[Loop]] = {}
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._closed_port: socket.socket | None = None
        self._makers: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Begin to serve; scenes are drawn behind it, the most telling first. Returns at once."""
        self._closed_port = socket.socket()
        # Bound and never listening: whoever connects is refused, and nobody else can get the port.
        self._closed_port.bind(("127.0.0.1", 0))
        self._makers = ThreadPoolExecutor(_MAKERS, thread_name_prefix="demo-scene")
        for camera in self.cameras:
            if camera.shows is not None and camera.shows not in self._loops:
                self._loops[camera.shows] = self._makers.submit(_make, camera)
        self._server = _Server({c.id: self._loops[c.shows] for c in self.cameras if c.shows is not None})
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="demo-county", daemon=True)
        self._thread.start()
        log.info("demo county", url=self.url, cameras=len(self.cameras))

    @property
    def url(self) -> str:
        """Where its streams are: ``/<camera>.ts`` below it."""
        if self._server is None:
            raise RuntimeError("the demo county is not started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def registry_text(self) -> str:
        """The registry of this county as YAML."""
        if self._closed_port is None:
            raise RuntimeError("the demo county is not started")
        closed = f"http://127.0.0.1:{self._closed_port.getsockname()[1]}"
        return _county.registry_text(self.cameras, self.url, closed)

    def stop(self) -> None:
        """End all streams."""
        if self._server is not None:
            self._server.stopped.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None
        if self._makers is not None:
            self._makers.shutdown(wait=True, cancel_futures=True)
            self._makers = None
        if self._closed_port is not None:
            self._closed_port.close()
            self._closed_port = None


def _make(camera: DemoCamera) -> Loop:
    if camera.clip is not None:
        return read_loop(camera.clip)
    return read_loop(encode(SCENES[str(camera.shows)]))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Streams end within a frame of `stopped`; nobody waits for a reader that has gone.
    block_on_close = False

    def __init__(self, loops: dict[str, Future[Loop]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.loops = loops
        self.stopped = threading.Event()
        self.begun: Counter[str] = Counter()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's signature
        log.exception("a demo stream failed", client=client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.0"
    timeout = 20

    def do_GET(self) -> None:
        """Send ``/<camera>.ts`` until the reader has enough."""
        camera = self.path.removeprefix("/").removesuffix(".ts")
        loop = self.server.loops.get(camera)
        if loop is None or not self.path.endswith(".ts"):
            self.send_error(404, "no such camera")
            return
        begin = self.server.begun[camera] * _STEP
        self.server.begun[camera] += 1
        try:
            content = loop.result(_READY_WITHIN_S)
        except TimeoutError:
            self.send_error(503, "the scene is still being drawn")
            return
        self.send_response(200)
        self.send_header("Content-Type", "video/mp2t")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        send(content, self._write, self.server.stopped, begin=begin)

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Say nothing: the service says what it looks at."""
