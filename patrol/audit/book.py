"""Writes a deed into the trail in the transaction that does it, reads the trail, and proves that nothing in it was changed.

Each row's hash covers the row and the hash before, in RFC 8785 form, so that anybody can compute it with other tools.
The head is locked last in a transaction and until its commit: whatever else a deed locks is locked before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.access import Caller, Role
from patrol.store.tables import AuditHead, AuditRow

SERVICE = Caller("service", Role.AUDITOR, shown="service")
"""The service itself, e.g. a purge at night."""
_FIRST = "0" * 64
_SEALED = (
    "seq", "at", "who", "shown", "role", "unit", "action", "outcome", "kind", "ref", "camera", "reason", "address", "detail",
)  # fmt: skip
_WALK = 5_000


@dataclass(frozen=True, slots=True)
class Trail:
    """What a walk over the trail found.

    Attributes:
        rows: how many were read.
        hash: of the last one.
        problems: sentences; none: the trail is whole.
    """

    rows: int
    hash: str
    problems: tuple[str, ...]


def write(
    session: Session,
    caller: Caller,
    action: str,
    *,
    now: datetime,
    kind: str | None = None,
    ref: str | None = None,
    camera: str | None = None,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
    address: str | None = None,
    outcome: str = "done",
) -> AuditRow:
    """Append a deed. Called last in the transaction that does it.

    Args:
        session: the transaction of the deed.
        caller: who.
        action: a dotted word, e.g. ``incident.review``.
        now: aware.
        kind, ref: what it is about and which one.
        camera: whose picture it is about.
        reason: why, as the caller said.
        detail: more, as JSON; never a secret.
        address: where the request came from.
        outcome: ``done`` or ``refused``.
    """
    head = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, seq=0, hash=_FIRST)
        session.add(head)
    row = AuditRow(
        seq=head.seq + 1,
        at=now.astimezone(UTC),
        who=caller.name[:120],
        shown=(caller.shown or caller.name)[:120],
        role=caller.role.value,
        unit=caller.unit,
        action=action,
        outcome=outcome,
        kind=kind,
        ref=ref[:200] if ref is not None else None,
        camera=camera,
        reason=reason,
        address=address,
        detail=dict(detail or {}),
    )
    row.hash = _hash(row, head.hash)
    session.add(row)
    head.seq, head.hash = row.seq, row.hash
    session.flush()
    return row


def rows(
    session: Session,
    *,
    who: str | None = None,
    action: str | None = None,
    kind: str | None = None,
    ref: str | None = None,
    camera: str | None = None,
    outcome: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[AuditRow]:
    """The trail, newest first.

    Args:
        session: reads.
        who, kind, ref, camera, outcome: exactly these.
        action: exactly this one, or all below it where it ends in a dot (``evidence.``).
        since, until: the time, the end excluded.
        before: only rows with a smaller number: the next page.
        limit: at most so many.
    """
    wanted = select(AuditRow).order_by(AuditRow.seq.desc()).limit(limit)
    exactly = {"who": who, "kind": kind, "ref": ref, "camera": camera, "outcome": outcome}
    for name, value in exactly.items():
        if value is not None:
            wanted = wanted.where(getattr(AuditRow, name) == value)
    if action is not None:
        below = action.endswith(".")
        wanted = wanted.where(
            AuditRow.action.startswith(action, autoescape=True) if below else AuditRow.action == action
        )
    if since is not None:
        wanted = wanted.where(AuditRow.at >= since)
    if until is not None:
        wanted = wanted.where(AuditRow.at < until)
    if before is not None:
        wanted = wanted.where(AuditRow.seq < before)
    return session.scalars(wanted).all()


def verify(session: Session) -> Trail:
    """Walk the whole trail: numbers without gaps, every hash right, the head where the trail ends."""
    prev, seq, problems = _FIRST, 0, []
    while True:
        page = session.scalars(select(AuditRow).where(AuditRow.seq > seq).order_by(AuditRow.seq).limit(_WALK)).all()
        for row in page:
            if row.seq != seq + 1:
                problems.append(f"row {seq + 1} is missing: after {seq} comes {row.seq}")
            if row.hash != _hash(row, prev):
                problems.append(f"row {row.seq} ({row.action} by {row.who}) is not what was written")
            prev, seq = row.hash, row.seq
        session.expunge_all()
        if len(page) < _WALK:
            break
    head = session.get(AuditHead, 1)
    if head is None or (head.seq, head.hash) != (seq, prev):
        problems.append(f"the trail ends at row {seq}, its head says {head.seq if head else 'nothing'}")
    return Trail(seq, prev, tuple(problems))


def _hash(row: AuditRow, prev: str) -> str:
    content: dict[str, Any] = {name: getattr(row, name) for name in _SEALED}
    content["at"] = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return hashlib.sha256(rfc8785.dumps({"schema": "patrol.audit/1", "prev": prev, "row": content})).hexdigest()
