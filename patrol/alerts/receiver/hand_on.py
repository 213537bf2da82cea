"""Ways to hand an alert on: print it, append it to a file, run a command with it.

A way returns when the alert is handed on, and raises ``HandOnError`` when it is known that it was not.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

from patrol.alerts.receiver.incoming import Incoming, printable

_STDERR = 2


class HandOnError(Exception):
    """The alert was not handed on; the message says why."""


class Way(Protocol):
    """One way to hand on. ``name`` is what the book calls it; two ways of one receiver have two names."""

    @property
    def name(self) -> str:
        """How the book calls it."""

    def __call__(self, alert: Incoming, *, unsure: bool) -> None:
        """Hand on. ``unsure``: it may have been handed on this way before, by a receiver that was killed then."""


class CallWay:
    """Calls a function of this process with department and alert; the function must not raise."""

    name = "call"

    def __init__(self, department: str, on_alert: Callable[[str, dict[str, Any]], None]) -> None:
        self._department = department
        self._on_alert = on_alert

    def __call__(self, alert: Incoming, *, unsure: bool) -> None:  # noqa: ARG002 - a function cannot be asked
        """Call it."""
        self._on_alert(self._department, alert.value)


class PrintWay:
    """Writes one line an alert and flushes: for people, or as JSON."""

    name = "print"

    def __init__(self, out: IO[bytes], *, as_json: bool) -> None:
        self._out = out
        self._as_json = as_json

    def __call__(self, alert: Incoming, *, unsure: bool) -> None:  # noqa: ARG002 - what was printed cannot be asked
        """Print it."""
        text = alert.line if self._as_json else alert.for_people()
        rest = memoryview(text.encode("utf-8", "replace") + b"\n")
        try:
            # An unbuffered stream may take a part.
            while rest:
                rest = rest[self._out.write(rest) :]
            self._out.flush()
        except (OSError, ValueError) as error:
            raise HandOnError(f"it cannot be printed: {error}") from error


class FileWay:
    """Appends one JSON line an alert and returns when the disk has it.

    A file can be asked: an alert that may be in it already is looked for first, and not written twice. A line that a
    power cut left torn is closed, not deleted: it stays as a line that is no JSON, and the alert follows whole.

    Raises:
        HandOnError: the file cannot be written (also from the constructor, so that a wrong path is said at once).
    """

    def __init__(self, file: Path) -> None:
        self._file = file.absolute()
        self.name = f"file {self._file}"
        try:
            with self._file.open("ab"):
                pass
        except OSError as error:
            raise HandOnError(f"{file}: {error.strerror}") from error

    def __call__(self, alert: Incoming, *, unsure: bool) -> None:
        """Append it."""
        line = alert.line.encode("utf-8") + b"\n"
        try:
            if unsure and self._has(alert.id):
                return
            # Opened anew each time: a file that logrotate has moved away is left alone.
            with self._file.open("a+b") as out:
                if self._torn(out):
                    line = b"\n" + line
                out.write(line)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise HandOnError(f"{self._file}: {error.strerror}") from error

    def _has(self, alert: str) -> bool:
        if not self._file.exists():
            return False
        with self._file.open("rb") as lines:
            for line in lines:
                with contextlib.suppress(ValueError, RecursionError):
                    value = json.loads(line)
                    if line.endswith(b"\n") and isinstance(value, dict) and value.get("id") == alert:
                        return True
        return False

    @staticmethod
    def _torn(out: IO[bytes]) -> bool:
        end = out.seek(0, os.SEEK_END)
        if end == 0:
            return False
        out.seek(end - 1)
        return out.read(1) != b"\n"


class CommandWay:
    """Runs a program once an alert: its JSON on standard input, ``ALERT_*`` in the environment, no shell.

    Exit code 0 means handed on. Anything else, or more than ``timeout_s`` seconds, means not; the program and what it
    started in its process group are then ended. What it prints goes to our standard error.
    """

    name = "command"

    def __init__(self, words: list[str], *, timeout_s: float = 30.0) -> None:
        self._words = words
        self._timeout_s = timeout_s

    def __call__(self, alert: Incoming, *, unsure: bool) -> None:
        """Run it. It gets ``ALERT_UNSURE=yes`` where it may have been run for this alert before."""
        environment = {
            **os.environ,
            "ALERT_ID": alert.id,
            "ALERT_TYPE": alert.type,
            "ALERT_KIND": alert.kind,
            "ALERT_INCIDENT": alert.incident,
            "ALERT_UNSURE": "yes" if unsure else "no",
        }
        try:
            # A session of its own: the time limit ends its children too, and Ctrl-C lets it finish.
            process = subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=_STDERR, env=environment, start_new_session=True
            )
        except OSError as error:
            raise HandOnError(f"{self._words[0]} cannot be run: {error.strerror}") from error
        try:
            process.communicate(alert.line.encode("utf-8") + b"\n", timeout=self._timeout_s)
        except subprocess.TimeoutExpired:
            _end(process)
            raise HandOnError(f"{self._words[0]} took more than {self._timeout_s:g} s and was ended") from None
        except BaseException:
            _end(process)
            raise
        if process.returncode != 0:
            raise HandOnError(f"{printable(self._words[0])} ended with {process.returncode}")


def _end(process: subprocess.Popen[bytes]) -> None:
    # Its group bears its id, because it leads a session of its own.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
