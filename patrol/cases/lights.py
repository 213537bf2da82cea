"""三色亮灯 as pure functions: the light of a clock, of a case, and when it turns by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from patrol.cases.types import OPEN_STAGES, Clock, Light, Stage

_TICK = timedelta(microseconds=1)
_WORST = (Light.RED, Light.YELLOW, Light.UNLIT)


def light_of(clock: Clock, now: datetime) -> Light:
    """The light of one clock; one that is paused shows what it showed then."""
    if clock.void:
        return Light.UNLIT
    if clock.stopped_at is not None:
        return Light.GREEN if clock.stopped_at <= clock.due else Light.CLOSED_LATE
    at = now if clock.paused_at is None else min(now, clock.paused_at)
    if at > clock.due:
        return Light.RED
    return Light.YELLOW if at >= clock.yellow_at else Light.UNLIT


def case_light(stage: Stage, clocks: Iterable[Clock], now: datetime) -> Light:
    """The light of a case: its worst open clock's; once closed, whether every clock was stopped in time."""
    lights = [light_of(clock, now) for clock in clocks]
    if stage in OPEN_STAGES:
        return next((light for light in _WORST if light in lights), Light.UNLIT)
    if stage in {Stage.CLOSED, Stage.EVALUATED}:
        return Light.CLOSED_LATE if Light.CLOSED_LATE in lights else Light.GREEN
    return Light.UNLIT


def next_change(stage: Stage, clocks: Iterable[Clock], now: datetime) -> datetime | None:
    """The next instant after ``now`` at which a light of an open case turns by itself; None: never."""
    if stage not in OPEN_STAGES:
        return None
    running = (clock for clock in clocks if clock.stopped_at is None and clock.paused_at is None and not clock.void)
    turns = (turn for clock in running for turn in (clock.yellow_at, clock.due + _TICK))
    return min((turn for turn in turns if turn > now), default=None)
