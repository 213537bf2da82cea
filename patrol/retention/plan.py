"""Decides what has been kept long enough: given what is kept, the terms and the time, what is due, and what is held and why.

Pure: no database, no file, no clock. Nothing is due before its day, under a hold, or below the floor of its class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from patrol.registry import LOG_FLOOR, SIGN_IN_FLOOR, VIDEO_FLOOR, Retention


class Class(StrEnum):
    """How long something is kept; the registry's section ``retention`` has a term for each."""

    ROUTINE = "routine"
    FLAGGED = "flagged"
    CONFIRMED = "confirmed"
    SPOT_CHECKS = "spot_checks"
    ANSWER_PHOTOS = "answer_photos"
    CASE_FILES = "case_files"
    MESSAGES = "messages"
    SIGN_INS = "sign_ins"


FLOORS = {
    **dict.fromkeys(Class, VIDEO_FLOOR),
    Class.MESSAGES: LOG_FLOOR,
    Class.SIGN_INS: SIGN_IN_FLOOR,
}
"""What no registry, and no program that makes one by itself, may go below."""

_REASONS = {
    Class.ROUTINE: "nothing came of the look, or it was judged to be nothing",
    Class.FLAGGED: "flagged, and nobody confirmed it",
    Class.CONFIRMED: "a person confirmed the incident",
    Class.SPOT_CHECKS: "put before a person as a spot-check",
    Class.ANSWER_PHOTOS: "a department brought it for a matter that is over",
    Class.CASE_FILES: "belongs to a case that was closed",
    Class.MESSAGES: "said of a matter that is over",
    Class.SIGN_INS: "a session or a link that nobody can use any more",
}
_NOTHING = frozenset({"false_alarm", "duplicate", "exempt"})
"""Verdicts after which the picture has served its purpose."""


class FloorError(ValueError):
    """A term is shorter than the law allows; nothing is planned."""


@dataclass(frozen=True, slots=True)
class Matter:
    """An incident that a look belongs to, as far as keeping goes.

    Attributes:
        verdict: its strongest finding: ``candidate`` or ``flagged``.
        review: the last verdict of a person, None: nobody judged it.
        ended_at: when it ended; of an open one when it was last seen.
    """

    verdict: str
    review: str | None
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept.

    Attributes:
        kind: ``evidence``, ``answer_photo``, ``attachment``, ``letter``, ``notice``, ``escalation``, ``session`` or ``link``.
        ref: key of its row.
        path: of its file in the data folder; None: it is a row.
        sha256: of its file, None where none was kept.
        bytes: of its file; 0: it is a row.
        class_: decides its term.
        since: from when the term counts.
        holds: sentences, each why it stays for now whatever its day.
    """

    kind: str
    ref: str
    path: str | None
    sha256: str | None
    bytes: int
    class_: Class
    since: datetime
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be taken, since when, and why it may be."""

    kept: Kept
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """Something whose day has come and that stays, and why."""

    kept: Kept
    due_at: datetime
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is due and what is held, in the order in which it came."""

    due: tuple[Due, ...]
    held: tuple[Held, ...]


def term_of(terms: Retention, class_: Class) -> timedelta:
    """How long a class is kept."""
    found: timedelta = getattr(terms, class_.value)
    return found


def check_floors(terms: Retention) -> None:
    """See that no term is too short, wherever the terms come from.

    Raises:
        FloorError: one is; the message names it.
    """
    for class_, floor in FLOORS.items():
        if term_of(terms, class_) < floor:
            raise FloorError(
                f"retention.{class_}: {term_of(terms, class_).days} days are less than the {floor.days} that the law asks for; "
                "nothing is purged until the registry says more"
            )


def class_of_look(
    ended_at: datetime, matters: Sequence[Matter], terms: Retention, *, drawn: bool
) -> tuple[Class, datetime]:
    """The class of a look's files and from when it counts: of all that apply, the one that keeps them longest.

    Args:
        ended_at: end of the look.
        matters: incidents it belongs to.
        terms: as the registry has them.
        drawn: it was put before a person as a spot-check.
    """
    found = [(Class.ROUTINE, ended_at)]
    if drawn:
        found.append((Class.SPOT_CHECKS, ended_at))
    for matter in matters:
        class_ = Class.ROUTINE
        if matter.review == "confirmed":
            class_ = Class.CONFIRMED
        elif matter.verdict == "flagged" and matter.review not in _NOTHING:
            class_ = Class.FLAGGED
        found.append((class_, max(ended_at, matter.ended_at)))
    return max(found, key=lambda one: one[1] + term_of(terms, one[0]))


def plan(kept: Iterable[Kept], terms: Retention, now: datetime) -> Plan:
    """What is due at a moment.

    Args:
        kept: everything in question.
        terms: as the registry has them.
        now: aware.

    Raises:
        FloorError: a term is below its floor; nothing is planned.
    """
    check_floors(terms)
    due: list[Due] = []
    held: list[Held] = []
    for one in kept:
        due_at = one.since + term_of(terms, one.class_)
        if due_at > now:
            continue
        if one.holds:
            held.append(Held(one, due_at, one.holds))
        else:
            due.append(Due(one, due_at, f"{_REASONS[one.class_]}; {term_of(terms, one.class_).days} days are over"))
    return Plan(tuple(due), tuple(held))
