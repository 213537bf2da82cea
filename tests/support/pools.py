"""A pool with the parts a test wants: orders, what was reported, and waiting with a deadline instead of sleeping."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from patrol.visits.order import VisitOrder
from patrol.visits.pool import WorkerPool
from patrol.visits.report import VisitReport
from tests.support.looks import LOOK

PATIENCE_S = 60.0


class Reports:
    """What a pool reported, by order."""

    def __init__(self) -> None:
        self.by_id: dict[str, list[VisitReport]] = defaultdict(list)
        self._changed = threading.Condition()

    def __call__(self, order: VisitOrder, report: VisitReport) -> None:
        with self._changed:
            self.by_id[order.id].append(report)
            self._changed.notify_all()

    def of(self, order: VisitOrder) -> VisitReport:
        """The one report of an order; waits for it."""
        with self._changed:
            assert self._changed.wait_for(lambda: order.id in self.by_id, PATIENCE_S), f"no report of {order.source!r}"
            (report,) = self.by_id[order.id]
            return report


@contextmanager
def pool_of(reports: Callable[[VisitOrder, VisitReport], None], **how: Any) -> Iterator[WorkerPool]:
    """A started pool, ended afterwards."""
    settings: dict[str, Any] = {"workers": 1, "slots": 2, "model": None, "look": LOOK, **how}
    pool = WorkerPool(on_report=reports, **settings)
    pool.start()
    try:
        yield pool
    finally:
        pool.close(0)


def orders(log: Path, *sources: str, hard_limit_s: float = 60.0) -> list[VisitOrder]:
    """An order for each, with ids in order."""
    return [VisitOrder(f"look-{n}", s, evidence_dir=log, hard_limit_s=hard_limit_s) for n, s in enumerate(sources)]


def until(what: Callable[[], object]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie nobody has collected counts)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
