"""Copies of evidence, the register of who saw what, the trace of one file."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.models._incidents import Review
from api.models._words import Name

How = Literal["view", "export", "unmasked", "fetch"]


class ExportOrder(BaseModel):
    """What a copy is asked for with."""

    reason: str = Field(min_length=5, max_length=500, description="Why it is needed; stands in the register.")
    recipient_unit: str = Field(
        min_length=2, max_length=120, description="Department id, or the name of another unit: never a person."
    )
    incident: str | None = Field(None, max_length=36, description="Incident that it belongs to.")
    case: str | None = Field(None, max_length=64, description="Number of the case that it belongs to.")
    unmasked: bool = Field(False, description="True: faces and plates stay in sight; a second reason is needed.")
    unmasked_reason: str | None = Field(None, min_length=5, max_length=500, description="Why they must be seen.")


class Recipient(BaseModel):
    """A unit that copies can be for."""

    id: str = Field(description="Department id or division code.")
    name: Name


class Export(BaseModel):
    """A copy of a kept file that was asked for."""

    number: str = Field(description="EX-YYYYMMDD-NNNN, without gaps.")
    evidence: int = Field(description="The kept file.")
    camera: str
    camera_name: str | None
    taken_at: datetime
    incident: str | None
    case: str | None
    recipient_unit: str
    reason: str
    unmasked: bool
    unmasked_reason: str | None
    by: str
    unit: str | None
    state: Literal["queued", "working", "ready", "failed", "deleted"]
    progress: float = Field(description="Share of the work done, in [0, 1].")
    problem: str | None = Field(description="Why it failed.")
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None = Field(description="When the copy is deleted.")
    source_sha256: str
    sha256: str | None = Field(description="Of the copy.")
    bytes: int | None
    media_type: str | None
    url: str | None = Field(description="Where whoever asked for it fetches it; null while there is nothing to fetch.")


class EvidenceCall(BaseModel):
    """One line of the register of evidence calls."""

    seq: int = Field(description="Its place in the audit trail.")
    at: datetime
    who: str
    shown: str
    role: str
    unit: str | None = Field(description="Of who it was; null: the command centre.")
    how: How
    why: str | None
    camera: str | None
    camera_name: str | None
    taken_at: datetime | None = Field(description="When the picture was taken.")
    what: str | None = Field(description="clip, key_frame or picture.")
    recipient: str | None = Field(description="The unit a copy is for.")
    export: str | None = Field(description="Number of the copy.")
    sha256: str | None = Field(description="Of the kept file.")
    address: str | None


class TraceVisit(BaseModel):
    """The look that a file is of."""

    id: str
    camera: str
    camera_name: str | None
    preset: str | None
    started_at: datetime
    ended_at: datetime
    outcome: str
    reason: str


class TraceLink(BaseModel):
    """Where a look is sealed in the chain."""

    position: int
    hash: str
    at: datetime


class TraceAlert(BaseModel):
    """What a department was told of an incident."""

    id: str
    department: str
    type: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    received_at: datetime | None


class TraceIncident(BaseModel):
    """An incident that a look belongs to."""

    id: str
    kind: str
    state: str
    summary: str
    first_seen_at: datetime
    reviews: list[Review]
    alerts: list[TraceAlert]


class TraceRetention(BaseModel):
    """How long a file is kept, and why."""

    key: str = Field(description="Class, as in the registry's section `retention`.")
    since: datetime = Field(description="From when its term counts.")
    until: datetime = Field(description="When its term is over; what holds it keeps it longer.")
    holds: list[str] = Field(description="Why it stays whatever its day.")
    purged_at: datetime | None = Field(description="When the purge took it; its proof is in the record of that run.")


class TracePurge(BaseModel):
    """When and why a file was deleted, and the run of the purge that proves it."""

    at: datetime
    due_at: datetime
    reason: str
    run: int
    hash: str | None = Field(description="What the chain of runs was at after it; null: the run has not ended.")
    found: bool = Field(description="False: the file was gone before the purge came to it.")


class TraceFile(BaseModel):
    """One kept file with the SHA-256 that was asked for."""

    evidence: int
    role: str
    media_type: str
    bytes: int
    on_disk: Literal["there", "differs", "missing", "strange"] = Field(
        description="there: with its SHA-256; differs: with another; missing; strange: no plain file."
    )
    retention: TraceRetention
    purge: TracePurge | None = Field(description="Null: the file is still to be kept.")
    visit: TraceVisit
    link: TraceLink | None = Field(description="Null: the look is not sealed, or not yet.")
    incidents: list[TraceIncident]


class EvidenceTrace(BaseModel):
    """All that is known of a file, without its picture."""

    sha256: str = Field(description="Of the kept file.")
    copy_of: str | None = Field(description="Number of the export whose copy has the SHA-256 that was asked for.")
    files: list[TraceFile]
    exports: list[Export]
    calls: list[EvidenceCall] = Field(description="Newest first, at most 500.")
