"""Photos that departments bring with their answers: drawn anew before they come here, kept once, named by one answer.

A photo is brought before its answer, so that a slow network can send them one by one. When its term is over the purge takes
the file; the row stays.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol.store.tables import AnswerPhoto, Incident

log = structlog.get_logger(__name__)

ROOT = "answers"
MOST = 24
"""Photos of one incident by one department."""
_OURS = re.compile(r"[0-9a-f]{32}\.jpg(\.new)?")


class PhotoError(Exception):
    """A photo that is not kept or cannot be named; nothing was changed. ``too_many``: no more of this matter are taken."""

    def __init__(self, message: str, *, too_many: bool = False) -> None:
        super().__init__(message)
        self.too_many = too_many


def keep(
    session: Session,
    data: Path,
    *,
    incident: str,
    department: str,
    picture: bytes,
    brought_sha256: str,
    by: str,
    now: datetime,
) -> AnswerPhoto:
    """Keep a photo. Make it the last thing of its transaction: what fails after it leaves a file for the next sweep.

    Args:
        session: an open transaction; the incident is locked in it.
        data: the service's data folder.
        incident: what it shows.
        department: whose photo it is.
        picture: JPEG, drawn anew: without EXIF and whatever else the telephone wrote into it.
        brought_sha256: of what was brought; the same again gives the row that is there.
        by: who brought it.
        now: UTC, aware.

    Raises:
        PhotoError: there are too many.
        OSError: the folder cannot be written; nothing is kept.
    """
    session.get_one(Incident, incident, with_for_update=True)
    here = (AnswerPhoto.incident == incident, AnswerPhoto.department == department)
    same = (AnswerPhoto.brought_sha256 == brought_sha256, AnswerPhoto.purged_at.is_(None))
    known = session.scalar(select(AnswerPhoto).where(*here, *same).limit(1))
    if known is not None:
        return known
    if (session.scalar(select(func.count()).select_from(AnswerPhoto).where(*here)) or 0) >= MOST:
        raise PhotoError(f"there are {MOST} photos of this already, and no more are kept", too_many=True)
    number = uuid.uuid4().hex
    row = AnswerPhoto(
        id=number,
        incident=incident,
        department=department,
        path=f"{ROOT}/{number}.jpg",
        sha256=hashlib.sha256(picture).hexdigest(),
        brought_sha256=brought_sha256,
        bytes=len(picture),
        by=by[:120],
        at=now,
    )
    session.add(row)
    session.flush()
    _put(data / row.path, picture)
    return row


def waiting(session: Session, incident: str, department: str, ids: Sequence[str]) -> tuple[AnswerPhoto, ...]:
    """The photos that an answer names, in its order.

    Raises:
        PhotoError: one is none of this matter's, or an answer names it already, or it is gone.
    """
    rows = {row.id: row for row in session.scalars(select(AnswerPhoto).where(AnswerPhoto.id.in_(list(ids))))}
    found = []
    for number in dict.fromkeys(ids):
        row = rows.get(number)
        if row is None or (row.incident, row.department) != (incident, department):
            raise PhotoError(f"photos: no photo {number!r} was brought for this alert")
        if row.ack is not None:
            raise PhotoError(f"photos: an answer has {number!r} already")
        if row.purged_at is not None:
            raise PhotoError(f"photos: the term of {number!r} was over: it was deleted on {row.purged_at:%Y-%m-%d}")
        found.append(row)
    return tuple(found)


def of_matters(session: Session, incidents: Iterable[str], department: str) -> dict[str, tuple[AnswerPhoto, ...]]:
    """All photos of matters at a department, by incident, in the order in which they came."""
    found: dict[str, list[AnswerPhoto]] = {}
    wanted = select(AnswerPhoto).where(AnswerPhoto.incident.in_(list(incidents)), AnswerPhoto.department == department)
    for row in session.scalars(wanted.order_by(AnswerPhoto.at, AnswerPhoto.id)):
        found.setdefault(row.incident, []).append(row)
    return {incident: tuple(rows) for incident, rows in found.items()}


def of_path(session: Session, path: str) -> AnswerPhoto | None:
    """The photo that lies at a path below the data folder; None: none does."""
    return session.scalar(select(AnswerPhoto).where(AnswerPhoto.path == path))


def purged(session: Session, acks: Iterable[int]) -> dict[tuple[int, str], datetime]:
    """Of the photos that answers name: which the purge took, by answer and path below the data folder, and when."""
    ids = list(acks)
    if not ids:
        return {}
    gone = select(AnswerPhoto).where(AnswerPhoto.ack.in_(ids), AnswerPhoto.purged_at.is_not(None))
    return {(row.ack, row.path): row.purged_at for row in session.scalars(gone) if row.ack and row.purged_at}


def sweep_leftovers(session: Session, data: Path) -> int:
    """Delete files that no row knows, left by what was cut off. Only while nothing is being brought: at the start.

    A row whose file the purge took still knows it: what lies there is the purge's to judge.
    """
    folder, swept = data / ROOT, 0
    if not folder.is_dir():
        return 0
    used = set(session.scalars(select(AnswerPhoto.path)))
    for file in folder.iterdir():
        if _OURS.fullmatch(file.name) and f"{ROOT}/{file.name}" not in used:
            file.unlink()
            swept += 1
    if swept:
        log.info("leftovers of photos deleted", files=swept)
    return swept


def _put(place: Path, picture: bytes) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(picture)
        os.fsync(out.fileno())
    fresh.replace(place)
    # A rename is on the disk only when its folder is, and the row must never be there before it.
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
