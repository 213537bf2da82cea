"""Brings a backup back: into an empty place only, everything or nothing, and not before hashes and the ledger's chain hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from patrol.backup import check, copying, database
from patrol.backup.manifest import Manifest
from patrol.backup.sources import DATA, REGISTRY
from patrol.ledger import roots
from patrol.ledger import verify as ledger
from patrol.store import Store, StoreError, knows, newest_revision, open_store
from patrol.store.tables import RetentionHead

_UNFINISHED = ".restoring-"


class RestoreError(Exception):
    """A backup cannot be brought back; the message says why. Nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back.

    Attributes:
        manifest: of the backup.
        sha256: of the manifest.
        registry: where its registry file lies now.
        migrated: the schema was an older one and was brought up to date.
        links: of the ledger's chain that were checked.
        files: kept files that were held against the ledger.
    """

    manifest: Manifest
    sha256: str
    registry: Path
    migrated: bool
    links: int
    files: int


def restore(
    source: Path,
    data: Path,
    url: str | None,
    *,
    sealed: str | None = None,
    kept: Sequence[roots.Root] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> Restored:
    """Bring a backup back.

    Args:
        source: folder of one backup.
        data: folder for the service's data; must not be there, or be empty.
        url: ``postgresql://…`` of an empty database for a backup of PostgreSQL; None for one of SQLite, which lies in ``data``.
        sealed: the manifest's SHA-256 as it was written down elsewhere; None: nobody did.
        kept: daily roots that were written down elsewhere.
        on_progress: called with files checked and files in all.

    Raises:
        RestoreError: something is in the way, or something is not as it was backed up.
        ManifestError: the source is no backup, or its manifest was changed.
        DatabaseError: the database cannot be brought back.
    """
    checked = check.verify(source, on_progress=on_progress)
    manifest = checked.manifest
    if sealed is not None and sealed.lower() != checked.sha256:
        raise RestoreError(f"{source}: its manifest is not the one that was written down: it has {checked.sha256}")
    if checked.problems:
        more = f" (and {len(checked.problems) - 1} more)" if len(checked.problems) > 1 else ""
        raise RestoreError(f"{source}: {checked.problems[0]}{more}; nothing was restored")
    _refuse(manifest, data, url)
    begun = data.parent / f"{_UNFINISHED}{data.name}"
    try:
        copying.folders(data.parent)
        copying.discard(begun)
        begun.mkdir(mode=0o700)
        for entry in manifest.files:
            place = _place(begun, entry.path)
            if place is not None:
                copying.copy(source / entry.path, place, entry.sha256)
        return _settled(source, begun, data, url, checked, kept)
    except ValueError as error:
        raise RestoreError(f"{source}: {error}; nothing was restored") from error
    except OSError as error:
        raise RestoreError(f"{data} cannot be written: {error}; nothing was restored") from error
    finally:
        copying.discard(begun)


def _refuse(manifest: Manifest, data: Path, url: str | None) -> None:
    if not knows(manifest.revision):
        raise RestoreError(
            f"the backup is of a newer version ({manifest.version}, schema {manifest.revision}); install that version first"
        )
    if manifest.dialect == "sqlite" and url is not None:
        raise RestoreError("the backup is of SQLite, which lies in the data folder; leave --database out")
    if manifest.dialect == "postgresql" and (url is None or not url.startswith("postgres")):
        raise RestoreError("the backup is of PostgreSQL; name an empty database with --database postgresql://…")
    if data.is_symlink() or (data.exists() and (not data.is_dir() or any(data.iterdir()))):
        raise RestoreError(f"{data} is not empty; a backup is restored into an empty place only")


def _place(begun: Path, path: str) -> Path | None:
    """Where a file of a backup goes, None: it is brought back in another way."""
    if path.startswith(f"{DATA}/"):
        return begun / path.removeprefix(f"{DATA}/")
    if path.startswith(f"{REGISTRY}/"):
        return begun / path
    return begun / "patrol.sqlite" if path == database.SQLITE else None


def _settled(
    source: Path, begun: Path, data: Path, url: str | None, checked: check.Checked, kept: Sequence[roots.Root]
) -> Restored:
    """With the files in place: the database, the proof that all is as it was, and the name."""
    manifest = checked.manifest
    try:
        store = open_store(url, begun)
    except StoreError as error:
        raise RestoreError(str(error)) from error
    brought = False
    try:
        if manifest.dialect == "postgresql":
            if not database.is_empty(store.engine):
                raise RestoreError(f"{store.name} is not empty; a backup is restored into an empty database only")
            brought = True
            database.bring_back(source / database.POSTGRES, store)
        links, files = _proved(store, begun, manifest, kept)
        store.close()
        for left in ("patrol.sqlite-wal", "patrol.sqlite-shm"):
            (begun / left).unlink(missing_ok=True)
        copying.settle(begun)
        if data.exists():
            data.rmdir()
        begun.rename(data)
        copying.sync(data.parent)
    except BaseException:
        if brought:
            database.empty(store.engine)
        raise
    finally:
        store.close()
    return Restored(
        manifest,
        checked.sha256,
        data / REGISTRY / "camera_registry.yaml",
        manifest.revision != newest_revision(),
        links,
        files,
    )


def _proved(store: Store, begun: Path, manifest: Manifest, kept: Sequence[roots.Root]) -> tuple[int, int]:
    """Hold the restored ledger against its seals, the manifest and the restored files."""
    with store.reading() as session:
        counts = database.counts_of(session)
    other = {name: (n, counts.get(name)) for name, n in manifest.counts.items() if counts.get(name) != n}
    if other:
        raise RestoreError(f"rows are missing or too many (table: backed up, restored): {other}; nothing was restored")
    try:
        store.upgrade()
    except StoreError as error:
        raise RestoreError(str(error)) from error
    evidence = begun if manifest.evidence == "all" and not manifest.problems else None
    with store.reading() as session:
        verdict = ledger.verify(session, evidence=evidence, kept=kept)
        head = session.get(RetentionHead, 1)
        purges = (head.position, head.hash) if head else (0, "0" * 64)
    if verdict.problems:
        raise RestoreError(f"the ledger does not hold: {verdict.problems[0]}; nothing was restored")
    if (verdict.links, verdict.head) != manifest.chain or purges != manifest.purges:
        raise RestoreError("the chains do not end where the manifest says; nothing was restored")
    return verdict.links, verdict.files
