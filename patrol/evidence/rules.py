"""What the registry says of a copy: what is hidden at this camera, and the line burnt in below. Pure over the registry."""

from __future__ import annotations

from detectors import Zone, ZoneKind
from patrol.evidence.masking import Rules
from patrol.registry import Camera, Name, Registry
from patrol.store.tables import EvidenceExport, Visit


def rules_of(registry: Registry, camera: Camera | None, preset: str | None) -> Rules:
    """What is hidden beside heads and plates.

    Args:
        registry: with the categories.
        camera: None: one that no registry has; then whole people are, as at a school.
        preset: where a PTZ camera stood; None: nowhere in particular, then the private zones of all its poses are blacked.
    """
    if camera is None:
        return Rules(whole_people=True)
    masks = {category.key for category in registry.categories if category.mask_people}
    posed = [p for p in camera.presets if preset is None or p.id == preset]
    drawn = (*camera.zones, *(zone for pose in posed for zone in pose.zones))
    private = tuple(Zone(z.name, ZoneKind.PRIVATE, z.polygon) for z in drawn if z.kind == ZoneKind.PRIVATE.value)
    return Rules(whole_people=not masks.isdisjoint(camera.categories), private=private)


def unit_names(registry: Registry) -> dict[str, Name]:
    """The units that the registry knows, departments and divisions, by id or code; divisions have one name."""
    return {
        **{department.id: department.name for department in registry.departments},
        **{division.code: Name(zh=division.name, en=division.name) for division in registry.cases.divisions},
    }


def line_of(registry: Registry, row: EvidenceExport, visit: Visit) -> str:
    """Which copy it is, of what, when, for whom, in county time."""
    camera = registry.camera(row.camera)
    known = unit_names(registry).get(row.recipient_unit)
    unit = known.zh if known else row.recipient_unit
    about = (
        f"案件 {row.case_number}" if row.case_number else None,
        f"事件 {row.incident[:8]}" if row.incident else None,
    )
    seen = visit.started_at.astimezone(registry.county.zone)
    parts = (
        row.number,
        *(word for word in about if word),
        f"{camera.name} ({row.camera})" if camera else row.camera,
        f"{seen:%Y-%m-%d %H:%M:%S}",
        f"提供给 {unit}",
        "未遮挡 UNMASKED" if row.unmasked_reason is not None else "已遮挡 MASKED",
    )
    return " · ".join(parts)
