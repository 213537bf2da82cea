"""A file on its way in: a temporary file beside the kept ones, which is gone at the end unless it was kept."""

from __future__ import annotations

import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from patrol.cases import _kinds, _scan
from patrol.cases._kinds import Kind
from patrol.cases._photos import Photo, read_photo
from patrol.cases._refused import AttachmentError
from patrol.registry.cases import Attachments

ROOT = "cases"
INCOMING = ".incoming"
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked at and may be kept.

    Attributes:
        path: of the temporary file.
        name: what it is called, clean.
        kind: what its bytes are.
        bytes: its size.
        sha256: of what was brought, byte for byte.
        scan: what the scanner said.
        photo: what a photo says of itself; None: it is none.
    """

    path: Path
    name: str
    kind: Kind
    bytes: int
    sha256: str
    scan: Literal["clean", "not_checked"]
    photo: Photo | None


class Incoming:
    """Takes a file piece by piece, counts and hashes it, and deletes it when it is left without having been kept.

    Args:
        data_folder: the service's; the temporary file lies in its file system, so that keeping it is a rename.
        name: what it is called, from anybody.
        limits: what may be attached.
    """

    def __init__(self, data_folder: Path, name: str, limits: Attachments) -> None:
        self._name, self._limits = _kinds.clean_name(name), limits
        folder = data_folder / ROOT / INCOMING
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / uuid.uuid4().hex
        self._file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w+b")
        self._hash, self._size = hashlib.sha256(), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            AttachmentError: ``too_large``, as soon as the limit is passed.
            OSError: the disk is full or the folder gone.
        """
        self._size += len(piece)
        if self._size > self._limits.max_mib * _MIB:
            raise too_large(self._limits)
        self._hash.update(piece)
        self._file.write(piece)

    def check(self) -> Checked:
        """Say what it is, when all of it is there. Cheap checks first; nothing opens it before the scanner has seen it.

        Raises:
            AttachmentError: it may not be kept.
            OSError: the disk is full.
        """
        if self._size == 0:
            raise AttachmentError("empty", f"{self._name}: the file is empty")
        self._file.flush()
        os.fsync(self._file.fileno())
        kind = _kinds.kind_of(self._file)
        _kinds.check_ending(self._name, kind)
        said = _scan.scan(self._limits.scan, self._path)
        photo = read_photo(self._path, kind.photo) if kind.photo is not None else None
        return Checked(self._path, self._name, kind, self._size, self._hash.hexdigest(), said, photo)


def too_large(limits: Attachments) -> AttachmentError:
    """The refusal of a file that is too large."""
    return AttachmentError("too_large", f"the file is larger than {limits.max_mib} MiB, the most that is kept here")
