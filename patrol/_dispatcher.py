"""Follows what departments were told: every second it asks what is overdue, and puts who must be called before people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from patrol._board import Board
from patrol.alerts import sweep
from patrol.registry import Registry
from patrol.store import Store, plain

log = structlog.get_logger(__name__)

EVERY_S = 1.0


class Dispatcher:
    """Sweeps the tracks.

    Args:
        store: with the tracks.
        registry: gives the registry in force.
        now: the wall clock, UTC.
        board: told whom to call, and what stands unanswered.
        wake: called when alerts were written.
    """

    def __init__(
        self,
        store: Store,
        registry: Callable[[], Registry],
        now: Callable[[], datetime],
        board: Board,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._registry = registry
        self._now = now
        self._board = board
        self._wake = wake

    def look(self) -> None:
        """Do what is due. Never raises: what could not be done now is due at the next look."""
        try:
            done = sweep.sweep(self._store, self._registry(), self._now())
            waiting = sweep.unanswered(self._store)
        except SQLAlchemyError as error:
            log.warning(
                "overdue alerts cannot be followed while the store is away; will try again",
                error=plain(error),
            )
            return
        for called in done.called:
            log.warning(
                "nobody answers",
                incident=called.incident,
                department=called.department,
                step=called.step,
                rung=called.rung.number,
                who=called.rung.who,
                whom=called.rung.whom,
                because=called.rung.because,
            )
            self._board.tell(
                {
                    "event": "escalation",
                    "incident": called.incident,
                    "department": called.department,
                    "step": called.step,
                    "who": called.rung.who,
                    "whom": called.rung.whom,
                    "phone": called.rung.phone,
                }
            )
        for alert in done.alerts:
            self._board.tell({"event": "alert", "alert": alert})
        if done.alerts:
            self._wake()
        self._board.problem("routes", "; ".join(dict.fromkeys(done.problems)) or None)
        self._board.problem("dispatch", _sentence(waiting))


def _sentence(waiting: list[sweep.Unanswered]) -> str | None:
    """What stands unanswered, the longest overdue first; None where all is answered in time."""
    if not waiting:
        return None
    first = waiting[0]
    call = f"; call {first.whom} {first.phone}" if first.phone else (f"; told: {first.whom}" if first.whom else "")
    more = f" (and {len(waiting) - 1} more)" if len(waiting) > 1 else ""
    return f"{first.because}{call}{more}"
