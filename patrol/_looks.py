"""From a registry entry to what the rotation plans and what a worker is told: one look, as values.

Pure but for reading the credential: the county time and what was seen before are arguments.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from detectors import Kind, Zone, ZoneKind
from patrol.ledger.spot_checks import drawn
from patrol.registry import (
    CameraZone,
    Effective,
    LoadedRegistry,
    LookSpec,
    Registry,
    address,
    effective,
    exemptions,
    in_maintenance,
    paused,
    rods_allowed,
)
from patrol.rotation import MAINTENANCE, Limits, LookPlan, Start
from patrol.visits import VisitOrder

OVERHEAD_S = 4.0
"""Seconds a look holds a stream beside its dwell, until the planner has measured it."""

EXTEND_S = 60.0
"""Seconds that a look goes on where fireworks may be (domain facts, part 4: 60 to 120 s; a revisit is too late)."""

_EXTEND_DWELLS = 3.0
"""But no longer than so many dwells: where looks are short, because the rotation turns fast or not everything fits, others wait."""

_ANALYSIS_S = 60.0
"""Seconds of the hard limit for waiting for a processor and analysing, beside opening and twice the dwell."""


@dataclass(frozen=True, slots=True)
class Running:
    """A look under way: how it was planned, by which registry, and when its order went to a worker, on the plan line."""

    start: Start
    spec: LookSpec
    loaded: LoadedRegistry
    revision: int | None
    submitted: float


@dataclass(frozen=True, slots=True)
class Before:
    """What the look before left: the picture's fingerprint and the adopted reference picture (relative to the data folder)."""

    fingerprint: str | None = None
    reference: str | None = None


def plans_at(specs: Iterable[LookSpec], registry: Registry, local_time: datetime) -> list[LookPlan]:
    """What the planner needs to know of all looks, with the risk windows, maintenance and pauses of ``local_time``."""
    in_force: dict[tuple[tuple[str, ...], float, int], Effective] = {}
    plans = []
    for spec in specs:
        if spec.camera.paused is not None and paused(spec, registry, local_time) is not None:
            continue
        # What is in force depends on these alone; a county has few combinations and thousands of cameras.
        kind = (spec.camera.categories, spec.period_s, spec.priority)
        now = in_force.get(kind)
        if now is None:
            now = in_force[kind] = effective(spec, registry, local_time)
        held = bool(registry.maintenance) and in_maintenance(spec, registry, local_time) is not None
        preset = spec.preset
        plans.append(
            LookPlan(
                key=spec.key,
                platform=spec.platform.id,
                host=host_of((preset.source if preset else None) or spec.camera.source),
                period_s=now.period_s,
                dwell_s=spec.dwell_s,
                priority=now.priority,
                expected_s=spec.dwell_s + OVERHEAD_S,
                least_dwell_s=spec.least_dwell_s,
                unit=spec.camera.id if len(spec.camera.presets) > 1 else None,
                hold=MAINTENANCE if held else None,
            )
        )
    return plans


def changes_ahead(
    specs: Sequence[LookSpec], registry: Registry, local_now: datetime, horizon_s: float
) -> list[tuple[datetime, list[LookPlan]]]:
    """The plans that come into force within ``horizon_s``: risk windows that open or close, maintenance, pauses.

    Args:
        specs: all looks.
        registry: for its windows.
        local_now: county time, aware.
        horizon_s: how far ahead, seconds.
    """
    end = local_now + timedelta(seconds=horizon_s)
    clocks = {time.min}
    for category in registry.categories:
        for window in category.risk_windows:
            clocks |= {clock for clock in (window.start, window.end) if clock is not None and clock != time.max}
    zone = registry.county.zone
    moments = {
        datetime.combine(local_now.date() + timedelta(days=day), clock, zone)
        for day in range((end.date() - local_now.date()).days + 1)
        for clock in clocks
    }
    for entry in registry.maintenance:
        moments |= {_aware(entry.start, zone), _aware(entry.end, zone)}
    moments |= {_aware(s.camera.paused.until, zone) for s in specs if s.camera.paused and s.camera.paused.until}
    return [(at, plans_at(specs, registry, at)) for at in sorted(m for m in moments if local_now < m <= end)]


def limits_of(registry: Registry, total: int) -> Limits:
    """How many streams may be open at once: in all, per platform, per host of a platform."""
    return Limits(
        total=total,
        per_platform={p.id: p.max_streams for p in registry.platforms},
        per_host={p.id: p.max_streams_per_host for p in registry.platforms},
    )


def host_of(source: str) -> str:
    """The host a source is fetched from, ``file`` for a file."""
    if "://" not in source:
        return "file"
    try:
        return urlsplit(source).hostname or source
    except ValueError:
        return source


def order_of(
    spec: LookSpec,
    registry: Registry,
    local_time: datetime,
    *,
    dwell_s: float,
    data: Path,
    base: Path | None,
    before: Before,
) -> VisitOrder:
    """What the worker is told.

    Args:
        spec: the camera or preset.
        registry: for the rules.
        local_time: county time, aware.
        dwell_s: how long to look: the camera's dwell, or less while not everything fits.
        data: the service's data folder; evidence and adopted references go there.
        base: folder that relative paths in the registry start from.
        before: what the look before left.

    Raises:
        CredentialError: the credential the camera refers to is not there.
    """
    named = spec.reference
    reference = (base or Path()) / named if named else data / (before.reference or reference_path(spec.key))
    visit = uuid.uuid4().hex
    return VisitOrder(
        id=visit,
        # What people are to see must be there to see, also when no detector found anything.
        keep_all=drawn(visit, registry.spot_checks.share),
        source=address(spec.camera, spec.platform, spec.preset, base=base),
        dwell_s=dwell_s,
        detectors=tuple(Kind(k) for k in spec.detectors),
        zones=zones_of(spec.zones),
        exempt={Kind(kind): why for kind, why in exemptions(registry, spec, local_time).items()},
        rods_allowed=rods_allowed(registry, spec, local_time),
        camera=spec.camera.id,
        preset=spec.preset.id if spec.preset else None,
        category=spec.category.key,
        local_time=local_time,
        evidence_dir=data / "evidence" / f"{local_time:%Y-%m-%d}",
        networks=registry.network.streams,
        reference=reference if reference.is_file() else None,
        adopt_reference=None if named else reference,
        last_picture=data / picture_path(spec.key),
        memory=data / "memory" / f"{spec.key.replace('/', '@')}.npz" if Kind.CONGESTION in spec.detectors else None,
        previous_fingerprint=before.fingerprint,
        open_timeout_s=spec.platform.open_timeout.total_seconds(),
        read_timeout_s=spec.platform.read_timeout.total_seconds(),
        extend_s=min(EXTEND_S, _EXTEND_DWELLS * dwell_s),
        hard_limit_s=hard_limit_s(spec),
    )


def zones_of(drawn: Iterable[CameraZone]) -> tuple[Zone, ...]:
    """The registry's zones as detectors take them."""
    return tuple(Zone(z.name, ZoneKind(z.kind), z.polygon, z.signals) for z in drawn)


def hard_limit_s(spec: LookSpec) -> float:
    """Wall clock after which a look is ended by force, seconds."""
    platform = spec.platform
    waiting = platform.open_timeout.total_seconds() + platform.read_timeout.total_seconds()
    longer = waiting + 2 * EXTEND_S if Kind.FIREWORKS in spec.detectors else 0.0
    return waiting + 2 * spec.dwell_s + longer + _ANALYSIS_S


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def reference_path(key: str) -> str:
    """Where the adopted reference picture of a look lies, relative to the data folder."""
    return f"references/{key.replace('/', '@')}.jpg"


def picture_path(key: str) -> str:
    """Where the last picture of a look lies, relative to the data folder."""
    return f"pictures/{key.replace('/', '@')}.jpg"
