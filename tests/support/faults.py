"""Faults for a running service: a strike at a named step, a clock that steps, a store that is locked or full."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.struck.sitecustomize import STEPS

_STRUCK = Path(__file__).with_name("struck")
_FAKETIME = "/usr/lib/*/faketime/libfaketimeMT.so.1"

__all__ = ["STEPS", "SteppedClock", "locked", "strike", "tmpfs"]


def strike(step: str, mark: Path, call: int) -> dict[str, str]:
    """Environment under which a service is ended with SIGKILL when it comes to ``step`` for the ``call``-th time."""
    path = os.pathsep.join([str(_STRUCK), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"STRIKE_STEP": step, "STRIKE_MARK": str(mark), "STRIKE_CALL": str(call), "PYTHONPATH": path}


class SteppedClock:
    """A wall clock that can be stepped while a process runs; its monotonic clock goes on (libfaketime)."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/").glob(_FAKETIME.lstrip("/")))
        assert found, "no libfaketime; Debian: apt install faketime (make test does it)"
        self._library = found[0]
        self._file = folder / "clock"
        self.step(0)

    def step(self, seconds: int) -> None:
        """Set the clock so many seconds off the real one."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n", "ascii")
        beside.replace(self._file)

    def environment(self) -> dict[str, str]:
        """For the process."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@contextmanager
def locked(database: Path) -> Iterator[sqlite3.Connection]:
    """Another writer holds the SQLite file."""
    holder = sqlite3.connect(database, isolation_level=None, timeout=30)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield holder
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@contextmanager
def tmpfs(folder: Path, megabytes: int) -> Iterator[Path]:
    """A small file system of its own."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "patrol-test", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (
        f"a full disk needs a small file system, which only root may mount: {done.stderr.strip()}"
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
