"""What was kept long enough: runs of the purge with their proof, every file they took, and what may not be taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class RetentionHead(Base):
    """Where the chain of runs ends, and when the service was last known to be alive. One row; whoever plans or holds locks it."""

    __tablename__ = "retention_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    beat_at: Mapped[datetime | None]
    """By the wall clock; None before the first one."""
    run_at: Mapped[datetime | None]
    """End of the last run."""


class RetentionRun(Base):
    """One run of the purge. Once it is sealed it is never changed and never deleted."""

    __tablename__ = "retention_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int | None] = mapped_column(unique=True)
    """In the chain of runs, from 1 without gaps; None: it has not ended, or was cut off and is ended by the next one."""
    by: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    record: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What it did, as it is sealed: see docs/retention.md."""
    prev: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))


class RetentionItem(Base):
    """One thing that a run was about to take: written before it is touched, finished after it is gone."""

    __tablename__ = "retention_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("retention_run.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """``evidence``, ``answer_photo``, ``attachment``, ``letter``, ``notice``, ``escalation``, ``session`` or ``link``."""
    ref: Mapped[str] = mapped_column(String(64))
    """Key of its row."""
    path: Mapped[str | None] = mapped_column(Text)
    """In the data folder; None: it is a row."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the file; None where none was kept: a thumbnail, a row."""
    bytes: Mapped[int]
    class_: Mapped[str] = mapped_column("class", String(16))
    since: Mapped[datetime]
    """From when its term counts."""
    due_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(String(16))
    """``deleted``; ``missing``: it was gone before; ``kept``: a hold came between. None: about to be taken."""
    done_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_retention_item_open",
            "id",
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
        Index("ix_retention_item_path", "path"),
    )


class RetentionHold(Base):
    """Somebody wants something kept beyond its day; it stays until the hold is lifted."""

    __tablename__ = "retention_hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """``incident``, ``case`` or ``file``."""
    ref: Mapped[str] = mapped_column(String(200))
    """Id of the incident, number of the case, path of the file."""
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(120))
    lifted_because: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index(
            "uq_retention_hold_stands",
            "kind",
            "ref",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
