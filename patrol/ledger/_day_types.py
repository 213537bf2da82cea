"""What the report of one county day says, as frozen values. Times are UTC; the zone goes with the span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from patrol.registry import Name

State = Literal["kept", "over", "away", "paused", "disabled"]
"""How a look stands at the end of the report: every gap held; a period passed although it answered; a period passed only
while it was away; on hold all day; switched off all day."""

Shade = Literal["fresh", "aging", "near", "over", "away", "paused"]
"""Time since it was last inspected as a share of the period: below 0.5, 0.85, 1, above; away; not to be looked at."""

AGING, NEAR = 0.5, 0.85
"""Where shades change. The rotation aims at 0.85 of the period (docs/rotation.md): from there on it needs its slack."""


@dataclass(frozen=True, slots=True)
class Span:
    """One county day.

    Attributes:
        start, end: its midnights; 23 or 25 hours apart where clocks change.
        until: what is known so far: the end, or the moment of the report for a day that is not over.
    """

    day: date
    zone: ZoneInfo
    start: datetime
    end: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time of one shade, seconds from the day's start."""

    start_s: float
    end_s: float
    shade: Shade


@dataclass(frozen=True, slots=True)
class Gap:
    """From one inspected look to the next. The first may begin before the day, the last is open at ``Span.until``.

    Attributes:
        start: of the inspected look, or when the look came into the rotation.
        end: start of the next inspected look, the end of its time in the rotation, or ``Span.until``.
        over_s: seconds of it, inside the day, past the period.
        away: it passed the period, and only while the camera or its platform was away.
    """

    start: datetime
    end: datetime
    over_s: float
    away: bool

    @property
    def seconds(self) -> float:
        """Length."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class LookDay:
    """One look's day.

    Attributes:
        key, camera, preset, name, place: which.
        division: code of the division it stands in, None where the registry names none.
        category: the leading one, see ``patrol.registry.LookSpec``.
        categories: all of them.
        period_s: in force at the end of its time in the rotation, seconds.
        tight_period_s: the shortest in force in the day (risk windows).
        on_duty_s: seconds of the day in which the registry asked for it.
        attempts: looks made: inspected, unusable and unreachable ones.
        missed: deadlines without an attempt.
        late: inspected looks that came after their deadline.
        over_s: seconds past the period; away_s: seconds of them in which it was away.
        windows, windows_seen, windows_away: clock windows that count, that hold an inspected look, and those that hold
            none because it was away.
        note: why it is paused.
        offline_s: seconds of the day in an outage, its own or its platform's.
    """

    key: str
    camera: str
    preset: str | None
    name: str
    place: str
    division: str | None
    category: str
    categories: tuple[str, ...]
    platform: str
    period_s: float
    tight_period_s: float
    state: State
    on_duty_s: float
    attempts: int
    inspected: int
    unusable: int
    unreachable: int
    missed: int
    late: int
    not_judged: int
    over_s: float
    away_s: float
    offline_s: float
    windows: int
    windows_seen: int
    windows_away: int
    last_inspected: datetime | None
    gaps: tuple[Gap, ...]
    stretches: tuple[Stretch, ...]
    note: str | None = None

    @property
    def worst_gap_s(self) -> float | None:
        """Its longest gap, seconds."""
        return max((gap.seconds for gap in self.gaps), default=None)


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures over some looks; docs/report.md defines them.

    Attributes:
        looks: in the rotation at some time of the day: the first denominator.
        kept: of them, with no moment past the period.
        answering: looks less those that were over only while away: the second denominator.
        windows, windows_seen, windows_answering: the same for pairs of a look and a clock window.
        gaps: how many were measured.
        worst_gap_s, p99_gap_s: over all gaps; the ``_answering`` ones leave out gaps that were over only while away.
    """

    looks: int
    kept: int
    answering: int
    windows: int
    windows_seen: int
    windows_answering: int
    gaps: int
    worst_gap_s: float | None
    p99_gap_s: float | None
    worst_answering_s: float | None
    p99_answering_s: float | None
    attempts: int
    inspected: int
    unusable: int
    unreachable: int
    missed: int
    late: int
    not_judged: int
    over_s: float

    @property
    def coverage(self) -> float | None:
        """Share of all looks that kept every gap."""
        return self.kept / self.looks if self.looks else None

    @property
    def coverage_answering(self) -> float | None:
        """The same of those that answered."""
        return self.kept / self.answering if self.answering else None

    @property
    def window_coverage(self) -> float | None:
        """Share of all pairs of a look and a window with an inspected look."""
        return self.windows_seen / self.windows if self.windows else None

    @property
    def window_coverage_answering(self) -> float | None:
        """The same without the pairs in which the camera was away."""
        return self.windows_seen / self.windows_answering if self.windows_answering else None


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one category or platform."""

    key: str
    name: Name
    figures: Figures


@dataclass(frozen=True, slots=True)
class Miss:
    """A deadline without an attempt, with the shift lead's word on it."""

    visit: str
    look: str
    deadline: datetime
    cause: str
    detail: str | None
    signed_by: str | None = None
    signed_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """An outage of a camera (``look``) or of a whole platform that touches the day.

    Attributes:
        ended_at: None while it lasts.
        looks: failed looks of a camera; looks reached through a platform.
        in_day_s: seconds of it inside the day.
        folded: camera outages that are part of a platform's.
    """

    id: int
    look: str | None
    platform: str | None
    started_at: datetime
    ended_at: datetime | None
    cause: str
    looks: int
    in_day_s: float
    part_of: int | None = None
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A person's verdict on an incident."""

    verdict: str
    reviewer: str
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident that was seen in the day, with its reviews."""

    id: str
    camera: str
    preset: str | None
    kind: str
    verdict: str
    category: str | None
    rule: str | None
    state: str
    severity: str
    summary: str
    first_seen_at: datetime
    last_seen_at: datetime
    looks: int
    reviews: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A clear look of the day that was drawn for a person."""

    visit: str
    look: str
    seen_at: datetime
    drawn_at: datetime
    answer: str | None
    kind: str | None
    who: str | None
    note: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Checks:
    """The human spot-checks of the day's looks.

    Attributes:
        low, high: 95 % interval of the share overlooked among those a person could tell (Wilson's score interval; with
            none overlooked 0 and the rule of three, 3 / n); None where nobody has told of any.
    """

    rows: tuple[Check, ...]
    drawn: int
    clear: int
    overlooked: int
    unclear: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """Overlooked of those that a person could tell."""
        told = self.clear + self.overlooked
        return self.overlooked / told if told else None


@dataclass(frozen=True, slots=True)
class Revision:
    """A registry that was in force in the day; ``until`` None: still."""

    id: int
    sha256: str
    since: datetime
    until: datetime | None
    cameras: int


@dataclass(frozen=True, slots=True)
class Root:
    """The ledger's daily root."""

    root: str
    last_hash: str
    first_position: int
    last_position: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of the day's looks that belong to incidents, by kind."""

    kind: str
    candidate: int
    flagged: int


@dataclass(frozen=True, slots=True)
class DayReport:
    """Everything the patrol report of one day says.

    Attributes:
        window: length of the clock windows.
        made_at: when it was computed.
        disabled: looks switched off all day; paused: on hold all day. Neither is in any figure.
        looks: one per look that some revision of the day names, by category, then key.
        review_median_s: median seconds from the first sighting to the first review, None without reviews.
    """

    span: Span
    county: Name
    county_code: str
    window: timedelta
    made_at: datetime
    overall: Figures
    categories: tuple[Group, ...]
    platforms: tuple[Group, ...]
    looks: tuple[LookDay, ...]
    disabled: int
    paused: int
    misses: tuple[Miss, ...]
    outages: tuple[Away, ...]
    found: tuple[Found, ...]
    incidents: tuple[Seen, ...]
    review_median_s: float | None
    checks: Checks
    revisions: tuple[Revision, ...]
    root: Root | None
    names: dict[str, Name]

    def name_of(self, key: str) -> Name:
        """The name of a category (``category:key``) or platform (``platform:id``); the key itself where none is known."""
        return self.names.get(key) or Name(zh=key.partition(":")[2], en=key.partition(":")[2])
