"""What the API answers, as models: OpenAPI and the console's types come from them. Times are UTC, durations seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some of many, newest first."""

    items: list[Item]
    next: str | None = Field(None, description="Give it as `cursor` for the page after this one; null on the last.")


class Name(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class County(BaseModel):
    """Who patrols."""

    code: str
    name: Name
    timezone: str


class FirstBroken(BaseModel):
    """The first look that will go past its period."""

    look: str
    at: datetime


class Forecast(BaseModel):
    """The rotation run ahead over twice the longest period."""

    made_at: datetime
    until: datetime
    worst_gap_s: float | None = Field(description="Longest predicted gap.")
    worst_look: str | None
    first_broken: FirstBroken | None = Field(description="Null when no promise will be broken.")
    broken: int = Field(description="Looks that will go past their period.")
    peak_load: float
    peak_at: datetime
    shortened: int = Field(description="Looks that will be shorter than planned.")


class PlatformLoad(BaseModel):
    """How full one platform is."""

    platform: str
    load: float
    running: int
    limit: int
    look_s: float | None = Field(description="Measured mean seconds a look holds its stream.")
    away: bool = Field(description="No camera of it answers; it is probed.")


class Rotation(BaseModel):
    """Where the rotation stands."""

    cameras: int = Field(description="Looks in the rotation: cameras, and presets of PTZ cameras.")
    due: int
    late: int = Field(description="Past their deadline.")
    away: int = Field(description="Without a usable picture.")
    held: int = Field(description="On hold for maintenance.")
    running: int
    worst_gap_s: float | None = Field(description="Longest time since an inspected look, of those that answer.")
    load: float = Field(description="Stream seconds needed over those there are; above 1 gaps will be broken.")
    load_shortened: float = Field(description="The same with looks as short as they are now.")
    warning: str | None
    forecast: Forecast | None = Field(description="Null before the first.")
    platforms: list[PlatformLoad] = Field(description="Fullest first.")


class Count(BaseModel):
    """Looks since the start."""

    outcome: str
    cause: str | None
    looks: int


class Status(BaseModel):
    """The service at a glance."""

    version: str
    county: County
    demo: bool = Field(description="The pictures are synthetic, or clips served by the service itself.")
    synthetic: bool = Field(description="The pictures are made by the project and show nothing real.")
    now: datetime
    started_at: datetime | None
    rotation: Rotation
    counts: list[Count]
    model: str | None = Field(description="File of the object model; null: none, and what needs one is not judged.")
    broker_connected: bool
    problems: dict[str, str] = Field(description="What operators must know now, by subject.")


class File(BaseModel):
    """A kept file of a look."""

    role: str = Field(description="clip, key_frame or picture.")
    media_type: str
    sha256: str
    bytes: int
    url: str = Field(description="Signed and short-lived.")


class Visit(BaseModel):
    """One look, or one missed deadline, from the ledger."""

    id: str
    look: str
    camera: str
    preset: str | None
    reason: str
    due_at: datetime
    started_at: datetime
    ended_at: datetime
    outcome: Literal["inspected", "unusable", "unreachable", "missed"]
    cause: str | None
    judged: bool = Field(description="Every detector asked for ran.")
    gap_s: float | None
    report: dict[str, Any] = Field(description="Schema patrol.visit/1; for a missed deadline only what is known.")
    evidence: list[File]


class Look(BaseModel):
    """One camera (or preset) of the rotation and where it stands."""

    key: str
    camera: str
    preset: str | None
    name: str
    platform: Name
    category: Name
    place: str
    lon: float | None
    lat: float | None
    detectors: list[str]
    period_s: float
    dwell_s: float
    state: str = Field(description="waiting, running, due, late, away or held (maintenance).")
    deadline: datetime
    last_inspected_at: datetime | None
    failures: int
    last_outcome: str | None
    last_cause: str | None
    last_visit: str | None
    last_ended_at: datetime | None


class SpotCheck(BaseModel):
    """A clear look that waits for a person."""

    id: int
    visit: str
    camera: str
    camera_name: str | None
    at: datetime
    evidence: list[File]


class SpotCheckFigures(BaseModel):
    """What people found in clear looks: how much the detectors overlook."""

    drawn: int
    answered: int = Field(description="Judged clear or overlooked.")
    unclear: int
    overlooked: int
    share: float | None = Field(description="Overlooked of answered; null before the first answer.")
    low: float | None = Field(description="Lower end of the 95 % interval.")
    high: float | None


class SpotChecks(BaseModel):
    """Spot-checks that wait, oldest first, and the figures."""

    waiting: list[SpotCheck]
    figures: SpotCheckFigures


class Sighting(BaseModel):
    """A finding that belongs to an incident."""

    visit: str
    at: datetime
    verdict: str
    finding: dict[str, Any]
    evidence: list[File]


class Review(BaseModel):
    """A person's verdict."""

    verdict: str
    reason: str | None
    reviewer: str
    at: datetime


class Photo(BaseModel):
    """A picture of a department's own, where it keeps it."""

    url: str
    sha256: str | None


class PhoneCall(BaseModel):
    """A phone call that a department made about an alert."""

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


class IncidentWhole(Incident):
    """An incident with everything that belongs to it."""

    sightings: list[Sighting]
    reviews: list[Review]
    alerts: list[Alert]


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
    contacts: list[Contact] = Field(description="Who is on duty there now, in the order in which they are tried.")
    escalations: list[Escalation]


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
