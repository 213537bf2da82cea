"""The service's data folder: made when it is not there, and of one service at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

_PRIVATE = ("evidence", "references", "attachments", "letters")


class DataFolderError(Exception):
    """The folder cannot be used; the message says why."""


def take(data: Path) -> IO[str]:
    """Make the folder and lock it; the lock falls when the returned file is closed or the process ends, however it ends.

    Raises:
        DataFolderError: it cannot be written, or another service uses it.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        for name in _PRIVATE:
            (data / name).mkdir(exist_ok=True)
            # Pictures and people's papers are the service's alone, whoever else has an account on the machine.
            (data / name).chmod(0o700)
        lock = (data / "service.lock").open("a+")
    except OSError as error:
        raise DataFolderError(f"the data folder {data} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise DataFolderError(f"another patrol (process {holder}) already uses the data folder {data}") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
