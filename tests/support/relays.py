"""A relay with short waits on a store, and alerts to carry."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from patrol import alerts, incidents
from patrol.alerts.pace import Pace
from patrol.alerts.relay import Relay
from patrol.registry import parse
from patrol.store import Store
from patrol.store.tables import Ack, Alert
from tests.support.county import TOPIC, registry_text
from tests.support.county import wait_for as _wait_for
from tests.support.incidents import seen

KEY = b"k" * 32
FAST = Pace(again=(0.6,), reconnect=(0.2,), idle=0.2, first_state=0.5, puback=2.0, settle=0.0)
PATIENT = Pace(again=(600.0,), reconnect=(0.2,), idle=0.2, first_state=0.5, settle=0.0)
"""Resends nothing within a test: what arrives after a fault comes from elsewhere than the next regular attempt."""
REGISTRY = parse(registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="60s"), "test").registry
ACKS = f"patrol/v1/{TOPIC}/ack/traffic_police"
wait_for = partial(_wait_for, every_s=0.05)


def relay_on(
    store: Store,
    url: str,
    *,
    pace: Pace = FAST,
    on_state: Callable[[bool, str], None] | None = None,
    on_answer: Callable[[Ack], None] | None = None,
    on_case: Callable[[alerts.Said], None] | None = None,
    case_department: str | None = None,
    now: Callable[[], datetime] | None = None,
    credential: str | None = None,
) -> Relay:
    return Relay(
        store,
        county_topic=TOPIC,
        mqtt_url=url,
        base_url="http://127.0.0.1:8800",
        link_key=KEY,
        client_id="patrol-test",
        pace=pace,
        on_state=on_state,
        on_answer=on_answer,
        on_case=on_case,
        case_department=lambda: case_department,
        now=now,
        mqtt_credential=credential,
    )


def relay_process(folder: Path, url: str, *, broken: str = "") -> subprocess.Popen[bytes]:
    """A relay on the SQLite store of ``folder`` as a process of its own; ``broken`` is Python that changes ``r`` first."""
    code = (
        "import time\nfrom pathlib import Path\nfrom patrol.store import open_store\n"
        "from tests.support.relays import relay_on\n"
        f"r = relay_on(open_store(None, Path({str(folder)!r})), {url!r})\n"
        f"{broken}\nr.publish_state({{}})\nr.start()\ntime.sleep(60)"
    )
    return subprocess.Popen([sys.executable, "-c", code])


def confirmed(store: Store, camera: str = "jam-portrait") -> str:
    """An incident that a person has confirmed; the id of its alert."""
    now = datetime.now(UTC)
    with store.sessions.begin() as session:
        (change, *_) = seen(session, "flagged", camera=camera)
        change = incidents.review(session, change.incident_id, "confirmed", "li", None, now)
        (alert,) = alerts.notify(session, REGISTRY, change, now, at_once=False)
    return alert


def row_of(store: Store, alert: str) -> Alert:
    with store.reading() as session:
        return session.get_one(Alert, alert)


def state(store: Store, alert: str) -> str:
    return row_of(store, alert).state


def answers(store: Store) -> list[Ack]:
    with store.reading() as session:
        return list(session.scalars(select(Ack).order_by(Ack.id)))


def count(store: Store, wanted: str) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Alert.state == wanted)) or 0


class Wire:
    """A TCP way to a broker that can go mute: it stays open and nothing passes any more."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._passing = threading.Event()
        self._passing.set()
        self._sockets: list[socket.socket] = []
        self.held = 0
        """Pieces that were held back."""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def mute(self) -> None:
        self._passing.clear()

    def pass_again(self) -> None:
        """New connections pass; what was held on the old ones is gone with them."""
        for one in self._sockets:
            one.close()
        self._sockets.clear()
        self._passing.set()

    def close(self) -> None:
        self._server.close()
        for one in self._sockets:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            self._sockets += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                if not self._passing.is_set():
                    self.held += 1
                    continue
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return
