"""Writes the registry's file whole or not at all, one writer at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class FileError(Exception):
    """The file cannot be read or written; the message says what to do."""


class ChangedMeanwhileError(FileError):
    """The file is not the one that an edit was made from."""


def digest(file: Path) -> str:
    """SHA-256 of the file as it stands, hex.

    Raises:
        FileError: it cannot be read.
    """
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise FileError(f"{file.name} cannot be read: {error.strerror or error}") from None


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the lock of the registry's writers: the service's and those of commands beside it.

    Args:
        data: the data folder; the lock lies in it, because the registry's own folder may be anybody's.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "registry.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write(file: Path, text: str, expected: str) -> None:
    """Put a text in the file's place; its mode and owner stay, and a link goes on leading to it. Call it under :func:`locked`.

    Args:
        file: the registry, or a link to it.
        text: the new one.
        expected: SHA-256 of the file as it must stand now.

    Raises:
        ChangedMeanwhileError: it is another one.
        FileError: the folder cannot be written to; nothing was changed.
    """
    target = Path(os.path.realpath(file))
    if digest(target) != expected:
        raise ChangedMeanwhileError(f"{file.name} was changed meanwhile; read it again")
    try:
        _replace(target, text.encode("utf-8"))
    except OSError as error:
        raise FileError(
            f"{file.name} cannot be written: {error.strerror or error}; the service needs write access to the folder it lies in "
            "(in a container mount the folder, not the file)"
        ) from None


def _replace(target: Path, content: bytes) -> None:
    stat = target.stat()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            with suppress(PermissionError):
                # Only root may give a file away; for all others it is theirs already or the folder is shared.
                os.fchown(file.fileno(), stat.st_uid, stat.st_gid)
            os.fchmod(file.fileno(), stat.st_mode & 0o7777)
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
