"""What a backup copies: the files that the copied rows name, what lies beside them, the registry, and what is secret."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol.registry import Registry
from patrol.store.tables import AnswerPhoto, CaseAttachment, CaseLetter, EvidenceFile, Visit

DATA, REGISTRY = "data", "registry"
_BESIDE = ("references", "memory", "unwritten")
"""Folders of the data folder that no row names files in: reference pictures, what detectors remember, looks not yet written."""
_ROOTS, _KEY = "ledger-roots.txt", "link.key"
_LATELY = timedelta(days=30)
_CREDENTIAL = ("credential", "address", "secret")


class Source(NamedTuple):
    """One file to be copied.

    Attributes:
        path: in the backup.
        file: where it is now.
        sha256: what a row says it is; None: as it is now.
    """

    path: str
    file: Path
    sha256: str | None


def named(session: Session, data: Path, evidence: str, now: datetime) -> Iterator[Source]:
    """Files that rows name and that are kept.

    Args:
        session: reads the copied state.
        data: the service's data folder.
        evidence: ``all``, ``30d`` or ``none``.
        now: aware.
    """
    wanted = select(EvidenceFile.path, EvidenceFile.sha256).where(EvidenceFile.purged_at.is_(None))
    if evidence == "30d":
        wanted = wanted.join(Visit, Visit.id == EvidenceFile.visit).where(Visit.ended_at >= now - _LATELY)
    if evidence != "none":
        for path, sha256 in session.execute(wanted.order_by(EvidenceFile.id)).yield_per(1000):
            yield Source(f"{DATA}/{path}", data / path, sha256)
    photos = select(AnswerPhoto.path, AnswerPhoto.sha256).where(AnswerPhoto.purged_at.is_(None))
    for path, sha256 in session.execute(photos.order_by(AnswerPhoto.id)).yield_per(1000):
        yield Source(f"{DATA}/{path}", data / path, sha256)
    attachments = select(CaseAttachment).where(CaseAttachment.removed_at.is_(None), CaseAttachment.purged_at.is_(None))
    for row in session.scalars(attachments.order_by(CaseAttachment.id)).yield_per(1000):
        yield Source(f"{DATA}/{row.path}", data / row.path, row.sha256)
        if row.thumbnail:
            yield Source(f"{DATA}/{row.thumbnail}", data / row.thumbnail, None)
    letters = select(CaseLetter.files).where(CaseLetter.files.is_not(None), CaseLetter.purged_at.is_(None))
    for files in session.scalars(letters.order_by(CaseLetter.id)):
        for one in (files or {}).values():
            yield Source(f"{DATA}/{one['path']}", data / str(one["path"]), str(one["sha256"]))


def left_out(session: Session, evidence: str, now: datetime) -> int:
    """Evidence files that are kept and were not asked for."""
    wanted = select(func.count()).select_from(EvidenceFile).where(EvidenceFile.purged_at.is_(None))
    if evidence == "all":
        return 0
    if evidence == "30d":
        wanted = wanted.join(Visit, Visit.id == EvidenceFile.visit).where(Visit.ended_at < now - _LATELY)
    return session.scalar(wanted) or 0


def beside(data: Path, registry: Path, known: Registry | None) -> Iterator[Source]:
    """What no row names and a service needs: reference pictures, memory, daily roots, the registry as it stands."""
    for folder in _BESIDE:
        for at, _, files in os.walk(data / folder, followlinks=False):
            for name in sorted(files):
                file = Path(at) / name
                # What is still being written begins with a dot.
                if not name.startswith(".") and not file.is_symlink():
                    yield Source(f"{DATA}/{file.relative_to(data)}", file, None)
    if (data / _ROOTS).is_file():
        yield Source(f"{DATA}/{_ROOTS}", data / _ROOTS, None)
    yield Source(f"{REGISTRY}/camera_registry.yaml", registry, None)
    cameras = known.cameras if known is not None else ()
    pictures = {camera.reference for camera in cameras} | {p.reference for camera in cameras for p in camera.presets}
    yield from _below(registry.parent, {picture for picture in pictures if picture})


def secrets(data: Path, registry: Path, known: Registry | None) -> Iterator[Source]:
    """The key that signs links, and files that hold credentials the registry refers to."""
    if (data / _KEY).is_file():
        yield Source(f"{DATA}/{_KEY}", data / _KEY, None)
    if known is not None:
        yield from _below(registry.parent, set(_credential_files(known.model_dump())))


def _below(base: Path, names: set[str]) -> Iterator[Source]:
    """Files that the registry names and that lie beside it or below; others belong to the machine, not to the patrol."""
    for name in sorted(names):
        with suppress(ValueError):
            inside = (base / name).resolve().relative_to(base.resolve())
            if (base / name).is_file():
                yield Source(f"{REGISTRY}/{inside}", base / name, None)


def _credential_files(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key in _CREDENTIAL and isinstance(one, str) and one.startswith("file:"):
                yield one.removeprefix("file:")
            else:
                yield from _credential_files(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _credential_files(one)
