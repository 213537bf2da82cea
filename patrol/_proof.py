"""Closes the ledger's days while the service runs: a root for each, kept in a file and said over MQTT."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import DBAPIError

from patrol.clock import Clock
from patrol.ledger import roots
from patrol.store import Store
from patrol.store.tables import ChainHead

log = structlog.get_logger(__name__)

EVERY_S = 30.0
FILE = "ledger-roots.txt"
"""In the data folder. Copy it elsewhere, or let somebody outside subscribe: a root kept beside the ledger proves less."""


class Proof:
    """Where the chain ends and the last day's root, as :meth:`look`, which a timer calls, last found them."""

    def __init__(self, store: Store, data: Path, zone: ZoneInfo, clock: Clock) -> None:
        self.state: dict[str, Any] | None = None
        self._store = store
        self._file = data / FILE
        self._zone = zone
        self._clock = clock

    def look(self) -> None:
        """Close the days that are over and read the head. A store that is away is asked again next time."""
        try:
            with self._store.sessions.begin() as session:
                made = roots.close_days(session, self._zone, self._clock.wall())
                last = roots.latest(session)
                head = session.get(ChainHead, 1)
        except DBAPIError as error:
            log.warning("the ledger's day cannot be closed; will try again", error=str(error.orig))
            return
        if head is not None:
            self.state = {
                "position": head.position,
                "hash": head.hash,
                "day": last.day if last else None,
                "root": last.root if last else None,
            }
        for root in made:
            log.info("ledger closed", day=root.day, first=root.first_position, last=root.last_position, root=root.root)
        try:
            roots.write_file(self._file, made)
        except OSError as error:
            log.error("the day's root could not be written to the file", file=str(self._file), error=str(error))

    def written_down(self) -> tuple[roots.Root, ...]:
        """The roots as the file has them, none where there is no file.

        Raises:
            RootsFileError: it cannot be read.
        """
        return roots.read_file(self._file) if self._file.exists() else ()
