"""What waits for a person's verdict, and in which order: flagged first, then the graver, then what was told at once, then the older.

Pure but for ``rank_column``, which says the same order to the database. Who holds what is the business of ``leases.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, or_

from patrol.store.tables import Incident

_VERDICTS = ("flagged", "candidate")
_SEVERITIES = ("major", "general")


@dataclass(frozen=True, slots=True)
class Item:
    """As much of an incident as its place in the queue needs.

    Attributes:
        id, kind: of the incident.
        verdict: ``flagged`` or ``candidate``.
        severity: ``major`` or ``general``.
        at_once: its department was told without waiting for a verdict.
        since: first seen, UTC.
    """

    id: str
    kind: str
    verdict: str
    severity: str
    at_once: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits.

    Attributes:
        waiting: incidents.
        oldest: when the one that waits longest was first seen; None: nothing waits.
        kinds: for each kind that waits: how many, and the oldest.
    """

    waiting: int
    oldest: datetime | None
    kinds: tuple[tuple[str, int, datetime], ...]


def rank(verdict: str, severity: str, *, at_once: bool) -> int:
    """Place in the queue, 0 first; within one rank the older goes first."""
    by_verdict = _VERDICTS.index(verdict) if verdict in _VERDICTS else len(_VERDICTS)
    by_severity = _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
    return (by_verdict * (len(_SEVERITIES) + 1) + by_severity) * 2 + (0 if at_once else 1)


def in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """The queue as people work through it."""
    return tuple(sorted(items, key=lambda i: (rank(i.verdict, i.severity, at_once=i.at_once), i.since, i.id)))


def backlog(kinds: Iterable[tuple[str, int, datetime]]) -> Backlog:
    """Sum up what waits, given how many of each kind and its oldest."""
    found = tuple(sorted(kinds))
    return Backlog(sum(n for _, n, _ in found), min((oldest for _, _, oldest in found), default=None), found)


def waits() -> ColumnElement[bool]:
    """Which incidents wait: flagged ones until somebody judges them, candidates as long as they are there."""
    return and_(Incident.review.is_(None), or_(Incident.verdict == "flagged", Incident.state == "open"))


def rank_column(at_once: Collection[str]) -> ColumnElement[int]:
    """The rank as the database sees it.

    Args:
        at_once: ids of the rules that push without waiting for a verdict.
    """
    told = Incident.rule.in_(sorted(at_once)) if at_once else None
    steps = [
        (and_(Incident.verdict == verdict, Incident.severity == severity), _ranked(verdict, severity, told))
        for verdict in _VERDICTS
        for severity in _SEVERITIES
    ]
    return case(*steps, else_=_ranked("", "", told))


def _ranked(verdict: str, severity: str, told: ColumnElement[bool] | None) -> ColumnElement[int] | int:
    """The rank of a verdict and a severity, which depends on whether it was told at once."""
    later = rank(verdict, severity, at_once=False)
    return later if told is None else case((told, rank(verdict, severity, at_once=True)), else_=later)
