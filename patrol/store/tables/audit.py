"""The audit trail: who did what, when, why. Append-only: the database itself refuses to change or delete a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class AuditRow(Base):
    """One deed, chained to the one before by its hash."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, without gaps."""
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(120))
    """Account or token name; ``centre``; ``department:<id>`` of a link in an alert; ``service`` of the service itself."""
    shown: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(48))
    """A dotted word, e.g. ``evidence.view``."""
    outcome: Mapped[str] = mapped_column(String(16))
    """``done`` or ``refused``."""
    kind: Mapped[str | None] = mapped_column(String(32))
    """What it is about: ``incident``, ``case``, ``file`` …"""
    ref: Mapped[str | None] = mapped_column(String(200))
    """Which one."""
    camera: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(String(64))
    """Where the request came from."""
    detail: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 over the canonical form of this row and the hash of the one before."""
    __table_args__ = (
        Index("ix_audit_who_seq", "who", "seq"),
        Index("ix_audit_action_seq", "action", "seq"),
        Index("ix_audit_kind_ref_seq", "kind", "ref", "seq"),
        Index("ix_audit_camera_seq", "camera", "seq"),
    )


class AuditHead(Base):
    """Where the trail ends. One row; whoever appends holds it, so that two writers make one trail."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
