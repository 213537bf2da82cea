"""Links to evidence and to departments' photos for one caller: signed, short-lived, worthless in anybody else's hands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from api import models
from patrol.access import Caller, can
from patrol.alerts import sign_link
from patrol.service import Service
from patrol.store import tables

LIFETIME = timedelta(minutes=30)
BY, WHY = "by", "why"
"""What a link of the console says: whose it is, and what the picture is opened for, which the register of calls shows."""


class Links:
    """Signs links for one answer; none for whoever may not see pictures: what is kept is named, and no more.

    Args:
        service: signs.
        caller: who may use them, while signed in.
        why: what the pictures are opened for, e.g. ``review`` or ``case:<number>``.
    """

    def __init__(self, service: Service, caller: Caller, why: str = "look") -> None:
        self._may = may_open(caller) is None
        self._said = {BY: caller.name, WHY: why}
        self._key = service.link_key
        self._expires = service.clock.wall() + LIFETIME

    def files(self, kept: Iterable[tables.EvidenceFile]) -> list[models.File]:
        """Kept files with links."""
        return [
            models.File(
                id=f.id,
                role=f.role,
                media_type=f.media_type,
                sha256=f.sha256,
                bytes=f.bytes,
                url=self._url(f.path) if self._may and f.purged_at is None else None,
                purged_at=f.purged_at,
            )
            for f in kept
        ]

    def photo(self, url: str) -> str | None:
        """The link to a photo of an answer: one that was brought here is signed, a department's own is as it wrote it."""
        if not url.startswith("/answers/"):
            return url
        return f"{url}?{sign_link(self._key, url, self._expires, self._said)}" if self._may else None

    def _url(self, path: str) -> str:
        where = f"/evidence/{path.removeprefix('evidence/')}"
        return f"{where}?{sign_link(self._key, where, self._expires, self._said)}"


def may_open(caller: Caller) -> str | None:
    """Whether somebody may see pictures at all; None: yes, else the sentence why not. Which ones is asked of each."""
    verdict = can(caller, "picture.read")
    return None if verdict is None or can(caller, "inbox.read") is None else verdict
