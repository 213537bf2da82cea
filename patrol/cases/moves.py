"""The words of the loop: moves, what is said with them, what they make, and where each is legal.

A command is what somebody wants; an event is what was done. Events applied in order give the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from patrol.cases.clocks import Change
from patrol.cases.types import OPEN_STAGES, Clock, ClockName, Grade, Severity, Stage
from patrol.cases.worktime import WorkCalendar
from patrol.registry import Policy


class Move(StrEnum):
    """What can be done in a case."""

    OPEN = "open"
    NOTE = "note"
    ATTACH = "attach"
    ASSIGN = "assign"
    ACCEPT = "accept"
    FEEDBACK = "feedback"
    REPORT = "report"
    """办结上报: the unit says it is done."""
    CLOSE = "close"
    """核查销号."""
    EVALUATE = "evaluate"
    RETURN = "return"
    """回退: to the desk, or back to the unit to do it again."""
    TRANSFER = "transfer"
    CO_HANDLE = "co_handle"
    """联办."""
    HAND_DOWN = "hand_down"
    REPORT_UP = "report_up"
    SUSPEND = "suspend"
    """挂账."""
    RESUME = "resume"
    EXTEND = "extend"
    CONSULT = "consult"
    """会商, with a dated plan."""
    REGRADE = "regrade"
    """General or major."""
    URGE = "urge"
    MERGE = "merge"
    WITHDRAW = "withdraw"
    RECOMPUTE = "recompute"
    """Provisional dates anew, once the year's calendar is announced."""
    LETTER = "letter"


class MoveError(Exception):
    """A move that is not legal here and now; the sentence says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a consultation's plan: who does what by when."""

    what: str
    unit: str
    by: date


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants to do.

    Attributes:
        move: what.
        by: who, a post or a desk.
        at: when, UTC.
        reason, approver, document: why, who approved, the paper it stands on (its number or an attachment's id).
        text: what was done or found.
        unit: whom it goes to.
        co_units: who handles it as well.
        clock, until: which clock is extended, to which day.
        severity: what it is regraded to.
        into: number of the case it is merged into.
        plan: of a consultation.
        grade, satisfaction: of an evaluation; satisfaction 1 to 5.
        data: what the shell adds to the event.
    """

    move: Move
    by: str
    at: datetime
    reason: str | None = None
    approver: str | None = None
    document: str | None = None
    text: str | None = None
    unit: str | None = None
    co_units: tuple[str, ...] = ()
    clock: ClockName | None = None
    until: date | None = None
    severity: Severity | None = None
    into: str | None = None
    plan: tuple[PlanStep, ...] = ()
    grade: Grade | None = None
    satisfaction: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as its events have made it; see :class:`patrol.store.tables.CaseFile` for the words."""

    stage: Stage
    severity: Severity
    opened_at: datetime
    clocks: tuple[Clock, ...]
    suspended: bool = False
    unit: str | None = None
    co_units: tuple[str, ...] = ()
    merged_into: str | None = None
    closed_at: datetime | None = None
    grade: Grade | None = None
    satisfaction: int | None = None
    returned: int = 0
    calendar_version: str = ""

    def clock(self, name: ClockName) -> Clock:
        """One of the three."""
        return next(clock for clock in self.clocks if clock.name is name)


@dataclass(frozen=True, slots=True)
class Event:
    """What was done, and what it changed.

    Attributes:
        set: the fields of :class:`CaseState` that are different now.
        changes: what was done to clocks, for a recomputation.
        data: what else belongs to it.
    """

    move: Move
    at: datetime
    by: str
    set: Mapping[str, Any]
    approver: str | None = None
    reason: str | None = None
    document: str | None = None
    changes: tuple[tuple[ClockName, Change], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What deciding needs to know beside the state.

    Attributes:
        calendar: as it is known now.
        policy: frozen on the case.
        county: six digits.
        history: the case's events so far.
    """

    calendar: WorkCalendar
    policy: Policy
    county: str
    history: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a move is legal and what must be said with it."""

    stages: tuple[Stage, ...]
    needs: tuple[str, ...] = ()
    suspended: bool = False
    """Whether it may be made while the case is suspended."""


HELD = (Stage.ASSIGNED, Stage.HANDLING)
"""A unit has it."""
_EVERY = tuple(Stage)
_APPROVED = ("reason", "approver")
_ON_PAPER = (*_APPROVED, "document")

RULES: Mapping[Move, Rule] = {
    Move.NOTE: Rule(_EVERY, (), suspended=True),
    Move.ATTACH: Rule(_EVERY, (), suspended=True),
    Move.ASSIGN: Rule((Stage.RECEIVED,), ("unit",)),
    Move.ACCEPT: Rule((Stage.ASSIGNED,)),
    Move.FEEDBACK: Rule((Stage.HANDLING,), ("text",)),
    Move.REPORT: Rule((Stage.HANDLING,), ("text",)),
    Move.CLOSE: Rule((Stage.SUPERVISED,), ("text",)),
    Move.EVALUATE: Rule((Stage.CLOSED,), ("grade",)),
    Move.RETURN: Rule((*HELD, Stage.SUPERVISED, Stage.CLOSED), _APPROVED),
    Move.TRANSFER: Rule(HELD, ("unit", *_APPROVED)),
    Move.CO_HANDLE: Rule((*HELD, Stage.SUPERVISED), ("co_units", "reason")),
    Move.HAND_DOWN: Rule(HELD, ("unit", "reason")),
    Move.REPORT_UP: Rule(HELD, ("reason",)),
    Move.SUSPEND: Rule(HELD, _ON_PAPER),
    Move.RESUME: Rule(HELD, ("reason",), suspended=True),
    Move.EXTEND: Rule(HELD, ("clock", "until", *_ON_PAPER)),
    Move.CONSULT: Rule(HELD, ("plan", *_ON_PAPER)),
    Move.REGRADE: Rule((Stage.RECEIVED, *HELD), ("severity", *_APPROVED)),
    Move.URGE: Rule((Stage.RECEIVED, *HELD), ("text",)),
    Move.MERGE: Rule(OPEN_STAGES, ("into", "reason"), suspended=True),
    Move.WITHDRAW: Rule(OPEN_STAGES, _APPROVED, suspended=True),
    Move.RECOMPUTE: Rule((*OPEN_STAGES, Stage.CLOSED), ("reason",), suspended=True),
    Move.LETTER: Rule(_EVERY, (), suspended=True),
}
"""A case is opened by :func:`patrol.cases.loop.opening`; everything else follows this table."""
