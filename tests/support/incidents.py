"""Writes looks with findings into a store, as the service does."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from patrol import incidents
from patrol.ledger import book as ledger

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
EVIDENCE = (
    {
        "path": "evidence/2026-03-01/v/clip.mp4",
        "sha256": "a" * 64,
        "role": "clip",
        "media_type": "video/mp4",
        "bytes": 10,
    },
    {
        "path": "evidence/2026-03-01/v/key_frame.jpg",
        "sha256": "b" * 64,
        "role": "key_frame",
        "media_type": "image/jpeg",
        "bytes": 5,
    },
)


def seen(
    session: Session,
    verdict: str,
    *,
    camera: str = "jam-portrait",
    kind: str = "congestion",
    minutes: float = 0,
    outcome: str = "inspected",
    follow_up: str | None = None,
    rule: str | None = "no_jam",
    kept: Sequence[Mapping[str, Any]] = EVIDENCE,
) -> tuple[incidents.Change, ...]:
    """One look with one finding, in the session's transaction."""
    at = T0 + timedelta(minutes=minutes)
    visit = uuid.uuid4().hex
    evidence = [] if verdict == "clear" else [dict(file) for file in kept]
    ledger.record_visit(
        session,
        visit_id=visit,
        look_key=camera,
        camera=camera,
        preset=None,
        reason="rotation",
        due_at=at,
        started_at=at,
        ended_at=at + timedelta(seconds=20),
        report={"outcome": outcome, "cause": None, "judged": True, "evidence": evidence},
        follow_up=follow_up,
    )
    finding = incidents.FindingSeen(
        kind=kind, verdict=verdict, score=0.8, at=1.0, reason="14 vehicles in sight", rule=rule
    )
    return incidents.record_look(
        session,
        incidents.LookSeen(
            visit_id=visit,
            look_key=camera,
            camera=camera,
            preset=None,
            category="road",
            place="Bridge Road",
            started_at=at,
            inspected=outcome == "inspected",
            findings=(finding,),
            evidence=tuple(evidence),
            follow_up=follow_up,
        ),
        at,
    )
