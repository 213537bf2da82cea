"""A department's inbox: its own matters with their limits, what it may answer now, what it said."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.models._dispatch import Contact
from api.models._incidents import Ack, IncidentCase
from api.models._words import File, Name
from patrol.alerts.messages import LONGEST_ETA_MIN, AnswerName


class Spot(BaseModel):
    """Where it was seen."""

    camera: str
    name: str
    place: str | None
    lon: float | None
    lat: float | None
    datum: str | None = Field(description="Of `lon` and `lat`: WGS84, GCJ-02 or CGCS2000.")


class InboxStep(BaseModel):
    """A step that is asked, and whether it was done in time."""

    step: Literal["received", "accepted", "on_scene", "disposed"]
    due: datetime
    done_at: datetime | None


class InboxPhoto(BaseModel):
    """A photo that was brought and that no answer names yet."""

    id: str
    url: str | None = Field(description="Signed and short-lived; null: it was purged.")
    sha256: str = Field(description="Of what is kept: drawn anew, without place, time and camera.")
    bytes: int
    at: datetime
    purged_at: datetime | None = Field(None, description="When it had been kept long enough and was deleted.")


class InboxMatter(BaseModel):
    """One incident at the department that asks."""

    alert: str = Field(description="Id of the last alert of it, by which it is opened and answered.")
    alerts: int = Field(description="How many alerts of it came: new, updates, end.")
    incident: str
    kind: str
    severity: str
    role: str = Field(description="primary, copy, fallback or escalation.")
    state: str = Field(description="told, then the furthest answer.")
    reviewed: bool = Field(description="A person has confirmed it.")
    summary: Name
    occurred_at: datetime
    opened_at: datetime
    spot: Spot
    evidence: list[File]
    steps: list[InboxStep]
    awaits: str | None = Field(description="The step that is waited for; null: none.")
    answers: list[AnswerName] = Field(description="What may be answered now.")
    acks: list[Ack] = Field(description="What was answered, in the order in which it came.")
    waiting: list[InboxPhoto]
    in_place_of: Name | None = Field(description="The department that had it before; null: none had.")
    taken_on_by: Name | None = Field(description="The department that has it in this one's place.")
    closed_at: datetime | None
    closed_because: str | None
    case: IncidentCase | None
    centre: list[Contact] = Field(description="Who is on duty at the command centre now.")


class InboxCounts(BaseModel):
    """Open matters of the department that asks."""

    open: int
    unseen: int
    overdue: int


class InboxAnswer(BaseModel):
    """An answer of a person of the department."""

    model_config = ConfigDict(extra="forbid")

    status: AnswerName
    note: str | None = Field(None, max_length=2000)
    reason: str | None = Field(None, max_length=500, description="Needed for `refused`.")
    photos: list[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]] = Field(
        [], max_length=24, description="Ids of photos that were brought for it."
    )
    on_my_way_eta_min: int | None = Field(
        None, ge=1, le=LONGEST_ETA_MIN, description="With `accepted`: minutes until somebody is there."
    )
    reported_at: AwareDatetime | None = Field(
        None, description="When it was so, where it is sent later: given without network."
    )
