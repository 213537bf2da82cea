"""Alerts, which are the outbox, and what departments answered, with the photos they brought."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class Alert(Base):
    """The outbox: one notice of one incident to one department, written in the transaction of its cause."""

    __tablename__ = "alert"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int]
    """Per department, from 1, without gaps."""
    department: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    type: Mapped[str] = mapped_column(String(8))
    """``new``, ``update`` or ``end``."""
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    envelope: Mapped[dict[str, Any]]
    """The message without ``published_at`` and signed links, which are made when it is published."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """``queued``, ``sent`` (PUBACK), ``received``, ``accepted``, ``refused``, ``phoned``, ``on_scene`` or ``disposed``."""
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    ack_by: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Unique("department", "seq"),
        Index("ix_alert_state_next_attempt_at", "state", "next_attempt_at"),
        Index("ix_alert_created_at_id", "created_at", "id"),
        # For figures, which read it and not the rows.
        Index("ix_alert_told", "created_at", "type", "department", "kind", "sent_at"),
    )


class Ack(Base):
    """What a department answered. Every one is kept, duplicates and refused ones too."""

    __tablename__ = "ack"
    id: Mapped[int] = mapped_column(primary_key=True)
    alert: Mapped[str | None] = mapped_column(String(36), index=True)
    department: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    taken: Mapped[bool]
    """False: it changed nothing; ``problem`` says why."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Also of an answer that was taken: what of it could not be read, or is missing."""
    raw: Mapped[str] = mapped_column(Text)
    by: Mapped[str | None] = mapped_column(String(120))
    """Who says so, as they write it; nobody has checked it."""
    reported_at: Mapped[datetime | None]
    """When it was so by the department's clock; ``at`` is when it came."""
    phone: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """``{"number", "at", "outcome"}``."""
    photos: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """``{"url", "sha256"}`` each."""
    case_number: Mapped[str | None] = mapped_column(String(64))
    """Of the case in the department's own system or the county's."""
    eta_min: Mapped[int | None]
    """Minutes until somebody is there, with `accepted`."""


class AnswerPhoto(Base):
    """A photo that a department brought through its inbox. It belongs to an answer once one names it."""

    __tablename__ = "answer_photo"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"))
    department: Mapped[str] = mapped_column(String(64))
    ack: Mapped[int | None] = mapped_column(ForeignKey("ack.id"), index=True)
    """The answer that names it; None: none does yet."""
    path: Mapped[str] = mapped_column(Text)
    """Relative to the data folder. What lies there says neither place nor time nor camera: it is drawn anew."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of what is kept."""
    brought_sha256: Mapped[str] = mapped_column(String(64))
    """Of what was brought, by which the same photo is known when it comes again."""
    bytes: Mapped[int]
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    purged_at: Mapped[datetime | None]
    """When it had been kept long enough and its file was deleted; the row stays. None: it is there."""
    __table_args__ = (Index("ix_answer_photo_incident_department", "incident", "department"),)


class CaseLink(Base):
    """The case that follows an incident, as the case system says it: ours or the county's own."""

    __tablename__ = "case_link"
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(64), index=True)
    """In that system."""
    department: Mapped[str] = mapped_column(String(64))
    """Under which id it answered."""
    at: Mapped[datetime]
    stage: Mapped[str | None] = mapped_column(String(32))
    """The last it said on ``case/<number>``; None: nothing yet."""
    light: Mapped[str | None] = mapped_column(String(16))
    said_at: Mapped[datetime | None]
    """By its own clock."""
