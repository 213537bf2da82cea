"""What routes are given: the service, a read session, and the people's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from patrol.service import Service


def service_of(request: Request) -> Service:
    """The service this application stands over."""
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(service_of)]


def _session(service: TheService) -> Iterator[Session]:
    with service.store.reading() as session:
        yield session


ReadSession = Annotated[Session, Depends(_session)]
