"""For whoever watches the service: alive, ready, metrics."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from api.callers import asks, open_to_all
from api.deps import TheService
from api.metrics import exposition
from api.problems import problem
from patrol.store import StoreError

router = APIRouter(tags=["health"])
_ALIVE = Depends(open_to_all("says only whether the service is alive, to whatever restarts it"))


@router.get("/healthz", include_in_schema=False, dependencies=[_ALIVE])
def healthz(service: TheService) -> Response:
    """200 while the rotation beats: the process is alive and its clock is turning."""
    if service.beats():
        return Response("ok\n", media_type="text/plain")
    return problem(503, "the rotation does not beat")


@router.get("/readyz", include_in_schema=False, dependencies=[_ALIVE])
def readyz(service: TheService) -> Response:
    """200 when a look could be made, written and told: store and broker answer."""
    try:
        service.store.ping()
    except StoreError as error:
        return problem(503, str(error))
    if not service.relay.connected:
        return problem(503, "no connection to the MQTT broker")
    return Response("ready\n", media_type="text/plain")


@router.get("/metrics", include_in_schema=False, dependencies=[Depends(asks("metrics.read"))])
def metrics(service: TheService) -> Response:
    """The Prometheus text format."""
    return Response(exposition(service), media_type="text/plain; version=0.0.4; charset=utf-8")
