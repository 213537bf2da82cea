"""What a department answered, as every page shows it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from api import models
from api.links import Links
from patrol.alerts import answer_photos
from patrol.store import tables


class Answers:
    """Shows answers of departments in one answer of the API; of photos that are gone it says when they went.

    Args:
        session: reads.
        links: to photos.
        acks: all that will be shown.
    """

    def __init__(self, session: Session, links: Links, acks: Iterable[tables.Ack]) -> None:
        self._links = links
        self._purged = answer_photos.purged(session, (ack.id for ack in acks if ack.photos))

    def shown(self, row: tables.Ack, case: models.IncidentCase | None) -> models.Ack:
        """One of them; ``case`` is the incident's, shown where the answer names its number."""
        return models.Ack(
            status=row.status,
            note=row.note,
            at=row.at,
            taken=row.taken,
            problem=row.problem,
            by=row.by,
            reported_at=row.reported_at,
            phone=models.PhoneCall(**row.phone) if row.phone else None,
            photos=[self._photo(row.id, photo["url"], photo["sha256"]) for photo in row.photos or ()],
            case_number=row.case_number,
            eta_min=row.eta_min,
            case=case if case is not None and row.case_number == case.number else None,
        )

    def _photo(self, ack: int, url: str, sha256: str | None) -> models.Photo:
        purged_at = self._purged.get((ack, url.removeprefix("/")))
        return models.Photo(
            url=self._links.photo(url) if purged_at is None else None, sha256=sha256, purged_at=purged_at
        )
