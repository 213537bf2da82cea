"""Journeys through the console: the demo as a process of its own, and a script that drives a real browser through it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.county import free_port, wait_for

CONSOLE = Path(__file__).parents[2] / "console"


@dataclass(frozen=True)
class Demo:
    """A demo that is under way.

    Attributes:
        url: where its console is.
        data: its folder.
        process: itself.
        words: file with what it said at the terminal.
    """

    url: str
    data: Path
    process: subprocess.Popen[bytes]
    words: Path

    def said(self) -> str:
        """What it said at the terminal."""
        return self.words.read_text("utf-8", "replace")


@contextmanager
def demo(folder: Path, *words: str, within_s: float = 120) -> Iterator[Demo]:
    """``patrol demo`` from the line that says where to look until a clean end.

    Args:
        folder: for its data and its words.
        words: more of the command line.
        within_s: seconds until that line.
    """
    listen = f"127.0.0.1:{free_port()}"
    said, data = folder / "said", folder / "demo"
    command = [sys.executable, "-m", "patrol.cli", "demo", "--listen", listen, "--data", str(data), *words]
    with said.open("wb") as out:
        process = subprocess.Popen(command, stderr=out)
    running = Demo(f"http://{listen}", data, process, said)
    try:
        wait_for("the line that says where to look", lambda: running.url in running.said(), within_s)
        yield running
        process.terminate()
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def journey(script: str, *words: str, within_s: float) -> None:
    """Drive a browser through ``console/e2e/<script>.mjs``; whatever goes wrong in it is the test's failure.

    Args:
        script: without its folder and ending.
        words: for the script.
        within_s: seconds for all of it.
    """
    browser = subprocess.run(
        ["node", f"e2e/{script}.mjs", *words],
        cwd=CONSOLE,
        capture_output=True,
        text=True,
        check=False,
        timeout=within_s,
    )
    assert browser.returncode == 0, browser.stderr
