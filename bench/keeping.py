"""What keeping costs: ``python -m bench.keeping [--looks 5000] [--kib 64] [--postgres]``.

Writes looks with two files each, half of them due, then times the plan, the purge, a backup, the next backup and a restore; beside
them, in the same run, the bare minimum of the same work: unlinking as many files and syncing their folders, copying as many bytes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from patrol import backup, retention
from patrol.store import Store, open_store
from tests.support.backups import county, made
from tests.support.databases import Postgres
from tests.support.keeping import NOW, TERMS, kept_look, purged

T = TypeVar("T")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--looks", type=int, default=5000)
    parser.add_argument("--kib", type=int, default=64)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not asked.postgres:
            _measure(open_store(None, folder), folder, asked.looks, asked.kib, None)
            return
        place = Path(tempfile.mkdtemp(prefix="patrol-bench-pg-"))
        place.chmod(0o755)
        server = Postgres(place)
        try:
            _measure(open_store(server.new(), folder), folder, asked.looks, asked.kib, server.new())
        finally:
            server.stop("immediate")


def _measure(store: Store, folder: Path, looks: int, kib: int, again: str | None) -> None:
    store.upgrade()
    data, registry = county(store, folder)
    filling = b"\0" * (kib * 1024)
    for start in range(0, looks, 100):
        with store.sessions.begin() as session:
            for number in range(start, min(start + 100, looks)):
                kept_look(session, data, days_ago=31 if number % 2 else 29, filling=filling)
    gone = looks  # half the looks, two files each
    _fill(folder / "bare", gone, filling)
    bare = _timed("bare: read, unlink, sync the folder", lambda: _bare_unlink(folder / "bare"), gone)
    with store.reading() as session:
        _timed("plan", lambda: retention.plan(retention.everything(session, TERMS, NOW), TERMS, NOW), gone)
    took = _timed("purge", lambda: purged(store, data, most=10**9), gone)
    print(f"purge / bare {took / bare:.2f}")
    with store.reading() as session:
        _timed("verify, every file read", lambda: retention.verify(session, data, NOW, share=1.0, seed=1), gone)
    files = list((data / "evidence").rglob("*.*"))
    bare = _timed("bare: copy, sync, read back", lambda: _bare_copy(files, folder / "copy"), len(files))
    took = _timed("backup", lambda: made(store, data, registry, folder / "backups"), len(files))
    print(f"backup / bare {took / bare:.2f}")
    later = NOW + timedelta(hours=1)
    took = _timed("the next backup", lambda: made(store, data, registry, folder / "backups", now=later), len(files))
    print(f"the next backup / bare {took / bare:.2f}")
    last = backup.newest(folder / "backups")
    if last is not None:
        took = _timed("restore", lambda: backup.restore(last, folder / "restored", again), len(files))
        print(f"restore / bare {took / bare:.2f}")
    store.close()


def _timed(what: str, work: Callable[[], T], files: int) -> float:
    begun = time.perf_counter()
    work()
    took = time.perf_counter() - begun
    print(f"{what}: {took:.2f} s for {files} files, {files / took:,.0f} a second")
    return took


def _fill(folder: Path, count: int, filling: bytes) -> None:
    """As many files in as many folders as the purge meets."""
    for number in range(count // 2):
        place = folder / str(number)
        place.mkdir(parents=True)
        for name in ("clip.mp4", "picture.jpg"):
            (place / name).write_bytes(filling)


def _bare_unlink(folder: Path) -> None:
    for place in folder.iterdir():
        for file in list(place.iterdir()):
            file.read_bytes()
            file.unlink()
            handle = os.open(place, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        place.rmdir()


def _bare_copy(files: list[Path], target: Path) -> None:
    target.mkdir()
    for number, file in enumerate(files):
        place = target / str(number)
        with place.open("wb") as out:
            out.write(file.read_bytes())
            out.flush()
            os.fsync(out.fileno())
        place.read_bytes()


if __name__ == "__main__":
    main()
