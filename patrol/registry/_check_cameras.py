"""Checks of the cameras: ids, references, sources, zones, times."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from patrol.registry._collect import Findings
from patrol.registry._gb28181 import id_doubt, id_problem
from patrol.registry._geometry import polygon_problem
from patrol.registry.addresses import PLACEHOLDER, SCHEMES, has_clear_credential, scheme_of
from patrol.registry.durations import format_duration
from patrol.registry.models import Camera, CameraZone, Category, Platform
from patrol.registry.problems import Loc

_NOTHING = timedelta(0)


def check_cameras(found: Findings) -> None:
    """Check every camera of the registry."""
    registry = found.registry
    platforms = {platform.id: platform for platform in registry.platforms}
    categories = {category.key: category for category in registry.categories}
    platform_names, category_names = found.names("platforms", "id"), found.names("categories", "key")
    streams: dict[str, Loc] = {}
    for i, camera in enumerate(registry.cameras):
        loc: Loc = ("cameras", i)
        _check_id(found, loc, camera)
        found.known((*loc, "platform"), camera.platform, platform_names, "platform")
        for k, key in enumerate(camera.categories):
            if found.known((*loc, "categories", k), key, category_names, "category") and key in camera.categories[:k]:
                found.error((*loc, "categories", k), f"category {key!r} was already given")
        own = [categories[key] for key in camera.categories if key in categories]
        _check_times(found, loc, camera, own)
        _check_detectors(found, loc, camera, own, complete=len(own) == len(camera.categories))
        _check_source(found, (*loc, "source"), camera.source, camera, platforms.get(camera.platform))
        _check_zones(found, (*loc, "zones"), camera.zones)
        _check_presets(found, loc, camera, platforms.get(camera.platform))
        _check_place(found, loc, camera)
        if not camera.presets and streams.setdefault(camera.source, loc) is not loc:
            found.warn(
                (*loc, "source"), f"is also the source of the camera in line {found.line(streams[camera.source])}"
            )


def _check_id(found: Findings, loc: Loc, camera: Camera) -> None:
    problem = id_problem(camera.id)
    if problem is not None:
        found.error((*loc, "id"), problem)
    else:
        doubt = id_doubt(camera.id, found.registry.county.code)
        if doubt is not None:
            found.warn((*loc, "id"), doubt)


def _check_times(found: Findings, loc: Loc, camera: Camera, own: list[Category]) -> None:
    if camera.period is None and camera.dwell is None and len(own) < 2:
        # Its one category was checked by itself.
        return
    allowed = min((category.period for category in own), default=None)
    period = camera.period if camera.period is not None else allowed
    if camera.period is not None:
        if camera.period <= _NOTHING:
            found.error((*loc, "period"), "must be more than 0s")
        elif allowed is not None and camera.period > allowed:
            found.error(
                (*loc, "period"),
                f"{format_duration(camera.period)} is longer than its categories allow ({format_duration(allowed)})",
            )
    dwell = camera.dwell if camera.dwell is not None else max((category.dwell for category in own), default=None)
    if camera.dwell is not None and camera.dwell <= _NOTHING:
        found.error((*loc, "dwell"), "must be more than 0s")
    elif dwell is not None and period is not None and _NOTHING < period <= dwell:
        found.error(
            (*loc, "period" if camera.dwell is None and camera.period is not None else "dwell"),
            f"a look of {format_duration(dwell)} does not fit the period of {format_duration(period)}",
        )
    elif dwell is not None:
        for category in own:
            for window in category.risk_windows:
                if window.period is not None and _NOTHING < window.period <= dwell:
                    found.error(
                        (*loc, "dwell"),
                        f"a look of {format_duration(dwell)} does not fit the period of "
                        f"{format_duration(window.period)} in the risk window {window.name!r} of {category.key}",
                    )


def _check_detectors(found: Findings, loc: Loc, camera: Camera, own: list[Category], *, complete: bool) -> None:
    if camera.detectors is None or not complete:
        return
    wanted = {kind for category in own for kind in category.detectors}
    for k, kind in enumerate(camera.detectors):
        if kind not in wanted:
            found.error((*loc, "detectors", k), f"none of its categories looks for {kind}; this list only restricts")


def _check_presets(found: Findings, loc: Loc, camera: Camera, platform: Platform | None) -> None:
    if not camera.presets:
        return
    found.unique((((*loc, "presets", k, "id"), preset.id) for k, preset in enumerate(camera.presets)), "preset")
    if camera.zones:
        found.error((*loc, "zones"), "a camera with presets has its zones at the presets; these would never be used")
    if camera.reference is not None:
        found.warn(
            (*loc, "reference"), "a camera with presets has its reference pictures at the presets; this is never used"
        )
    for k, preset in enumerate(camera.presets):
        if preset.source is not None:
            _check_source(found, (*loc, "presets", k, "source"), preset.source, camera, platform)
        _check_zones(found, (*loc, "presets", k, "zones"), preset.zones)
        if preset.reference is None and preset.source is None and len(camera.presets) > 1:
            found.warn(
                (*loc, "presets", k),
                "has no reference picture: the first good picture becomes it, whatever the camera looks at then",
            )


def _check_source(found: Findings, loc: Loc, source: str, camera: Camera, platform: Platform | None) -> None:
    # No message repeats the address: whoever put a password into it would find it in the log.
    scheme = scheme_of(source)
    if scheme is None:
        if re.match(r"[A-Za-z]{2,}:", source):
            found.error(
                loc,
                f"is neither a file path nor an address; addresses begin with {', '.join(f'{s}://' for s in SCHEMES)}",
            )
        return
    if has_clear_credential(source):
        found.error(
            loc,
            "holds a credential in clear text; write credential: env:NAME or file:PATH, "
            f"and {PLACEHOLDER} where it belongs",
        )
        return
    if scheme not in SCHEMES:
        hint = "; write the path alone" if scheme == "file" else f"; use one of {', '.join(SCHEMES)}, or a file path"
        found.error(loc, f"{scheme}:// cannot be opened{hint}")
        return
    try:
        parts = urlsplit(source.replace(PLACEHOLDER + "@", "").replace(PLACEHOLDER, "x"))
        host, port = parts.hostname, parts.port
    except ValueError as error:
        found.error(loc, f"is not an address: {error}")
        return
    if not host or port == 0:
        found.error(loc, "names no host" if not host else "port 0 cannot be opened")
    elif any(character.isspace() for character in source):
        found.error(loc, "holds a space; write %20")
    elif any(name != PLACEHOLDER for name in re.findall(r"\{[^}]*\}?", source)):
        found.error(loc, f"only {PLACEHOLDER} is filled in; nothing else may stand in braces")
    elif PLACEHOLDER in source and camera.credential is None and platform is not None and platform.credential is None:
        found.error(loc, f"asks for {PLACEHOLDER}, but neither the camera nor its platform has one")


def _check_zones(found: Findings, loc: Loc, zones: tuple[CameraZone, ...]) -> None:
    names: dict[str, int] = {}
    for k, zone in enumerate(zones):
        if names.setdefault(zone.name, k) != k:
            found.error(
                (*loc, k, "name"),
                f"zone {zone.name!r} was already given in line {found.line((*loc, names[zone.name], 'name'))}",
            )
        problem = polygon_problem(zone.polygon)
        if problem is not None:
            found.error((*loc, k, "polygon"), problem)


def _check_place(found: Findings, loc: Loc, camera: Camera) -> None:
    place = camera.place
    if (place.lon is None) != (place.lat is None):
        found.error((*loc, "place"), "give both lon and lat, or neither")
    code = found.registry.county.code
    if place.division_code is not None and not place.division_code.startswith(code):
        found.warn((*loc, "place", "division_code"), f"lies outside {code}, the county")
    elif place.division_code is not None and len(place.division_code) not in {6, 9, 12}:
        found.error((*loc, "place", "division_code"), "has 6 (county), 9 (township) or 12 (village) digits")
