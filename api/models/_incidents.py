"""Incidents with what was seen, judged, told and answered, and the case that follows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.models._words import File, Name


class IncidentCase(BaseModel):
    """The case that follows an incident, as the case system says it: the built-in one or the county's own."""

    number: str
    system_department: str = Field(description="Id of the department that answered with this number.")
    stage: str | None = Field(description="In the system's own word; null: it has said nothing yet.")
    light: Literal["unlit", "yellow", "red", "green", "closed_late"] | None = Field(
        description="Null: it has said nothing yet."
    )
    at: datetime = Field(description="When stage and light stood so, by its clock; before that, when the number came.")


class Sighting(BaseModel):
    """A finding that belongs to an incident."""

    visit: str
    at: datetime
    verdict: str
    finding: dict[str, Any]
    reason_zh: str = Field(description="The finding's `reason` in Chinese.")
    evidence: list[File]


class Review(BaseModel):
    """A person's verdict."""

    verdict: str
    reason: str | None
    reviewer: str
    at: datetime


class Photo(BaseModel):
    """A picture of a department's own, where it keeps it; one that it brought here has a signed, short-lived link."""

    url: str | None = Field(description="Null: the caller may not see it, or it was purged.")
    sha256: str | None
    purged_at: datetime | None = Field(None, description="When it had been kept long enough and was deleted.")


class PhoneCall(BaseModel):
    """A phone call about an alert: the department's own, or the command centre's."""

    whom: str | None = Field(None, description="Who was called; null: it does not say.")
    number: str
    at: str | None = Field(description="As the department wrote it.")
    outcome: str | None


class Ack(BaseModel):
    """What a department answered."""

    status: str
    note: str | None
    at: datetime = Field(description="When it came.")
    taken: bool
    problem: str | None = Field(description="Why it changed nothing, or what of it could not be read.")
    by: str | None = Field(description="Who says so, as they write it.")
    reported_at: datetime | None = Field(description="When it was so by the department's clock.")
    phone: PhoneCall | None
    photos: list[Photo]
    case_number: str | None = Field(description="In the department's own system or the county's.")
    eta_min: int | None = Field(description="Minutes until somebody is there, from `at` or `reported_at` on.")
    case: IncidentCase | None = Field(description="How the case of that number stands; null: it is not the incident's.")


class Alert(BaseModel):
    """One notice of one incident to one department."""

    id: str
    seq: int
    department: str
    department_name: Name | None
    kind: str
    type: str
    incident: str
    state: str
    reviewed: bool
    summary: str
    created_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    ack_by: datetime
    attempts: int
    last_error: str | None
    case: IncidentCase | None = Field(description="That follows its incident; null: none is known.")
    acks: list[Ack]


class Incident(BaseModel):
    """One thing happening at one place."""

    id: str
    camera: str
    camera_name: str | None
    preset: str | None
    kind: str
    category: str | None
    rule: str | None
    state: str
    verdict: str
    review: str | None
    severity: str
    score: float
    summary: str
    first_seen_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    looks: int
    case: IncidentCase | None = Field(description="That follows it; null: none is known.")


class IncidentWhole(Incident):
    """An incident with everything that belongs to it."""

    sightings: list[Sighting]
    reviews: list[Review]
    alerts: list[Alert]
