"""What a department answered, as every page shows it."""

from __future__ import annotations

from api import models
from api.links import Links
from patrol.store import tables


def answered(row: tables.Ack, case: models.IncidentCase | None, links: Links) -> models.Ack:
    """One answer; ``case`` is the incident's, shown where the answer names its number."""
    return models.Ack(
        status=row.status,
        note=row.note,
        at=row.at,
        taken=row.taken,
        problem=row.problem,
        by=row.by,
        reported_at=row.reported_at,
        phone=models.PhoneCall(**row.phone) if row.phone else None,
        photos=[models.Photo(url=links.photo(photo["url"]), sha256=photo["sha256"]) for photo in row.photos or ()],
        case_number=row.case_number,
        eta_min=row.eta_min,
        case=case if case is not None and row.case_number == case.number else None,
    )
