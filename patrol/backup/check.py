"""Reads a backup again and says what in it is not as it was made: every file, the database, the ledger's chain."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from patrol.backup import copying, database
from patrol.backup.manifest import FILE, SEAL, Manifest, read
from patrol.ledger import verify as ledger


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it.

    Attributes:
        manifest: of the backup.
        sha256: of the manifest; hold it against the one that was written down elsewhere.
        problems: sentences; empty when everything is as it was made.
    """

    manifest: Manifest
    sha256: str
    problems: tuple[str, ...]


def verify(folder: Path, *, on_progress: Callable[[int, int], None] | None = None) -> Checked:
    """Check a backup. Reads only.

    Args:
        folder: of one backup.
        on_progress: called with files done and files in all.

    Raises:
        ManifestError: it is no backup, or its manifest was changed.
        DatabaseError: a program of PostgreSQL is missing.
    """
    manifest, sha256 = read(folder)
    problems = files_of(folder, manifest, on_progress=on_progress)
    if not problems:
        problems = _database(folder, manifest)
    return Checked(manifest, sha256, tuple(problems))


def files_of(
    folder: Path,
    manifest: Manifest,
    *,
    but: Collection[str] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """What files of a backup are not as its manifest says, and what lies there besides; ``but`` were just read."""
    found = []
    for done, entry in enumerate(manifest.files, 1):
        if entry.path not in but:
            found += _file(folder, entry.path, entry.sha256)
        if on_progress is not None:
            on_progress(done, len(manifest.files))
    known = {FILE, SEAL, *(entry.path for entry in manifest.files)}
    for at, folders, names in os.walk(folder, followlinks=False):
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        for name in [*names, *links]:
            path = str((Path(at) / name).relative_to(folder))
            if path not in known:
                found.append(f"{path}: is not in the manifest")
    return found


def _file(folder: Path, path: str, sha256: str) -> list[str]:
    try:
        right = copying.digest(folder / path) == sha256
    except OSError as error:
        return [f"{path}: cannot be read: {error.strerror}"]
    return [] if right else [f"{path}: is not the file that was backed up: its SHA-256 is another"]


def _database(folder: Path, manifest: Manifest) -> list[str]:
    if manifest.dialect != "sqlite":
        wrong = database.dump_problem(folder / database.POSTGRES)
        return [f"{database.POSTGRES}: {wrong}"] if wrong else []
    file = folder / database.SQLITE
    wrong = database.integrity(file)
    if wrong is not None:
        return [f"{database.SQLITE}: {wrong}"]
    with database.reading_sqlite(file) as session:
        verdict = ledger.verify(session)
    found = [f"ledger: {problem}" for problem in verdict.problems]
    if (verdict.links, verdict.head) != manifest.chain:
        found.append(f"{database.SQLITE}: its ledger does not end where the manifest says")
    return found
