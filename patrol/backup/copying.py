"""Copies files so that they are on the disk when it returns, and reads them back from there and not from memory."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

_BLOCK = 1 << 20


def copy(source: Path, target: Path, sha256: str | None = None) -> tuple[str, int]:
    """Copy one plain file; only its owner may read the copy.

    Args:
        source: no link is followed at its end.
        target: its folder is made; it must not be there.
        sha256: what it must be; another one leaves no copy behind. None: whatever it is.

    Returns:
        SHA-256 and size in bytes of what was copied.

    Raises:
        ValueError: it is not what it must be.
        OSError: it cannot be read or written.
    """
    folders(target.parent)
    total = hashlib.sha256()
    size = 0
    handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as given:
        out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(out, "wb") as taken:
            while block := given.read(_BLOCK):
                total.update(block)
                size += taken.write(block)
            taken.flush()
            os.fsync(taken.fileno())
    if sha256 is not None and total.hexdigest() != sha256:
        target.unlink()
        raise ValueError("it is not the file that was kept")
    return total.hexdigest(), size


def write(target: Path, content: bytes) -> None:
    """Write a small file, on the disk when this returns; only its owner may read it."""
    folders(target.parent)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def digest(file: Path) -> str:
    """SHA-256 of a file as the disk has it: what memory kept of it is dropped first.

    Raises:
        OSError: it cannot be read, or a link lies in its place.
    """
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as given:
        os.posix_fadvise(given.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(given, "sha256").hexdigest()


def folders(folder: Path) -> None:
    """Make a folder and those above it, for its owner alone."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def settle(root: Path) -> None:
    """See to it that the names in a folder and below are on the disk, too."""
    for folder, _, _ in os.walk(root):
        sync(Path(folder))


def sync(folder: Path) -> None:
    """See to it that a folder's own names are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def discard(folder: Path) -> None:
    """Take away what was begun."""
    shutil.rmtree(folder, ignore_errors=True)
