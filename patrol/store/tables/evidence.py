"""Copies of evidence that were asked for: for whom, why, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class EvidenceExport(Base):
    """One copy of one kept file. The row stays when the copy is deleted: it says who was given what."""

    __tablename__ = "evidence_export"
    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    """``EX-YYYYMMDD-NNNN``, county time: no gaps, no repeats."""
    evidence: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    source_sha256: Mapped[str] = mapped_column(String(64), index=True)
    """Of the kept file as it was recorded; a copy is made only of a file that still has it."""
    visit: Mapped[str] = mapped_column(String(36))
    camera: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]
    """When the look began."""
    incident: Mapped[str | None] = mapped_column(String(64))
    case_number: Mapped[str | None] = mapped_column(String(64))
    recipient_unit: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    unmasked_reason: Mapped[str | None] = mapped_column(Text)
    """Why nothing is hidden in it; None: heads and plates are."""
    by: Mapped[str] = mapped_column(String(120), index=True)
    """Name of the caller."""
    unit: Mapped[str | None] = mapped_column(String(64))
    """Of the caller."""
    state: Mapped[str] = mapped_column(String(16))
    """``queued``, ``working``, ``ready``, ``failed`` or ``deleted``."""
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    """Share of the work done, in [0, 1]."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why it failed."""
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """When the copy is deleted."""
    path: Mapped[str | None] = mapped_column(Text)
    """Of the copy, relative to the data folder; None: there is none, or none any more."""
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the copy; stays when it is deleted."""
    bytes: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (Index("ix_evidence_export_state_number", "state", "number"),)
