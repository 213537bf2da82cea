"""What the rotation board costs: ``python -m bench.board [--cameras N] [--visits N] [--incidents N] [--runs N] [--frames]``.

Fills SQLite and PostgreSQL with a county's week, serves the API by a real uvicorn over a real service that makes no looks, and
asks each route over HTTP. With ``--frames`` it also opens the built console in Chromium and counts its frames for ten seconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from urllib.request import Request, urlopen

import structlog
import uvicorn

from api.app import create_app
from bench._control_room_rows import camera_id, fill, registry_text
from patrol.service import Service
from patrol.settings import Settings
from patrol.store import open_store
from tests.support.county import free_port, wait_for
from tests.support.databases import Postgres

_E2E = Path(__file__).parent.parent / "console" / "e2e" / "frames.mjs"


def _ask(base: str, path: str, tag: str | None = None) -> tuple[bytes, str | None, int]:
    """One answer: its body, its tag, bytes on the wire."""
    headers = {"Accept-Encoding": "gzip"} | ({"If-None-Match": tag} if tag else {})
    with urlopen(Request(base + path, headers=headers), timeout=60) as got:  # noqa: S310 - our own service
        raw = got.read()
        body = gzip.decompress(raw) if got.headers.get("Content-Encoding") == "gzip" else raw
        return body, got.headers.get("ETag"), len(raw)


def _timed(work: Callable[[], tuple[bytes, str | None, int]], runs: int) -> tuple[float, float, float, int]:
    """First, p50 and p95 in milliseconds, and bytes on the wire."""
    took, size = [], 0
    for _ in range(runs + 1):
        began = time.perf_counter()
        _, _, size = work()
        took.append((time.perf_counter() - began) * 1e3)
    cut = quantiles(took[1:], n=20)
    return took[0], cut[9], cut[18], size


@contextmanager
def served(database: str | None, cameras: int, visits: int, incidents: int) -> Iterator[str]:
    """The address of a service over a county's week. Its broker is away, and no stream is ever free, so it makes no
    looks and deadlines pass as misses.
    """
    with tempfile.TemporaryDirectory(prefix="patrol-board-") as folder:
        data, port = Path(folder), free_port()
        registry = data / "registry.yaml"
        registry.write_text(registry_text(cameras), "utf-8")
        store = open_store(database, data)
        store.upgrade()
        began = time.perf_counter()
        fill(store, cameras=cameras, visits=visits, incidents=incidents, now=datetime.now(UTC))
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        store.close()
        settings = Settings(
            registry, data, database=database, mqtt=f"mqtt://127.0.0.1:{free_port()}", port=port, workers=1
        )
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        service = Service(settings)
        service.start()
        service.pool.free = lambda: 0  # type: ignore[method-assign]
        server = uvicorn.Server(uvicorn.Config(create_app(service), port=port, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        wait_for("the server", lambda: server.started, 30)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
            service.stop()


def measured(name: str, base: str, runs: int) -> None:
    """Every route of the board, one line each."""
    version = json.loads(_ask(base, "/api/v1/rotation/board/states")[0])["version"]

    def since() -> tuple[bytes, str | None, int]:
        nonlocal version
        got = _ask(base, f"/api/v1/rotation/board/states?since={version}")
        version = json.loads(got[0])["version"]
        time.sleep(1.05)  # So that the board is read anew each time, as by a console that polls.
        return got

    routes: dict[str, Callable[[], tuple[bytes, str | None, int]]] = {
        "heat by category": lambda: _ask(base, "/api/v1/rotation/heat"),
        "heat by platform": lambda: _ask(base, "/api/v1/rotation/heat?by=platform"),
        "board, names": lambda: _ask(base, "/api/v1/rotation/board"),
        "board, states, whole": lambda: _ask(base, "/api/v1/rotation/board/states"),
        "wall, 12 tiles": lambda: _ask(base, "/api/v1/rotation/wall"),
        "wall, late ones of a platform": lambda: _ask(base, "/api/v1/rotation/wall?state=late&platform=traffic"),
        "platforms": lambda: _ask(base, "/api/v1/rotation/platforms"),
        "one camera": lambda: _ask(base, f"/api/v1/rotation/cameras/{camera_id(77)}"),
        "misses, first page": lambda: _ask(base, "/api/v1/misses"),
        "misses, unsigned": lambda: _ask(base, "/api/v1/misses?signed=false"),
        "misses, signed, of a platform": lambda: _ask(base, "/api/v1/misses?signed=true&platform=traffic"),
        "misses, how many unsigned": lambda: _ask(base, "/api/v1/misses/figures"),
        "status": lambda: _ask(base, "/api/v1/status"),
    }
    for what, work in routes.items():
        _say(name, what, _timed(work, runs))
    _say(
        name,
        "board, states, what changed",
        (lambda t: (t[0] - 1050, t[1] - 1050, t[2] - 1050, t[3]))(_timed(since, max(8, runs // 3))),
    )


def _say(name: str, what: str, took: tuple[float, float, float, int]) -> None:
    print(
        f"{name:>10}  {what:<32} first {took[0]:7.1f}  p50 {took[1]:7.1f}  p95 {took[2]:7.1f} ms  {took[3]:8d} bytes",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=10_000)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--frames", action="store_true")
    given = parser.parse_args()
    size = (given.cameras, given.visits, given.incidents)
    with served(None, *size) as base:
        measured("SQLite", base, given.runs)
        if given.frames:
            subprocess.run(["node", str(_E2E), base], check=True)
    folder = Path(tempfile.mkdtemp(prefix="patrol-pg-"))
    folder.chmod(0o755)
    server = Postgres(folder)
    try:
        with served(server.new(), *size) as base:
            measured("PostgreSQL", base, given.runs)
    finally:
        server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
