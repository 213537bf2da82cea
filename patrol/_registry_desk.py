"""Where the registry is changed: the console's edits, imports and restores, and the commands', all by the same way.

The file is the one truth. An edit is checked as a whole, written whole under a lock and put in force at once; it is refused while the
file holds what nobody has put in force, and when another edit came first, unless the two touch different entries.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from patrol import _registry_file as registry_file
from patrol import _registry_revisions as history
from patrol._in_force import InForce
from patrol._registry_revisions import Note
from patrol.registry import LoadedRegistry, Problem, RegistryError, load, parse
from patrol.registry._source import Source, read
from patrol.registry.diff import Change, changes, counts, unified
from patrol.registry.edit import Edited, EditError, Operation, apply
from patrol.registry.load import no_collector, parse_read
from patrol.store import Store
from patrol.store.tables import RegistryRevision

_NAMES = ("before", "after")
_BY_ID = ("platforms", "categories", "departments", "rules", "cameras")


class DeskError(Exception):
    """An edit was not made; nothing of it is written. The message says what to do."""


class StaleError(DeskError):
    """Somebody else changed the registry first.

    Attributes:
        sha256: of the file as it is now.
        changes: what was changed meanwhile; None where that is not known any more.
    """

    def __init__(self, message: str, sha256: str, found: tuple[Change, ...] | None) -> None:
        super().__init__(message)
        self.sha256 = sha256
        self.changes = found


class UnknownRevisionError(DeskError):
    """There is no such revision."""


class BrokenFileError(DeskError):
    """The file was changed by hand and is not valid: nothing else can be changed until that is mended.

    Attributes:
        problems: what is wrong with it.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            f"the file was changed by hand and is not valid; mend it first: {_placed(problems[0])}"
            + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else "")
        )
        self.problems = tuple(problems)


class InvalidError(DeskError):
    """The registry would not be valid afterwards.

    Attributes:
        problems: what would be wrong.
        diff: of the file, for whoever looks for the line.
    """

    def __init__(self, problems: Sequence[Problem], diff: str = "") -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"the registry would not be valid: {_placed(problems[0])}{more}")
        self.problems = tuple(problems)
        self.diff = diff


class Shelf(Protocol):
    """Where the registry in force stands, and a new one is put."""

    def current(self) -> LoadedRegistry:
        """The registry in force, hand edits taken up.

        Raises:
            BrokenFileError: the file holds another one that is not valid.
        """

    def check(self, loaded: LoadedRegistry) -> None:
        """Refuse what cannot come into force now.

        Raises:
            RegistryError: why not.
        """

    def take(self, loaded: LoadedRegistry, before: LoadedRegistry, note: Note, write: Callable[[], None]) -> int | None:
        """Write the file, put it in force and record it. Returns its revision, None where no service runs to give it one."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would do.

    Attributes:
        loaded: the registry as it would be.
        before: as it is.
        changes: entry by entry.
        diff: of the file, unified, addresses masked.
        merged: somebody else changed other entries meanwhile; both changes are in.
        theirs: what they changed.
        source: the new text as it was read; None where that is not at hand.
    """

    loaded: LoadedRegistry
    before: LoadedRegistry
    changes: tuple[Change, ...]
    diff: str
    merged: bool = False
    theirs: tuple[Change, ...] = ()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """An edit that was made.

    Attributes:
        preview: what it did.
        revision: its number; None where no service runs, or where nothing was to be changed.
    """

    preview: Preview
    revision: int | None


class RegistryDesk:
    """Changes the registry.

    Args:
        shelf: where the one in force stands.
        store: where revisions are kept.
        data: the data folder, for the writers' lock.
    """

    def __init__(self, shelf: Shelf, store: Store, data: Path) -> None:
        self._shelf = shelf
        self._store = store
        self._data = data
        self._turn = threading.Lock()
        self._read: tuple[str, Source] | None = None
        """The text in force as it was read last, by its hash: the next edit need not read it again."""

    def current(self) -> LoadedRegistry:
        """See :meth:`Shelf.current`."""
        return self._shelf.current()

    def preview(self, operations: Sequence[Operation], base: str | None) -> Preview:
        """What operations would do; nothing is written.

        Args:
            operations: in order.
            base: SHA-256 of the registry they were made from; None: the one in force.

        Raises:
            BrokenFileError, StaleError, EditError, InvalidError: see there.
        """
        now = self._shelf.current()
        if base is None or base == now.sha256:
            return self._seen(now, self._apply(now, operations))
        return self._merged(now, operations, base)

    def edit(self, operations: Sequence[Operation], base: str, note: Note) -> Done:
        """Make an edit.

        Args:
            operations: in order.
            base: SHA-256 of the registry they were made from.
            note: who and why.

        Raises:
            BrokenFileError, StaleError, EditError, InvalidError, FileError: see there.
        """
        with self._turn, no_collector():
            return self._make(self.preview(operations, base), note)

    def restore(self, revision: int, base: str, note: Note) -> Done:
        """Make an old text the new one.

        Args:
            revision: whose text.
            base: SHA-256 of the registry it is to replace.
            note: who and why.

        Raises:
            UnknownRevisionError: there is none.
            BrokenFileError, StaleError, InvalidError, FileError: see there.
        """
        with self._store.reading() as session:
            row = session.get(RegistryRevision, revision)
            if row is None:
                raise UnknownRevisionError(f"there is no revision {revision}")
            text = row.text
        with self._turn:
            now = self._shelf.current()
            if base != now.sha256:
                raise self._stale(now, base)
            return self._make(self._whole(now, text), replace(note, restored=revision))

    def _whole(self, now: LoadedRegistry, text: str) -> Preview:
        """What putting a whole text in the file's place would do.

        Raises:
            InvalidError: it is not valid.
        """
        name = str(now.file or "registry")
        try:
            made = parse(text, name)
            loaded = LoadedRegistry(made.registry, now.file, text, made.sha256, made.warnings)
            self._shelf.check(loaded)
        except RegistryError as error:
            raise InvalidError(error.problems, unified(now.text, text, _NAMES)) from None
        return _preview(now, loaded)

    def _apply(self, now: LoadedRegistry, operations: Sequence[Operation]) -> Edited:
        known = self._read
        if known is None or known[0] != now.sha256:
            with no_collector():
                self._read = known = (now.sha256, read(now.text, str(now.file or "registry")))
        return apply(now.text, operations, source=known[1])

    def _seen(self, now: LoadedRegistry, edited: Edited) -> Preview:
        try:
            loaded = parse_read(edited.source, edited.text, now.file)
            self._shelf.check(loaded)
        except RegistryError as error:
            raise InvalidError(error.problems, unified(now.text, edited.text, _NAMES)) from None
        return replace(_preview(now, loaded), source=edited.source)

    def _merged(self, now: LoadedRegistry, operations: Sequence[Operation], base: str) -> Preview:
        """Two edits that touch different entries are both made; else the second must be made anew."""
        with self._store.reading() as session:
            text = history.text_of(session, base)
        if text is None:
            raise self._stale(now, base)
        try:
            from_base = parse(text, "registry").registry
            mine = apply(text, operations).touched
        except (RegistryError, EditError):
            raise self._stale(now, base) from None
        theirs = changes(from_base, now.registry)
        if _meet(mine, operations, theirs):
            raise self._stale(now, base)
        seen = self._seen(now, self._apply(now, operations))
        return replace(seen, merged=True, theirs=theirs)

    def _stale(self, now: LoadedRegistry, base: str) -> StaleError:
        with self._store.reading() as session:
            text = history.text_of(session, base)
        try:
            found = changes(parse(text, "registry").registry, now.registry) if text is not None else None
        except RegistryError:
            found = None
        what = "; ".join(change.en for change in (found or ())[:5])
        return StaleError(
            f"the registry was changed meanwhile ({what or 'what, is not known any more'}); look at it and make your change again",
            now.sha256,
            found,
        )

    def _make(self, preview: Preview, note: Note) -> Done:
        now, loaded = preview.before, preview.loaded
        if loaded.sha256 == now.sha256:
            return Done(preview, None)
        file = now.file
        if file is None:
            raise DeskError("this registry is in no file and cannot be changed")
        note = replace(note, counts=counts(preview.changes))
        with registry_file.locked(self._data):
            try:
                revision = self._shelf.take(
                    loaded, now, note, lambda: registry_file.write(file, loaded.text, now.sha256)
                )
            except registry_file.ChangedMeanwhileError:
                raise self._stale(self._shelf.current(), now.sha256) from None
        if preview.source is not None:
            self._read = (loaded.sha256, preview.source)
        return Done(preview, revision)


class ServiceShelf:
    """The registry of a running service.

    Args:
        in_force: puts registries in force.
        lock: the service's, which guards it.
    """

    def __init__(self, in_force: InForce, lock: AbstractContextManager[object]) -> None:
        self._in_force = in_force
        self._lock = lock

    def current(self) -> LoadedRegistry:
        """See :class:`Shelf`."""
        with self._lock:
            self._in_force.reload_when_changed()
            refused, loaded = self._in_force.refused, self._in_force.loaded
        if refused is not None:
            raise BrokenFileError(refused.problems)
        return loaded

    def check(self, loaded: LoadedRegistry) -> None:
        """See :class:`Shelf`."""
        self._in_force.check_topic(loaded)

    def take(self, loaded: LoadedRegistry, before: LoadedRegistry, note: Note, write: Callable[[], None]) -> int | None:
        """See :class:`Shelf`. Both under the service's lock, so that its own look at the file sees it changed and in force."""
        with self._lock:
            write()
            return self._in_force.take(loaded, before, note)


class FileShelf:
    """The registry of a file, for commands: a service that runs on it takes it up within seconds, another when it starts.

    Args:
        file: the registry.
        store: where the edit is announced.
        now: the time.
    """

    def __init__(self, file: Path, store: Store, now: Callable[[], datetime]) -> None:
        self._file = file
        self._store = store
        self._now = now

    def current(self) -> LoadedRegistry:
        """See :class:`Shelf`."""
        try:
            return load(self._file)
        except RegistryError as error:
            raise BrokenFileError(error.problems) from None

    def check(self, loaded: LoadedRegistry) -> None:
        """A service that runs refuses another topic itself."""

    def take(self, loaded: LoadedRegistry, before: LoadedRegistry, note: Note, write: Callable[[], None]) -> int | None:
        """See :class:`Shelf`. Announced and written as one: a service that sees the new file finds who changed it."""
        with self._store.sessions.begin() as session:
            history.announce(session, loaded, before, note, self._now())
            write()
            note.also(session, None)
        return None


def _placed(problem: Problem) -> str:
    """A problem without the path of the file, which is the service's own business."""
    places = [f"line {problem.line}" if problem.line is not None else "", problem.field]
    place = ", ".join(filter(None, places))
    return f"{place}: {problem.message}" if place else problem.message


def _preview(now: LoadedRegistry, loaded: LoadedRegistry) -> Preview:
    found = changes(now.registry, loaded.registry)
    return Preview(loaded, now, found, unified(now.text, loaded.text, _NAMES))


def _meet(mine: frozenset[tuple[str | int, ...]], operations: Sequence[Operation], theirs: tuple[Change, ...]) -> bool:
    """Whether two edits touch the same entry, or one counts places in a list that the other changed."""
    sections = {change.section for change in theirs}
    entries = {(change.section, change.entry) for change in theirs}
    # Elsewhere entries have no ids that both sides could mean the same by.
    whole = sections - set(_BY_ID) | {change.section for change in theirs if change.what == "moved"}
    for path in mine:
        if path[0] in whole or (len(path) == 1 and path[0] in sections) or tuple(path[:2]) in entries:
            return True
    counted = {op.path[0] for op in operations if any(isinstance(step, int) for step in (*op.path[1:2], op.before))}
    return bool(counted & sections)
