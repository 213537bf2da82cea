"""What travels into and out of this room: a look's findings in, changes of incidents out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Box = tuple[float, float, float, float]
What = Literal["new", "update", "end", "reviewed"]

VERDICTS = ("confirmed", "false_alarm", "duplicate", "unclear", "exempt")
"""What a person may say of an incident."""
MUTED = frozenset({"false_alarm", "duplicate", "exempt"})
"""Verdicts after which nobody is told more. The incident stays open while the thing is there, so that the same parked
lorry does not open a new one at every look."""


KINDS: dict[str, tuple[str, str]] = {
    "congestion": ("道路拥堵", "congestion"),
    "fireworks": ("燃放烟花爆竹", "fireworks"),
    "fishing": ("禁捕水域垂钓捕捞", "fishing in closed water"),
}
"""What departments and people are told that it is, in Chinese and in English."""


class IncidentError(Exception):
    """A review that cannot be: no such incident, no such verdict. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class FindingSeen:
    """One finding of a look. ``box`` in shares of the picture, ``at`` in seconds into the look; ``rule`` is what it breaks;
    ``marks`` are what was seen where over time, as in ``patrol.visit/1``.
    """

    kind: str
    verdict: str
    score: float
    at: float | None = None
    box: Box | None = None
    zone: str = "whole"
    reason: str = ""
    measurements: Mapping[str, float | int | str | bool] = field(default_factory=dict)
    rule: str | None = None
    marks: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class LookSeen:
    """One look that has been written to the ledger.

    Attributes:
        visit_id: its row.
        look_key, camera, preset, category: which look.
        place: address, for the summary.
        started_at: UTC, aware.
        inspected: only then its findings count.
        findings: one a detector that ran.
        evidence: kept files, as in ``patrol.visit/1``.
        follow_up: the follow-up it served.
    """

    visit_id: str
    look_key: str
    camera: str
    preset: str | None
    category: str | None
    place: str | None
    started_at: datetime
    inspected: bool
    findings: tuple[FindingSeen, ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    follow_up: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A follow-up: an extra look at ``due_at``."""

    id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one incident: all that an alert needs.

    Attributes:
        seq: the incident's version, from 1, one more with every change.
        what: ``new``, ``update``, ``end`` or ``reviewed``.
        verdict: ``candidate`` or ``flagged``, the strongest so far.
        review: the last review's verdict, None while nobody has judged.
        occurred_at, seen_at: first and last sighting, UTC.
        evidence: kept files of the sighting that shows it best.
        follow_ups: extra looks that this change asks for.
    """

    incident_id: str
    seq: int
    what: What
    kind: str
    camera: str
    preset: str | None
    category: str | None
    rule: str | None
    status: str
    verdict: str
    review: str | None
    severity: str
    summary: str
    occurred_at: datetime
    seen_at: datetime
    evidence: tuple[dict[str, Any], ...] = ()
    follow_ups: tuple[Asked, ...] = ()

    @property
    def reviewed(self) -> bool:
        """Whether a person has confirmed it."""
        return self.review == "confirmed"

    @property
    def muted(self) -> bool:
        """Whether a person has said that it is nothing."""
        return self.review in MUTED
