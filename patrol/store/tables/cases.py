"""Cases: the matter behind an alert, what was done in it, its clocks, letters and attachments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Computed, ForeignKey, Index, String, Text, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base

_ON_SCREEN = (
    "light",
    "unit",
    "level",
    "kind",
    "severity",
    "source",
    "division",
    "suspended",
    "provisional",
    "helpers",
)
"""Columns that lists of cases filter and count by."""


class CasePolicy(Base):
    """A policy that cases were opened under, whole, as it was then."""

    __tablename__ = "case_policy"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(32))
    policy: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class CaseFile(Base):
    """One matter, as its events have made it. Everything here follows from ``case_event``; it is kept to be searched."""

    __tablename__ = "case_file"
    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    """County code, day of intake, six digits: no gaps, no repeats."""
    version: Mapped[int]
    """Number of its last event: what an edit must have seen."""
    stage: Mapped[str] = mapped_column(String(16))
    """``received``, ``assigned``, ``handling``, ``supervised``, ``closed``, ``evaluated``; ``merged``, ``withdrawn``."""
    suspended: Mapped[bool] = mapped_column(default=False)
    light: Mapped[str] = mapped_column(String(16))
    """``unlit``, ``yellow``, ``red``, ``green``, ``closed_late``."""
    light_due_at: Mapped[datetime | None]
    """When a light of it changes next by itself; None: never."""
    letter_due_at: Mapped[datetime | None]
    """When a letter of it is due next; None: none is."""
    resolve_due: Mapped[datetime]
    """Due instant of its resolve clock, to sort by."""
    provisional: Mapped[bool]
    """One of its due instants lies in a year whose calendar is not announced."""
    kind: Mapped[str] = mapped_column(String(32))
    """``congestion``, ``fireworks``, ``fishing`` or ``other``."""
    severity: Mapped[str] = mapped_column(String(16))
    """``general`` or ``major``."""
    source: Mapped[str] = mapped_column(String(16))
    """``video_ai``, ``operator``, ``grid`` or ``resident``."""
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    """Where its clocks start."""
    division: Mapped[str] = mapped_column(String(15))
    """Where it is: division code of 6, 9, 12 or 15 digits."""
    address: Mapped[str] = mapped_column(Text)
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    datum: Mapped[str | None] = mapped_column(String(16))
    camera: Mapped[str | None] = mapped_column(String(64))
    incident: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The incident of its alerts; a case that was merged keeps it, so that later alerts find their way."""
    request_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    """Key of the request that opened it: the same request again opens nothing."""
    opened_by: Mapped[str] = mapped_column(String(120))
    """Who brought it: ``alert``, a post, or the name of a token."""
    unit: Mapped[str | None] = mapped_column(String(64))
    """Who has it now: department id or division code."""
    level: Mapped[str | None] = mapped_column(String(16))
    """Level of ``unit``: ``county``, ``township``, ``village`` or ``representative``."""
    co_units: Mapped[list[Any]]
    helpers: Mapped[str] = mapped_column(Text, Computed("CAST(co_units AS TEXT)", persisted=True))
    """``co_units`` as the database writes it: for the index, which holds no JSON."""
    merged_into: Mapped[str | None] = mapped_column(String(20), index=True)
    closed_at: Mapped[datetime | None]
    grade: Mapped[str | None] = mapped_column(String(16))
    satisfaction: Mapped[int | None]
    """1 (not at all) to 5."""
    returned: Mapped[int] = mapped_column(default=0)
    """How often it was returned."""
    policy: Mapped[str] = mapped_column(ForeignKey("case_policy.sha256"))
    """The policy it was opened under."""
    policy_version: Mapped[str] = mapped_column(String(32))
    calendar_version: Mapped[str] = mapped_column(String(64))
    """Of the calendar its due instants were last computed by."""
    __table_args__ = (
        Index("ix_case_file_light_due_at", "light_due_at"),
        Index("ix_case_file_letter_due_at", "letter_due_at"),
        # What lists filter and count by, whole, in both orders: without it 100,000 wide rows are read to find a few.
        Index("ix_case_file_due", "stage", "resolve_due", "number", *_ON_SCREEN, "opened_at"),
        Index("ix_case_file_new", "stage", "opened_at", "number", *_ON_SCREEN, "resolve_due"),
        Index("ix_case_file_light_resolve_due", "light", "resolve_due", "number"),
        Index("ix_case_file_light_opened_at", "light", "opened_at", "number"),
        Index("ix_case_file_unit_stage", "unit", "stage", "resolve_due", "number"),
        Index("ix_case_file_opened_at", "opened_at", "number"),
        Index("ix_case_file_closed_at", "closed_at"),
        Index("ix_case_file_division", "division"),
    )


class CaseClock(Base):
    """One of a case's three clocks."""

    __tablename__ = "case_clock"
    case: Mapped[str] = mapped_column(ForeignKey("case_file.number"), primary_key=True)
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    """``assign``, ``feedback`` or ``resolve``."""
    limit: Mapped[str] = mapped_column(String(8))
    """``7wd`` is seven working days, ``1m`` one month."""
    original_due: Mapped[datetime]
    """As it was first set; kept whatever happens."""
    due: Mapped[datetime]
    yellow_at: Mapped[datetime]
    provisional: Mapped[bool]
    paused_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    paused_s: Mapped[float] = mapped_column(default=0.0)
    """Working seconds it was suspended so far."""
    used_s: Mapped[float | None]
    """Working seconds it ran until it was stopped."""
    void: Mapped[bool] = mapped_column(default=False)
    """Its case was merged or withdrawn: it counts nowhere."""
    breached_at: Mapped[datetime | None]
    """When it first turned red; kept whatever happens."""
    letters: Mapped[int] = mapped_column(default=0)
    """Supervision letters drafted for it: the step of the next one."""
    __table_args__ = (
        Index("ix_case_clock_stopped_at", "stopped_at"),
        Index("ix_case_clock_breached_at", "breached_at", "stopped_at", "due"),
    )


class CaseEvent(Base):
    """One thing that was done in a case. Never changed, never deleted; replayed in order they give the case."""

    __tablename__ = "case_event"
    case: Mapped[str] = mapped_column(ForeignKey("case_file.number"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, without gaps."""
    move: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))
    """Who did it."""
    approver: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(String(200))
    data: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_case_event_move_at", "move", "at", "case"),)


class CaseAlert(Base):
    """An alert that a case was opened by or that belongs to it, as it came."""

    __tablename__ = "case_alert"
    alert: Mapped[str] = mapped_column(String(36), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("case_file.number"), index=True)
    type: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    envelope: Mapped[dict[str, Any]]


class CaseNumber(Base):
    """The last number given out on a day."""

    __tablename__ = "case_number"
    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    """County code and day; for letters their prefix and year, for exports of evidence ``EX-`` and the day."""
    last: Mapped[int]


class CaseNotice(Base):
    """A message on ``case/<number>`` that the broker has not acknowledged, or has."""

    __tablename__ = "case_notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("case_file.number"))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_case_notice_published_at", "published_at", "id"),)


class CaseLetter(Base):
    """A supervision letter (督办函): drafted by the clock, issued by a person."""

    __tablename__ = "case_letter"
    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("case_file.number"))
    clock: Mapped[str] = mapped_column(String(16))
    step: Mapped[int]
    """0 at red; 1, 2 … at the policy's steps after it, each one level up."""
    state: Mapped[str] = mapped_column(String(8), index=True)
    """``draft``, ``issued`` or ``dropped``."""
    version: Mapped[int] = mapped_column(default=1)
    """Raised with every edit of the draft."""
    doc_no: Mapped[str | None] = mapped_column(String(40), unique=True)
    """Given out when it is issued, without gaps within a year."""
    to_unit: Mapped[str] = mapped_column(String(64))
    drafted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    """When it was issued or dropped."""
    decided_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was dropped."""
    fields: Mapped[dict[str, Any]]
    """What it says; frozen when it is issued."""
    files: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Of an issued one: ``{"pdf": {"path", "sha256"}, "docx": {"path", "sha256"}}``."""
    purged_at: Mapped[datetime | None]
    """When the purge took its files."""
    __table_args__ = (Unique("case", "clock", "step"),)


class CaseAttachment(Base):
    """A photo or document of a case."""

    __tablename__ = "case_attachment"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("case_file.number"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    """As it was called; never used as a path."""
    media_type: Mapped[str] = mapped_column(String(80))
    """As its bytes say."""
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(200))
    """In the data folder."""
    thumbnail: Mapped[str | None] = mapped_column(String(200))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    """Where a photo says it was taken, WGS84."""
    taken_at: Mapped[str | None] = mapped_column(String(32))
    """When a photo says it was taken, by its own clock, as it says it."""
    unit: Mapped[str | None] = mapped_column(String(64))
    """Whose it is: the unit of who brought it; None: the command centre's, or a reporter's."""
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    scan: Mapped[str] = mapped_column(String(16))
    """``clean``, ``not_checked``; an infected file is never kept."""
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(120))
    removed_because: Mapped[str | None] = mapped_column(Text)
    purged_at: Mapped[datetime | None]
    """When the purge took the file."""
    __table_args__ = (
        # Of those that are there: a file that was removed may be brought again, and the trace of its removal stays.
        Index(
            "uq_case_attachment_there",
            "case",
            "sha256",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )
