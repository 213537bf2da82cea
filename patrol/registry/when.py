"""The registry's words for times: windows on solar and lunar days, working days, maintenance, pauses."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from patrol.registry._entry import CameraId, Entry, Key, Priority
from patrol.registry.durations import Duration


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


def _clock_text(value: time) -> str:
    return "24:00" if value == time.max else f"{value:%H:%M}"


# Without the pattern editors would hold 06:50 against RFC 3339, which wants seconds and an offset.
ClockTime = Annotated[
    time,
    BeforeValidator(_clock),
    PlainSerializer(_clock_text, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(([01]?\d|2[0-3]):[0-5]\d|24:00)$", "examples": ["06:50", "24:00"]}
    ),
]


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
    MonthDay,
    BeforeValidator(_month_day, json_schema_input_type=Annotated[str, Field(pattern=r"^\d{1,2}-\d{1,2}$")]),
    PlainSerializer(lambda day: f"{day.month:02d}-{day.day:02d}", return_type=str, when_used="json"),
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


class Calendar(Entry):
    """Days that differ from the State Council calendar the service ships."""

    workdays: tuple[date, ...] = Field((), title="Work days", description="Days worked although weekend or holiday.")
    holidays: tuple[date, ...] = Field((), title="Days off", description="Days off although working days.")
    announced: tuple[Annotated[int, Field(ge=2000, le=2100)], ...] = Field(
        (),
        title="Announced years",
        description="Years that the shipped calendar does not know and whose State Council notice stands here in full; dates in them "
        "are no longer provisional.",
    )


class Maintenance(Entry):
    """When some cameras cannot be looked at, by arrangement. Deadlines that pass in it are misses of that cause."""

    reason: str = Field(min_length=1, title="Reason", description="What is done, and who asked for it.")
    start: datetime = Field(alias="from", title="From", description="County time, e.g. 2026-12-01T22:00.")
    end: datetime = Field(alias="to", title="To", description="County time; from then on it is looked at again.")
    platforms: tuple[Key, ...] = Field((), title="Platforms", description="All cameras of these.")
    categories: tuple[Key, ...] = Field((), title="Categories", description="All cameras of these.")
    cameras: tuple[CameraId, ...] = Field((), title="Cameras", description="These cameras.")


class Pause(Entry):
    """Why a camera is not patrolled for a time. Nothing is promised meanwhile; reports name it."""

    reason: str = Field(min_length=1, title="Reason", description="e.g. dismounted for roadworks, ticket 4711.")
    until: datetime | None = Field(
        None, title="Until", description="County time it is patrolled again; left out: until the pause is taken out."
    )
