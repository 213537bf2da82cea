"""From a registry entry to what the rotation plans and what a worker is told: one look, as values.

Pure but for reading the credential: the county time and what was seen before are arguments.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from detectors import Kind, Zone, ZoneKind
from patrol.registry import LookSpec, Registry, address, effective, exemptions
from patrol.rotation import Limits, LookPlan
from patrol.visits import VisitOrder

OVERHEAD_S = 4.0
"""Seconds a look holds a stream beside its dwell, until the planner has measured it."""

_ANALYSIS_S = 60.0
"""Seconds of the hard limit for waiting for a processor and analysing, beside opening and twice the dwell."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the look before left: the picture's fingerprint and the adopted reference picture (relative to the data folder)."""

    fingerprint: str | None = None
    reference: str | None = None


def plan_of(spec: LookSpec, registry: Registry, local_time: datetime) -> LookPlan:
    """What the planner needs to know of a look, with the risk windows open at ``local_time``."""
    now = effective(spec, registry, local_time)
    source = (spec.preset.source if spec.preset else None) or spec.camera.source
    return LookPlan(
        key=spec.key,
        platform=spec.platform.id,
        host=host_of(source),
        period_s=now.period_s,
        dwell_s=spec.dwell_s,
        priority=now.priority,
        expected_s=spec.dwell_s + OVERHEAD_S,
    )


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
    spec: LookSpec, registry: Registry, local_time: datetime, *, data: Path, base: Path | None, before: Before
) -> VisitOrder:
    """What the worker is told.

    Args:
        spec: the camera or preset.
        registry: for the rules.
        local_time: county time, aware.
        data: the service's data folder; evidence and adopted references go there.
        base: folder that relative paths in the registry start from.
        before: what the look before left.

    Raises:
        CredentialError: the credential the camera refers to is not there.
    """
    named = spec.reference
    reference = (base or Path()) / named if named else data / (before.reference or reference_path(spec.key))
    return VisitOrder(
        id=uuid.uuid4().hex,
        source=address(spec.camera, spec.platform, spec.preset, base=base),
        dwell_s=spec.dwell_s,
        detectors=tuple(Kind(k) for k in spec.detectors),
        zones=tuple(Zone(z.name, ZoneKind(z.kind), z.polygon) for z in spec.zones),
        exempt={Kind(kind): why for kind, why in exemptions(registry, spec, local_time).items()},
        camera=spec.camera.id,
        preset=spec.preset.id if spec.preset else None,
        category=spec.category.key,
        local_time=local_time,
        evidence_dir=data / "evidence" / f"{local_time:%Y-%m-%d}",
        reference=reference if reference.is_file() else None,
        adopt_reference=None if named else reference,
        previous_fingerprint=before.fingerprint,
        open_timeout_s=spec.platform.open_timeout.total_seconds(),
        read_timeout_s=spec.platform.read_timeout.total_seconds(),
        hard_limit_s=hard_limit_s(spec),
    )


def hard_limit_s(spec: LookSpec) -> float:
    """Wall clock after which a look is ended by force, seconds."""
    platform = spec.platform
    return (
        platform.open_timeout.total_seconds() + platform.read_timeout.total_seconds() + 2 * spec.dwell_s + _ANALYSIS_S
    )


def reference_path(key: str) -> str:
    """Where the adopted reference picture of a look lies, relative to the data folder."""
    return f"references/{key.replace('/', '@')}.jpg"
