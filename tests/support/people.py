"""A county whose people are told over channels, and what receives their messages: a webhook and a mail server."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select

from patrol import alerts, incidents
from patrol.alerts.herald import Herald, HeraldPace
from patrol.registry import Registry, parse
from patrol.store import Store
from patrol.store.tables import Notice, NoticeItem
from tests.support.county import registry_text
from tests.support.incidents import seen

KEY = b"k" * 32
SECRET = "correct horse"
FAST = HeraldPace(again=(0.3,), idle=0.1)


def county(addresses: dict[str, str], folder: Path, *, grouping: str = "wait: 0s, interval: 0s") -> Registry:
    """A county where the traffic police have a desk with all the channels of ``addresses``, police get copies with the
    first one, and the shift lead has the first one; the addresses lie in files of ``folder``.
    """
    (folder / "secret").write_text(SECRET)
    lines = []
    for key, address in addresses.items():
        (folder / f"{key}.address").write_text(address)
        lines.append(f"    - {{key: {key}, address: 'file:{key}.address', secret: 'file:secret'}}\n")
    first = next(iter(addresses))
    text = registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="2h")
    text = text.replace(
        "name: {zh: 交警, en: Traffic police}}",
        "name: {zh: 交警, en: Traffic police}, contacts: [{name: desk, channels: [" + ", ".join(addresses) + "]}]}",
    )
    text = text.replace(
        "name: {zh: 公安, en: Police}}",
        "name: {zh: 公安, en: Police}, contacts: [{name: station, channels: [" + first + "]}]}",
    )
    text = text.replace(
        "{kind: congestion, to: traffic_police}", "{kind: congestion, to: traffic_police, copy_to: [police]}"
    )
    return parse(
        text
        + f"""
dispatch:
  rung: 3m
  again: 15m
  shift_lead: [{{name: shift lead, channels: [{first}]}}]
  limits:
    - {{received: 2m, accepted: 5m, on_scene: 40m, disposed: 8h}}
  grouping: {{{grouping}}}
  channels:
{"".join(lines)}""",
        "test",
    ).registry


def confirm(store: Store, registry: Registry, now: datetime, camera: str = "jam-portrait") -> str:
    """An incident that a person has confirmed; its id."""
    with store.sessions.begin() as session:
        (change, *_) = seen(session, "flagged", camera=camera)
        change = incidents.review(session, change.incident_id, "confirmed", "li", None, now)
        alerts.notify(session, registry, change, now, at_once=False)
    return change.incident_id


def herald_on(
    store: Store,
    registry: Registry,
    folder: Path,
    *,
    pace: HeraldPace = FAST,
    on_state: Callable[[str, str | None], None] | None = None,
) -> Herald:
    return Herald(
        store,
        registry=lambda: (registry, folder),
        base_url="http://127.0.0.1:8800",
        link_key=KEY,
        on_state=on_state,
        pace=pace,
    )


@contextmanager
def telling(
    store: Store,
    registry: Registry,
    folder: Path,
    *,
    pace: HeraldPace = FAST,
    on_state: Callable[[str, str | None], None] | None = None,
) -> Iterator[Herald]:
    """A herald at work, stopped whatever happens."""
    herald = herald_on(store, registry, folder, pace=pace, on_state=on_state)
    herald.start()
    try:
        yield herald
    finally:
        herald.stop()


def messages(store: Store, channel: str | None = None) -> list[Notice]:
    with store.reading() as session:
        rows = session.scalars(select(Notice).order_by(Notice.created_at, Notice.id)).all()
    return [row for row in rows if channel in {None, row.channel}]


def items(store: Store) -> list[NoticeItem]:
    with store.reading() as session:
        return list(session.scalars(select(NoticeItem).order_by(NoticeItem.id)))


@dataclass
class Request:
    """What came to a webhook."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.time)

    @property
    def value(self) -> Any:
        return json.loads(self.body)


class Hook:
    """An HTTP server on loopback that keeps what it gets and answers as it is told: ``answers`` first, then 200."""

    def __init__(self, *answers: int, body: bytes = b"{}", slow_s: float = 0.0, location: str | None = None) -> None:
        self.requests: list[Request] = []
        self._answers = list(answers)
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got = self.rfile.read(int(self.headers["Content-Length"]))
                hook.requests.append(Request(self.path, dict(self.headers), got))
                hook.ending.wait(slow_s)
                self.send_response(hook._answers.pop(0) if hook._answers else 200)
                if location is not None:
                    self.send_header("Location", location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        self.ending = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook/s3cret-path"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()


class MailServer:
    """An SMTP server on loopback (RFC 5321, as much as a client needs to deliver); ``mails`` are what it was given."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []
        mails = self.mails

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say(220, "test")
                to: list[str] = []
                while line := self.rfile.readline().strip():
                    verb = line[:4].upper()
                    if verb == b"DATA":
                        self._say(354, "go on")
                        lines = []
                        while (text := self.rfile.readline()) != b".\r\n":
                            lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
                        mails.append((to, b"".join(lines)))
                        to = []
                    elif verb == b"RCPT":
                        to.append(line.decode().partition("<")[2].partition(">")[0])
                    elif verb == b"QUIT":
                        self._say(221, "bye")
                        return
                    self._say(250, "ok")

            def _say(self, code: int, words: str) -> None:
                self.wfile.write(f"{code} {words}\r\n".encode())

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def utc_now() -> datetime:
    return datetime.now(UTC)
