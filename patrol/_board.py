"""What the service tells those who look on: events as they happen, and the problems that stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from patrol.clock import Clock

log = structlog.get_logger(__name__)


class Board:
    """Listeners and standing problems. Every method may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self.problems: dict[str, str] = {}
        """What the people at the screen must know now, by subject; empty when all is well."""
        self._clock = clock
        self._listeners: frozenset[Callable[[dict[str, Any]], None]] = frozenset()

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Call ``listener`` with every event, from any thread; it must not block. Returns what ends it."""
        self._listeners |= {listener}

        def end() -> None:
            self._listeners -= {listener}

        return end

    def tell(self, event: dict[str, Any]) -> None:
        """Pass an event on."""
        event = {"at": self._clock.wall().isoformat(timespec="milliseconds"), **event}
        for listener in self._listeners:
            listener(event)

    def problem(self, subject: str, sentence: str | None) -> None:
        """Put up a problem, or take it down with None."""
        if sentence == self.problems.get(subject):
            return
        if sentence is None:
            self.problems.pop(subject, None)
            log.info("mended", subject=subject)
        else:
            self.problems[subject] = sentence
            log.warning("problem", subject=subject, problem=sentence)
        self.tell({"event": "problem", "subject": subject, "problem": sentence})
