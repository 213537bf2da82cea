"""`patrol receiver` as a process of its own, alerts for it, and what it leaves behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from patrol.alerts.receiver import Book, Incoming, read_alert
from tests.support.county import TOPIC
from tests.support.relays import ACKS

OF_US = ("--county", TOPIC, "--department", "traffic_police")


def payload(key: str, seq: Any = 1, **more: Any) -> bytes:
    alert = {"schema": "patrol.alert/1", "type": "new", "id": key, "seq": seq, "incident": "i1", "kind": "congestion"}
    return json.dumps({**alert, "ack_topic": ACKS, "summary": "大桥路：疑似拥堵", **more}).encode()


def alert(key: str, seq: Any = 1, **more: Any) -> Incoming:
    return read_alert(payload(key, seq, **more), ACKS)


class Running:
    """`patrol receiver` as a process of its own; ``held_at`` is Python that makes it stand still somewhere first."""

    def __init__(self, folder: Path, url: str, *more: str, held_at: str = "") -> None:
        self.out, self.err = folder / "out", folder / "err"
        self.held = folder / "held"
        words = [*OF_US, "--broker", url, "--book", str(folder / "book"), *more]
        code = (
            "import time\nfrom pathlib import Path\nfrom patrol.alerts.receiver import deliver, listen, book, hand_on\n"
            f"def hold():\n    Path({str(self.held)!r}).touch(); time.sleep(60)\n"
            # The command alone: the other rooms of the command line double the time it takes to start.
            f"{held_at}\nfrom patrol.commands.receiver import app\napp({words!r}, prog_name='patrol receiver')"
        )
        with self.out.open("ab") as out, self.err.open("ab") as err:
            self.process = subprocess.Popen([sys.executable, "-c", code], stdout=out, stderr=err)

    def listens(self) -> bool:
        assert self.process.poll() is None, self.err.read_text("utf-8")
        return "receiver listens" in self.err.read_text("utf-8")

    def kill(self) -> None:
        self.process.kill()
        assert self.process.wait(10) == -signal.SIGKILL

    def end(self) -> None:
        self.process.terminate()
        assert self.process.wait(30) == 0

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


def in_book(folder: Path) -> dict[str, dict[str, Any]]:
    reads = Book.to_read(folder / "book")
    rows = {row["id"]: row for row in reads.rows()}
    reads.close()
    return rows


def printed(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()
