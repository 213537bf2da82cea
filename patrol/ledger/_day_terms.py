"""What was in force: from the day's registry revisions to when each look was asked for, and with which period. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from patrol.ledger._day_types import Span
from patrol.registry import LookSpec, Registry, effective, look_specs, paused

_DAY = timedelta(days=1)
LOOK_BACK = _DAY
"""How long before the day revisions are read, so that a gap of the night before is held against what was in force then."""


@dataclass(frozen=True, slots=True)
class Force:
    """One registry from ``since`` on, seconds since the epoch, until the next one."""

    since: float
    registry: Registry


@dataclass(frozen=True, slots=True)
class Duty:
    """A time without a break in which a look was asked for.

    Attributes:
        start, end: seconds since the epoch. ``start`` may lie before the day.
        steps: ``(from, period_s, platform)``, the first at or before ``start``.
        began: whether the look is known to have come into the rotation at ``start``; else it was in it before, too.
    """

    start: float
    end: float
    steps: tuple[tuple[float, float, str], ...]
    began: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """One look's terms.

    Attributes:
        spec: its last entry in the registry.
        duties: its times of duty, oldest first.
        enabled, pause: as that entry has it; ``pause`` is the reason of one that lasts.
        named_until: end of the last revision that names it, seconds since the epoch.
    """

    spec: LookSpec
    duties: tuple[Duty, ...]
    enabled: bool
    pause: str | None
    named_until: float


def span_of(day: date, zone: ZoneInfo, now: datetime) -> Span:
    """The county day from local midnight to midnight.

    Args:
        day: county date.
        zone: county time zone.
        now: aware; a day that is not over is known up to here.
    """
    # A midnight that a clock change skips or repeats is, as everywhere in Python, the first of the two.
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
    return Span(day, zone, start, end, max(start, min(end, now.astimezone(UTC))))


def clock_windows(span: Span, length: timedelta) -> tuple[tuple[float, float], ...]:
    """The clock windows (00:00 to 02:00 …) that are over, seconds since the epoch.

    One that a clock change or the end of the day has cut short is left out: a period may be longer than what is left.
    """
    found = []
    edge = datetime.combine(span.day, time())
    last = edge + _DAY
    while edge < last:
        following = min(edge + length, last)
        start, end = (moment.replace(tzinfo=span.zone).timestamp() for moment in (edge, following))
        if end - start >= length.total_seconds() and end <= span.until.timestamp():
            found.append((start, end))
        edge = following
    return tuple(found)


def terms_of(forces: Sequence[Force], span: Span) -> dict[str, Terms]:
    """Every look that one of the revisions names, with when it was asked for.

    Args:
        forces: oldest first; the first may begin long before the day.
        span: the day.
    """
    until = span.until.timestamp()
    pieces: dict[str, list[tuple[float, float, LookSpec, Registry, bool]]] = {}
    last: dict[str, tuple[LookSpec, str | None, float]] = {}
    for number, force in enumerate(forces):
        following = forces[number + 1].since if number + 1 < len(forces) else until
        end = min(following, until)
        for spec in look_specs(force.registry, include_disabled=True):
            reason = paused(spec, force.registry, datetime.fromtimestamp(end, UTC) - timedelta(microseconds=1))
            last[spec.key] = (spec, reason, end)
            since = force.since
            if not spec.camera.enabled:
                continue
            if spec.camera.paused is not None:
                over = _pause_over(spec, force.registry)
                if over is None or over >= end:
                    continue
                since = max(since, over)
            if since < end:
                from_before = number == 0 and since == force.since
                pieces.setdefault(spec.key, []).append((since, end, spec, force.registry, from_before))
    clocks: dict[object, tuple[tuple[float, float], ...]] = {}
    return {
        key: Terms(spec, _duties(pieces.get(key, ()), span, clocks), spec.camera.enabled, reason, named_until)
        for key, (spec, reason, named_until) in last.items()
    }


def _pause_over(spec: LookSpec, registry: Registry) -> float | None:
    pause = spec.camera.paused
    if pause is None or pause.until is None:
        return None
    until = pause.until
    return (until if until.tzinfo else until.replace(tzinfo=registry.county.zone)).timestamp()


def _duties(
    pieces: Iterable[tuple[float, float, LookSpec, Registry, bool]],
    span: Span,
    clocks: dict[object, tuple[tuple[float, float], ...]],
) -> tuple[Duty, ...]:
    duties: list[Duty] = []
    for start, end, spec, registry, from_before in pieces:
        steps = [(at, period, spec.platform.id) for at, period in _periods(spec, registry, start, end, span, clocks)]
        if duties and duties[-1].end == start:
            before = duties.pop()
            duties.append(Duty(before.start, end, (*before.steps, *steps), before.began))
        else:
            duties.append(Duty(start, end, tuple(steps), began=not from_before))
    return tuple(duties)


def _periods(
    spec: LookSpec,
    registry: Registry,
    start: float,
    end: float,
    span: Span,
    clocks: dict[object, tuple[tuple[float, float], ...]],
) -> list[tuple[float, float]]:
    """When which period held between two times: ``(from, period_s)``, the first at ``start``."""
    if not any(category.risk_windows for category in spec.categories):
        return [(start, spec.period_s)]
    # Cameras of the same categories share their windows: asked once, not once a camera.
    key = (id(registry), spec.period_s, tuple(category.key for category in spec.categories))
    whole = clocks.get(key)
    if whole is None:
        whole = clocks[key] = _windows_of(spec, registry, span)
    at = bisect_right(whole, start, key=lambda step: step[0]) - 1
    first = whole[max(at, 0)][1]
    return [(start, first), *((moment, period) for moment, period in whole[max(at, 0) + 1 :] if moment < end)]


def _windows_of(spec: LookSpec, registry: Registry, span: Span) -> tuple[tuple[float, float], ...]:
    clocks = {time()}
    for category in spec.categories:
        for window in category.risk_windows:
            clocks |= {
                edge.replace(microsecond=0) for edge in (window.start, window.end) if edge not in (None, time.max)
            }
    moments = sorted(
        {
            datetime.combine(span.day + timedelta(days=offset), clock, span.zone).timestamp()
            for offset in (-2, -1, 0)
            for clock in clocks
        }
    )
    steps: list[tuple[float, float]] = []
    for moment in moments:
        period = effective(spec, registry, datetime.fromtimestamp(moment, span.zone)).period_s
        if not steps or steps[-1][1] != period:
            steps.append((moment, period))
    return tuple(steps)
