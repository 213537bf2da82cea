"""Which departments hear of an incident. Pure: the registry decides, the first route that matches wins."""

from __future__ import annotations

from collections.abc import Iterable

from patrol.registry.models import Registry


class RouteError(Exception):
    """An incident that no department would hear of. It is never dropped in silence: the service shows this sentence."""


def departments_for(registry: Registry, kind: str, categories: Iterable[str]) -> tuple[str, ...]:
    """Ids of the departments to tell: the one that acts first, then those told beside it.

    Args:
        registry: the registry in force.
        kind: of the incident.
        categories: of the camera.

    Raises:
        RouteError: no route matches.
    """
    wanted = set(categories)
    for route in registry.routes:
        if route.kind == kind and (not route.categories or wanted & set(route.categories)):
            return tuple(dict.fromkeys((route.to, *route.copy_to)))
    raise RouteError(
        f"no route for {kind} at a camera of {', '.join(sorted(wanted)) or 'no category'}: nobody was told; add one to `routes`"
    )
