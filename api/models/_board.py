"""The rotation board: ten thousand looks as columns, the heat of a day, the wall of last pictures, misses."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.models._words import Name

StateName = Literal["waiting", "running", "due", "late", "away", "held", "paused"]
OutcomeName = Literal["inspected", "unusable", "unreachable", "missed"]


class Group(BaseModel):
    """A category, a platform or a division."""

    key: str
    name: Name


class BoardLooks(BaseModel):
    """What the looks of the board are: changes only with the registry. Entry ``i`` of every list is about look ``i``."""

    names: str = Field(description="Version of this answer; `states` says of which it speaks.")
    key: list[str] = Field(description="`<camera>` or `<camera>/<preset>`.")
    camera: list[str]
    name: list[str]
    category: list[int] = Field(description="Number in `categories`: the leading one of the camera's.")
    platform: list[int]
    division: list[int] = Field(description="Number in `divisions`; -1: the registry names none.")
    period_s: list[int]
    categories: list[Group]
    platforms: list[Group]
    divisions: list[Group]


class BoardStates(BaseModel):
    """Where the looks stand. Times on `now`'s line are by the service's steady clock, which no stepped wall clock moves."""

    names: str = Field(description="Version of `/rotation/board` that the rows are of.")
    version: str = Field(description="Give it as `since` to be told only what changes.")
    whole: bool = Field(description="True: every look in order. False: only the looks in `row`.")
    now: float = Field(description="Seconds, on the line of `deadline` and `inspected`.")
    row: list[int] | None = Field(description="Which looks; null when whole.")
    state: list[int] = Field(description="Number in `states`.")
    deadline: list[int | None] = Field(description="Null: paused.")
    inspected: list[int | None] = Field(description="Start of the last inspected look; null: never.")
    outcome: list[int] = Field(description="Number in `outcomes`; -1: never looked at.")
    cause: list[int] = Field(description="Number in `causes`; -1: none.")
    failures: list[int] = Field(description="Looks in a row without `inspected`.")
    ended: list[int | None] = Field(description="When the last look ended, seconds since the epoch.")
    away_since: list[int | None] = Field(description="Start of the outage that goes on, seconds since the epoch.")
    states: list[StateName]
    outcomes: list[OutcomeName]
    causes: list[str]


class HeatMap(BaseModel):
    """Looks of the last 24 hours of the county's clock, by group and hour; the last hour goes on."""

    hours: list[datetime] = Field(description="Start of each hour.")
    groups: list[Group]
    due: list[list[int]] = Field(description="Deadlines served or passed; several attempts at one count once.")
    inspected: list[list[int]]
    unusable: list[list[int]]
    unreachable: list[list[int]]
    missed: list[list[int]]
    worst_gap_s: list[list[int | None]] = Field(description="Longest gap ended by an inspected look of the hour.")


class Picture(BaseModel):
    """The last picture of a look."""

    url: str
    at: datetime = Field(description="Start of the look it is from.")


class WallTile(BaseModel):
    """One look on the wall."""

    key: str
    camera: str
    name: str
    category: Name
    platform: Name
    state: StateName
    picture: Picture | None = Field(description="Null: no look of it has been inspected yet.")


class Wall(BaseModel):
    """Last pictures, in the registry's order."""

    items: list[WallTile]
    next: str | None = Field(description="Give it as `cursor` for the tiles after these; null at the end.")
    total: int = Field(description="Looks that match the filters.")
    before: int = Field(description="Of these, how many come before this page.")


class PlatformState(BaseModel):
    """One platform's load against its capacity, and how its looks stand."""

    key: str
    name: Name
    load: float = Field(description="Stream seconds needed over those it allows.")
    load_shortened: float = Field(description="The same with looks as short as they are now.")
    running: int
    limit: int
    look_s: float | None
    away: bool
    looks: int
    late: int
    looks_away: int


class ZoneShape(BaseModel):
    """A zone of a look."""

    name: str
    kind: str
    polygon: list[list[float]] = Field(description="Points [x, y] in [0, 1] of the picture's width and height.")


class LastVisit(BaseModel):
    """A look that was made, or a deadline that passed."""

    id: str
    look: str
    at: datetime
    ended_at: datetime
    due_at: datetime
    reason: str
    outcome: OutcomeName
    cause: str | None
    judged: bool
    gap_s: float | None


class Away(BaseModel):
    """An outage of a look."""

    look: str
    started_at: datetime
    ended_at: datetime | None
    cause: str
    looks: int


class Checked(BaseModel):
    """A clear look of the camera that was drawn for people."""

    at: datetime
    answer: str | None = Field(description="clear, overlooked or unclear; null while nobody has looked.")
    kind: str | None
    who: str | None


class BoardLook(BaseModel):
    """One look of a camera."""

    key: str
    preset: str | None
    state: StateName
    deadline: datetime | None
    last_inspected_at: datetime | None
    period_s: float
    dwell_s: float
    failures: int
    zones: list[ZoneShape]
    picture: Picture | None = Field(description="Null: none, or pictures are not for whoever asks.")


class BoardCamera(BaseModel):
    """One camera: how its looks stand and what became of the last ones."""

    id: str
    name: str
    place: str
    division: str | None
    platform: Name
    categories: list[Name]
    detectors: list[str]
    paused: str | None = Field(description="Why it is not patrolled now.")
    looks: list[BoardLook]
    visits: list[LastVisit] = Field(description="Newest first.")
    gaps: list[LastVisit] = Field(
        description="Inspected looks of the last 24 hours that ended a gap, at most 100, oldest first."
    )
    outages: list[Away] = Field(description="Newest first.")
    spot_checks: list[Checked] = Field(description="Newest first.")


class Signed(BaseModel):
    """Who took note of a miss."""

    who: str
    note: str
    at: datetime


class MissedLook(BaseModel):
    """A deadline that passed without an attempt."""

    id: str
    look: str
    camera: str
    name: str | None
    deadline: datetime
    cause: str | None
    detail: str | None
    signed: Signed | None


class MissFigures(BaseModel):
    """How many misses wait for a shift lead."""

    unsigned: int


class SignOffRequest(BaseModel):
    """Misses to sign off, all of them or none."""

    ids: list[str] = Field(min_length=1, max_length=500, description="Ids of the missed looks.")
    note: str = Field(min_length=1, max_length=1000, description="Why it happened, or what was done.")


class SignedOff(BaseModel):
    """What was signed off."""

    signed: int
