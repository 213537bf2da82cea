"""What stands in a backup: every file with its SHA-256, which service and schema wrote it, where its chains ended."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

SCHEMA: Final = "patrol.backup/1"
FILE: Final = "manifest.json"
SEAL: Final = "manifest.sha256"
"""Holds the manifest's own SHA-256, to be written down elsewhere."""
_NAME = re.compile(r"patrol-\d{8}T\d{6}Z")
_SHA256 = re.compile(r"[0-9a-f]{64}")
EVIDENCE: Final = ("all", "30d", "none")


class ManifestError(Exception):
    """A backup that is none, or whose manifest was changed; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup.

    Attributes:
        path: in the backup.
        sha256: of its bytes.
        bytes: how many.
    """

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup's table of contents.

    Attributes:
        made_at: UTC, ISO 8601.
        version: of the service that made it.
        revision: of the database's schema.
        dialect: ``sqlite`` or ``postgresql``.
        evidence: ``all``, ``30d`` or ``none``.
        secrets: whether keys and credential files are in it.
        counts: rows by table.
        chain: where the ledger's chain ends: position and hash.
        purges: where the chain of the purge's runs ends.
        left_out: evidence files that were not asked for.
        problems: sentences about files that rows name and that could not be copied as they were kept.
        files: every file but the manifest and its seal.
    """

    made_at: str
    version: str
    revision: str
    dialect: str
    evidence: str
    secrets: bool
    counts: Mapping[str, int]
    chain: tuple[int, str]
    purges: tuple[int, str]
    left_out: int
    problems: tuple[str, ...]
    files: tuple[Entry, ...]


def name_of(now: datetime) -> str:
    """What the folder of a backup made at a UTC moment is called."""
    return f"patrol-{now:%Y%m%dT%H%M%SZ}"


def newest(destination: Path) -> Path | None:
    """The last backup in a folder of backups, None where there is none."""
    found = [folder for folder in destination.glob("patrol-*") if _NAME.fullmatch(folder.name)]
    return max(found, default=None, key=lambda folder: folder.name)


def text_of(manifest: Manifest) -> str:
    """The manifest as it is written."""
    return json.dumps({"schema": SCHEMA, **asdict(manifest)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read(folder: Path) -> tuple[Manifest, str]:
    """Read a backup's manifest and see that it is the one that was sealed.

    Returns:
        The manifest and its SHA-256.

    Raises:
        ManifestError: there is none, it was changed, or names what no backup of ours holds.
    """
    try:
        raw = (folder / FILE).read_bytes()
        seal = (folder / SEAL).read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{folder}: no backup: its manifest or seal cannot be read ({error})") from error
    digest = hashlib.sha256(raw).hexdigest()
    if not seal or seal[0] != digest:
        raise ManifestError(
            f"{folder / FILE}: was changed after the backup was made: its SHA-256 is not the sealed one"
        )
    try:
        found = json.loads(raw)
        if found.pop("schema") != SCHEMA:
            raise ManifestError(f"{folder / FILE}: is of another form than {SCHEMA}; a newer version made it")
        return _parsed(found), digest
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ManifestError(f"{folder / FILE}: cannot be read: {error}") from error


def _parsed(found: dict[str, Any]) -> Manifest:
    files = tuple(Entry(str(one["path"]), str(one["sha256"]), int(one["bytes"])) for one in found.pop("files"))
    for entry in files:
        parts = PurePosixPath(entry.path).parts
        if not parts or PurePosixPath(entry.path).is_absolute() or ".." in parts or "\0" in entry.path:
            raise ManifestError(f"{FILE}: {entry.path!r} leads out of the backup")
        if not _SHA256.fullmatch(entry.sha256):
            raise ManifestError(f"{FILE}: {entry.path}: {entry.sha256!r} is no SHA-256")
    chain, purges = found.pop("chain"), found.pop("purges")
    problems = tuple(str(one) for one in found.pop("problems"))
    return Manifest(
        **found,
        files=files,
        problems=problems,
        chain=(int(chain[0]), str(chain[1])),
        purges=(int(purges[0]), str(purges[1])),
    )
