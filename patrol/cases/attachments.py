"""Photos and documents of cases: kept as they were brought, byte for byte, each once a case, never a row without its file.

An upload is taken in before any transaction begins: a slow telephone must not hold the store's only writer.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BufferedReader
from pathlib import Path

import structlog
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from patrol.cases._incoming import INCOMING, ROOT, Checked, Incoming, too_large
from patrol.cases._photos import clean_copy
from patrol.cases._refused import AttachmentError
from patrol.registry.cases import Attachments
from patrol.store.tables import CaseAttachment, CaseFile

log = structlog.get_logger(__name__)

Record = Callable[[Session, CaseAttachment], None]
"""Writes into the case's trail that a file came or, where ``removed_at`` is set, went; in the transaction that does it."""

_NUMBER = re.compile(r"[0-9]{20}")
_OURS = re.compile(r"[0-9a-f]{64}(\.thumb\.jpg|\.[a-z0-9]{2,4})")


def keep(
    session: Session,
    data_folder: Path,
    case: str,
    checked: Checked,
    *,
    limits: Attachments,
    unit: str | None,
    by: str,
    now: datetime,
    record: Record,
) -> CaseAttachment:
    """Keep a checked file. Make it the last thing of its transaction: what fails after it leaves a file for the next sweep.

    Args:
        session: writes; the case is locked in it.
        data_folder: the service's.
        case: number of the case.
        checked: from ``Incoming.check``, still inside its ``with``.
        limits: how many files a case may have.
        unit: of who brought it, None: the centre's or a reporter's.
        by: who brought it.
        now: aware.
        record: called once for a new row, before the file is moved.

    Returns:
        The new row; where the case has this very file already, the row that is there.

    Raises:
        AttachmentError: ``no_case``, ``too_many``.
        OSError: the folder cannot be written; nothing is kept.
    """
    if not _NUMBER.fullmatch(case) or session.get(CaseFile, case, with_for_update=True) is None:
        raise AttachmentError("no_case", f"there is no case {case!r}")
    folder = f"{ROOT}/{case}"
    row = session.scalar(_there(case).where(CaseAttachment.sha256 == checked.sha256))
    if row is None:
        count = session.scalar(select(func.count()).select_from(_there(case).subquery())) or 0
        if count >= limits.max_files:
            raise AttachmentError("too_many", f"the case has {count} files, and no case may have more")
        row = CaseAttachment(
            id=uuid.uuid4().hex,
            case=case,
            name=checked.name,
            media_type=checked.kind.media_type,
            bytes=checked.bytes,
            sha256=checked.sha256,
            path=f"{folder}/{checked.sha256}{checked.kind.suffix}",
            thumbnail=f"{folder}/{checked.sha256}.thumb.jpg" if checked.photo else None,
            lon=checked.photo.lon if checked.photo else None,
            lat=checked.photo.lat if checked.photo else None,
            taken_at=checked.photo.taken_at if checked.photo else None,
            unit=unit,
            by=by,
            at=now,
            scan=checked.scan,
        )
        session.add(row)
        session.flush()
        record(session, row)
        session.flush()
    _put(data_folder, row, checked)
    return row


def clean_picture(checked: Checked, side: int) -> bytes:
    """A photo drawn anew as JPEG, for where the photo itself is not kept: without place, time and camera.

    Args:
        checked: from ``Incoming.check``, still inside its ``with``.
        side: pixels that it is wide and high at most.

    Raises:
        AttachmentError: ``kind``: it is no JPEG and no PNG.
    """
    if checked.kind.photo not in {"JPEG", "PNG"}:
        raise AttachmentError(
            "kind", f"{checked.name}: this is {checked.kind.called}; a photo is wanted, as JPEG or PNG"
        )
    return clean_copy(checked.path, checked.kind.photo, side)


def files_of(session: Session, case: str) -> Sequence[CaseAttachment]:
    """Everything that was ever attached to a case, what was removed too, oldest first."""
    wanted = select(CaseAttachment).where(CaseAttachment.case == case).order_by(CaseAttachment.at, CaseAttachment.id)
    return session.scalars(wanted).all()


def place_of(data_folder: Path, path: str) -> Path:
    """Where a kept file lies.

    Args:
        data_folder: the service's.
        path: ``path`` or ``thumbnail`` of a row.

    Raises:
        AttachmentError: ``broken``: the path leads out of the folder of cases, or nothing lies there.
    """
    root = (data_folder / ROOT).resolve()
    # Resolved, so that neither `..` nor a link that somebody laid there leads out.
    place = (data_folder / path).resolve()
    if not place.is_relative_to(root) or not place.is_file():
        raise AttachmentError("broken", f"{path}: not a kept file of a case")
    return place


def open_file(row: CaseAttachment, data_folder: Path) -> BufferedReader:
    """A kept file, to be read.

    Raises:
        AttachmentError: ``broken``: its path leads out of the folder of cases, or nothing lies there.
    """
    return place_of(data_folder, row.path).open("rb")


def verify(row: CaseAttachment, data_folder: Path) -> bool:
    """Whether a kept file is, byte for byte, what was brought.

    Raises:
        AttachmentError: ``broken``: its path leads out of the folder of cases, or nothing lies there.
    """
    with open_file(row, data_folder) as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == row.sha256


def remove(session: Session, row: CaseAttachment, *, by: str, because: str, now: datetime, record: Record) -> None:
    """Mark a file as removed; its row stays as the trace. ``delete_file`` takes the bytes, once this is committed.

    Args:
        session: writes.
        row: of it.
        by: who removes it.
        because: why.
        now: aware.
        record: called once.
    """
    session.get(CaseFile, row.case, with_for_update=True)
    session.refresh(row)
    if row.removed_at is None:
        row.removed_at, row.removed_by, row.removed_because = now, by, because
        record(session, row)


def delete_file(session: Session, row: CaseAttachment, data_folder: Path) -> None:
    """Delete the file of a removed row, unless it was brought again. In a transaction after the one that removed it.

    Were it the same one, a crash before the commit would leave a row without a file; as it is, the next sweep finds the file.
    """
    session.get(CaseFile, row.case, with_for_update=True)
    if session.scalar(_there(row.case).where(CaseAttachment.sha256 == row.sha256)) is None:
        for path in filter(None, (row.path, row.thumbnail)):
            (data_folder / path).unlink(missing_ok=True)


def sweep_leftovers(session: Session, data_folder: Path) -> int:
    """Delete what uploads and removals left behind when they were cut off. Only while nothing is being brought: at the start.

    Args:
        session: reads.
        data_folder: the service's.

    Returns:
        How many files were deleted. Files of other rooms, e.g. letters, are not touched.
    """
    root, swept = data_folder / ROOT, 0
    if not root.is_dir():
        return 0
    rows = session.execute(
        select(CaseAttachment.path, CaseAttachment.thumbnail).where(CaseAttachment.removed_at.is_(None))
    )
    used = {path for row in rows for path in row if path}
    left = [file for file in (root / INCOMING).glob("*") if file.is_file()]
    for folder in root.iterdir():
        if _NUMBER.fullmatch(folder.name):
            left += [
                f for f in folder.iterdir() if _OURS.fullmatch(f.name) and f"{ROOT}/{folder.name}/{f.name}" not in used
            ]
    for file in left:
        file.unlink()
        swept += 1
    if swept:
        log.info("leftovers of attachments deleted", files=swept)
    return swept


def _there(case: str) -> Select[CaseAttachment]:
    return select(CaseAttachment).where(CaseAttachment.case == case, CaseAttachment.removed_at.is_(None))


def _put(data_folder: Path, row: CaseAttachment, checked: Checked) -> None:
    """Move the file to its place; also where the row was there and the file is not, or not whole."""
    place = data_folder / row.path
    place.parent.mkdir(mode=0o700, exist_ok=True)
    if checked.photo is not None and row.thumbnail is not None:
        fresh = checked.path.with_name(f"{checked.path.name}.thumb")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(checked.photo.thumbnail)
            os.fsync(out.fileno())
        fresh.replace(data_folder / row.thumbnail)
    checked.path.replace(place)
    # A rename is on the disk only when its folder is, and the row must never be there before it.
    for folder in (place.parent, place.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


__all__ = [
    "AttachmentError",
    "Checked",
    "Incoming",
    "Record",
    "clean_picture",
    "delete_file",
    "files_of",
    "keep",
    "open_file",
    "place_of",
    "remove",
    "sweep_leftovers",
    "too_large",
    "verify",
]
