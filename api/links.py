"""Links to evidence: signed, short-lived, the same form as in alerts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from api import models
from patrol.access import Caller, can
from patrol.alerts import sign_link
from patrol.service import Service
from patrol.store import tables

LIFETIME = timedelta(minutes=30)


class Links:
    """Signs links for one answer; none for whoever may not see pictures: what is kept is named, and no more."""

    def __init__(self, service: Service, caller: Caller) -> None:
        self._may = can(caller, "picture.read") is None
        self._key = service.link_key
        self._expires = service.clock.wall() + LIFETIME

    def files(self, kept: Iterable[tables.EvidenceFile]) -> list[models.File]:
        """Kept files with links."""
        return [
            models.File(
                role=f.role,
                media_type=f.media_type,
                sha256=f.sha256,
                bytes=f.bytes,
                url=self._url(f.path) if self._may and f.purged_at is None else None,
                purged_at=f.purged_at,
            )
            for f in kept
        ]

    def _url(self, path: str) -> str:
        where = f"/evidence/{path.removeprefix('evidence/')}"
        return f"{where}?{sign_link(self._key, where, self._expires)}"
