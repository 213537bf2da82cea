"""Goes through the whole ledger when somebody asks for it, beside everything else, and remembers what it found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError

from patrol.clock import Clock
from patrol.ledger import roots
from patrol.ledger.verify import Problem, verify
from patrol.store import Store

log = structlog.get_logger(__name__)

NAMED = 100
"""Problems that are remembered one by one."""


@dataclass(frozen=True, slots=True)
class Check:
    """One walk through the ledger, as it stands.

    Attributes:
        state: ``running``, ``whole`` (everything is as it was sealed), ``broken``, or ``failed`` (it could not be read).
        by: who asked for it.
        done, total: links.
        problems: the first ones; ``found``: how many there are in all.
        why: why it failed.
    """

    state: Literal["running", "whole", "broken", "failed"]
    by: str
    started_at: datetime
    ended_at: datetime | None = None
    done: int = 0
    total: int = 0
    roots: int = 0
    found: int = 0
    problems: tuple[Problem, ...] = ()
    why: str | None = None


class Checking:
    """One walk at a time; a second asker looks on.

    Args:
        store: the ledger's.
        clock: the service's.
        kept: the roots that were written down in a file, read anew for each walk.
    """

    def __init__(self, store: Store, clock: Clock, kept: Callable[[], tuple[roots.Root, ...]]) -> None:
        self._store = store
        self._clock = clock
        self._kept = kept
        self._lock = threading.Lock()
        self._last: Check | None = None

    @property
    def last(self) -> Check | None:
        """The walk under way, or the last one since the service started."""
        return self._last

    def begin(self, by: str) -> Check:
        """Begin a walk, unless one is under way; either way the one that is under way now."""
        with self._lock:
            if self._last is not None and self._last.state == "running":
                return self._last
            started = self._last = Check("running", by, self._clock.wall())
            threading.Thread(target=self._walk, args=(started,), name="ledger-check", daemon=True).start()
            return started

    def _walk(self, begun: Check) -> None:
        def progress(done: int, total: int) -> None:
            self._last = Check("running", begun.by, begun.started_at, done=done, total=total)

        try:
            with self._store.still() as session:
                found = verify(session, kept=self._kept(), on_progress=progress)
        except (SQLAlchemyError, roots.RootsFileError) as error:
            why = str(getattr(error, "orig", None) or error)
            log.error("the ledger could not be checked", problem=why)
            self._last = Check("failed", begun.by, begun.started_at, self._clock.wall(), why=why)
            return
        state: Literal["whole", "broken"] = "broken" if found.problems else "whole"
        log.info("ledger checked", state=state, links=found.links, roots=found.roots, problems=len(found.problems))
        self._last = Check(
            state,
            begun.by,
            begun.started_at,
            self._clock.wall(),
            done=found.links,
            total=found.links,
            roots=found.roots,
            found=len(found.problems),
            problems=found.problems[:NAMED],
        )
