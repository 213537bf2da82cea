"""What goes into the rotation planner and what comes out of it, as frozen values.

All times are float seconds on the planner's own time line (see docs/time.md); the planner never reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Reason = Literal["due", "retry", "follow_up", "first", "probe"]
State = Literal["waiting", "running", "due", "late", "away", "held"]

CAPACITY = "capacity"
"""Cause of a miss: no stream was free for it before its deadline."""
SERVICE_DOWN = "service_down"
"""Cause of a miss: the planner was not asked between the look becoming due and its deadline."""
MAINTENANCE = "maintenance"
"""Cause of a miss: the look was on hold for maintenance when its deadline passed."""
PLATFORM_DOWN = "platform_down"
"""Cause of a miss: its platform was away, and was being probed through other cameras."""


@dataclass(frozen=True, slots=True)
class LookPlan:
    """One look to be made again and again.

    Attributes:
        key: the camera, or camera/preset.
        platform: the platform it is reached through.
        host: the host its stream comes from.
        period_s: longest allowed gap between the starts of two inspected looks, seconds.
        dwell_s: how long a look lasts, seconds.
        priority: rank; the higher one keeps its period when not everything fits.
        expected_s: seconds a look holds a stream (dwell and overhead), until it has been measured.
        least_dwell_s: what the dwell may be shortened to when not everything fits; None: it is never shortened.
        unit: looks of the same unit are never made at the same time: the presets of one PTZ camera. None: it is alone.
        hold: why no look may be made now (``maintenance``); its deadlines pass as misses of that cause. None: it may.
    """

    key: str
    platform: str
    host: str
    period_s: float
    dwell_s: float
    priority: int
    expected_s: float
    least_dwell_s: float | None = None
    unit: str | None = None
    hold: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Streams that may be open at the same time.

    Attributes:
        total: in all.
        per_platform: per platform id; a platform not named here is limited by ``total`` alone.
        per_host: per host of the platform with that id; likewise.
    """

    total: int
    per_platform: Mapping[str, int] = field(default_factory=dict)
    per_host: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Start:
    """A look to be made now.

    Attributes:
        key: of the look.
        reason: why now.
        deadline: the deadline it serves.
        dwell_s: how long to look, seconds: the plan's dwell, or less while not everything fits.
        follow_up: id of the follow-up it serves (also where a look that was due anyway serves one).
    """

    key: str
    reason: Reason
    deadline: float
    dwell_s: float
    follow_up: str | None = None


@dataclass(frozen=True, slots=True)
class Miss:
    """A deadline that passed without an attempt. Each is told once.

    Attributes:
        key: of the look.
        deadline: the one that passed.
        cause: ``capacity``, ``service_down``, ``maintenance`` or ``platform_down``.
        last_inspected: start of the last inspected look, None before the first.
    """

    key: str
    deadline: float
    cause: str
    last_inspected: float | None


@dataclass(frozen=True, slots=True)
class PlatformChange:
    """A platform went away or came back. Each change is told once.

    Attributes:
        platform: its id.
        down: True when it went away.
        since: start of the first look that showed it: the failed one when it went away, the good one when it came back.
        looks: looks of the rotation that are reached through it.
    """

    platform: str
    down: bool
    since: float
    looks: int


@dataclass(frozen=True, slots=True)
class Row:
    """Where one look stands, for a screen.

    Attributes:
        key: of the look.
        deadline: latest start of the next inspected look that keeps the promise; past when it is broken.
        last_inspected: start of the last inspected look.
        state: ``waiting``, ``running``, ``due``, ``late`` (deadline passed), ``away`` (no usable picture for long, or its
            platform is away) or ``held`` (maintenance).
        failures: attempts in a row without an inspected look.
        next_at: earliest next attempt; of a running look, its start.
    """

    key: str
    deadline: float
    last_inspected: float | None
    state: State
    failures: int
    next_at: float


@dataclass(frozen=True, slots=True)
class Share:
    """How full one platform is.

    Attributes:
        name: platform id.
        load: stream seconds needed over those it allows.
        running: streams open now.
        limit: streams allowed.
        shortened: load with dwells as short as they are now; the same as ``load`` while all fits.
        down_since: since when it is away, None while it answers.
        look_s: mean seconds a look of it holds its stream, measured; None before the first.
    """

    name: str
    load: float
    running: int
    limit: int
    shortened: float
    down_since: float | None
    look_s: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where the rotation stands as a whole.

    Attributes:
        cameras: looks in the rotation.
        due: looks that could start now.
        late: looks past their deadline that answer (or were never tried).
        running: looks being made.
        away: looks without a usable picture after repeated attempts, or whose platform is away.
        held: looks on hold for maintenance.
        worst_gap_s: longest time since an inspected look (before the first: since it entered), of those not away.
        load: stream seconds needed over those there are, in all; the fullest platform may be above it.
        shortened: the same with dwells as short as they are now.
        warning: what to tell people when gaps will be, or are being, broken for want of streams; None when all fits.
        first_broken_s: when the first deadline passed without an attempt since this planner began, None when none did.
        follow_ups: extra looks asked for and not made yet.
        platforms: one entry per platform, fullest first.
    """

    cameras: int
    due: int
    late: int
    running: int
    away: int
    held: int
    worst_gap_s: float | None
    load: float
    shortened: float
    warning: str | None
    first_broken_s: float | None
    follow_ups: int
    platforms: tuple[Share, ...]
