"""The built-in case system inside the service: its line over MQTT, and the look at its clocks every second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from patrol._board import Board
from patrol._case_line import CaseLine
from patrol.cases import intake
from patrol.cases.desk import Desk
from patrol.cases.sweep import Swept, sweep
from patrol.registry import Registry
from patrol.store import Store, is_away, plain

log = structlog.get_logger(__name__)

EVERY_S = 1.0


class Cases:
    """Cases as long as the registry says ``built_in``; it may begin and cease to say so while the service runs.

    Args:
        store: with the book.
        registry: gives the registry in force.
        now: the wall clock, UTC.
        board: told of each case that was opened, and of lights that turn.
        mqtt_url: the broker.
    """

    def __init__(
        self,
        store: Store,
        registry: Callable[[], Registry],
        now: Callable[[], datetime],
        board: Board,
        mqtt_url: str,
    ) -> None:
        self._store = store
        self._registry = registry
        self._now = now
        self._board = board
        self._mqtt_url = mqtt_url
        self._desk: Desk | None = None
        self._line: tuple[str, CaseLine] | None = None
        """The department it takes alerts for, and how."""
        self._looking = threading.Lock()
        self._stopped = False

    def desk(self) -> Desk:
        """Of the registry in force."""
        registry, desk = self._registry(), self._desk
        if desk is None or desk.registry is not registry:
            desk = self._desk = Desk(registry)
        return desk

    @property
    def built_in(self) -> bool:
        """Whether this service keeps the cases."""
        return self._registry().cases.system == "built_in"

    def stop(self) -> None:
        """End after what is in hand."""
        with self._looking:
            self._stopped = True
            self._end_line()

    def look(self) -> None:
        """Turn the lights whose time has come. Never raises: what could not be done now is due at the next look."""
        with self._looking:
            if not self._stopped:
                self._hold_line()
        more = self.built_in
        while more:
            try:
                swept = sweep(self._store, self.desk(), self._now())
            except SQLAlchemyError as error:
                if not is_away(error):
                    log.exception("the clocks of cases cannot be followed")
                else:
                    log.warning("clocks of cases wait for the store; will try again", error=plain(error))
                return
            self._tell(swept)
            more = swept.more

    def changed(self, number: str) -> None:
        """A case was changed by somebody: screens look again, and what it says goes out."""
        self._board.tell({"event": "case", "case": number})
        self._wake()

    def _hold_line(self) -> None:
        """A line for the department that the registry names, none where it names none."""
        cases = self._registry().cases
        wanted = cases.department if cases.system == "built_in" else None
        if self._line is not None and self._line[0] != wanted:
            self._end_line()
        if self._line is None and wanted is not None:
            line = CaseLine(
                self._store,
                self.desk,
                county=self._registry().county.topic,
                department=wanted,
                mqtt_url=self._mqtt_url,
                on_taken=self._taken,
                now=self._now,
            )
            self._line = (wanted, line)
            line.start()

    def _end_line(self) -> None:
        if self._line is not None:
            self._line[1].stop()
            self._line = None

    def _wake(self) -> None:
        if self._line is not None:
            self._line[1].wake()

    def _tell(self, swept: Swept) -> None:
        for turned in swept.turned:
            log.info("a case's light turned", case=turned.number, was=turned.was, light=turned.light)
            self._board.tell({"event": "case", "case": turned.number, "light": turned.light})
        for letter in swept.letters:
            log.info("a supervision letter waits to be issued", letter=letter)
            self._board.tell({"event": "letter", "letter": letter})
        if swept.turned or swept.letters:
            self._wake()

    def _taken(self, taken: intake.Taken) -> None:
        if taken.number is not None and not taken.again:
            self._board.tell({"event": "case", "case": taken.number})
            self._wake()
