"""Processes that back up or restore once, to be struck."""

from __future__ import annotations

from pathlib import Path

from patrol import backup
from patrol.store import open_store
from tests.support.backups import made


def back_up(database: str, data: Path, registry: Path, destination: Path) -> None:
    """Make one backup."""
    made(open_store(database, data), data, registry, destination)


def restore(source: Path, data: Path, url: str | None) -> None:
    """Bring one back."""
    backup.restore(source, data, url)
