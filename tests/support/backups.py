"""Backups in tests: a service's whole data folder, what stands in a store, and a backup that somebody tampered with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from patrol import backup
from patrol.backup.manifest import FILE, SEAL
from patrol.ledger import book
from patrol.store import Store
from patrol.store.tables import Base, CaseAttachment
from tests.support.case_files import number, put_case
from tests.support.county import registry_text
from tests.support.keeping import NOW, incident_of, kept_look, kept_photo, purged

PASSWORD = "s3cret-of-the-platform"


def county(store: Store, folder: Path, *, purge: bool = True) -> tuple[Path, Path]:
    """A data folder with looks old and new, some purged if wanted, photos of departments, an attachment, a key; and its registry with a credential file.

    Returns:
        The data folder, the registry file.
    """
    data, registry = folder / "data", folder / "camera_registry.yaml"
    for name, content in (("link.key", b"k" * 32), ("references/cam.jpg", b"reference"), ("memory/cam.npz", b"memory"),
                          ("ledger-roots.txt", b""), ("unwritten/look.json", b"{}"), ("service.lock", b"1")):  # fmt: skip
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)
    text = registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="2h")
    registry.write_text(
        text.replace("read_timeout: 4s}", "read_timeout: 4s, credential: 'file:platform.secret'}"), "utf-8"
    )
    (folder / "platform.secret").write_text(PASSWORD)
    photo = f"cases/{number(1)}/{'a' * 64}.jpg"
    (data / photo).parent.mkdir(parents=True)
    (data / photo).write_bytes(b"photo")
    with store.sessions.begin() as session:
        book.record_revision(
            session, sha256="a" * 64, text=registry.read_text("utf-8"), cameras=1, now=NOW - timedelta(days=100)
        )
        for days in (60, 45, 29, 3, 1):
            kept_look(session, data, days_ago=days)
        answered = [
            kept_look(session, data, days_ago=days, verdict="flagged", review="confirmed")[0] for days in (50, 1095)
        ]
        put_case(session, 1, unit="police")
        session.add(
            CaseAttachment(id="f1", case=number(1), name="x.jpg", media_type="image/jpeg", bytes=5,
                           sha256=hashlib.sha256(b"photo").hexdigest(), path=photo, by="x", at=NOW, scan="clean")
        )  # fmt: skip
    with store.sessions.begin() as session:
        for visit in answered:
            kept_photo(session, data, incident_of(store, visit), days_ago=1095)
    if purge:
        purged(store, data)
    return data, registry


def made(store: Store, data: Path, registry: Path, destination: Path, **given: Any) -> backup.Made:
    """A backup at ``NOW``."""
    given = {"evidence": "all", "secrets": True, "now": NOW, **given}
    return backup.make(store, data, registry, destination, **given)


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything that stands in a store, by table."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with store.reading() as session:
        for name, table in sorted(Base.metadata.tables.items()):
            keys = list(table.primary_key.columns)
            found[name] = [tuple(row) for row in session.execute(select(table).order_by(*keys))]
    return found


def files(folder: Path, *, but: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Every file below a folder by its path, but for some."""
    found = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return {path: content for path, content in found.items() if not path.startswith(but or ("\0",))}


def sealed_anew(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a manifest as somebody does who also makes its seal right."""
    value = json.loads((folder / FILE).read_text("utf-8"))
    change(value)
    text = json.dumps(value)
    (folder / FILE).write_text(text, "utf-8")
    (folder / SEAL).write_text(hashlib.sha256(text.encode()).hexdigest(), "ascii")


def entry_of(value: dict[str, Any], path: str) -> dict[str, Any]:
    """A file's line in a manifest."""
    (found,) = [one for one in value["files"] if one["path"] == path]
    return dict(found)
