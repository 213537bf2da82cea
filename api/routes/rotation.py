"""Where the rotation stands, and what was seen: status, looks, visits, live events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from api import events, models
from api.callers import asks, session_of
from api.deps import ReadSession, TheService, county, department_names, may_know, seen_cameras
from api.links import Links
from api.security import COOKIE
from patrol import __version__
from patrol.access import Caller, sees
from patrol.service import Service
from patrol.store import queries, tables

router = APIRouter(tags=["rotation"])


@router.get("/status")
def status(caller: Annotated[Caller, Depends(asks("status.read"))], service: TheService) -> models.Status:
    """The service at a glance; whoever is limited to some cameras is not told the names of others."""
    registry, now = service.loaded.registry, service.snapshot()
    return models.Status(
        version=__version__,
        county=county(registry),
        demo=service.settings.demo,
        synthetic=service.settings.synthetic,
        now=service.clock.wall(),
        started_at=service.started_at,
        rotation=models.Rotation(
            cameras=now.cameras,
            due=now.due,
            late=now.late,
            away=now.away,
            held=now.held,
            running=now.running,
            worst_gap_s=now.worst_gap_s,
            load=now.load,
            load_shortened=now.shortened,
            warning=now.warning,
            forecast=_forecast(service, caller),
            platforms=[
                models.PlatformLoad(
                    platform=share.name,
                    load=share.load,
                    running=share.running,
                    limit=share.limit,
                    look_s=share.look_s,
                    away=share.down_since is not None,
                )
                for share in now.platforms
            ],
        ),
        counts=[models.Count(outcome=o, cause=c or None, looks=n) for (o, c), n in sorted(service.counts.items())],
        model=service.model_name(),
        broker_connected=service.relay.connected,
        problems={s: said for s, said in dict(service.board.problems).items() if may_know(caller, s)},
        department_names=department_names(registry),
    )


def _forecast(service: Service, caller: Caller) -> models.Forecast | None:
    ahead = service.outlook.to_json() if service.outlook else None
    if ahead is None:
        return None
    forecast = models.Forecast.model_validate(ahead)

    def seen(look: str | None) -> bool:
        return look is not None and sees(caller, service.loaded.registry.camera(look.partition("/")[0]))

    if not seen(forecast.worst_look):
        forecast.worst_look = None
    if forecast.first_broken is not None and not seen(forecast.first_broken.look):
        forecast.first_broken.look = None
    return forecast


@router.get("/looks")
def looks(
    caller: Annotated[Caller, Depends(asks("rotation.read"))], service: TheService, session: ReadSession
) -> models.Page[models.Look]:
    """Every look of the rotation, the earliest deadline first."""
    known = queries.look_states(session)
    found = []
    for spec, row in service.rows():
        state, camera = known.get(spec.key), spec.camera
        if not sees(caller, camera):
            continue
        found.append(
            models.Look(
                key=spec.key,
                camera=camera.id,
                preset=spec.preset.id if spec.preset else None,
                name=camera.name,
                platform=models.Name(zh=spec.platform.name.zh, en=spec.platform.name.en),
                category=models.Name(zh=spec.category.name.zh, en=spec.category.name.en),
                place=camera.place.address,
                lon=camera.place.lon,
                lat=camera.place.lat,
                detectors=list(spec.detectors),
                period_s=spec.period_s,
                dwell_s=spec.dwell_s,
                state=row.state,
                deadline=service.clock.wall_at(row.deadline),
                last_inspected_at=state.last_inspected_at if state else None,
                failures=state.failures if state else 0,
                last_outcome=state.last_outcome if state else None,
                last_cause=state.last_cause if state else None,
                last_visit=state.last_visit if state else None,
                last_ended_at=state.last_ended_at if state else None,
            )
        )
    return models.Page(items=sorted(found, key=lambda look: look.deadline))


Outcome = Literal["inspected", "unusable", "unreachable", "missed"]


@router.get("/visits")
def visits(
    caller: Annotated[Caller, Depends(asks("rotation.read"))],
    service: TheService,
    session: ReadSession,
    camera: str | None = None,
    outcome: Outcome | None = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.Page[models.Visit]:
    """The ledger, newest first."""
    rows = queries.visits(
        session,
        camera=camera,
        cameras=seen_cameras(caller, service.loaded.registry),
        outcome=outcome,
        before=cursor,
        limit=limit,
    )
    return models.Page(
        items=_visits(service, session, caller, rows),
        next=str(rows[-1].seq) if len(rows) == limit else None,
    )


@router.get("/visits/{visit_id}")
def visit(
    caller: Annotated[Caller, Depends(asks("rotation.read"))], service: TheService, session: ReadSession, visit_id: str
) -> models.Visit:
    """One look."""
    found = queries.visit(session, visit_id)
    if found is None or not sees(caller, service.loaded.registry.camera(found.camera)):
        raise HTTPException(404, f"no visit {visit_id!r}")
    return _visits(service, session, caller, [found])[0]


@router.get("/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def live(
    caller: Annotated[Caller, Depends(asks("events.read"))], service: TheService, request: Request
) -> StreamingResponse:
    """Server-sent events: look, missed, incident, alert, problem. They say what to ask again, and carry no state."""
    return StreamingResponse(
        events.stream(service, caller, _still(request)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


def _still(request: Request) -> Callable[[], Awaitable[bool]]:
    """Whether whoever opened a stream is still signed in; a token's stream is asked anew when it is opened again."""
    signed_in, sessions = session_of(request), request.app.state.sessions

    async def still() -> bool:
        if signed_in is None:
            return True
        return await sessions.signed_in(request.cookies.get(COOKIE, "")) is not None

    return still


def _visits(service: Service, session: Session, caller: Caller, rows: Sequence[tables.Visit]) -> list[models.Visit]:
    kept = queries.evidence_of(session, [row.id for row in rows])
    links = Links(service, caller, "rotation")
    return [
        models.Visit(
            id=row.id,
            look=row.look,
            camera=row.camera,
            preset=row.preset,
            reason=row.reason,
            due_at=row.due_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
            cause=row.cause,
            judged=row.judged,
            gap_s=row.gap_s,
            report=row.report,
            evidence=links.files(kept.get(row.id, ())),
        )
        for row in rows
    ]
