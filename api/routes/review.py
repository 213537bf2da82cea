"""Review: the queue, who works on what, verdicts with all that follows from them, and how often detectors were wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api import models, review_item
from api.callers import Address, asks
from api.deps import ReadSession, TheService, camera_names, department_names, seen_cameras
from api.versions import version_of
from patrol import _verdict, audit, incidents
from patrol.access import Caller, sees
from patrol.incidents import false_alarms, leases, waiting
from patrol.incidents.reasons import REASONS
from patrol.registry import Registry
from patrol.service import Service
from patrol.store.tables import Incident

router = APIRouter(prefix="/review", tags=["review"])

Reader = Annotated[Caller, Depends(asks("incident.read"))]
Reviewer = Annotated[Caller, Depends(asks("incident.review"))]
Kind = Literal["congestion", "fireworks", "fishing"]
Limit = Annotated[int, Query(ge=1, le=500)]
IfMatch = Annotated[str | None, Header(description="Version of the incident that is judged.")]


@router.get("/queue")
def review_queue(
    service: TheService,
    session: ReadSession,
    caller: Reader,
    show: waiting.Show = "waiting",
    state: Literal["open", "ended"] | None = None,
    kind: Kind | None = None,
    category: str | None = None,
    camera: str | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> models.Page[models.ReviewItem]:
    """What waits for a verdict, in the order in which it is worked through; else what was judged, newest first."""
    registry, now = service.loaded.registry, service.clock.wall()
    wanted = waiting.Wanted(
        show, state, kind, category, camera, review_item.told_at_once(registry), _in_sight(caller, registry)
    )
    rows, end = waiting.page(session, wanted, _place(cursor), limit)
    held = leases.holders(session, [row.id for row in rows], now)
    return models.Page(
        items=[review_item.item(row, registry, review_item.lease_of(held.get(row.id), caller)) for row in rows],
        next=f"{end.rank}~{end.since.isoformat()}~{end.id}" if end else None,
    )


@router.get("/counts")
def review_counts(service: TheService, session: ReadSession, caller: Reader) -> models.ReviewCounts:
    """How much waits, since when, and who works on what."""
    now = service.clock.wall()
    found = waiting.waiting(session, _in_sight(caller, service.loaded.registry))
    in_hand = [review_item.lease_of(lease, caller) for lease in waiting.in_hand(session, now)]
    return models.ReviewCounts(
        now=now,
        waiting=found.waiting,
        oldest=found.oldest,
        kinds=[models.ReviewKindCount(kind=kind, waiting=n, oldest=oldest) for kind, n, oldest in found.kinds],
        mine=[lease.incident for lease in in_hand if lease is not None and lease.mine],
        others=[lease for lease in in_hand if lease is not None and not lease.mine],
    )


@router.get("/false-alarm-figures")
def false_alarm_figures(
    service: TheService,
    session: ReadSession,
    caller: Annotated[Caller, Depends(asks("figures.read"))],
    since: Annotated[datetime | None, Query(description="With an offset; left out: 30 days before `until`.")] = None,
    until: Annotated[datetime | None, Query(description="With an offset; left out: now.")] = None,
    claimed: Annotated[
        Literal["flagged", "all"], Query(description="flagged: only what was; all: candidates too.")
    ] = "flagged",
    kind: Kind | None = None,
    camera: str | None = None,
    limit: Limit = 100,
) -> models.FalseAlarmFigures:
    """How often each detector was wrong at each camera, and why, by people's last verdicts; most false alarms first."""
    registry = service.loaded.registry
    end = _aware(until, registry) or service.clock.wall()
    begin = _aware(since, registry) or end - timedelta(days=30)
    names = camera_names(registry)
    words = {r.code: models.Name(zh=r.zh, en=r.en) for r in REASONS}
    among = [*_equal(kind=kind, camera=camera), *_in_sight(caller, registry)]
    rows = false_alarms.judged_between(session, begin, end, flagged_only=claimed == "flagged", among=among)
    figures = false_alarms.figures(rows)
    return models.FalseAlarmFigures(
        since=begin,
        until=end,
        figures=[
            models.FalseAlarmFigure(
                camera=f.camera,
                camera_name=names.get(f.camera),
                kind=f.kind,
                detector=f.detector,
                judged=f.judged,
                false=f.false,
                share=f.share,
                low=f.low,
                high=f.high,
                reasons=[
                    models.ReviewReasonCount(code=code or None, name=words.get(code), count=n) for code, n in f.reasons
                ],
            )
            for f in figures[:limit]
        ],
        judged=sum(f.judged for f in figures),
        false=sum(f.false for f in figures),
    )


@router.post("/next")
def review_next(
    service: TheService, caller: Reviewer, address: Address, wanted: models.ReviewNextRequest
) -> models.ReviewNext:
    """Take the first incident of the queue that nobody else works on; it stays with the account for two minutes."""
    registry, now = service.loaded.registry, service.clock.wall()
    among = _equal(kind=wanted.kind, category=wanted.category, camera=wanted.camera)
    with service.store.sessions.begin() as session:
        for incident in wanted.give_back:
            leases.give_back(session, incident, caller.name)
        lease = leases.take_next(
            session,
            caller.name,
            now,
            among=(*among, *_in_sight(caller, registry)),
            at_once=review_item.told_at_once(registry),
            besides=wanted.besides,
        )
        if lease is not None:
            _note(session, caller, "incident.lease", session.get_one(Incident, lease.incident), now, address)
    _tell_leases(service)
    return models.ReviewNext(lease=review_item.lease_of(lease, caller))


@router.post("/dismissals")
def review_dismissals(
    service: TheService, caller: Reviewer, address: Address, wanted: models.ReviewDismissRequest
) -> models.ReviewDismissals:
    """Judge many as false alarms for one reason. What somebody else works on or has judged is left as it is, and said."""
    items = [_dismiss(service, caller, address, incident, wanted) for incident in dict.fromkeys(wanted.incidents)]
    dismissed = [each.incident for each in items if each.outcome == "dismissed"]
    _tell(service, dismissed)
    return models.ReviewDismissals(dismissed=len(dismissed), items=items)


@router.get("/{incident_id}")
def review_item_whole(
    service: TheService, session: ReadSession, caller: Reader, incident_id: str
) -> models.ReviewWhole:
    """One incident with all that helps to judge it: looks and what is drawn over them, earlier looks, map, rule, departments."""
    row = _seen(service, session, caller, incident_id)
    return review_item.whole(service, session, caller, row, service.clock.wall())


@router.post("/{incident_id}/lease")
def review_lease(service: TheService, caller: Reviewer, address: Address, incident_id: str) -> models.ReviewLease:
    """Take this incident, or hold it for two more minutes; 409 names who has it."""
    now = service.clock.wall()
    with service.store.sessions.begin() as session:
        row = _seen(service, session, caller, incident_id)
        had = leases.holders(session, [incident_id], now).get(incident_id)
        try:
            lease = leases.take(session, incident_id, caller.name, now)
        except leases.HeldError as held:
            raise HTTPException(409, str(held)) from held
        fresh = had is None or had.holder != caller.name
        if fresh:
            _note(session, caller, "incident.lease", row, now, address)
    if fresh:
        _tell_leases(service)
    return models.ReviewLease(incident=incident_id, holder=lease.holder, mine=True, until=lease.until)


@router.delete("/{incident_id}/lease", status_code=204)
def review_give_back(service: TheService, caller: Reviewer, address: Address, incident_id: str) -> None:
    """Let an incident go. One that the account does not hold stays as it is."""
    with service.store.sessions.begin() as session:
        row = _seen(service, session, caller, incident_id)
        given = leases.give_back(session, incident_id, caller.name)
        if given:
            _note(session, caller, "incident.give_back", row, service.clock.wall(), address)
    if given:
        _tell_leases(service)


@router.post("/{incident_id}/verdict")
def review_verdict(
    service: TheService,
    caller: Reviewer,
    address: Address,
    incident_id: str,
    said: models.ReviewVerdictRequest,
    if_match: IfMatch = None,
) -> models.ReviewVerdict:
    """Judge an incident. A confirmed one is pushed at once; a second verdict takes the first one back, and both are kept."""
    version, registry = version_of(if_match), service.loaded.registry
    if said.verdict == "false_alarm" and said.code is None:
        raise HTTPException(422, "code: a false alarm needs its reason; `reasons` of the incident names them")
    told = _verdict.Said(said.verdict, said.reason, said.code, version)
    with service.store.sessions.begin() as session:
        _seen(service, session, caller, incident_id)
        try:
            judged = _verdict.judge(session, registry, caller, incident_id, told, service.clock.wall(), address=address)
        except leases.HeldError as error:
            raise HTTPException(409, str(error)) from error
        except _verdict.StaleError as error:
            raise HTTPException(412, str(error)) from error
        except incidents.IncidentError as error:
            raise HTTPException(422, str(error)) from error
    _tell(service, [incident_id], judged.alerts)
    names = department_names(registry)
    return models.ReviewVerdict(
        incident=incident_id,
        verdict=said.verdict,
        version=judged.change.seq,
        told=[models.ReviewTold(department=d, name=names.get(d)) for d in judged.told],
        problem=judged.problem,
        until=judged.until,
    )


def _dismiss(
    service: Service, caller: Caller, address: str | None, incident: str, wanted: models.ReviewDismissRequest
) -> models.ReviewDismissed:
    """One of many, in a transaction of its own: what cannot be done of one does not undo the others."""
    said = _verdict.Said("false_alarm", wanted.reason, wanted.code)
    registry, now = service.loaded.registry, service.clock.wall()
    try:
        with service.store.sessions.begin() as session:
            row = session.get(Incident, incident)
            if row is None or not _visible(registry, caller, row):
                return models.ReviewDismissed(incident=incident, outcome="unknown")
            leases.take(session, incident, caller.name, now)
            session.refresh(row, with_for_update=True)
            if row.review is not None:
                leases.give_back(session, incident, caller.name)
                return models.ReviewDismissed(incident=incident, outcome="judged")
            _verdict.judge(session, registry, caller, incident, said, now, address=address)
    except leases.HeldError as held:
        return models.ReviewDismissed(incident=incident, outcome="held", holder=held.holder)
    except incidents.IncidentError as error:
        return models.ReviewDismissed(incident=incident, outcome="refused", problem=str(error))
    return models.ReviewDismissed(incident=incident, outcome="dismissed")


def _seen(service: Service, session: Session, caller: Caller, incident: str) -> Incident:
    """An incident whose camera is in sight.

    Raises:
        HTTPException: 404: there is none, or none that the caller may see.
    """
    row = session.get(Incident, incident)
    if row is None or not _visible(service.loaded.registry, caller, row):
        raise HTTPException(404, f"no incident {incident!r}")
    return row


def _visible(registry: Registry, caller: Caller, row: Incident) -> bool:
    if caller.sight is None:
        return True
    camera = registry.camera(row.camera)
    return camera is not None and sees(caller, camera)


def _equal(**wanted: str | None) -> list[ColumnElement[bool]]:
    return [getattr(Incident, name) == value for name, value in wanted.items() if value is not None]


def _in_sight(caller: Caller, registry: Registry) -> tuple[ColumnElement[bool], ...]:
    """What keeps other cameras' incidents out of a question; nothing for who sees all."""
    seen = seen_cameras(caller, registry)
    return () if seen is None else (Incident.camera.in_(sorted(seen)),)


def _note(
    session: Session,
    caller: Caller,
    action: str,
    row: Incident,
    now: datetime,
    address: str | None,
    detail: dict[str, object] | None = None,
) -> None:
    audit.write(
        session,
        caller,
        action,
        kind="incident",
        ref=row.id,
        camera=row.camera,
        detail=detail,
        now=now,
        address=address,
    )


def _tell(service: Service, judged: Iterable[str], alerts: Iterable[str] = ()) -> None:
    """Let the other consoles ask again, and the relay send what was written."""
    with service.store.reading() as session:
        where = session.execute(select(Incident.id, Incident.camera).where(Incident.id.in_(list(judged)))).all()
    for incident, camera in where:
        service.board.tell({"event": "incident", "what": "reviewed", "incident": incident, "camera": camera})
    for alert in alerts:
        service.board.tell({"event": "alert", "alert": alert})
    _tell_leases(service)
    service.relay.wake()


def _tell_leases(service: Service) -> None:
    service.board.tell({"event": "lease"})


def _aware(moment: datetime | None, registry: Registry) -> datetime | None:
    return moment.replace(tzinfo=registry.county.zone) if moment is not None and moment.tzinfo is None else moment


def _place(cursor: str | None) -> waiting.Place | None:
    if cursor is None:
        return None
    rank, _, rest = cursor.partition("~")
    since, _, key = rest.partition("~")
    try:
        moment = datetime.fromisoformat(since)
        place = waiting.Place(int(rank), moment, key)
    except ValueError:
        raise HTTPException(422, "cursor: not one that this API gave") from None
    if moment.tzinfo is None:
        raise HTTPException(422, "cursor: not one that this API gave")
    return place
