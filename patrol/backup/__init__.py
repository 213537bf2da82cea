"""Copies of all that a service keeps, made while it runs, each a folder that proves itself; and the way back."""

from __future__ import annotations

from patrol.backup.check import verify
from patrol.backup.database import DatabaseError
from patrol.backup.make import BackupError, Made, make
from patrol.backup.manifest import Manifest, ManifestError, newest
from patrol.backup.restore import Restored, RestoreError, restore

__all__ = [
    "BackupError",
    "DatabaseError",
    "Made",
    "Manifest",
    "ManifestError",
    "RestoreError",
    "Restored",
    "make",
    "newest",
    "restore",
    "verify",
]
