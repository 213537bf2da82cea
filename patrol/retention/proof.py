"""The proof of the purge: each run's record, bound by hash to all before it, and the one row that whoever plans or holds locks.

Canonical means RFC 8785 (JCS), as in the ledger's chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from patrol.ledger.chain import iso
from patrol.store.tables import RetentionHead, RetentionItem, RetentionRun

SCHEMA = "patrol.retention_run/1"
FIRST_PREV = "0" * 64
_HEAD = 1


def lock(session: Session) -> RetentionHead:
    """The head, held until the transaction ends: a hold and a plan of the same moment come one after the other."""
    head = session.get(RetentionHead, _HEAD, with_for_update=True, populate_existing=True)
    if head is None:
        head = RetentionHead(id=_HEAD, position=0, hash=FIRST_PREV)
        session.add(head)
        session.flush()
    return head


def line_of(item: RetentionItem) -> str:
    """One thing that a run dealt with, as it stands in the list that is hashed: what, where, hash, class, days, outcome."""
    words = (
        item.kind, item.ref, item.path or "-", item.sha256 or "-", str(item.bytes), item.class_, iso(item.since),
        iso(item.due_at), item.outcome or "-",
    )  # fmt: skip
    return "\t".join(words) + "\n"


def digest_of(items: Iterable[RetentionItem]) -> str:
    """SHA-256 over the lines of a run's items in order of their ids."""
    total = hashlib.sha256()
    for item in items:
        total.update(line_of(item).encode("utf-8"))
    return total.hexdigest()


def hash_of(position: int, run: int, prev: str, record: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical form of a run's record and the hash of the run before."""
    sealed: dict[str, Any] = {"schema": SCHEMA, "position": position, "run": run, "prev": prev, "record": dict(record)}
    return hashlib.sha256(rfc8785.dumps(sealed)).hexdigest()


def record_of(
    run: RetentionRun,
    ended_at: datetime,
    items: Iterable[RetentionItem],
    *,
    held: Mapping[str, Any],
    problems: Iterable[str],
    left: bool,
) -> dict[str, Any]:
    """What a run did.

    Args:
        run: it.
        ended_at: by the wall clock.
        items: all that it dealt with, in order of their ids.
        held: what was due and stayed, and why.
        problems: sentences about what could not be done.
        left: more is due than a run may take.
    """
    counts: dict[str, dict[str, Any]] = {}
    listed = list(items)
    for item in listed:
        one = counts.setdefault(
            item.class_, {"deleted": 0, "missing": 0, "kept": 0, "bytes": 0, "first": None, "last": None}
        )
        one[str(item.outcome)] += 1
        if item.outcome != "deleted":
            continue
        day = iso(item.since)[:10]
        one["bytes"] += item.bytes
        one["first"] = min(one["first"] or day, day)
        one["last"] = max(one["last"] or day, day)
    return {
        "by": run.by,
        "started_at": iso(run.started_at),
        "ended_at": iso(ended_at),
        "classes": counts,
        "items": len(listed),
        "list_sha256": digest_of(listed),
        "held": dict(held),
        "problems": list(problems),
        "left": left,
    }


def seal(session: Session, run: RetentionRun, ended_at: datetime, record: dict[str, Any]) -> None:
    """End a run: its record takes its place in the chain, and cannot be changed any more."""
    head = lock(session)
    position = head.position + 1
    run.record, run.position, run.prev, run.ended_at = record, position, head.hash, ended_at
    run.hash = hash_of(position, run.id, head.hash, record)
    head.position, head.hash, head.run_at = position, run.hash, ended_at
    session.flush()
