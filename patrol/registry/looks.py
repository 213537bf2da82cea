"""From the registry's entries to looks: which there are, and how often and how long each is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from patrol.registry._entry import Name, Priority
from patrol.registry.days import is_open
from patrol.registry.dispatch import KindName
from patrol.registry.models import Camera, CameraZone, Category, Place, Platform, Preset, Registry

_KINDS: tuple[KindName, ...] = get_args(KindName)


@dataclass(frozen=True, slots=True)
class LookSpec:
    """One look to be made again and again: a fixed camera, or one preset of a PTZ camera.

    Attributes:
        key: ``cam`` or ``cam/preset``.
        camera: its entry; the id is empty for an ad hoc look.
        preset: None for a fixed camera.
        platform: what it is reached through.
        categories: all of the camera's; one look serves them all.
        category: the one that leads: highest priority, then shortest period, then the first named.
        period_s: longest gap, seconds: the shortest of all its categories and its own.
        dwell_s: length of the look, seconds: its own, else the longest of all its categories.
        least_dwell_s: what it may be shortened to while not everything fits: the longest that any of its categories asks
            for; None when one of them asks never to shorten it.
        priority: rank of the highest priority of its categories, 0 (low) to 3 (highest).
        detectors: what is looked for: what any of its categories asks for, restricted to the camera's own list.
        zones: the preset's, else the camera's.
        reference: path of its reference picture as written in the file.
    """

    key: str
    camera: Camera
    preset: Preset | None
    platform: Platform
    categories: tuple[Category, ...]
    category: Category
    period_s: float
    dwell_s: float
    least_dwell_s: float | None
    priority: int
    detectors: tuple[KindName, ...]
    zones: tuple[CameraZone, ...]
    reference: str | None


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds for a look at one moment.

    Attributes:
        period_s: longest gap, seconds.
        priority: rank, 0 to 3.
        window: name of the risk window that sets them, None outside all windows.
    """

    period_s: float
    priority: int
    window: str | None


def look_specs(registry: Registry, *, include_disabled: bool = False) -> tuple[LookSpec, ...]:
    """All looks of a checked registry, in the order of the file; each preset is a look of its own."""
    platforms = {platform.id: platform for platform in registry.platforms}
    categories = {category.key: category for category in registry.categories}
    return tuple(
        spec
        for camera in registry.cameras
        if camera.enabled or include_disabled
        for spec in specs_of(camera, platforms[camera.platform], tuple(categories[key] for key in camera.categories))
    )


def look_specs_of(registry: Registry, camera: Camera) -> tuple[LookSpec, ...]:
    """The looks of one camera of a checked registry, whether it is enabled or not."""
    platform = next(platform for platform in registry.platforms if platform.id == camera.platform)
    categories = {category.key: category for category in registry.categories}
    return tuple(specs_of(camera, platform, tuple(categories[key] for key in camera.categories)))


def specs_of(camera: Camera, platform: Platform, categories: tuple[Category, ...]) -> Iterable[LookSpec]:
    """The looks of one camera: one, or one per preset."""
    leading = min(categories, key=lambda category: (-category.priority.rank, category.period))
    wanted = {kind for category in categories for kind in category.detectors}
    if camera.detectors is not None:
        wanted &= set(camera.detectors)
    periods = [category.period for category in categories]
    if camera.period is not None:
        periods.append(camera.period)
    dwell = camera.dwell if camera.dwell is not None else max(category.dwell for category in categories)
    floors = [category.least_dwell for category in categories]
    least = None
    if all(floor is not None for floor in floors):
        least = min(dwell, max(floor for floor in floors if floor is not None)).total_seconds()
    for preset in camera.presets or (None,):
        yield LookSpec(
            key=f"{camera.id}/{preset.id}" if preset else camera.id,
            camera=camera,
            preset=preset,
            platform=platform,
            categories=categories,
            category=leading,
            period_s=min(periods).total_seconds(),
            dwell_s=dwell.total_seconds(),
            least_dwell_s=least,
            priority=leading.priority.rank,
            detectors=tuple(kind for kind in _KINDS if kind in wanted),
            zones=preset.zones if preset else camera.zones,
            reference=preset.reference if preset else camera.reference,
        )


def ad_hoc_spec(registry: Registry, category: str) -> LookSpec:
    """A look at something that is no registered camera, as if it were one of this category. Its camera id is empty.

    Raises:
        KeyError: there is no such category.
    """
    found = {entry.key: entry for entry in registry.categories}[category]
    # Built past the checks: an empty id is what marks it, and no entry of a file may have one.
    camera = Camera.model_construct(
        id="",
        name=found.name.zh,
        platform="ad_hoc",
        source="",
        credential=None,
        categories=(found.key,),
        place=Place.model_construct(division_code=None, address="", lon=None, lat=None, datum="WGS84"),
        zones=(),
        presets=(),
        reference=None,
        detectors=None,
        period=None,
        dwell=None,
        enabled=True,
    )
    platform = Platform(id="ad_hoc", name=Name(zh="临时", en="ad hoc"))
    return next(iter(specs_of(camera, platform, (found,))))


def effective(spec: LookSpec, registry: Registry, local_time: datetime) -> Effective:
    """Period and priority of a look now: the strictest of itself and every open risk window of its categories.

    Args:
        spec: the look.
        registry: for its time zone and calendar overlay.
        local_time: any aware time; a naive one is county time.
    """
    period, priority, name = spec.period_s, spec.priority, None
    strictest: tuple[float, int] | None = None
    local = county_time(registry, local_time)
    for category in spec.categories:
        for window in category.risk_windows:
            if not is_open(window, local, registry.calendar):
                continue
            own_period = window.period.total_seconds() if window.period is not None else spec.period_s
            own_priority = window.priority.rank if window.priority is not None else spec.priority
            if strictest is None or (own_period, -own_priority) < strictest:
                strictest, name = (own_period, -own_priority), window.name
            period, priority = min(period, own_period), max(priority, own_priority)
    return Effective(period, priority, name)


def paused(spec: LookSpec, registry: Registry, local_time: datetime) -> str | None:
    """Why a camera is not patrolled now, None when it is."""
    pause = spec.camera.paused
    if pause is None:
        return None
    over = pause.until is not None and _moment(registry, pause.until) <= _moment(registry, local_time)
    return None if over else pause.reason


def in_maintenance(spec: LookSpec, registry: Registry, local_time: datetime) -> str | None:
    """The reason of the maintenance a look is on hold for, None when it is not."""
    now = _moment(registry, local_time)
    for entry in registry.maintenance:
        if not _moment(registry, entry.start) <= now < _moment(registry, entry.end):
            continue
        camera = spec.camera
        if (
            camera.id in entry.cameras
            or camera.platform in entry.platforms
            or any(key in entry.categories for key in camera.categories)
        ):
            return entry.reason
    return None


def _moment(registry: Registry, moment: datetime) -> datetime:
    """An aware time; a naive one is county time, and of two at the end of summer time the first."""
    return moment.replace(tzinfo=registry.county.zone) if moment.tzinfo is None else moment


def county_time(registry: Registry, moment: datetime) -> datetime:
    """The same moment as the county's clocks show it; a naive one already is."""
    return moment if moment.tzinfo is None else moment.astimezone(registry.county.zone)


def priority_of(rank: int) -> Priority:
    """The priority of a rank, 0 (low) to 3 (highest)."""
    return list(Priority)[rank]
