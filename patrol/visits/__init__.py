"""How to look: open a stream, take a stretch of it, judge the picture, run detectors, keep evidence; worker processes."""

from patrol.visits.look import make_look
from patrol.visits.order import VisitOrder
from patrol.visits.pool import WorkerPool
from patrol.visits.report import Cause, Cost, Evidence, NotRunDetector, Outcome, Quality, VisitReport

__all__ = [
    "Cause",
    "Cost",
    "Evidence",
    "NotRunDetector",
    "Outcome",
    "Quality",
    "VisitOrder",
    "VisitReport",
    "WorkerPool",
    "make_look",
]
