"""The case that follows an incident, as answers show it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from api import models
from patrol.store import queries


def cases_of(session: Session, incidents: Iterable[str]) -> dict[str, models.IncidentCase]:
    """The case of each incident that has one, by the incident's id. Ask once an answer."""
    return {
        incident: models.IncidentCase.model_validate(
            {
                "number": row.number,
                "system_department": row.department,
                "stage": row.stage,
                "light": row.light,
                "at": row.said_at or row.at,
            }
        )
        for incident, row in queries.cases(session, incidents).items()
    }
