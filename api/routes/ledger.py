"""What people do for the proof: clear looks that wait for somebody to see whether the detectors overlooked something."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api import models
from api.callers import asks
from api.deps import ReadSession, TheService, camera_names, seen_cameras
from api.links import Links
from patrol.access import Caller
from patrol.ledger import spot_checks
from patrol.store import queries

router = APIRouter(tags=["ledger"])


@router.get("/spot-checks")
def waiting_spot_checks(
    caller: Annotated[Caller, Depends(asks("spot_check.answer"))],
    service: TheService,
    session: ReadSession,
    days: Annotated[int, Query(ge=1, le=366, description="Figures of the last so many days.")] = 30,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.SpotChecks:
    """Clear looks drawn by chance that nobody has judged yet, oldest first, and what people found in those before."""
    now = service.clock.wall()
    found = spot_checks.open_ones(session, limit, seen_cameras(caller, service.loaded.registry))
    kept = queries.evidence_of(session, [visit.id for _, visit in found])
    names = camera_names(service.loaded.registry)
    links = Links(service, caller, "spot_check")
    figures = spot_checks.figures_between(session, now - timedelta(days=days), now)
    return models.SpotChecks(
        waiting=[
            models.SpotCheck(
                id=check.id,
                visit=visit.id,
                camera=visit.camera,
                camera_name=names.get(visit.camera),
                at=visit.started_at,
                evidence=links.files(kept.get(visit.id, ())),
            )
            for check, visit in found
        ],
        figures=models.SpotCheckFigures(**asdict(figures)),
    )
