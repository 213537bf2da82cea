"""What events are grouped by: a camera's category, platform and township as the registry has them now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from patrol.figures.roll import township
from patrol.registry import Name, Registry, look_specs

By = Literal["kind", "category", "platform", "division", "camera"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera belongs."""

    name: str
    category: str
    platform: str
    division: str


@dataclass(frozen=True, slots=True)
class Places:
    """All cameras of a registry, and how its groups are called.

    Attributes:
        cameras: by id.
        names: by ``(by, key)``.
    """

    cameras: Mapping[str, Place]
    names: Mapping[tuple[str, str], Name]

    def name(self, by: str, key: str) -> Name:
        """How a group is called; its key where nothing is known."""
        return self.names.get((by, key)) or Name(zh=key, en=key)

    def key(self, by: str, camera: str, *, kind: str = "", category: str | None = None) -> str:
        """Under what an event of a camera is counted; empty: the registry has no such camera any more.

        Args:
            by: ``kind``, ``category``, ``platform``, ``division`` or ``camera``.
            camera: its id.
            kind: of the event.
            category: that the event was recorded under; it goes before the camera's own.
        """
        if by in {"kind", "camera"}:
            return kind if by == "kind" else camera
        if by == "category" and category:
            return category
        place = self.cameras.get(camera)
        if place is None:
            return ""
        return {"category": place.category, "platform": place.platform, "division": place.division}[by]


def places_of(registry: Registry) -> Places:
    """The places of a registry."""
    cameras = {
        spec.camera.id: Place(
            spec.camera.name, spec.category.key, spec.platform.id, township(spec.camera.place.division_code)
        )
        for spec in look_specs(registry, include_disabled=True)
    }
    names: dict[tuple[str, str], Name] = {("category", each.key): each.name for each in registry.categories}
    names |= {("platform", each.id): each.name for each in registry.platforms}
    names |= {("department", each.id): each.name for each in registry.departments}
    names |= {("camera", each.id): Name(zh=each.name, en=each.name) for each in registry.cameras}
    names |= {("division", each.code): Name(zh=each.name, en=each.name) for each in registry.cases.divisions}
    return Places(cameras, names)
