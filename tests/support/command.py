"""``patrol`` as others call it: a process of its own, with what it prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def patrol(*words: str, cwd: Path, timeout: float) -> tuple[int, str, str]:
    """Exit code, standard output, standard error; a command that takes longer than ``timeout`` seconds fails the test."""
    done = subprocess.run(
        [sys.executable, "-m", "patrol.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        timeout=timeout,
    )
    return done.returncode, done.stdout, done.stderr
