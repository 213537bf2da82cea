"""The chain over the ledger: canonical content of a row, the hash that binds it to all rows before, appending a link.

Canonical means RFC 8785 (JCS), so that anybody can compute the same hashes with other tools (docs/ledger.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol.store.tables import ChainEntry, ChainHead, RegistryRevision, SignOff, SpotCheck, Visit

SCHEMA = "patrol.chain/1"
FIRST_PREV = "0" * 64
"""What stands in for the hash before the first link."""

VISIT, REVISION, SIGN_OFF, SPOT_CHECK, BEGIN = "visit", "revision", "sign_off", "spot_check", "begin"

_COLUMNS: dict[type, tuple[str, ...]] = {
    Visit: (
        "seq", "id", "look", "camera", "preset", "reason", "due_at", "started_at", "ended_at", "outcome", "cause",
        "judged", "gap_s", "revision", "report",
    ),
    RegistryRevision: ("id", "sha256", "loaded_at", "cameras", "text"),
    SignOff: ("id", "visit", "who", "note", "at"),
    SpotCheck: ("id", "visit", "drawn_at", "answer", "kind", "who", "note", "at"),
}  # fmt: skip
"""What is sealed of each: every column, by name, so that a column added later changes no old hash."""

_LOCKED = 1
"""The one row of ``chain_head``."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link as plain values, for those who check.

    Attributes:
        position: from 1, without gaps.
        kind, ref: what it seals.
        at: when, UTC.
        prev, hash: of the link before, and its own.
    """

    position: int
    kind: str
    ref: str
    at: datetime
    prev: str
    hash: str


def content_of(row: Visit | RegistryRevision | SignOff | SpotCheck) -> dict[str, Any]:
    """Every column of a row as JSON values; times in UTC with microseconds."""
    return {name: plain(getattr(row, name)) for name in _COLUMNS[type(row)]}


def plain(value: Any) -> Any:
    """A column's value as JSON has it."""
    return iso(value) if isinstance(value, datetime) else value


def iso(moment: datetime) -> str:
    """``2026-11-24T08:00:00.000000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def hash_of(position: int, kind: str, ref: str, at: datetime, prev: str, content: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, over the canonical form of a link and what it seals.

    Raises:
        rfc8785.CanonicalizationError: a value that JSON cannot hold exactly (NaN, an integer beyond 2**53).
    """
    link: dict[str, Any] = {
        "schema": SCHEMA,
        "position": position,
        "kind": kind,
        "ref": ref,
        "at": iso(at),
        "prev": prev,
        "content": dict(content),
    }
    return hashlib.sha256(rfc8785.dumps(link)).hexdigest()


def seal(session: Session, kind: str, ref: str, content: Mapping[str, Any], now: datetime) -> ChainEntry:
    """Append a link in the caller's transaction. Whoever appends holds the head until the commit: one chain, no gaps."""
    head = _head(session)
    if head.position == 0:
        begin(session, now)
        sealed = session.scalar(select(ChainEntry).where(ChainEntry.kind == kind, ChainEntry.ref == ref))
        if sealed is not None:
            return sealed
    return _append(session, head, kind, ref, content, now)


def hold(session: Session, now: datetime) -> None:
    """Take the chain's end for this transaction, beginning the chain if need be: other writers wait until it ends.

    Called first, it also keeps two writers from making the row of the same look at the same time.
    """
    if _head(session).position == 0:
        begin(session, now)


def begin(session: Session, now: datetime) -> bool:
    """Begin the chain if it has not begun: its first link says how many rows there were, the next ones seal them.

    What stood in the ledger before this moment is as it was found: the chain proves it only from here on.

    Returns:
        True when the chain was begun now.
    """
    head = _head(session)
    if head.position:
        return False
    found = {
        "visits": session.scalar(select(func.count()).select_from(Visit)) or 0,
        "revisions": session.scalar(select(func.count()).select_from(RegistryRevision)) or 0,
    }
    _append(session, head, BEGIN, begin_ref(found), found, now)
    for revision in session.scalars(select(RegistryRevision).order_by(RegistryRevision.id)).all():
        _append(session, head, REVISION, str(revision.id), content_of(revision), now)
    for visit in session.scalars(select(Visit).order_by(Visit.seq)).all():
        _append(session, head, VISIT, visit.id, content_of(visit), now)
    return True


def begin_ref(found: Mapping[str, int]) -> str:
    """What the first link says in place of a key: how many rows stood there before."""
    return f"{found['visits']} visits, {found['revisions']} revisions"


def begin_content(ref: str) -> dict[str, int]:
    """The first link's content, read back from its reference.

    Raises:
        ValueError: not such a reference.
    """
    words = ref.split()
    return {"visits": int(words[0]), "revisions": int(words[2])}


def _head(session: Session) -> ChainHead:
    """The one row, which the migration made, locked; made again where somebody took it away, which the walk tells."""
    head = session.get(ChainHead, _LOCKED, with_for_update=True, populate_existing=True)
    if head is None:
        head = ChainHead(id=_LOCKED, position=0, hash=FIRST_PREV)
        session.add(head)
        session.flush()
    return head


def _append(
    session: Session, head: ChainHead, kind: str, ref: str, content: Mapping[str, Any], now: datetime
) -> ChainEntry:
    position = head.position + 1
    entry = ChainEntry(
        position=position,
        kind=kind,
        ref=ref,
        at=now,
        prev=head.hash,
        hash=hash_of(position, kind, ref, now, head.hash, content),
    )
    session.add(entry)
    head.position, head.hash = position, entry.hash
    session.flush()
    return entry
