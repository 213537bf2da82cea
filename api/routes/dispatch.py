"""Who would be told, who has not answered, what is held back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query

from api import models
from api.callers import asks
from api.deps import ReadSession, TheService, department_names, seen_cameras
from api.following import cases_of
from patrol.access import Caller
from patrol.alerts.dry_run import dry_run
from patrol.alerts.route import Matter, RouteError, contacts_of, matter_of
from patrol.store import queries

router = APIRouter(tags=["dispatch"])

_ADDED = {"escalations", "department_name", "summary", "contacts", "case"}
Kind = Literal["congestion", "fireworks", "fishing"]


@router.get("/route", dependencies=[Depends(asks("dispatch.read", "registry.read"))])
def route(
    service: TheService,
    kind: Kind,
    camera: str | None = None,
    category: str | None = None,
    rule: str | None = None,
    place: Annotated[
        str | None, Query(pattern=r"^\d{6,12}$", description="Division code, where no camera is named.")
    ] = None,
    at: Annotated[datetime | None, Query(description="With an offset, or county time; left out: now.")] = None,
) -> models.DryRun:
    """Who would be told of an incident, by which route, and who after him if nobody answers. Sends nothing."""
    registry = service.loaded.registry
    if camera is not None and all(c.id != camera for c in registry.cameras):
        raise HTTPException(404, f"no camera {camera!r}")
    moment = at or datetime.now(UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=registry.county.zone)
    if camera is not None:
        matter = matter_of(registry, kind=kind, camera=camera, category=None, rule=rule)
    else:
        matter = Matter(kind, (category,) if category else (), None, rule, place)
    try:
        found = dry_run(registry, matter, moment)
    except RouteError as error:
        raise HTTPException(409, str(error)) from error
    return models.DryRun(
        at=found.at,
        route=found.routed.route,
        tried=[models.TriedRoute(name=t.name, why_not=t.why_not or None) for t in found.routed.tried],
        told=[
            models.ToldFirst(
                department=t.department,
                name=t.name,
                role=t.role,
                contacts=[models.Contact(name=c.name, phone=c.phone) for c in t.contacts],
                respond_s=t.respond_s,
            )
            for t in found.told
        ],
        fallback=found.routed.fallback,
        later=[
            models.ToldLater(after_s=r.after_s, who=r.who, whom=r.whom, phone=r.phone, because=r.because)
            for r in found.later
        ],
        exempt=found.exempt or None,
    )


@router.get("/dispatches")
def dispatches(
    caller: Annotated[Caller, Depends(asks("dispatch.read"))],
    service: TheService,
    session: ReadSession,
    incident: str | None = None,
    closed: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[models.Dispatch]:
    """What departments were told, the longest overdue first, with who is on duty there and the rungs that were climbed."""
    registry = service.loaded.registry
    names = department_names(registry)
    local = datetime.now(UTC).astimezone(registry.county.zone)
    found = queries.dispatches(
        session, incident=incident, closed=closed, cameras=seen_cameras(caller, registry), limit=limit
    )
    incidents = [track.incident for track, _ in found]
    summaries, cases = queries.summaries(session, incidents), cases_of(session, incidents)
    return [
        models.Dispatch(
            **{name: getattr(track, name) for name in models.Dispatch.model_fields if name not in _ADDED},
            department_name=names.get(track.department),
            summary=summaries.get(track.incident, ""),
            case=cases.get(track.incident),
            contacts=[
                models.Contact(name=c.name, phone=c.phone) for c in contacts_of(registry, track.department, local)
            ],
            escalations=[
                models.Escalation(**{name: getattr(e, name) for name in models.Escalation.model_fields})
                for e in climbed
            ],
        )
        for track, climbed in found
    ]


@router.get("/silences", dependencies=[Depends(asks("dispatch.read"))])
def silences(session: ReadSession, over: bool = False) -> list[models.Silence]:
    """Silences, the newest first, each with how many incidents it holds back now."""
    found = queries.silences(session, since=None if over else datetime.now(UTC))
    return [
        models.Silence(
            **{name: getattr(row, name) for name in models.Silence.model_fields if name != "holds"}, holds=holds
        )
        for row, holds in found
    ]
