"""Kept files on the disk: looked at and removed without ever following a link or leaving the folders of what is kept."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOTS = ("evidence", "answers", "cases", "letters")
"""Folders in the data folder that rows name files in; nothing outside them is ever removed."""
YOUNG = timedelta(days=7)
"""A file without a row is no stranger until it is so old."""
COPIES = "exports"
"""Masked copies that were asked for; they have a life of hours and are deleted by whoever makes them."""
_UPLOADS = ".incoming"


class State(StrEnum):
    """How a kept file is found."""

    THERE = "there"
    MISSING = "missing"
    DIFFERS = "differs"
    """Its bytes are not those that were kept."""
    STRANGE = "strange"
    """No plain file, or the way to it leads through a link or out of the folders of what is kept."""


class Found(NamedTuple):
    """A file's state, and its size in bytes; 0 where there is no plain file."""

    state: State
    bytes: int


class PathError(ValueError):
    """A path that names no kept file; nothing is touched."""


def look_at(data: Path, path: str, sha256: str | None) -> Found:
    """How a file is found.

    Args:
        data: the service's data folder.
        path: in it.
        sha256: of what was kept; None: only whether it is there.

    Raises:
        OSError: the disk cannot be read.
    """
    try:
        with _folder(data, path) as (folder, name):
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return Found(State.MISSING, 0)
    except PathError:
        return Found(State.STRANGE, 0)
    except OSError as error:
        if _is_link(error):
            return Found(State.STRANGE, 0)
        raise
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        return Found(State.STRANGE, 0)
    with os.fdopen(handle, "rb") as file:
        right = sha256 is None or hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return Found(State.THERE if right else State.DIFFERS, found.st_size)


def remove(data: Path, path: str) -> bool:
    """Remove one file; :func:`tidy` sees to it that it is gone also after a power cut.

    Returns:
        False when it was gone already.

    Raises:
        PathError: the path leads through a link or out of the folders of what is kept; nothing is removed.
        OSError: the disk refuses.
    """
    try:
        with _folder(data, path) as (folder, name):
            os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    except OSError as error:
        if _is_link(error):
            raise PathError(f"{path}: a link is in the way; nothing was removed") from None
        raise
    return True


def tidy(data: Path, paths: Iterable[str]) -> None:
    """After files were removed: take away the folders they leave empty, and sync what remains, each folder once.

    A folder that is gone from a synced one needs no syncing of its own.

    Args:
        data: the service's data folder.
        paths: of the removed files.

    Raises:
        OSError: the disk refuses.
    """
    folders = {PurePosixPath(path).parent for path in paths}
    while folders:
        above = set()
        for folder in sorted(folders):
            if _take_empty(data, folder):
                above.add(folder.parent)
                continue
            with suppress(FileNotFoundError, PathError), _folder(data, str(folder / "any")) as (handle, _):
                os.fsync(handle)
        folders = above


def _take_empty(data: Path, folder: PurePosixPath) -> bool:
    """Take away a folder if it is empty; True: it is gone. Those of ``ROOTS`` always stay."""
    if len(folder.parts) == 1:
        return False
    try:
        with _folder(data, str(folder)) as (above, name):
            os.rmdir(name, dir_fd=above)
    except FileNotFoundError:
        return True
    except (OSError, PathError):
        return False
    return True


def strangers(data: Path, known: set[str], *, before: datetime) -> Iterator[str]:
    """Files that no row names and that were last written before a moment; relative to the data folder.

    Args:
        data: the service's data folder.
        known: paths that rows name.
        before: younger ones may be of a look whose row is still to come.
    """
    for root in (*ROOTS, COPIES):
        for folder, folders, names in os.walk(data / root, followlinks=False):
            at = Path(folder)
            if at == data / root and root == "cases":
                folders[:] = [name for name in folders if name != _UPLOADS]
            for name in sorted(names):
                path = str((at / name).relative_to(data))
                with suppress(FileNotFoundError):
                    written = (at / name).lstat().st_mtime
                    if path not in known and written < before.timestamp():
                        yield path


@contextmanager
def _folder(data: Path, path: str) -> Iterator[tuple[int, str]]:
    """Descriptor of the folder that a path lies in, opened step by step, and the last name."""
    parts = PurePosixPath(path).parts
    if len(parts) < 2 or parts[0] not in (*ROOTS, COPIES) or ".." in parts or PurePosixPath(path).is_absolute():
        raise PathError(f"{path!r} does not lie in {', '.join((*ROOTS, COPIES))} of the data folder")
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder, parts[-1]
    finally:
        os.close(folder)


def _is_link(error: OSError) -> bool:
    """``ELOOP`` or ``ENOTDIR``: what ``O_NOFOLLOW`` says of a link."""
    return error.errno in {errno.ELOOP, errno.ENOTDIR}
