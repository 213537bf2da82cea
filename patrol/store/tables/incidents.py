"""Incidents: one thing at one place, with its sightings, verdicts and follow-ups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, Text, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class Incident(Base):
    """One thing happening at one place. Later looks update it; they never open a second one."""

    __tablename__ = "incident"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    camera: Mapped[str] = mapped_column(String(64))
    preset: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    cell: Mapped[str] = mapped_column(String(64))
    """Place cell in the picture, see incidents/merge.py."""
    place: Mapped[str] = mapped_column(String(260))
    """Camera, preset, kind and cell in one: what may have only one open incident."""
    category: Mapped[str | None] = mapped_column(String(64))
    rule: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    """``open`` (seen, may go on) or ``ended``."""
    verdict: Mapped[str] = mapped_column(String(16))
    """The strongest finding so far: ``candidate`` or ``flagged``."""
    review: Mapped[str | None] = mapped_column(String(16))
    """The last review's verdict, None while nobody has judged it."""
    judged_at: Mapped[datetime | None]
    """When it got its first verdict; None while nobody has judged it."""
    severity: Mapped[str] = mapped_column(String(16), default="general")
    score: Mapped[float] = mapped_column(Float)
    summary: Mapped[str] = mapped_column(Text)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=1)
    clear_looks: Mapped[int] = mapped_column(default=0)
    """Clear looks in a row since it was last seen."""
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        Index("ix_incident_first_seen_at_id", "first_seen_at", "id"),
        Index("ix_incident_review_first_seen_at", "review", "first_seen_at"),
        # The three are for figures, which read them and not the rows.
        Index("ix_incident_figures", "first_seen_at", "kind", "verdict", "state", "review", "category", "camera"),
        Index("ix_incident_seen", "last_seen_at", "first_seen_at", "judged_at", "camera"),
        Index("ix_incident_judged", "judged_at", "camera"),
        # One open incident a place, whoever writes at the same time.
        Index(
            "uq_incident_open_place",
            "place",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )


class IncidentLook(Base):
    """A finding that belongs to an incident."""

    __tablename__ = "incident_look"
    id: Mapped[int] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    visit: Mapped[str] = mapped_column(ForeignKey("visit.id"))
    verdict: Mapped[str] = mapped_column(String(16))
    finding: Mapped[dict[str, Any]]
    __table_args__ = (Unique("incident", "visit"),)


class Review(Base):
    """An operator's verdict on an incident."""

    __tablename__ = "review"
    id: Mapped[int] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(16))
    """``confirmed``, ``false_alarm``, ``duplicate``, ``unclear`` or ``exempt``."""
    reason: Mapped[str | None] = mapped_column(Text)
    reviewer: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(index=True)
    reason_code: Mapped[str | None] = mapped_column(String(32))
    """What a false alarm or an exempt matter was, see incidents/reasons.py."""
    detector: Mapped[str | None] = mapped_column(String(120))
    """Which detector, with which model, had said what was judged."""


class FollowUp(Base):
    """An extra look asked for by a candidate."""

    __tablename__ = "follow_up"
    id: Mapped[int] = mapped_column(primary_key=True)
    look: Mapped[str] = mapped_column(String(130), index=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    due_at: Mapped[datetime]
    done_by: Mapped[str | None] = mapped_column(String(36))
    """The visit that served it; None while it is open."""
