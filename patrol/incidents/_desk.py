"""A person's verdict on an incident."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.incidents._record import change_of
from patrol.incidents.changes import VERDICTS, Change, IncidentError
from patrol.incidents.reasons import check_reason
from patrol.store.tables import Incident, IncidentLook, Review, Visit

_WITHOUT_MODEL = frozenset({"fireworks"})
"""Kinds whose detector asks no object model."""


def review(
    session: Session,
    incident_id: str,
    verdict: str,
    reviewer: str,
    reason: str | None,
    now: datetime,
    *,
    code: str | None = None,
) -> Change:
    """Write a verdict. Every one is kept; the last counts.

    Args:
        session: an open transaction.
        incident_id: the whole id.
        verdict: ``confirmed``, ``false_alarm``, ``duplicate``, ``unclear`` or ``exempt``.
        reviewer: who says so.
        reason: why, one line.
        now: UTC, aware.
        code: what it was in a word that can be counted, one of ``reasons.REASONS``.

    Raises:
        IncidentError: no such incident or verdict, no reviewer, or a code that does not fit; nothing was changed.
    """
    if verdict not in VERDICTS:
        raise IncidentError(f"no verdict {verdict!r}; there are {', '.join(VERDICTS)}")
    if not reviewer.strip():
        raise IncidentError("a review needs the name of its reviewer")
    row = session.get(Incident, incident_id, with_for_update=True)
    if row is None:
        raise IncidentError(f"no incident {incident_id!r}")
    check_reason(row.kind, verdict, code, reason)
    session.add(
        Review(
            incident=row.id,
            verdict=verdict,
            reason=reason,
            reviewer=reviewer.strip(),
            at=now,
            reason_code=code,
            detector=_detector(session, row),
        )
    )
    row.review = verdict
    row.version += 1
    row.judged_at = row.judged_at or now
    session.flush()
    return change_of(session, row, "reviewed")


def _detector(session: Session, row: Incident) -> str:
    """What had said so at the last sighting: the detector is named by its kind, and the model where it uses one."""
    if row.kind in _WITHOUT_MODEL:
        return row.kind
    last = (
        select(Visit.report).join(IncidentLook, IncidentLook.visit == Visit.id).where(IncidentLook.incident == row.id)
    )
    report = session.scalar(last.order_by(IncidentLook.id.desc()).limit(1)) or {}
    model = report.get("model")
    return f"{row.kind} / {model}"[:120] if model else row.kind
