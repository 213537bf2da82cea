"""What the rotation board costs: ``python -m bench.board [--cameras N] [--visits N] [--incidents N] [--runs N] [--frames]``.

Fills SQLite and PostgreSQL with a county's week, serves the API by a real uvicorn over a real service in which nothing
happens by itself, and asks each route over HTTP; beside it the heat's other ways, counted in SQL at each asking. With
``--frames`` it also opens the built console in Chromium and counts its frames for ten seconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from urllib.request import Request, urlopen

from sqlalchemy import BigInteger, cast, extract, func, select, text

from bench._control_room_rows import camera_id
from bench._county import county
from patrol.store import Store
from patrol.store.tables import Visit
from tests.support.databases import Postgres

_FRAMES = Path(__file__).parent.parent / "console" / "e2e" / "frames.mjs"
Answer = tuple[bytes, int]


@dataclass(frozen=True)
class Took:
    """Milliseconds: the first answer, p50 and p95 of the others, processor time of one (server and asker); bytes on the wire."""

    first: float
    p50: float
    p95: float
    cpu: float
    size: int


def _ask(base: str, path: str) -> Answer:
    """One answer: its body, and its bytes on the wire."""
    with urlopen(Request(base + path, headers={"Accept-Encoding": "gzip"}), timeout=120) as got:  # noqa: S310 - our own service
        raw = got.read()
        return gzip.decompress(raw) if got.headers.get("Content-Encoding") == "gzip" else raw, len(raw)


def _timed(work: Callable[[], Answer], runs: int, rest_s: float = 0.0) -> Took:
    """Ask again and again; ``rest_s`` between two askings is not counted."""
    took, worked, size = [], [], 0
    for _ in range(runs + 1):
        time.sleep(rest_s)
        began, cpu = time.perf_counter(), time.process_time()
        size = work()[1]
        took.append((time.perf_counter() - began) * 1e3)
        worked.append((time.process_time() - cpu) * 1e3)
    cut = quantiles(took[1:], n=20)
    return Took(took[0], cut[9], cut[18], median(worked[1:]), size)


def _say(name: str, what: str, took: Took) -> None:
    print(
        f"{name:>10}  {what:<32} first {took.first:7.1f}  p50 {took.p50:7.1f}  p95 {took.p95:7.1f}  "
        f"cpu {took.cpu:6.1f} ms  {took.size:8d} bytes",
        flush=True,
    )


def measured(name: str, base: str, runs: int) -> None:
    """Every route of the board, one line each."""
    routes = {
        "heat by category": "/rotation/heat",
        "heat by platform": "/rotation/heat?by=platform",
        "board, names": "/rotation/board",
        "board, states, whole": "/rotation/board/states",
        "wall, 12 tiles": "/rotation/wall",
        "wall, late ones of a platform": "/rotation/wall?state=late&platform=traffic",
        "platforms": "/rotation/platforms",
        "one camera": f"/rotation/cameras/{camera_id(77)}",
        "misses, first page": "/misses",
        "misses, unsigned": "/misses?signed=false",
        "misses, signed, of a platform": "/misses?signed=true&platform=traffic",
        "misses, how many unsigned": "/misses/figures",
        "status": "/status",
    }
    for what, path in routes.items():
        _say(name, what, _timed(lambda path=path: _ask(base, f"/api/v1{path}"), runs))  # type: ignore[misc]
    version = json.loads(_ask(base, "/api/v1/rotation/board/states")[0])["version"]

    def since() -> Answer:
        nonlocal version
        got = _ask(base, f"/api/v1/rotation/board/states?since={version}")
        version = json.loads(got[0])["version"]
        return got

    # Each a second after the other, so that the board is read anew each time, as by a console that polls.
    _say(name, "board, states, what changed", _timed(since, max(8, runs // 2), rest_s=1.05))


def compared(name: str, store: Store, runs: int) -> None:
    """The heat's other way: counted in SQL at each asking, by the index on times and by one that holds all it needs."""
    hour = cast(extract("epoch", Visit.started_at), BigInteger) / 3600
    counted = (
        select(hour, Visit.camera, Visit.outcome, func.count(), func.max(Visit.gap_s))
        .where(Visit.started_at >= datetime.now(UTC) - timedelta(hours=24))
        .group_by(hour, Visit.camera, Visit.outcome)
    )

    def ask() -> Answer:
        with store.reading() as session:
            return b"", len(session.execute(counted).all())

    _say(name, "heat counted in SQL", _timed(ask, runs))
    with store.engine.begin() as connection:
        connection.execute(text("CREATE INDEX bench_covering ON visit (started_at, camera, outcome, gap_s)"))
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE visit"))
    _say(name, "the same, covering index", _timed(ask, runs))


def _load() -> None:
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=10_000)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--frames", action="store_true")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="patrol-pg-"))
    folder.chmod(0o755)
    server = Postgres(folder)
    try:
        for name, database in (("SQLite", None), ("PostgreSQL", server.new())):
            with county(database, given.cameras, given.visits, given.incidents) as (service, base):
                _load()
                measured(name, base, given.runs)
                if given.frames and name == "SQLite":
                    subprocess.run(["node", str(_FRAMES), base], cwd=_FRAMES.parents[1], check=True)
                compared(name, service.store, min(10, given.runs))
                _load()
    finally:
        server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
