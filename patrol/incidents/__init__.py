"""What happened: findings merged into incidents, follow-ups asked for, people's verdicts."""

from patrol.incidents._desk import review
from patrol.incidents._record import as_it_stands, open_follow_ups, record_look
from patrol.incidents.changes import KINDS, Asked, Change, FindingSeen, IncidentError, LookSeen
from patrol.incidents.merge import Policy

__all__ = [
    "KINDS",
    "Asked",
    "Change",
    "FindingSeen",
    "IncidentError",
    "LookSeen",
    "Policy",
    "as_it_stands",
    "open_follow_ups",
    "record_look",
    "review",
]
