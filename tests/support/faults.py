"""Faults for a running service: a strike at a named step, a clock that steps, a store that is locked or full."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.county import wait_for
from tests.support.struck.sitecustomize import (
    ALERT_STEPS,
    BACKUP_STEPS,
    CASE_STEPS,
    KEEPING_STEPS,
    RESTORE_STEPS,
    STEPS,
    slay,
)

_STRUCK = Path(__file__).with_name("struck")

__all__ = [
    "ALERT_STEPS",
    "BACKUP_STEPS",
    "KEEPING_STEPS",
    "RESTORE_STEPS",
    "STEPS",
    "SteppedClock",
    "Strikes",
    "StruckProcess",
    "locked",
    "strike",
    "tmpfs",
]


def strike(step: str, mark: Path, call: int) -> dict[str, str]:
    """Environment under which a service is ended with SIGKILL when it comes to ``step`` for the ``call``-th time."""
    path = os.pathsep.join([str(_STRUCK), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"STRIKE_STEP": step, "STRIKE_MARK": str(mark), "STRIKE_CALL": str(call), "PYTHONPATH": path}


class Strikes:
    """Strikes on the way of an alert and of its case, ordered one after another while the processes run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._order = folder / "order"
        self._number = 0

    def environment(self) -> dict[str, str]:
        """For every process that may come to a step."""
        path = os.pathsep.join([str(_STRUCK), *filter(None, [os.environ.get("PYTHONPATH")])])
        return {"STRIKE_ORDER": str(self._order), "PYTHONPATH": path}

    def order(self, step: str, call: int, victim: int, *, with_children: bool = False) -> Path:
        """SIGKILL for ``victim`` when a process comes to ``step`` for the ``call``-th time from now on.

        Returns:
            The file that is there once the strike has fired.
        """
        assert step in {**ALERT_STEPS, **CASE_STEPS, **KEEPING_STEPS, **BACKUP_STEPS, **RESTORE_STEPS}
        self._number += 1
        mark = self._folder / f"struck-{self._number}"
        order = {"step": step, "call": call, "victims": [victim], "with_children": with_children, "mark": str(mark)}
        draft = self._folder / "order-draft"
        draft.write_text(json.dumps(order), "utf-8")
        draft.replace(self._order)
        return mark


class StruckProcess:
    """A Python process of ours that is struck at steps and started again each time; its words are in ``process.log``.

    Args:
        folder: for what it and the strikes write.
        code: what it runs.
    """

    def __init__(self, folder: Path, code: str) -> None:
        self.kills: Counter[str] = Counter()
        """That fired, by step; ``any`` are those at random moments."""
        self._code = code
        self._strikes = Strikes(folder)
        self._log = folder / "process.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, **self._strikes.environment()}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", self._code], env=environment, stdout=log, stderr=log
            )

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)

    def strike(self, step: str, call: int) -> None:
        """Kill it at the ``call``-th time of a step from now on and see that it fired."""
        self.strike_another(step, call, self._running().pid)
        self._ended(step)

    def strike_another(self, step: str, call: int, victim: int, *, with_children: bool = False) -> None:
        """Kill another process when this one comes to a step, and see that it fired."""
        mark = self._strikes.order(step, call, victim, with_children=with_children)
        wait_for(f"{step} fires", mark.exists, 40, every_s=0.02)
        if victim != self._running().pid:
            self.kills[step] += 1

    def strike_at_random(self, after_s: float) -> None:
        """Kill it whatever it does."""
        time.sleep(after_s)
        slay([self._running().pid], with_children=False)
        self._ended("any")

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _ended(self, step: str) -> None:
        assert self._running().wait(10) == -signal.SIGKILL, self._log.read_text("utf-8")[-2000:]
        self.kills[step] += 1


class SteppedClock:
    """A wall clock that can be stepped while processes run; their monotonic clocks go on.

    A small library loaded before libc; the real clock of the machine is left alone.
    """

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        assert compiler, "no C compiler; Debian: apt install gcc libc6-dev (make test does it)"
        self._library = folder / "stepped_clock.so"
        source = Path(__file__).with_name("stepped_clock.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(self._library), str(source), "-ldl"], check=True)
        self._file = folder / "clock"
        self._file.write_bytes(bytes(8))

    def step(self, seconds: int) -> None:
        """Set the clock so many seconds off the real one."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("=q", seconds))

    def environment(self) -> dict[str, str]:
        """For the process."""
        return {"LD_PRELOAD": str(self._library), "STEPPED_CLOCK": str(self._file)}


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
