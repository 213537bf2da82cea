"""A person's verdict on an incident."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from patrol.incidents._record import change_of
from patrol.incidents.changes import VERDICTS, Change, IncidentError
from patrol.store.tables import Incident, Review


def review(
    session: Session, incident_id: str, verdict: str, reviewer: str, reason: str | None, now: datetime
) -> Change:
    """Write a verdict. Every one is kept; the last counts.

    Args:
        session: an open transaction.
        incident_id: the whole id.
        verdict: ``confirmed``, ``false_alarm``, ``duplicate``, ``unclear`` or ``exempt``.
        reviewer: who says so.
        reason: why, one line.
        now: UTC, aware.

    Raises:
        IncidentError: no such incident or verdict, or no reviewer; nothing was changed.
    """
    if verdict not in VERDICTS:
        raise IncidentError(f"no verdict {verdict!r}; there are {', '.join(VERDICTS)}")
    if not reviewer.strip():
        raise IncidentError("a review needs the name of its reviewer")
    row = session.get(Incident, incident_id, with_for_update=True)
    if row is None:
        raise IncidentError(f"no incident {incident_id!r}")
    session.add(Review(incident=row.id, verdict=verdict, reason=reason, reviewer=reviewer.strip(), at=now))
    row.review = verdict
    row.version += 1
    session.flush()
    return change_of(session, row, "reviewed")
