"""The audit trail for auditors: who did what, and that nothing in it was changed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api import models
from api.callers import asks
from api.deps import ReadSession, TheService
from patrol import audit

router = APIRouter(tags=["audit"], dependencies=[Depends(asks("audit.read"))])


@router.get("/audit")
def audit_trail(
    session: ReadSession,
    who: Annotated[str | None, Query(max_length=120)] = None,
    action: Annotated[
        str | None, Query(max_length=48, description="Exactly this one; all below it where it ends in a dot.")
    ] = None,
    kind: Annotated[str | None, Query(max_length=32, description="What it is about.")] = None,
    ref: Annotated[str | None, Query(max_length=200, description="Which one.")] = None,
    camera: Annotated[str | None, Query(max_length=64)] = None,
    outcome: Literal["done", "refused"] | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.Page[models.AuditEntry]:
    """The trail, newest first."""
    rows = audit.rows(
        session,
        who=who,
        action=action,
        kind=kind,
        ref=ref,
        camera=camera,
        outcome=outcome,
        since=since,
        until=until,
        before=cursor,
        limit=limit,
    )
    return models.Page(
        items=[
            models.AuditEntry(**{name: getattr(row, name) for name in models.AuditEntry.model_fields}) for row in rows
        ],
        next=str(rows[-1].seq) if len(rows) == limit else None,
    )


@router.get("/audit/verify")
def verify_audit(service: TheService) -> models.AuditTrail:
    """Walk the whole trail: numbers without gaps, every hash right."""
    with service.store.still() as session:
        found = audit.verify(session)
    return models.AuditTrail(rows=found.rows, hash=found.hash, problems=list(found.problems))
