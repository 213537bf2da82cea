"""What a supervision letter says, field by field; what of it a person may change before it is issued."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from patrol.cases._json import day, moment, plain, same
from patrol.cases.worktime import WorkCalendar

_LONGEST = 4000
_SHORT = 200
_MOST_COPIES = 20
_FARTHEST = timedelta(days=366)
_UNPRINTED = {"Cc", "Cf", "Cs"}
"""Control and format characters and halves of pairs, by Unicode category."""


class LetterError(Exception):
    """A letter that cannot be written, changed or issued so; the sentence says why. Nothing was changed."""


class FieldError(LetterError):
    """A field that a letter cannot have so; the sentence names it.

    Attributes:
        field: its name.
    """

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"`{field}` {why}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done in the case."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A piece of evidence that the letter names."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LetterFields:
    """The fields of a letter, in Chinese where people read them. Instants are aware.

    Attributes:
        doc_no: ``湘阴治督[2026]012号``; None: a draft has none.
        issue_date: None in a draft.
        issuer, signer, contact, phone: of the centre; posts and desks.
        to_unit, to_level: who gets it, in words.
        holder: who has the case, or should have given it to somebody, in words; another one than ``to_unit`` from step 1.
        cc: who gets a copy.
        case_no, event_title, event_class: the case, in words.
        place, division_code: where it is.
        occurred_at, assigned_at: when it happened, and when it was assigned; None: it is not.
        original_due, due: of the breached clock, as first set and as it stands.
        overdue_working_days: on ``reckoned_on``, at least 1.
        reckoned_on: the day it was drafted, in the county.
        breached_clock: in words, e.g. ``办结``.
        step: 0 is the first letter; each further one goes one level up.
        history: what was done so far, oldest first.
        requirement: what is asked for.
        new_due: by which working day.
        new_due_provisional: its year is not announced.
        basis: the document it stands on.
        consequences: what follows if it is not done.
        attachments: evidence it names.
        provisional: the breached clock's dates touch a year that is not announced.
        policy_version, calendar_version: what they were reckoned by.
    """

    issuer: str
    to_unit: str
    to_level: str
    holder: str
    cc: tuple[str, ...]
    case_no: str
    event_title: str
    event_class: str
    place: str
    division_code: str
    occurred_at: datetime
    assigned_at: datetime | None
    original_due: datetime
    due: datetime
    overdue_working_days: int
    reckoned_on: date
    breached_clock: str
    step: int
    history: tuple[Step, ...]
    requirement: str
    new_due: date
    new_due_provisional: bool
    basis: str
    consequences: str
    signer: str
    contact: str
    phone: str
    attachments: tuple[Attached, ...]
    provisional: bool
    policy_version: str
    calendar_version: str
    doc_no: str | None = None
    issue_date: date | None = None

    def to_json(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {f.name: plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> LetterFields:
        """What :meth:`to_json` gave."""
        return cls(**{f.name: _READ.get(f.name, same)(said[f.name]) for f in fields(cls)})


_EDITABLE = ("requirement", "new_due", "cc", "contact", "phone", "consequences", "signer")
_NEEDED = ("requirement", "consequences")


def edited(letter: LetterFields, changes: Mapping[str, Any], cal: WorkCalendar, now: datetime) -> LetterFields:
    """The letter with what a person changed in its draft.

    Args:
        letter: a draft.
        changes: by field; ``new_due`` a date or its text, ``cc`` a list of texts.
        cal: the county's.
        now: UTC.

    Raises:
        FieldError: a field that is the clock's to say, an empty, overlong or unprintable text, a day off or one that has passed.
    """
    made: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in _EDITABLE:
            raise FieldError(name, f"cannot be changed; what can is {', '.join(_EDITABLE)}")
        if name == "new_due":
            made[name] = _check_day(_day_said(value), cal, now)
            made["new_due_provisional"] = not cal.is_announced(made[name])
        else:
            made[name] = _cc(value) if name == "cc" else _text(name, value, _longest(name))
    return replace(letter, **made)


def check_complete(letter: LetterFields, cal: WorkCalendar, now: datetime) -> None:
    """Whether it may be issued.

    Args:
        letter: a draft.
        cal: the county's.
        now: UTC.

    Raises:
        FieldError: something that a letter must say is empty, or its new due day is a day off or has passed meanwhile.
    """
    for name in (*_NEEDED, "to_unit", "issuer", "basis"):
        if not getattr(letter, name).strip():
            raise FieldError(name, "is empty; a letter must say it")
    _check_day(letter.new_due, cal, now)


def _longest(name: str) -> int:
    return _LONGEST if name in _NEEDED else _SHORT


def _text(name: str, value: Any, longest: int) -> str:
    """The text, without blanks around its lines and without empty lines."""
    if not isinstance(value, str):
        raise FieldError(name, "is a text")
    text = "\n".join(line.strip() for line in value.splitlines() if line.strip())
    if name in _NEEDED and not text:
        raise FieldError(name, "is empty; a letter must say it")
    if len(text) > longest:
        raise FieldError(name, f"is longer than {longest} characters")
    for character in text:
        if unicodedata.category(character) in _UNPRINTED and character != "\n":
            raise FieldError(name, f"holds a character that cannot be printed (U+{ord(character):04X}); leave it out")
    return text


def _cc(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) and each.strip() for each in value):
        raise FieldError("cc", "is a list of texts")
    if len(value) > _MOST_COPIES:
        raise FieldError("cc", f"has at most {_MOST_COPIES} entries")
    return tuple(_text("cc", each, _SHORT) for each in value)


def _day_said(value: Any) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise FieldError("new_due", f"is no day like 2026-11-24: {value!r}") from None


def _check_day(day: date, cal: WorkCalendar, now: datetime) -> date:
    if day < cal.local_day(now):
        raise FieldError("new_due", f"({day}) has passed; set a later working day")
    if day > cal.local_day(now) + _FARTHEST:
        raise FieldError("new_due", f"({day}) is more than a year away")
    if not cal.is_workday(day):
        raise FieldError("new_due", f"({day}) is no working day; the next one is {cal.nth_workday_after(day, 1)}")
    return day


_READ: Mapping[str, Any] = {
    "occurred_at": moment,
    "assigned_at": moment,
    "original_due": moment,
    "due": moment,
    "new_due": day,
    "issue_date": day,
    "reckoned_on": day,
    "cc": tuple,
    "history": lambda told: tuple(Step(datetime.fromisoformat(s["at"]), s["who"], s["what"]) for s in told),
    "attachments": lambda told: tuple(Attached(a["name"], a["sha256"]) for a in told),
}
