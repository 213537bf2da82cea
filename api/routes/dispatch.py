"""Who would be told, who has not answered, what is held back; and what the centre does about it: call, tell again, silence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from sqlalchemy.orm import Session

from api import models
from api.answered import Answers
from api.callers import asks
from api.deps import ReadSession, TheService, camera_names, department_names, seen_cameras
from api.following import cases_of
from api.links import Links
from patrol import audit
from patrol.access import Caller, sees
from patrol.alerts import outbox, silences, tracks
from patrol.alerts.acks import CallError, record_call
from patrol.alerts.dry_run import dry_run
from patrol.alerts.route import Matter, RouteError, contacts_of, matter_of
from patrol.registry import Registry
from patrol.store import queries
from patrol.store.tables import Alert, Incident, Silence

router = APIRouter(tags=["dispatch"])

_ADDED = {
    *("escalations", "department_name", "summary", "contacts", "case"),
    *("camera", "camera_name", "alert", "alert_state", "answers"),
}
Reader = Annotated[Caller, Depends(asks("dispatch.read"))]
Kind = Literal["congestion", "fireworks", "fishing"]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


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
    service: TheService,
    session: ReadSession,
    caller: Reader,
    incident: str | None = None,
    department: str | None = None,
    kind: Kind | None = None,
    closed: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[models.Dispatch]:
    """What departments were told, the longest overdue first, with who is on duty there, what they answered, who was called."""
    registry = service.loaded.registry
    names, cameras, links = department_names(registry), camera_names(registry), Links(service, caller)
    local = datetime.now(UTC).astimezone(registry.county.zone)
    found = queries.dispatches(
        session,
        incident=incident,
        department=department,
        kind=kind,
        closed=closed,
        cameras=seen_cameras(caller, registry),
        limit=limit,
    )
    incidents = queries.incidents_by_id(session, [track.incident for track, _ in found])
    cases = cases_of(session, incidents)
    said = queries.answers_of(session, [(track.incident, track.department) for track, _ in found])
    answers = Answers(session, links, (ack for _, acks in said.values() for ack in acks))
    shown = []
    for track, climbed in found:
        alert, acks = said.get((track.incident, track.department), (None, ()))
        of, case = incidents[track.incident], cases.get(track.incident)
        shown.append(
            models.Dispatch(
                **{name: getattr(track, name) for name in models.Dispatch.model_fields if name not in _ADDED},
                department_name=names.get(track.department),
                summary=of.summary,
                camera=of.camera,
                camera_name=cameras.get(of.camera),
                case=case,
                contacts=[
                    models.Contact(name=c.name, phone=c.phone) for c in contacts_of(registry, track.department, local)
                ],
                escalations=[
                    models.Escalation(**{name: getattr(e, name) for name in models.Escalation.model_fields})
                    for e in climbed
                ],
                alert=alert.id if alert is not None else None,
                alert_state=alert.state if alert is not None else None,
                answers=[answers.shown(ack, case) for ack in acks],
            )
        )
    return shown


@router.post("/dispatches/{incident_id}/{department}/calls", status_code=201)
def call_made(
    service: TheService,
    caller: Annotated[Caller, Depends(asks("dispatch.call"))],
    incident_id: str,
    department: str,
    asked: models.CallMade,
) -> models.Ack:
    """Write down a telephone call about a matter. A call that reached somebody counts as accepted; any other changes nothing."""
    now = service.clock.wall()
    try:
        with service.store.sessions.begin() as session:
            _visible(service.loaded.registry, session, caller, incident_id)
            alert = tracks.last_alert(session, incident_id, department)
            if alert is None:
                raise HTTPException(404, f"{department!r} was never told of the incident {incident_id!r}")
            row = record_call(
                session,
                alert,
                number=asked.number,
                outcome=asked.outcome,
                by=caller.name,
                note=asked.note,
                now=now,
                whom=asked.whom,
            )
            audit.write(
                session,
                caller,
                "dispatch.call",
                kind="incident",
                ref=incident_id,
                detail={"department": department, "number": asked.number, "outcome": asked.outcome},
                now=now,
            )
    except CallError as error:
        raise HTTPException(422, str(error)) from None
    service.board.tell({"event": "answer", "alert": alert, "status": row.status, "taken": row.taken})
    with service.store.reading() as session:
        return Answers(session, Links(service, caller), (row,)).shown(row, None)


@router.post("/alerts/{alert_id}/again", status_code=201)
def tell_again(
    service: TheService, caller: Annotated[Caller, Depends(asks("dispatch.call"))], alert_id: str
) -> models.ToldAgain:
    """Push again: a new alert of the matter as it stands, and everybody on duty there. 409: nothing is awaited, or the last one waits yet."""
    now = service.clock.wall()
    registry = service.loaded.registry
    try:
        with service.store.sessions.begin() as session:
            before = session.get(Alert, alert_id)
            if before is None:
                raise HTTPException(404, f"no alert {alert_id!r}")
            _visible(registry, session, caller, before.incident)
            written = session.get_one(
                Alert, outbox.tell_again(session, registry, before.incident, before.department, now)
            )
            audit.write(
                session,
                caller,
                "alert.again",
                kind="alert",
                ref=written.id,
                detail={"department": before.department, "seq": written.seq, "before": alert_id},
                now=now,
            )
    except outbox.AgainError as error:
        raise HTTPException(409, str(error)) from None
    service.relay.wake()
    service.board.tell({"event": "alert", "alert": written.id})
    return models.ToldAgain(alert=written.id, seq=written.seq)


@router.get("/silences")
def list_silences(
    service: TheService, session: ReadSession, caller: Reader, over: bool = False
) -> list[models.Silence]:
    """Silences, the newest first, each with how many incidents it holds back now; not of cameras that the caller may not see."""
    found = queries.silences(session, since=None if over else datetime.now(UTC))
    seen = seen_cameras(caller, service.loaded.registry)
    return [_silence(row, holds) for row, holds in found if row.camera is None or seen is None or row.camera in seen]


@router.post("/silences", status_code=201)
def add_silence(
    service: TheService, caller: Annotated[Caller, Depends(asks("dispatch.silence"))], asked: models.NewSilence
) -> models.Silence:
    """Tell nobody new of what matches, from now on. What it holds back and is still there is told when it ends."""
    now = service.clock.wall()
    _known(service.loaded.registry, asked)
    try:
        with service.store.sessions.begin() as session:
            row = silences.add(
                session,
                reason=asked.reason,
                by=caller.name,
                starts_at=now,
                ends_at=asked.ends_at,
                now=now,
                kind=asked.kind,
                category=asked.category,
                camera=asked.camera,
                place=asked.place,
            )
            audit.write(
                session,
                caller,
                "silence.add",
                kind="silence",
                ref=str(row.id),
                reason=asked.reason,
                detail=asked.model_dump(mode="json", exclude_none=True, exclude={"reason"}),
                now=now,
            )
    except silences.SilenceError as error:
        raise HTTPException(422, str(error)) from None
    service.board.tell({"event": "silence", "silence": row.id})
    return _silence(row, 0)


@router.delete("/silences/{silence_id}")
def end_silence(
    service: TheService, caller: Annotated[Caller, Depends(asks("dispatch.silence"))], silence_id: Number
) -> models.Silence:
    """End a silence before its time; what it held and is still there is told now."""
    now = service.clock.wall()
    try:
        with service.store.sessions.begin() as session:
            if session.get(Silence, silence_id) is None:
                raise HTTPException(404, f"no silence {silence_id}")
            row = silences.end(session, silence_id, caller.name, now)
            audit.write(session, caller, "silence.end", kind="silence", ref=str(row.id), now=now)
    except silences.SilenceError as error:
        raise HTTPException(409, str(error)) from None
    service.board.tell({"event": "silence", "silence": row.id})
    return _silence(row, 0)


def _silence(row: Silence, holds: int) -> models.Silence:
    return models.Silence(
        **{name: getattr(row, name) for name in models.Silence.model_fields if name != "holds"}, holds=holds
    )


def _known(registry: Registry, asked: models.NewSilence) -> None:
    """Refuse what the registry does not know: a silence of it would hold nothing back, and nobody would notice."""
    if asked.category is not None and all(c.key != asked.category for c in registry.categories):
        raise HTTPException(422, f"category: the registry has no {asked.category!r}")
    if asked.camera is not None and all(c.id != asked.camera for c in registry.cameras):
        raise HTTPException(422, f"camera: the registry has no {asked.camera!r}")


def _visible(registry: Registry, session: Session, caller: Caller, incident_id: str) -> Incident:
    incident = session.get(Incident, incident_id)
    if incident is None or not sees(caller, registry.camera(incident.camera)):
        raise HTTPException(404, f"no incident {incident_id!r}")
    return incident
