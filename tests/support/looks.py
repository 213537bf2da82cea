"""Looks that do as their order's source says: sleep, crash, hang, answer. Run in real worker processes by the pool's tests.

Each attempt first leaves a line ``id pid`` in the file that ``evidence_dir`` names, so that a test can see who ran where.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from detectors import Model
from patrol.visits.order import VisitOrder
from patrol.visits.report import NotRunDetector, Outcome, VisitReport

LOOK = "tests.support.looks:act"


def act(order: VisitOrder, model: Model | None, model_problem: str | None, load_s: float) -> VisitReport:
    """``answer``, ``sleep 0.5``, ``wait FILE`` (until it is there), ``hang``, ``abort``, ``abort once``."""
    attempt = len(attempts(order))
    assert order.evidence_dir is not None
    with order.evidence_dir.open("a") as log:
        log.write(f"{order.id} {os.getpid()}\n")
    what, _, argument = order.source.partition(" ")
    if what == "sleep":
        time.sleep(float(argument))
    elif what == "wait":
        while not Path(argument).exists():
            time.sleep(0.02)
    elif what == "hang":
        while True:
            time.sleep(3600)
    elif what == "abort" and not (argument == "once" and attempt):
        os.abort()
    not_run = (NotRunDetector("congestion", model_problem),) if model_problem else ()
    return VisitReport(order.source, datetime.now(UTC), Outcome.INSPECTED, not_run=not_run)


def attempts(order: VisitOrder) -> list[int]:
    """Process ids of the attempts at an order, first to last."""
    log = order.evidence_dir
    if log is None or not log.exists():
        return []
    return [int(pid) for key, pid in (line.split() for line in log.read_text().splitlines()) if key == order.id]
