"""The tables. One row of ``look_state`` per camera (or preset) decides what is due; the rest is what happened.

All times are UTC. Rows are written in the transaction of their cause: a visit, its incident and the alerts that
follow from it are one commit.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, also on SQLite, which keeps no offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: it would be read back as another instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class variable
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        int: BigInteger().with_variant(Integer, "sqlite"),
    }


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
    reviewer: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class FollowUp(Base):
    """An extra look asked for by a candidate."""

    __tablename__ = "follow_up"
    id: Mapped[int] = mapped_column(primary_key=True)
    look: Mapped[str] = mapped_column(String(130), index=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    due_at: Mapped[datetime]
    done_by: Mapped[str | None] = mapped_column(String(36))
    """The visit that served it; None while it is open."""


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
    __table_args__ = (Unique("department", "seq"), Index("ix_alert_state_next_attempt_at", "state", "next_attempt_at"))


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
    raw: Mapped[str] = mapped_column(Text)
