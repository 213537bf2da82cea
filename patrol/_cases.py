"""The built-in case system inside the service: its line over MQTT, and the look at its clocks every second."""

from __future__ import annotations

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
    """Cases as long as the registry says ``built_in``.

    Args:
        store: with the book.
        registry: gives the registry in force.
        now: the wall clock, UTC.
        board: told of each case that was opened, and of lights that turn.
        mqtt_url: the broker.

    Raises:
        alerts.MqttError: its address cannot be read.
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
        self._desk = Desk(registry())
        here = registry()
        self.line = CaseLine(
            store,
            self.desk,
            county=here.county.topic,
            department=here.cases.department or "",
            mqtt_url=mqtt_url,
            on_taken=self._taken,
            now=now,
        )

    def desk(self) -> Desk:
        """Of the registry in force."""
        if self._desk.registry is not self._registry():
            self._desk = Desk(self._registry())
        return self._desk

    def start(self) -> None:
        """Begin to take alerts. Returns at once."""
        self.line.start()

    def stop(self) -> None:
        """End after what is in hand."""
        self.line.stop()

    def look(self) -> None:
        """Turn the lights whose time has come. Never raises: what could not be done now is due at the next look."""
        more = True
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
        self.line.wake()

    def _tell(self, swept: Swept) -> None:
        for turned in swept.turned:
            log.info("a case's light turned", case=turned.number, was=turned.was, light=turned.light)
            self._board.tell({"event": "case", "case": turned.number, "light": turned.light})
        for letter in swept.letters:
            log.info("a supervision letter waits to be issued", letter=letter)
            self._board.tell({"event": "letter", "letter": letter})
        if swept.turned or swept.letters:
            self.line.wake()

    def _taken(self, taken: intake.Taken) -> None:
        if taken.number is not None and not taken.again:
            self._board.tell({"event": "case", "case": taken.number})
            self.line.wake()
