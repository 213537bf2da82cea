"""The words of a case: stages, moves, clocks, lights, levels, and the state that its events make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Severity = Literal["general", "major"]
Source = Literal["video_ai", "operator", "grid", "resident"]
CaseKind = Literal["congestion", "fireworks", "fishing", "other"]
Grade = Literal["excellent", "good", "fair", "poor"]


class Stage(StrEnum):
    """Where a case stands in the loop 收—交—办—督—结—评."""

    RECEIVED = "received"
    """收: in the book, nobody has it."""
    ASSIGNED = "assigned"
    """交: a unit is named and has not taken it on."""
    HANDLING = "handling"
    """办: a unit has it."""
    SUPERVISED = "supervised"
    """督: the unit says it is done; the centre checks."""
    CLOSED = "closed"
    """结: checked and struck off (销号)."""
    EVALUATED = "evaluated"
    """评: judged."""
    MERGED = "merged"
    """A duplicate; its trail goes on in another case."""
    WITHDRAWN = "withdrawn"
    """Opened in error."""


OPEN_STAGES = (Stage.RECEIVED, Stage.ASSIGNED, Stage.HANDLING, Stage.SUPERVISED)


class ClockName(StrEnum):
    """The three clocks of 13710."""

    ASSIGN = "assign"
    FEEDBACK = "feedback"
    RESOLVE = "resolve"


class Light(StrEnum):
    """三色亮灯, with what the three colours do not say."""

    UNLIT = "unlit"
    YELLOW = "yellow"
    RED = "red"
    GREEN = "green"
    """Closed in time."""
    CLOSED_LATE = "closed_late"


class Level(StrEnum):
    """The four levels, by the length of a division code."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as it stands.

    Attributes:
        name: which of the three.
        limit: ``7wd`` is seven working days, ``1m`` one month.
        original_due: as first set, UTC; kept whatever happens.
        due: the last instant that is in time, UTC: 23:59:59.999999 of its last day, or the offices' close.
        yellow_at: from here on it is near its limit, UTC.
        provisional: its dates touch a year whose calendar is not announced.
        paused_at: since when it is suspended.
        stopped_at: when what it waits for was done.
        paused_s: working seconds it was suspended so far.
        used_s: working seconds it ran, once stopped.
        void: its case was merged or withdrawn.
    """

    name: ClockName
    limit: str
    original_due: datetime
    due: datetime
    yellow_at: datetime
    provisional: bool
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    paused_s: float = 0.0
    used_s: float | None = None
    void: bool = False


def level_of(unit: str, county: str) -> Level:
    """The level of a unit: by the length of a division code; a department stands at county level.

    Args:
        unit: department id or division code.
        county: the county's six digits.

    Raises:
        ValueError: a code that is none of a division of this county.
    """
    if not unit.isdecimal():
        return Level.COUNTY
    if not unit.startswith(county) or len(unit) not in _LEVELS:
        raise ValueError(f"{unit} is no division of {county}: it has 6, 9, 12 or 15 digits and begins with it")
    return _LEVELS[len(unit)]


def parent_of(division: str) -> str | None:
    """The division above; None: it is the county."""
    return division[:-3] if len(division) > 6 else None


_LEVELS = {6: Level.COUNTY, 9: Level.TOWNSHIP, 12: Level.VILLAGE, 15: Level.REPRESENTATIVE}
