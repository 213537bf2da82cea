"""The registry's history: every text that was in force, with who changed what and why beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from patrol.ledger import book
from patrol.registry import LoadedRegistry
from patrol.registry.diff import changes, counts
from patrol.store.tables import RegistryEdit, RegistryRevision

Kind = Literal["edit", "restore", "import", "by_hand"]
Also = Callable[[Session, int | None], None]
"""What else is to be written in an edit's transaction, last: the audit's row. Given the revision, None where there is none yet."""


def nothing_else(_session: Session, _revision: int | None) -> None:
    """Nothing more is written."""


@dataclass(frozen=True, slots=True)
class Note:
    """Why a registry comes into force.

    Attributes:
        kind: how it was changed.
        who: account or token name; None for whoever changed the file by hand.
        reason: in that person's words.
        restored: of a restore: the revision whose text it is.
        counts: entries that came, went and changed, where that is known already.
        also: what else is to be written in the same transaction, last: the audit's row.
    """

    kind: Kind
    who: str | None
    reason: str | None
    restored: int | None = None
    counts: Mapping[str, int] | None = None
    also: Also = nothing_else


BY_HAND = Note("by_hand", None, None)


def record(session: Session, loaded: LoadedRegistry, before: LoadedRegistry | None, note: Note, now: datetime) -> int:
    """Note that a registry is in force from ``now`` on, and why; the same one again keeps its rows. The revision's id.

    Args:
        session: an open transaction.
        loaded: what comes into force.
        before: what was in force; None where that is not known.
        note: why; of a text that a command wrote while no service ran, the command's own words count.
        now: aware.
    """
    last = session.scalar(select(RegistryRevision).order_by(RegistryRevision.id.desc()).limit(1))
    revision = book.record_revision(
        session, sha256=loaded.sha256, text=loaded.text, cameras=len(loaded.registry.cameras), now=now
    )
    if last is not None and last.id == revision:
        return revision
    waiting = session.scalar(
        select(RegistryEdit)
        .where(RegistryEdit.sha256 == loaded.sha256, RegistryEdit.revision.is_(None))
        .order_by(RegistryEdit.id.desc())
        .limit(1)
    )
    if waiting is not None and note.kind == "by_hand":
        waiting.revision = revision
    else:
        row = _row(loaded, before, note, now, last.sha256 if last is not None else None)
        row.revision = revision
        session.add(row)
    session.flush()
    return revision


def announce(session: Session, loaded: LoadedRegistry, before: LoadedRegistry, note: Note, now: datetime) -> None:
    """Note who wrote a text that no service has put in force yet; the one that does finds it by its hash."""
    session.add(_row(loaded, before, note, now, before.sha256))


def _row(
    loaded: LoadedRegistry, before: LoadedRegistry | None, note: Note, now: datetime, parent: str | None
) -> RegistryEdit:
    found = note.counts
    if found is None:
        found = counts(changes(before.registry, loaded.registry)) if before is not None else {}
    return RegistryEdit(
        kind=note.kind,
        who=note.who,
        reason=note.reason,
        at=now,
        sha256=loaded.sha256,
        parent_sha256=parent,
        restored=note.restored,
        added=found.get("added", 0),
        removed=found.get("removed", 0),
        changed=found.get("changed", 0),
    )


def revisions(
    session: Session, *, before: int | None, limit: int
) -> Sequence[tuple[RegistryRevision, RegistryEdit | None]]:
    """Revisions, newest first, each with its edit; those from before edits were noted have none.

    Args:
        session: to read with.
        before: only older ones than this.
        limit: at most so many.
    """
    wanted = (
        select(RegistryRevision, RegistryEdit)
        .outerjoin(RegistryEdit, RegistryEdit.revision == RegistryRevision.id)
        .order_by(RegistryRevision.id.desc())
        .limit(limit)
        .options(defer(RegistryRevision.text))
    )
    if before is not None:
        wanted = wanted.where(RegistryRevision.id < before)
    return [(row, edit) for row, edit in session.execute(wanted)]


def revision(session: Session, number: int) -> tuple[RegistryRevision, RegistryEdit | None] | None:
    """One revision with its edit; None where there is none."""
    row = session.get(RegistryRevision, number)
    if row is None:
        return None
    return row, session.scalar(select(RegistryEdit).where(RegistryEdit.revision == number).limit(1))


def text_of(session: Session, sha256: str) -> str | None:
    """The text of a registry that was in force once."""
    return session.scalar(select(RegistryRevision.text).where(RegistryRevision.sha256 == sha256).limit(1))
