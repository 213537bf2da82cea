"""Which cameras somebody may see: everything, or what was granted by camera, platform, category or place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from patrol.registry import Camera, Registry


@dataclass(frozen=True, slots=True)
class Sight:
    """Grants; a camera is seen when any one of them covers it. An empty one sees nothing.

    Attributes:
        cameras: ids.
        platforms: ids.
        categories: keys.
        divisions: codes; each covers the divisions below it.
    """

    cameras: frozenset[str] = field(default=frozenset())
    platforms: frozenset[str] = field(default=frozenset())
    categories: frozenset[str] = field(default=frozenset())
    divisions: frozenset[str] = field(default=frozenset())

    def covers(self, camera: Camera) -> bool:
        """Whether a camera is within the grants."""
        return (
            camera.id in self.cameras
            or camera.platform in self.platforms
            or not self.categories.isdisjoint(camera.categories)
            or self.covers_place(camera.place.division_code)
        )

    def covers_place(self, code: str | None) -> bool:
        """Whether a place, by its division code, is within the granted divisions."""
        return code is not None and any(code.startswith(granted) for granted in self.divisions)

    def to_json(self) -> dict[str, list[str]]:
        """As it is kept and answered: every kind of grant, sorted."""
        return {f.name: sorted(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> Self | None:
        """Back from what was kept; None: no limit."""
        if kept is None:
            return None
        return cls(**{f.name: frozenset(kept.get(f.name, ())) for f in fields(cls)})


def sight_problems(registry: Registry, sight: Sight) -> list[str]:
    """Grants that name nothing of this registry, a sentence each."""
    known: dict[str, tuple[str, Iterable[str]]] = {
        "cameras": ("camera", (c.id for c in registry.cameras)),
        "platforms": ("platform", (p.id for p in registry.platforms)),
        "categories": ("category", (c.key for c in registry.categories)),
    }
    found = []
    for name, (word, there) in known.items():
        found += [f"there is no {word} {given!r}" for given in sorted(getattr(sight, name) - set(there))]
    codes = {registry.county.code, *(d.code for d in registry.cases.divisions)}
    codes |= {c.place.division_code for c in registry.cameras if c.place.division_code}
    found += [
        f"there is no division {given!r}"
        for given in sorted(sight.divisions)
        if not any(code.startswith(given) for code in codes)
    ]
    return found
