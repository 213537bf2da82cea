"""Figures over county days. What each number counts stands in docs/figures.md and in its description."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.models._words import Name


class FigureRange(BaseModel):
    """The days that were counted."""

    since: date = Field(description="First county day.")
    until: date = Field(description="Last county day; never one to come.")
    start: datetime
    end: datetime = Field(description="End of the last day, or now.")


class Gaps(BaseModel):
    """Gaps between inspected looks: whole seconds, rounded down; percentiles by nearest rank."""

    count: int
    p50_s: int | None
    p95_s: int | None
    p99_s: int | None
    worst_s: int | None


class CoverageFigures(BaseModel):
    """Some looks over some days. One look on one day counts once."""

    looks: int = Field(description="Pairs of a look and a day on which it was in the rotation at some time.")
    kept: int = Field(description="Of these, never past their period.")
    answering: int = Field(description="Looks less those that were over only while away.")
    over: int = Field(description="Past their period while they answered.")
    over_s: float = Field(description="Seconds past the period.")
    attempts: int
    inspected: int
    unusable: int
    unreachable: int
    missed: int = Field(description="Deadlines without an attempt.")
    causes: dict[str, int] = Field(description="Missed, by cause.")
    late: int = Field(description="Inspected after the deadline.")
    not_judged: int = Field(description="Inspected, but not every detector ran.")
    windows: int = Field(description="Pairs of a look and a clock window of two hours that count.")
    windows_seen: int = Field(description="Of these, with an inspected look.")
    windows_away: int = Field(description="Of these, without one because it was away.")
    gaps: Gaps
    gaps_answering: Gaps = Field(description="Without gaps that were over only while away.")


class CoverageDay(BaseModel):
    """One county day."""

    day: date
    figures: CoverageFigures


class CoverageGroup(BaseModel):
    """One category, platform or township; an empty key: the registry names none."""

    key: str
    name: Name
    figures: CoverageFigures


class Coverage(BaseModel):
    """Coverage of a range of days."""

    range: FigureRange
    by: str
    counted_at: datetime | None = Field(description="When today was counted; null: it is not in the range.")
    uncounted: list[date] = Field(description="Days of the range that are over and not counted yet; they are left out.")
    whole: CoverageFigures
    days: list[CoverageDay]
    groups: list[CoverageGroup]


class CoverageLook(BaseModel):
    """One look over the days."""

    look: str
    camera: str
    name: str
    category: Name
    platform: Name
    days: int
    days_over: int
    days_away: int
    over_s: float
    worst_gap_s: int | None
    attempts: int
    inspected: int
    unusable: int
    unreachable: int
    missed: int
    late: int


class IncidentCounts(BaseModel):
    """Some incidents that were first seen in the days."""

    new: int
    flagged: int = Field(description="Of these, whose strongest finding is a flag; the others are candidates.")
    open: int = Field(description="Of these, that still go on.")
    waiting: int = Field(description="Of these, that nobody has judged.")
    confirmed: int
    false_alarm: int
    duplicate: int
    unclear: int
    exempt: int
    kinds: dict[str, int]


class IncidentDay(BaseModel):
    """One county day."""

    day: date
    counts: IncidentCounts
    judged: int = Field(description="Incidents that got their first verdict on it.")
    waiting: int = Field(description="Incidents without any verdict at its end.")


class IncidentGroup(BaseModel):
    """One kind, category, platform, township or camera."""

    key: str
    name: Name
    counts: IncidentCounts


class IncidentFigures(BaseModel):
    """The incidents of a range of days."""

    range: FigureRange
    by: str
    whole: IncidentCounts
    seen: int = Field(description="Seen at least once in the range, whenever they began: the printed report's number.")
    review_median_s: float | None = Field(description="Of those: median seconds from first sighting to first verdict.")
    days: list[IncidentDay]
    groups: list[IncidentGroup]


class FalseAlarmCounts(BaseModel):
    """Flags whose last verdict was given in the range and says whether they were right."""

    judged: int = Field(description="Confirmed, false alarm or exempt.")
    false: int
    share: float | None
    low: float | None = Field(description="Lower end of Wilson's 95 % interval.")
    high: float | None
    reasons: dict[str, int] = Field(description="Of the false ones, by reason code; an empty one: none was given.")


class FalseAlarmRow(BaseModel):
    """One camera and kind."""

    camera: str
    camera_name: str | None
    kind: str
    counts: FalseAlarmCounts


class FalseAlarmKind(BaseModel):
    """One kind."""

    kind: str
    counts: FalseAlarmCounts


class FalseAlarms(BaseModel):
    """The false alarms of a range of days."""

    range: FigureRange
    whole: FalseAlarmCounts
    kinds: list[FalseAlarmKind]
    rows: list[FalseAlarmRow] = Field(description="Those with the most false ones first, at most `limit`.")
    rows_total: int


class ResponseStep(BaseModel):
    """One step of some matters; seconds from the moment the alert was written."""

    step: Literal["sent", "received", "accepted", "on_scene", "disposed"]
    reached: int
    median_s: float | None
    p90_s: float | None
    due: int | None = Field(description="Reached, or the limit passed while it was open; null: the step has no limit.")
    in_time: int | None
    share: float | None = Field(description="In time, of those due.")


class ResponseGroup(BaseModel):
    """One department or kind; an empty key stands for all."""

    key: str
    name: Name
    matters: int
    steps: list[ResponseStep]


class ResponseFigures(BaseModel):
    """How fast departments answered what was told in a range of days."""

    range: FigureRange
    by: str
    whole: ResponseGroup
    groups: list[ResponseGroup]


class DepartmentFigures(BaseModel):
    """One department; all but the two that say now are of matters opened in the range."""

    id: str
    name: Name
    told: int = Field(description="To act on.")
    copies: int = Field(description="For information.")
    open: int
    refused: int
    escalated: int
    disposed: int
    ended: int = Field(description="Closed for another reason.")
    open_now: int
    late_now: int = Field(description="Past the limit of the step it waits for.")


class DepartmentsFigures(BaseModel):
    """All departments that were told something in the range, or have something open."""

    range: FigureRange
    departments: list[DepartmentFigures]


class CheckFigures(BaseModel):
    """Clear looks drawn by chance."""

    drawn: int
    answered: int = Field(description="Judged clear or overlooked.")
    unclear: int
    overlooked: int
    share: float | None = Field(description="Overlooked of answered.")
    low: float | None = Field(description="95 % interval: Wilson's, or the rule of three where none was overlooked.")
    high: float | None


class CheckDay(BaseModel):
    """One county day of looks."""

    day: date
    figures: CheckFigures


class CheckGroup(BaseModel):
    """One category, platform or township."""

    key: str
    name: Name
    figures: CheckFigures


class SpotCheckRange(BaseModel):
    """The spot-checks of looks made in a range of days."""

    range: FigureRange
    by: str
    whole: CheckFigures
    kinds: dict[str, int] = Field(description="What was overlooked.")
    days: list[CheckDay]
    groups: list[CheckGroup]
