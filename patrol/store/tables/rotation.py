"""The rotation: what was in force, where each look stands, every attempt with what it kept, and what was away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class RegistryRevision(Base):
    """A registry that was in force from ``loaded_at`` on."""

    __tablename__ = "registry_revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    loaded_at: Mapped[datetime]
    cameras: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


class LookState(Base):
    """Where the rotation stands with one look (a camera, or a preset of it). The planner is rebuilt from these rows."""

    __tablename__ = "look_state"
    key: Mapped[str] = mapped_column(String(130), primary_key=True)
    """``<camera>`` or ``<camera>/<preset>``."""
    camera: Mapped[str] = mapped_column(String(64), index=True)
    preset: Mapped[str | None] = mapped_column(String(64))
    added_at: Mapped[datetime]
    """When it entered the rotation: its first deadline counts from here."""
    last_inspected_at: Mapped[datetime | None]
    """Start of the last inspected look."""
    not_before: Mapped[datetime | None]
    """Earliest next attempt (back-off after a failed one)."""
    failures: Mapped[int] = mapped_column(default=0)
    """Attempts without ``inspected`` since the last inspected look."""
    missed_until: Mapped[datetime | None]
    """Deadlines up to here have been recorded as missed or failed already."""
    last_visit: Mapped[str | None] = mapped_column(String(36))
    last_outcome: Mapped[str | None] = mapped_column(String(16))
    last_cause: Mapped[str | None] = mapped_column(String(24))
    last_ended_at: Mapped[datetime | None]
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    reference: Mapped[str | None] = mapped_column(Text)
    """Path of the adopted reference picture, relative to the data folder."""
    outage: Mapped[int | None] = mapped_column(ForeignKey("outage.id"))
    overhead_s: Mapped[float | None] = mapped_column(Float)
    """Measured seconds a look holds its stream beside the dwell, a running mean; None before the first measured one."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    """False once the registry no longer has it, or has it switched off."""


class Visit(Base):
    """The ledger: one row per attempt, and per missed deadline. Never changed, never deleted."""

    __tablename__ = "visit"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    look: Mapped[str] = mapped_column(String(130))
    camera: Mapped[str] = mapped_column(String(64))
    preset: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(16))
    """Why it was made: ``rotation``, ``retry``, ``follow_up``."""
    due_at: Mapped[datetime]
    """The deadline it served: start of the last inspected look + period."""
    started_at: Mapped[datetime]
    """Of a missed look: the deadline that passed."""
    ended_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str | None] = mapped_column(String(24))
    judged: Mapped[bool]
    """Every detector asked for ran."""
    gap_s: Mapped[float | None]
    """Of an inspected look: seconds since the start of the inspected look before."""
    revision: Mapped[int | None] = mapped_column(ForeignKey("registry_revision.id"))
    report: Mapped[dict[str, Any]]
    __table_args__ = (
        Index("ix_visit_look_started_at", "look", "started_at"),
        Index("ix_visit_started_at", "started_at"),
        Index("ix_visit_camera_seq", "camera", "seq"),
        # Misses are one look in hundreds, and listed by themselves.
        Index(
            "ix_visit_missed",
            "seq",
            "camera",
            "id",
            sqlite_where=text("outcome = 'missed'"),
            postgresql_where=text("outcome = 'missed'"),
        ),
    )


class EvidenceFile(Base):
    """One kept file of a look. ``path`` is relative to the data folder."""

    __tablename__ = "evidence"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(ForeignKey("visit.id"), index=True)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    role: Mapped[str] = mapped_column(String(16))
    media_type: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int]
    purged_at: Mapped[datetime | None]
    """When the purge took the file; the row stays, so that the ledger and the trace of a clip still speak."""
    __table_args__ = (
        Index(
            "ix_evidence_there",
            "id",
            sqlite_where=text("purged_at IS NULL"),
            postgresql_where=text("purged_at IS NULL"),
        ),
    )


class Outage(Base):
    """A camera away (no usable picture) from its first to its last failed look."""

    __tablename__ = "outage"
    id: Mapped[int] = mapped_column(primary_key=True)
    look: Mapped[str] = mapped_column(String(130), index=True)
    started_at: Mapped[datetime]
    last_failed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(String(24))
    looks: Mapped[int] = mapped_column(default=1)
    part_of: Mapped[int | None] = mapped_column(ForeignKey("platform_outage.id"))
    """The platform outage it is folded into: one alarm for the platform, none for its cameras."""


class PlatformOutage(Base):
    """A platform away: several of its cameras in a row gave no picture, none did. Probed until one answers."""

    __tablename__ = "platform_outage"
    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str] = mapped_column(String(64), index=True)
    started_at: Mapped[datetime]
    """Start of the first of the failed looks that showed it."""
    noticed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Start of the look that gave a picture again."""
    cause: Mapped[str] = mapped_column(String(24))
    """Of the failed look that showed it."""
    cameras: Mapped[int]
    """Looks of the rotation that are reached through it."""
