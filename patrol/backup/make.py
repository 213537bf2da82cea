"""Makes a backup while the service runs: the database first, then the files its rows name, then everything is read back.

It has its name only when it is whole: what a crash leaves has another one and is taken away by the next backup.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from patrol import __version__, retention
from patrol.backup import check, copying, database, sources
from patrol.backup.manifest import FILE, SEAL, Entry, Manifest, ManifestError, name_of, newest, read, text_of
from patrol.backup.sources import Source
from patrol.registry import Registry, RegistryError, parse
from patrol.store import Store, newest_revision, queries, revision_of
from patrol.store.tables import ChainHead, RetentionHead

_UNFINISHED = ".unfinished-"
_NOTHING = (0, "0" * 64)


class BackupError(Exception):
    """A backup cannot be made; the message says why. Nothing is left under a good name."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was read back and is whole.

    Attributes:
        folder: where it is.
        manifest: what stands in it.
        sha256: of the manifest, to be written down elsewhere.
        copied: bytes that were written.
        linked: bytes that an earlier backup at the same place had already.
    """

    folder: Path
    manifest: Manifest
    sha256: str
    copied: int
    linked: int


@dataclass(slots=True)
class _Work:
    folder: Path
    earlier: dict[str, tuple[Path, int]]
    files: dict[str, Entry] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    lent: set[str] = field(default_factory=set)
    copied: int = 0
    linked: int = 0


def make(
    store: Store,
    data: Path,
    registry: Path,
    destination: Path,
    *,
    evidence: str,
    secrets: bool,
    now: datetime,
    on_progress: Callable[[int], None] | None = None,
) -> Made:
    """Make a backup.

    Args:
        store: open, with this version's schema or an older one.
        data: the service's data folder.
        registry: its registry file.
        destination: folder of backups, made where it is not there; earlier ones in it lend what has not changed.
        evidence: ``all``, ``30d`` (of the last thirty days) or ``none``.
        secrets: whether keys and credential files are in it.
        now: aware, UTC.
        on_progress: called with the files done so far.

    Raises:
        BackupError: it cannot be made.
        DatabaseError: the database cannot be copied.
        BusyError: the purge or another backup is at work.
    """
    if destination.resolve().is_relative_to(data.resolve()):
        raise BackupError(f"{destination} lies in the data folder: a backup there is lost with what it is a backup of")
    final = destination / name_of(now)
    try:
        copying.folders(destination)
        # While the purge waits, no file goes that the copied rows name.
        with retention.alone(data), _mine(destination):
            if final.exists():
                raise BackupError(f"{final} is there already; try again in a second")
            for left in destination.glob(f"{_UNFINISHED}*"):
                copying.discard(left)
            begun = destination / f"{_UNFINISHED}{final.name}"
            try:
                return _made(store, data, registry, begun, final, evidence, secrets, now, on_progress)
            finally:
                copying.discard(begun)
    except OSError as error:
        raise BackupError(f"the backup cannot be written: {error}") from error


def _made(
    store: Store,
    data: Path,
    registry: Path,
    begun: Path,
    final: Path,
    evidence: str,
    with_secrets: bool,
    now: datetime,
    on_progress: Callable[[int], None] | None,
) -> Made:
    begun.mkdir(mode=0o700)
    work = _Work(begun, _lent(final.parent))
    with database.snapshot(store, begun) as session:
        revision = revision_of(session)
        if revision is None or revision != newest_revision():
            raise BackupError(
                f"{store.name} has the schema {revision}, this version writes {newest_revision()}; make the backup with the "
                "version that wrote it, before another one is installed"
            )
        known = _registry(session)
        _take(work, sources.named(session, data, evidence, now), on_progress, expected=True)
        _take(work, sources.beside(data, registry, known), on_progress, expected=False)
        if with_secrets:
            _take(work, sources.secrets(data, registry, known), on_progress, expected=False)
        _add_database(work, begun)
        chain, purges = session.get(ChainHead, 1), session.get(RetentionHead, 1)
        manifest = Manifest(
            made_at=now.isoformat(),
            version=__version__,
            revision=revision,
            dialect=store.engine.dialect.name,
            evidence=evidence,
            secrets=with_secrets,
            counts=database.counts_of(session),
            chain=(chain.position, chain.hash) if chain else _NOTHING,
            purges=(purges.position, purges.hash) if purges else _NOTHING,
            left_out=sources.left_out(session, evidence, now),
            problems=tuple(work.problems),
            files=tuple(sorted(work.files.values(), key=lambda one: one.path)),
        )
    text = text_of(manifest).encode("utf-8")
    sha256 = hashlib.sha256(text).hexdigest()
    copying.write(begun / FILE, text)
    copying.write(begun / SEAL, f"{sha256}  {FILE}\n".encode("ascii"))
    wrong = check.files_of(begun, manifest, but=work.lent)
    if wrong:
        raise BackupError(f"what was written is not what is read back: {wrong[0]}; is the disk sound?")
    copying.settle(begun)
    begun.rename(final)
    copying.sync(final.parent)
    return Made(final, manifest, sha256, work.copied, work.linked)


def _take(work: _Work, wanted: Iterable[Source], on_progress: Callable[[int], None] | None, *, expected: bool) -> None:
    for source in wanted:
        if source.path in work.files:
            continue
        try:
            _take_one(work, source)
        except FileNotFoundError:
            # A reference picture that is replaced at this moment is no loss; a file that a row names is.
            if expected:
                work.problems.append(f"{source.path}: a row names it and it is not there")
        except ValueError as error:
            work.problems.append(f"{source.path}: {error}; it was left out")
        if on_progress is not None:
            on_progress(len(work.files))


def _take_one(work: _Work, source: Source) -> None:
    target = work.folder / source.path
    sha256 = source.sha256
    if sha256 is None and work.earlier:
        sha256 = copying.digest(source.file)
    lent = work.earlier.get(sha256) if sha256 is not None else None
    if lent is not None and sha256 is not None and _sound(lent[0], sha256) and _link(lent[0], target):
        work.files[source.path] = Entry(source.path, sha256, lent[1])
        work.lent.add(source.path)
        work.linked += lent[1]
        return
    sha256, size = copying.copy(source.file, target, source.sha256)
    work.files[source.path] = Entry(source.path, sha256, size)
    work.copied += size


def _sound(earlier: Path, sha256: str) -> bool:
    """Whether an earlier backup's file is still what it was; read from the disk, so that it need not be read again."""
    try:
        return copying.digest(earlier) == sha256
    except OSError:
        return False


def _link(earlier: Path, target: Path) -> bool:
    """Lend a file from an earlier backup; False where the disk knows no hard links."""
    copying.folders(target.parent)
    try:
        os.link(earlier, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def _add_database(work: _Work, begun: Path) -> None:
    for name in (database.SQLITE, database.POSTGRES):
        file = begun / name
        if file.exists():
            file.chmod(0o600)
            work.files[name] = Entry(name, copying.digest(file), file.stat().st_size)
            work.copied += file.stat().st_size


def _lent(destination: Path) -> dict[str, tuple[Path, int]]:
    """Files of the newest backup there, by SHA-256."""
    last = newest(destination)
    if last is None:
        return {}
    try:
        manifest, _ = read(last)
    except ManifestError:
        return {}
    return {one.sha256: (last / one.path, one.bytes) for one in manifest.files}


def _registry(session: Session) -> Registry | None:
    """The registry that was in force, for the files it names."""
    revision = queries.registry_in_force(session)
    if revision is None:
        return None
    try:
        return parse(revision.text, "registry").registry
    except RegistryError:
        return None


@contextmanager
def _mine(destination: Path) -> Iterator[None]:
    with (destination / ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"another backup is being made at {destination}; try again when it is done") from None
        yield
