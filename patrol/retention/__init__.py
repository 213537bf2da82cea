"""How long what is kept is kept: classes, holds, a purge that proves itself, and whether the disk will hold out."""

from __future__ import annotations

from patrol.retention.clockwatch import ClockError, beat
from patrol.retention.holds import HoldError, lift, put
from patrol.retention.plan import FLOORS, Class, FloorError, Kept, Plan, plan, term_of
from patrol.retention.purge import MOST, BusyError, Report, alone, run
from patrol.retention.reading import everything, next_run
from patrol.retention.space import Space, measure
from patrol.retention.verify import Verdict, verify

__all__ = [
    "FLOORS",
    "MOST",
    "BusyError",
    "Class",
    "ClockError",
    "FloorError",
    "HoldError",
    "Kept",
    "Plan",
    "Report",
    "Space",
    "Verdict",
    "alone",
    "beat",
    "everything",
    "lift",
    "measure",
    "next_run",
    "plan",
    "put",
    "run",
    "term_of",
    "verify",
]
