"""Sources that misbehave, on loopback: each counts what it did, so that a test can tell that its fault happened."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n"


class Server:
    """Accepts on a free port and lets ``behave`` loose on every connection, each in a thread of its own."""

    def __init__(self, behave: Callable[[Server, socket.socket], None]) -> None:
        self.connections = 0
        self.sent = 0
        self.stopping = threading.Event()
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/camera.ts"

    def send(self, connection: socket.socket, data: bytes) -> None:
        connection.sendall(data)
        self.sent += len(data)

    def stop(self) -> None:
        self.stopping.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # The reader hangs up when its deadline strikes: that is what the tests are about.
        with contextlib.suppress(OSError), connection:
            self._behave(self, connection)


def _asked(connection: socket.socket) -> None:
    connection.recv(65536)


def black_hole() -> Server:
    """Accepts and never says a word."""

    def behave(server: Server, connection: socket.socket) -> None:
        server.stopping.wait(120)

    return Server(behave)


def stalled(clip: Path, share: float) -> Server:
    """Sends a share of the clip, then nothing, and keeps the line open."""

    def behave(server: Server, connection: socket.socket) -> None:
        _asked(connection)
        data = clip.read_bytes()
        server.send(connection, HEAD + data[: int(len(data) * share)])
        server.stopping.wait(120)

    return Server(behave)


def trickling(clip: Path, bytes_per_s: int) -> Server:
    """Sends far slower than real time, never stopping for long."""

    def behave(server: Server, connection: socket.socket) -> None:
        _asked(connection)
        server.send(connection, HEAD)
        data = clip.read_bytes()
        step = max(188, bytes_per_s // 10)
        for start in range(0, len(data), step):
            server.send(connection, data[start : start + step])
            if server.stopping.wait(step / bytes_per_s):
                return

    return Server(behave)


def truncated(clip: Path, bytes_kept: int) -> Server:
    """Breaks off in the middle of the first picture."""

    def behave(server: Server, connection: socket.socket) -> None:
        _asked(connection)
        server.send(connection, HEAD + clip.read_bytes()[:bytes_kept])

    return Server(behave)


def corrupt(clip: Path) -> Server:
    """The transport is whole, the video in it is not: every payload byte after the packet headers is scrambled."""

    def behave(server: Server, connection: socket.socket) -> None:
        _asked(connection)
        server.send(connection, HEAD + scrambled(clip.read_bytes()))

    return Server(behave)


def scrambled(data: bytes) -> bytes:
    """Flip the second half of every MPEG-TS packet that carries video (PID 0x100)."""
    out = bytearray(data)
    for start in range(0, len(out) - 187, 188):
        if ((out[start + 1] & 0x1F) << 8 | out[start + 2]) == 0x100:
            for index in range(start + 60, start + 188):
                out[index] ^= 0xA5
    return bytes(out)


def endless_garbage() -> Server:
    """Never ends and never is a video."""

    def behave(server: Server, connection: socket.socket) -> None:
        _asked(connection)
        server.send(connection, HEAD)
        noise = bytes((i * 73 + 41) % 251 for i in range(65536))
        while not server.stopping.is_set():
            server.send(connection, noise)
            time.sleep(0.01)

    return Server(behave)


def endless_header() -> Server:
    """Goes on about itself and never comes to the point."""

    def behave(server: Server, connection: socket.socket) -> None:
        _asked(connection)
        server.send(connection, b"HTTP/1.0 200 OK\r\n")
        while not server.stopping.wait(0.02):
            server.send(connection, b"X-Filler: " + b"x" * 80 + b"\r\n")

    return Server(behave)


def endless_video(clip: Path, bytes_per_s: int) -> Server:
    """A good camera that never ends: the clip again and again at its own pace (its times jump back at each turn)."""

    def behave(server: Server, connection: socket.socket) -> None:
        _asked(connection)
        server.send(connection, HEAD)
        data = clip.read_bytes()
        while not server.stopping.is_set():
            for start in range(0, len(data), 18800):
                server.send(connection, data[start : start + 18800])
                if server.stopping.wait(18800 / bytes_per_s):
                    return

    return Server(behave)


def answering(status: str, body: bytes = b"<html>no</html>") -> Server:
    """An HTTP server that has no video for us."""

    def behave(server: Server, connection: socket.socket) -> None:
        _asked(connection)
        server.send(
            connection,
            f"HTTP/1.0 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body,
        )

    return Server(behave)
