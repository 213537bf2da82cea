"""The rotation, its looks and spot-checks, and the service at a glance."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.models._words import File, Name


class County(BaseModel):
    """Who patrols."""

    code: str
    name: Name
    timezone: str


class FirstBroken(BaseModel):
    """The first look that will go past its period."""

    look: str | None = Field(description="Null: one that the caller may not see.")
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
    department_names: dict[str, Name] = Field(
        description="What the departments that a sentence names by id are called."
    )


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
