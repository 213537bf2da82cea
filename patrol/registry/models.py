"""The registry's words as models: county, platforms, categories, departments, routes, rules, calendar, cameras.

Every field carries a title and a description: the published JSON Schema, the docs and the edit form come from them.
What binds two entries together (a camera's platform, a route's department …) is checked in ``check.py``.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from patrol.registry.durations import Duration

KindName = Literal["congestion", "fireworks", "fishing"]
"""The values of ``detectors.Kind``, again because the registry imports no other room; a test holds them equal."""
ZoneKindName = Literal["road", "sky", "water", "bank", "ignore", "private"]

_KEY = r"^[a-z][a-z0-9_]{0,62}$"
_CAMERA_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
Key = Annotated[str, Field(pattern=_KEY, description="Lower-case letters, digits and underscores.")]
CameraId = Annotated[
    str, Field(pattern=_CAMERA_ID, description="Letters, digits, - and _; stands in MQTT topics and URLs.")
]


def _clock(value: Any) -> Any:
    # YAML 1.1 readers turn 06:50 into 410; ours keeps the text, and an unquoted 24:00 means the end of the day.
    if value == "24:00":
        return time.max
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}:\d{2}", value):
        hours, minutes = value.split(":")
        if int(hours) < 24 and int(minutes) < 60:
            return time(int(hours), int(minutes))
    if isinstance(value, time):
        return value
    raise ValueError(f"{value!r} is not a time of day; write one like 06:50")


# Without the pattern editors would hold 06:50 against RFC 3339, which wants seconds and an offset.
ClockTime = Annotated[
    time,
    BeforeValidator(_clock),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(([01]?\d|2[0-3]):[0-5]\d|24:00)$", "examples": ["06:50", "24:00"]}
    ),
]


def _credential(value: str) -> str:
    if not re.fullmatch(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)", value):
        raise ValueError("a credential is never in the file: write env:NAME or file:PATH")
    return value


Credential = Annotated[str, AfterValidator(_credential)]


class Entry(BaseModel):
    """What all entries share: unknown fields are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(Entry):
    """A name in both languages."""

    zh: str = Field(min_length=1, title="中文名", description="Name in Chinese.")
    en: str = Field(min_length=1, title="English name", description="Name in English.")


class Priority(StrEnum):
    """Which look is made first when not everything fits."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    HIGHEST = "highest"

    @property
    def rank(self) -> int:
        """0 (low) to 3 (highest)."""
        return list(Priority).index(self)


class County(Entry):
    """Who patrols."""

    code: str = Field(pattern=r"^\d{6}$", title="Division code", description="Six digits, e.g. 430624.")
    name: Name = Field(title="Name", description="The county's name.")
    topic: Key = Field(title="Topic name", description="The county's level in MQTT topics: patrol/v1/<topic>/…")
    timezone: str = Field("Asia/Shanghai", title="Time zone", description="IANA name; rules and screens use this time.")

    @model_validator(mode="after")
    def _known_zone(self) -> Self:
        if self.timezone not in available_timezones():
            raise ValueError(f"unknown time zone {self.timezone!r}; use an IANA name like Asia/Shanghai")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)


class Platform(Entry):
    """A system that cameras are reached through."""

    id: Key = Field(title="Id", description="Referred to by cameras.")
    name: Name = Field(title="Name", description="e.g. 雪亮工程.")
    max_streams: int = Field(
        4,
        ge=1,
        le=10_000,
        title="Streams at once",
        description="Streams this platform lets us hold open at the same time.",
    )
    max_streams_per_host: int = Field(
        2, ge=1, le=10_000, title="Streams at once per host", description="The same for one host name or address."
    )
    open_timeout: Duration = Field(
        timedelta(seconds=8), title="Open deadline", description="Time a stream may take to open."
    )
    read_timeout: Duration = Field(
        timedelta(seconds=6), title="Read deadline", description="Time one read of a stream may take."
    )
    credential: Credential | None = Field(
        None, title="Credential", description="env:NAME or file:PATH holding user:password for its streams."
    )


class Days(StrEnum):
    """Which days a window is open on."""

    ANY = "any"
    WORKDAY = "workday"
    HOLIDAY = "holiday"


class MonthDay(Entry):
    """A day of the year, solar or lunar."""

    month: int = Field(ge=1, le=12, title="Month", description="1 to 12.")
    day: int = Field(
        ge=1, le=31, title="Day", description="1 to 31; a lunar month's last day is 30 and means its real last day."
    )


def _month_day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}-\d{1,2}", value):
        month, day = value.split("-")
        return {"month": int(month), "day": int(day)}
    return value


MonthDayText = Annotated[
    MonthDay, BeforeValidator(_month_day, json_schema_input_type=Annotated[str, Field(pattern=r"^\d{1,2}-\d{1,2}$")])
]


class YearSpan(Entry):
    """Days of the year from one to another, both included; may run over the new year (12-24 to 01-06)."""

    first: MonthDayText = Field(alias="from", title="From", description="First day, MM-DD.")
    last: MonthDayText = Field(alias="to", title="To", description="Last day, MM-DD.")


class Window(Entry):
    """When something holds. All parts given must be true; a part left out is always true."""

    days: Days = Field(
        Days.ANY,
        title="Days",
        description="any, workday or holiday, by the State Council calendar and the overlay below.",
    )
    start: ClockTime | None = Field(
        None, alias="from", title="From", description="Time of day it starts, county time, HH:MM."
    )
    end: ClockTime | None = Field(
        None,
        alias="to",
        title="To",
        description="Time of day it ends (excluded); earlier than its start: next morning.",
    )
    solar: YearSpan | None = Field(None, title="Solar dates", description="Days of the solar year.")
    lunar: YearSpan | None = Field(None, title="Lunar dates", description="Days of the lunar year.")

    @model_validator(mode="after")
    def _both_ends(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("give both from and to, or neither")
        return self


class RiskWindow(Window):
    """When a category is looked at more often."""

    name: str = Field(min_length=1, title="Name", description="What happens then, e.g. school run.")
    period: Duration | None = Field(None, title="Period", description="Longest gap between looks inside the window.")
    priority: Priority | None = Field(None, title="Priority", description="Priority inside the window.")


class Category(Entry):
    """A class of places, e.g. 禁渔重点堤段."""

    key: Key = Field(title="Key", description="English key, e.g. key_no_fishing_dikes.")
    name: Name = Field(title="Name", description="The name operators use.")
    period: Duration = Field(
        timedelta(hours=2), title="Period", description="Longest allowed gap between the starts of two inspected looks."
    )
    dwell: Duration = Field(timedelta(seconds=20), title="Dwell", description="How long one look lasts.")
    priority: Priority = Field(Priority.MEDIUM, title="Priority", description="Decides only when not everything fits.")
    detectors: tuple[KindName, ...] = Field((), title="Detectors", description="What is looked for here.")
    mask_people: bool = Field(False, title="Mask people", description="Whole persons are masked in exports (schools).")
    risk_windows: tuple[RiskWindow, ...] = Field(
        (), title="Risk windows", description="When it is looked at more often."
    )


class Department(Entry):
    """Who is told."""

    id: Key = Field(title="Id", description="Stands in MQTT topics: alert/<department>/<kind>.")
    name: Name = Field(title="Name", description="The department's name.")
    phone: str | None = Field(None, title="Phone", description="Duty phone. Public numbers only; never a private one.")


class Route(Entry):
    """Which incidents go to which department. The first route that matches wins."""

    kind: KindName = Field(title="Kind", description="Kind of incident.")
    categories: tuple[Key, ...] = Field((), title="Categories", description="Only for cameras of these; empty: all.")
    to: Key = Field(title="To", description="The department that acts.")
    copy_to: tuple[Key, ...] = Field((), title="Copies", description="Departments told beside it (联单).")


class Rule(Entry):
    """What is forbidden where and when, by which document."""

    id: Key = Field(title="Id", description="Findings and incidents name it.")
    kind: KindName = Field(title="Kind", description="What it forbids.")
    name: Name = Field(title="Name", description="One line for operators.")
    categories: tuple[Key, ...] = Field((), title="Categories", description="Binds it to cameras of these categories.")
    cameras: tuple[CameraId, ...] = Field((), title="Cameras", description="Binds it to single cameras.")
    zones: tuple[Key, ...] = Field(
        (), title="Zones", description="Binds it to zones of these names; empty: the whole picture."
    )
    mode: Literal["forbidden", "leisure_angling", "allowed"] = Field(
        "forbidden",
        title="Mode",
        description="forbidden: any finding counts. leisure_angling: one person, one rod; more rods or a boat count. "
        "allowed: exempt.",
    )
    max_rods: int = Field(1, ge=0, le=10, title="Rods", description="Rods one person may use in leisure_angling.")
    windows: tuple[Window, ...] = Field((), title="When", description="It holds in any of these; empty: always.")
    valid_from: date | None = Field(None, title="Valid from", description="First day of validity.")
    valid_until: date | None = Field(
        None, title="Valid until", description="Last day of validity; None: until changed."
    )
    at_once: bool = Field(
        False,
        title="At once",
        description="A flagged finding is pushed without waiting for a review; the alert says reviewed: false.",
    )
    source: str = Field(
        min_length=1, title="Source document", description="Document that says so: title, number, date."
    )


class Calendar(Entry):
    """Days that differ from the State Council calendar the service ships."""

    workdays: tuple[date, ...] = Field((), title="Work days", description="Days worked although weekend or holiday.")
    holidays: tuple[date, ...] = Field((), title="Days off", description="Days off although working days.")


class CameraZone(Entry):
    """A polygon in the picture."""

    name: Key = Field(title="Name", description="Referred to by rules; unique within the camera or preset.")
    kind: ZoneKindName = Field(title="Kind", description="What it shows.")
    polygon: tuple[tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]], ...] = Field(
        min_length=3,
        title="Polygon",
        description="At least three points [x, y], each in [0, 1] of the picture's width and height.",
    )


class Preset(Entry):
    """A pose of a PTZ camera, with zones of its own."""

    id: Key = Field(title="Id", description="Unique within the camera.")
    name: str | None = Field(None, title="Name", description="What the pose shows.")
    source: str | None = Field(None, title="Source", description="Stream address of this pose, if it has its own.")
    zones: tuple[CameraZone, ...] = Field((), title="Zones", description="Zones valid at this pose.")
    reference: str | None = Field(
        None, title="Reference picture", description="Path of the picture this pose must match."
    )


class Place(Entry):
    """Where a camera stands."""

    division_code: str | None = Field(
        None, pattern=r"^\d{6,12}$", title="Division code", description="6 to 12 digits: county, township, village."
    )
    address: str = Field(min_length=1, title="Address", description="For the people who drive there.")
    lon: float | None = Field(None, ge=-180, le=180, title="Longitude", description="Degrees.")
    lat: float | None = Field(None, ge=-90, le=90, title="Latitude", description="Degrees.")
    datum: Literal["WGS84", "GCJ-02", "CGCS2000"] = Field("WGS84", title="Datum", description="Of the coordinates.")


class Camera(Entry):
    """One camera."""

    id: CameraId = Field(title="Id", description="Unique; a GB/T 28181 id of 20 digits or any short name.")
    name: str = Field(min_length=1, title="Name", description="What operators call it.")
    platform: Key = Field(title="Platform", description="Id of the platform it is reached through.")
    source: str = Field(
        min_length=1,
        title="Source",
        description="rtsp(s):// or http(s):// address, or a file path; {credential} is filled in from the field below.",
    )
    credential: Credential | None = Field(
        None, title="Credential", description="env:NAME or file:PATH holding user:password."
    )
    categories: tuple[Key, ...] = Field(
        min_length=1, title="Categories", description="One or more; one look serves all, the strictest rule wins."
    )
    place: Place = Field(title="Place", description="Where it stands.")
    zones: tuple[CameraZone, ...] = Field((), title="Zones", description="Zones of a fixed camera.")
    presets: tuple[Preset, ...] = Field(
        (), title="Presets", description="Poses of a PTZ camera; each is a look of its own."
    )
    reference: str | None = Field(
        None,
        title="Reference picture",
        description="Path of the picture it must match; left out: the first good look's.",
    )
    detectors: tuple[KindName, ...] | None = Field(
        None, title="Detectors", description="Only these (purpose limitation); left out: its categories'."
    )
    period: Duration | None = Field(None, title="Period", description="Stricter than its categories', if given.")
    dwell: Duration | None = Field(None, title="Dwell", description="In place of its categories'.")
    enabled: bool = Field(True, title="Enabled", description="False: not patrolled; says so in every report.")


class Registry(Entry):
    """The whole file."""

    schema_: Literal["patrol.registry/1"] = Field(
        "patrol.registry/1", alias="schema", title="Schema", description="Version of this file's form."
    )
    county: County = Field(title="County", description="Who patrols.")
    model: str | None = Field(
        None, title="Model", description="Path of the object model's weights; left out: the shipped one."
    )
    platforms: tuple[Platform, ...] = Field(
        min_length=1, title="Platforms", description="Systems that cameras are reached through."
    )
    categories: tuple[Category, ...] = Field(min_length=1, title="Categories", description="Classes of places.")
    departments: tuple[Department, ...] = Field((), title="Departments", description="Who is told.")
    routes: tuple[Route, ...] = Field(
        (), title="Routes", description="Which incidents go where; the first that matches wins."
    )
    rules: tuple[Rule, ...] = Field((), title="Rules", description="What is forbidden where and when.")
    calendar: Calendar = Field(
        default_factory=Calendar, title="Calendar", description="Days that differ from the shipped calendar."
    )
    cameras: tuple[Camera, ...] = Field((), title="Cameras", description="The cameras.")
