"""What was found and who was told: incidents with their evidence, alerts with their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query

from api import models
from api.answered import Answers
from api.callers import asks
from api.deps import ReadSession, TheService, camera_names, department_names, seen_cameras
from api.following import cases_of
from api.links import Links
from patrol.access import Caller, sees
from patrol.incidents.wording import in_chinese
from patrol.store import queries, tables

router = APIRouter(tags=["incidents"])

Kind = Literal["congestion", "fireworks", "fishing"]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/incidents")
def incidents(
    caller: Annotated[Caller, Depends(asks("incident.read"))],
    service: TheService,
    session: ReadSession,
    state: Literal["open", "ended"] | None = None,
    kind: Kind | None = None,
    case: Annotated[str | None, Query(max_length=64, description="Number of the case that follows it.")] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> models.Page[models.Incident]:
    """Incidents, newest first."""
    names = camera_names(service.loaded.registry)
    rows = queries.incidents(
        session,
        state=state,
        kind=kind,
        case=case,
        cameras=seen_cameras(caller, service.loaded.registry),
        before=_place(cursor),
        limit=limit,
    )
    cases = cases_of(session, [row.id for row in rows])
    return models.Page(
        items=[models.Incident(**_incident(row, names, cases.get(row.id))) for row in rows],
        next=_cursor(rows[-1].first_seen_at, rows[-1].id) if len(rows) == limit else None,
    )


@router.get("/incidents/{incident_id}")
def incident(
    caller: Annotated[Caller, Depends(asks("incident.read"))],
    service: TheService,
    session: ReadSession,
    incident_id: str,
) -> models.IncidentWhole:
    """One incident with its sightings, evidence, reviews and alerts."""
    found = queries.incident(session, incident_id)
    if found is None or not sees(caller, service.loaded.registry.camera(found.incident.camera)):
        raise HTTPException(404, f"no incident {incident_id!r}")
    links, registry = Links(service, caller, f"review:{incident_id}"), service.loaded.registry
    names, departments = camera_names(registry), department_names(registry)
    case = cases_of(session, [incident_id]).get(incident_id)
    answers = Answers(session, links, (ack for _, acks in found.alerts for ack in acks))
    return models.IncidentWhole(
        **_incident(found.incident, names, case),
        sightings=[
            models.Sighting(
                visit=visit.id,
                at=visit.started_at,
                verdict=look.verdict,
                finding=look.finding,
                reason_zh=in_chinese(str(look.finding.get("reason", ""))),
                evidence=links.files(kept),
            )
            for look, visit, kept in found.sightings
        ],
        reviews=[
            models.Review(verdict=r.verdict, reason=r.reason, reviewer=r.reviewer, at=r.at) for r in found.reviews
        ],
        alerts=[_alert(alert, acks, departments, case, answers) for alert, acks in found.alerts],
    )


@router.get("/alerts")
def alerts(
    caller: Annotated[Caller, Depends(asks("alert.read"))],
    service: TheService,
    session: ReadSession,
    department: str | None = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> models.Page[models.Alert]:
    """Alerts, newest first."""
    names, links = department_names(service.loaded.registry), Links(service, caller)
    rows = queries.alerts(
        session,
        department=department,
        cameras=seen_cameras(caller, service.loaded.registry),
        before=_place(cursor),
        limit=limit,
    )
    cases = cases_of(session, [alert.incident for alert, _ in rows])
    answers = Answers(session, links, (ack for _, acks in rows for ack in acks))
    return models.Page(
        items=[_alert(alert, acks, names, cases.get(alert.incident), answers) for alert, acks in rows],
        next=_cursor(rows[-1][0].created_at, rows[-1][0].id) if len(rows) == limit else None,
    )


def _incident(row: tables.Incident, names: Mapping[str, str], case: models.IncidentCase | None) -> dict[str, object]:
    return {
        **{name: getattr(row, name) for name in models.Incident.model_fields if name not in {"camera_name", "case"}},
        "camera_name": names.get(row.camera),
        "case": case,
    }


def _alert(
    row: tables.Alert,
    acks: tuple[tables.Ack, ...],
    names: Mapping[str, models.Name],
    case: models.IncidentCase | None,
    answers: Answers,
) -> models.Alert:
    return models.Alert(
        id=row.id,
        seq=row.seq,
        department=row.department,
        department_name=names.get(row.department),
        kind=row.kind,
        type=row.type,
        incident=row.incident,
        state=row.state,
        reviewed=bool(row.envelope.get("reviewed")),
        summary=str(row.envelope.get("summary", "")),
        created_at=row.created_at,
        sent_at=row.sent_at,
        received_at=row.received_at,
        ack_by=row.ack_by,
        attempts=row.attempts,
        last_error=row.last_error,
        case=case,
        acks=[answers.shown(a, case) for a in acks],
    )


def _cursor(at: datetime, key: str) -> str:
    return f"{at.isoformat()}~{key}"


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, _, key = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise HTTPException(422, "cursor: not one that this API gave") from None
    if moment.tzinfo is None:
        raise HTTPException(422, "cursor: not one that this API gave")
    return moment, key
