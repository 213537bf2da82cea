"""Dispatch: the matter at one department until it is dealt with, what was climbed while nobody answered, silences."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class DispatchTrack(Base):
    """One incident at one department: which step it waits for, and since when nobody answers."""

    __tablename__ = "dispatch"
    id: Mapped[int] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"))
    department: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    """``primary``, ``copy``, ``fallback`` or ``escalation``."""
    route: Mapped[str] = mapped_column(String(120))
    """Name of the route that matched."""
    fallback: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    """``told``, then the furthest answer: ``received``, ``accepted``, ``refused``, ``phoned``, ``on_scene``, ``disposed``."""
    opened_at: Mapped[datetime]
    received_by: Mapped[datetime]
    accepted_by: Mapped[datetime]
    on_scene_by: Mapped[datetime]
    disposed_by: Mapped[datetime]
    """By when each step must be answered, frozen when it was opened."""
    received_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    on_scene_at: Mapped[datetime | None]
    disposed_at: Mapped[datetime | None]
    """When each step was reached: by the first answer that says so or more. A refusal has received it."""
    due_at: Mapped[datetime | None]
    """When somebody else is told, unless the next step comes before. Never empty while it is open: nothing can be forgotten."""
    rung: Mapped[int] = mapped_column(default=0)
    """Rungs climbed while waiting for the present step."""
    rung_at: Mapped[datetime | None]
    update_due_at: Mapped[datetime | None]
    """When the updates that were put together go out; None: none wait."""
    updated_at: Mapped[datetime]
    """When the last alert of it was written."""
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None] = mapped_column(String(120))
    __table_args__ = (
        Unique("incident", "department"),
        CheckConstraint("(closed_at IS NULL) = (due_at IS NOT NULL)", name="ck_dispatch_open_is_due"),
        Index("ix_dispatch_due_at", "due_at"),
        Index("ix_dispatch_update_due_at", "update_due_at"),
        Index("ix_dispatch_opened_at", "opened_at"),
        Index("ix_dispatch_department_opened_at", "department", "opened_at"),
    )


class Escalation(Base):
    """One rung that was climbed: who was told because a step was overdue."""

    __tablename__ = "escalation"
    id: Mapped[int] = mapped_column(primary_key=True)
    dispatch: Mapped[int] = mapped_column(ForeignKey("dispatch.id"), index=True)
    at: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(16))
    """The step that is overdue: ``received``, ``accepted``, ``on_scene`` or ``disposed``; ``refused``: it said no."""
    rung: Mapped[int]
    who: Mapped[str] = mapped_column(String(16))
    """``contacts``, ``shift_lead``, ``fallback``, ``county``, or ``desk`` where the ladder reaches nobody."""
    whom: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(32))
    alert: Mapped[str | None] = mapped_column(String(36))
    """The alert that was written for it, where it went to a department."""
    because: Mapped[str] = mapped_column(Text)


class Silence(Base):
    """Nobody is told of what matches it, until it ends. What it held back and is still there is told then."""

    __tablename__ = "silence"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str | None] = mapped_column(String(16))
    category: Mapped[str | None] = mapped_column(String(64))
    camera: Mapped[str | None] = mapped_column(String(64))
    place: Mapped[str | None] = mapped_column(String(12))
    """Division code; what lies in it is silenced."""
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    """Who ended it before its time."""


class Held(Base):
    """An incident of which nobody was told, and why; told when the cause is over and it is still there."""

    __tablename__ = "held"
    id: Mapped[int] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    silence: Mapped[int | None] = mapped_column(ForeignKey("silence.id"))
    because: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    released_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str | None] = mapped_column(String(16))
    """``told``, or ``over`` where it had ended or was judged to be nothing."""
