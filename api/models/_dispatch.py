"""Dispatch: who is told, by when they must answer, who was called, what holds it back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.models._incidents import Ack, IncidentCase
from api.models._words import Name


class Contact(BaseModel):
    """A desk or a person on duty."""

    name: str
    phone: str | None


class TriedRoute(BaseModel):
    """One route of the registry."""

    name: str
    why_not: str | None = Field(description="Why it did not match; null for the one that did.")


class ToldFirst(BaseModel):
    """A department that is told at once."""

    department: str
    name: str
    role: str = Field(description="primary or copy.")
    contacts: list[Contact]
    respond_s: dict[str, float | None] = Field(description="Seconds to answer, by step; null: not asked.")


class ToldLater(BaseModel):
    """Who is told after so many seconds without an answer."""

    after_s: float
    who: str = Field(description="contacts, shift_lead, fallback, county or desk (the people at the screen).")
    whom: str
    phone: str | None
    because: str


class DryRun(BaseModel):
    """Who would be told of an incident."""

    at: datetime
    route: str
    tried: list[TriedRoute]
    told: list[ToldFirst]
    fallback: str | None
    later: list[ToldLater]
    exempt: str | None = Field(description="Why nothing is flagged there now; null where it is forbidden.")


class Escalation(BaseModel):
    """Somebody who was told because a step was overdue."""

    at: datetime
    step: str
    rung: int
    who: str
    whom: str
    phone: str | None
    alert: str | None
    because: str


class Dispatch(BaseModel):
    """One incident at one department."""

    id: int
    incident: str
    department: str
    role: str
    route: str
    kind: str
    state: str
    opened_at: datetime
    received_by: datetime
    accepted_by: datetime
    on_scene_by: datetime
    disposed_by: datetime
    due_at: datetime | None = Field(
        description="When somebody else is told unless it answers before; null when closed."
    )
    rung: int
    closed_at: datetime | None
    closed_because: str | None
    department_name: Name | None
    summary: str = Field(description="Of the incident.")
    case: IncidentCase | None = Field(description="That follows the incident; null: none is known.")
    contacts: list[Contact] = Field(description="Who is on duty there now, in the order in which they are tried.")
    escalations: list[Escalation]
    camera: str
    camera_name: str | None
    alert: str | None = Field(description="Id of the last alert of it.")
    alert_state: str | None = Field(description="queued: no broker has it yet; sent; then as `state`.")
    answers: list[Ack] = Field(
        description="What was answered, calls that were made too, in the order in which it came."
    )


class Silence(BaseModel):
    """Nobody is told of what matches it."""

    id: int
    kind: str | None
    category: str | None
    camera: str | None
    place: str | None
    reason: str
    by: str
    starts_at: datetime
    ends_at: datetime
    ended_by: str | None
    holds: int = Field(description="Incidents it holds back now.")


class CallMade(BaseModel):
    """A telephone call of the command centre."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(min_length=1, max_length=40)]
    outcome: Literal["reached", "no_answer", "busy", "wrong_number"] = Field(
        description="Only `reached` counts as an answer."
    )
    whom: str | None = Field(None, max_length=120, description="Who was called, as the roster has it.")
    note: str | None = Field(None, max_length=2000, description="What was said.")


class NewSilence(BaseModel):
    """Tell nobody new of what matches all that is given, for a time and a reason."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["congestion", "fireworks", "fishing"] | None = None
    category: str | None = Field(None, max_length=64)
    camera: str | None = Field(None, max_length=64)
    place: str | None = Field(None, pattern=r"^\d{6,12}$", description="Division code: what lies in it.")
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    ends_at: AwareDatetime


class ToldAgain(BaseModel):
    """The alert that was written for it."""

    alert: str
    seq: int
