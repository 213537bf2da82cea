"""Has a file checked for malware by the command that the registry names."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Literal

import structlog

from patrol.cases._refused import AttachmentError

log = structlog.get_logger(__name__)

SCAN_S = 30.0
_CLEAN, _INFECTED = 0, 1


def scan(command: tuple[str, ...], file: Path, *, limit_s: float = SCAN_S) -> Literal["clean", "not_checked"]:
    """Have a file checked. A scanner that fails stops nothing: the file counts as not checked, and the log says so.

    Args:
        command: its words; the path is added at the end. Empty: there is none.
        file: what is checked.
        limit_s: seconds it may take; then it is ended with all it has started.

    Raises:
        AttachmentError: ``infected``.
    """
    if not command:
        return "not_checked"
    try:
        # It gets no more of the service's environment than it needs: no token, no password.
        process = subprocess.Popen(
            [*command, str(file.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError as error:
        return _not_checked(command, f"it cannot be started: {error.strerror}")
    try:
        code = process.wait(limit_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return _not_checked(command, f"it took longer than {limit_s:g} s")
    if code == _INFECTED:
        log.warning("attachment refused: infected", scanner=command[0])
        raise AttachmentError("infected", "the virus scanner found malware in the file; it was deleted")
    return "clean" if code == _CLEAN else _not_checked(command, f"it ended with {code}")


def _not_checked(command: tuple[str, ...], why: str) -> Literal["not_checked"]:
    log.warning("attachment not checked for malware", scanner=command[0], why=why)
    return "not_checked"
