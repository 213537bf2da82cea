"""The registry's words as models: county, platforms, categories, departments, routes, rules, calendar, cameras.

Every field carries a title and a description: the published JSON Schema, the docs and the edit form come from them.
What binds two entries together (a camera's platform, a route's department …) is checked in ``check.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, model_validator

from patrol.registry._entry import CameraId, Entry, Key, Name, Priority
from patrol.registry.cases import Cases
from patrol.registry.dispatch import Credential, Department, Dispatch, DivisionCode, KindName, Route
from patrol.registry.durations import Duration
from patrol.registry.network import Network
from patrol.registry.retention import Retention
from patrol.registry.when import Calendar, Maintenance, Pause, RiskWindow, Window

ZoneKindName = Literal["road", "sky", "water", "bank", "ignore", "private"]


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


class Category(Entry):
    """A class of places, e.g. 禁渔重点堤段."""

    key: Key = Field(title="Key", description="English key, e.g. key_no_fishing_dikes.")
    name: Name = Field(title="Name", description="The name operators use.")
    period: Duration = Field(
        timedelta(hours=2), title="Period", description="Longest allowed gap between the starts of two inspected looks."
    )
    dwell: Duration = Field(timedelta(seconds=20), title="Dwell", description="How long one look lasts.")
    least_dwell: Duration | None = Field(
        None,
        title="Shortest dwell",
        description="What a look may be shortened to before a gap is given up, while not everything fits; left out: it is "
        "never shortened.",
    )
    priority: Priority = Field(Priority.MEDIUM, title="Priority", description="Decides only when not everything fits.")
    detectors: tuple[KindName, ...] = Field((), title="Detectors", description="What is looked for here.")
    mask_people: bool = Field(False, title="Mask people", description="Whole persons are masked in exports (schools).")
    risk_windows: tuple[RiskWindow, ...] = Field(
        (), title="Risk windows", description="When it is looked at more often."
    )


class Rule(Entry):
    """What is forbidden where and when, by which document."""

    id: Key = Field(title="Id", description="Findings and incidents name it.")
    kind: KindName = Field(title="Kind", description="What it forbids.")
    name: Name = Field(title="Name", description="One line for operators.")
    categories: tuple[Key, ...] = Field((), title="Categories", description="Binds it to cameras of these categories.")
    cameras: tuple[CameraId, ...] = Field((), title="Cameras", description="Binds it to single cameras.")
    places: tuple[DivisionCode, ...] = Field(
        (), title="Places", description="Binds it to cameras in these divisions, e.g. the place of a licensed display."
    )
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


class CameraZone(Entry):
    """A polygon in the picture."""

    name: Key = Field(title="Name", description="Referred to by rules; unique within the camera or preset.")
    kind: ZoneKindName = Field(title="Kind", description="What it shows.")
    polygon: tuple[tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]], ...] = Field(
        min_length=3,
        title="Polygon",
        description="At least three points [x, y], each in [0, 1] of the picture's width and height.",
    )
    signals: bool = Field(
        False,
        title="Light or barrier",
        description="Of a road: a traffic light, toll gate or checkpoint holds vehicles here. One look then gives a "
        "candidate at most, and later looks decide.",
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
    paused: Pause | None = Field(None, title="Paused", description="Not patrolled for a time, and why.")


class SpotChecks(Entry):
    """How many clear looks are put before people, so that what the detectors overlook is measured."""

    share: float = Field(
        0.01, ge=0, le=1, title="Share", description="Of the looks that every detector found clear; 0: none."
    )


class Registry(Entry):
    """The whole file."""

    schema_: Literal["patrol.registry/1"] = Field(
        "patrol.registry/1", alias="schema", title="Schema", description="Version of this file's form."
    )
    county: County = Field(title="County", description="Who patrols.")
    model: str | None = Field(
        None,
        title="Model",
        description="Path of the object model's weights; left out: the shipped one; none: no model.",
    )
    platforms: tuple[Platform, ...] = Field(
        min_length=1, title="Platforms", description="Systems that cameras are reached through."
    )
    categories: tuple[Category, ...] = Field(min_length=1, title="Categories", description="Classes of places.")
    departments: tuple[Department, ...] = Field((), title="Departments", description="Who is told.")
    routes: tuple[Route, ...] = Field(
        (), title="Routes", description="Which incidents go where; the first that matches wins."
    )
    dispatch: Dispatch = Field(
        default_factory=Dispatch, title="Dispatch", description="Time limits, escalation, other channels than MQTT."
    )
    cases: Cases = Field(
        default_factory=Cases,
        title="Cases",
        description="Who follows a matter until it is closed, and how 13710 is counted.",
    )
    rules: tuple[Rule, ...] = Field((), title="Rules", description="What is forbidden where and when.")
    calendar: Calendar = Field(
        default_factory=Calendar, title="Calendar", description="Days that differ from the shipped calendar."
    )
    maintenance: tuple[Maintenance, ...] = Field(
        (), title="Maintenance", description="When some cameras cannot be looked at, by arrangement."
    )
    network: Network = Field(
        default_factory=Network,
        title="Network",
        description="Which hosts the service may speak to.",
    )
    spot_checks: SpotChecks = Field(
        default_factory=lambda: SpotChecks(share=0.01),
        title="Spot-checks",
        description="How many clear looks people are to see.",
    )
    retention: Retention = Field(
        default_factory=Retention, title="Retention", description="How long each class of what is kept is kept."
    )
    cameras: tuple[Camera, ...] = Field((), title="Cameras", description="The cameras.")

    @cached_property
    def by_id(self) -> Mapping[str, Camera]:
        """The cameras by their ids."""
        return {camera.id: camera for camera in self.cameras}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As of any model; what was worked out from the cameras before is not taken along."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("by_id", None)
        return copied

    def camera(self, camera_id: str | None) -> Camera | None:
        """A camera by its id; None: there is none of it (any more)."""
        return self.by_id.get(camera_id) if camera_id is not None else None
