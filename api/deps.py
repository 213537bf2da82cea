"""What routes are given: the service, a read session, the cameras' names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi import Path as PathParameter
from sqlalchemy.orm import Session

from api.models import County, Name
from patrol.access import Caller, sees
from patrol.registry import Registry
from patrol.service import Service

RowNumber = Annotated[int, PathParameter(ge=1, le=2**53)]
"""Number of a row in an address; larger ones are no number that a database or a browser knows."""


def service_of(request: Request) -> Service:
    """The service this application stands over."""
    service: Service = request.app.state.service
    return service


def camera_names(registry: Registry) -> dict[str, str]:
    """What operators call each camera, by id. Make it once an answer: a county has thousands."""
    return {camera.id: camera.name for camera in registry.cameras}


def county(registry: Registry) -> County:
    """Whose service it is."""
    return County(
        code=registry.county.code,
        name=Name(zh=registry.county.name.zh, en=registry.county.name.en),
        timezone=registry.county.timezone,
    )


def seen_cameras(caller: Caller, registry: Registry) -> frozenset[str] | None:
    """Ids of the cameras that a caller may see; None: every one, also those that the registry no longer has."""
    if caller.sight is None:
        return None
    return frozenset(camera.id for camera in registry.cameras if sees(caller, camera))


def department_names(registry: Registry) -> dict[str, Name]:
    """What each department is called, by id. Make it once an answer."""
    return {d.id: Name(zh=d.name.zh, en=d.name.en) for d in registry.departments}


_NAMELESS = frozenset({"broker", "disk", "dispatch", "model", "store"})
"""Problems whose sentences name no camera."""


def may_know(caller: Caller, subject: str) -> bool:
    """Whether somebody may read the sentence of a problem: whoever is limited to some cameras only where it can name no other."""
    return caller.sight is None or subject in _NAMELESS or subject.startswith(("platform ", "channel "))


TheService = Annotated[Service, Depends(service_of)]


def _session(service: TheService) -> Iterator[Session]:
    with service.store.reading() as session:
        yield session


ReadSession = Annotated[Session, Depends(_session)]
