"""What a supervision letter says, field by field; what of it a person may change before it is issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

_LONGEST = 4000
_SHORT = 200


class LetterError(Exception):
    """A letter that cannot be written, changed or issued so; the sentence names the field. Nothing was changed."""


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
        cc: who gets a copy.
        case_no, event_title, event_class: the case, in words.
        place, division_code: where it is.
        occurred_at, assigned_at: when it happened, and when it was assigned; None: it is not.
        original_due, due: of the breached clock, as first set and as it stands.
        overdue_working_days: at the drafting, at least 1.
        breached_clock: in words, e.g. ``办结``.
        step: 0 is the first letter; each further one goes one level up.
        history: what was done so far, oldest first.
        requirement: what is asked for.
        new_due: by which working day.
        basis: the document it stands on.
        consequences: what follows if it is not done.
        attachments: evidence it names.
        provisional: the dates touch a year that is not announced.
        policy_version, calendar_version: what they were reckoned by.
    """

    issuer: str
    to_unit: str
    to_level: str
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
    breached_clock: str
    step: int
    history: tuple[Step, ...]
    requirement: str
    new_due: date
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
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> LetterFields:
        """What :meth:`to_json` gave."""
        return cls(**{f.name: _READ.get(f.name, _same)(said[f.name]) for f in fields(cls)})


_EDITABLE = ("requirement", "new_due", "cc", "contact", "phone", "consequences", "signer")
_NEEDED = ("requirement", "consequences")


def edited(letter: LetterFields, changes: Mapping[str, Any], today: date) -> LetterFields:
    """The letter with what a person changed in its draft.

    Args:
        letter: a draft.
        changes: by field; ``new_due`` a date or its text, ``cc`` a list of texts.
        today: in the county.

    Raises:
        LetterError: a field that is the clock's to say, an empty or overlong text, a date that has passed.
    """
    made: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in _EDITABLE:
            raise LetterError(f"`{name}` cannot be changed; there are {', '.join(_EDITABLE)}")
        made[name] = _new_due(value, today) if name == "new_due" else _cc(value) if name == "cc" else _text(name, value)
    return replace(letter, **made)


def check_complete(letter: LetterFields) -> None:
    """Whether it may be issued.

    Raises:
        LetterError: something that a letter must say is empty.
    """
    for name in (*_NEEDED, "to_unit", "issuer", "basis"):
        if not getattr(letter, name).strip():
            raise LetterError(f"`{name}` is empty; a letter must say it")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise LetterError(f"`{name}` is a text")
    text, longest = value.strip(), _LONGEST if name in _NEEDED else _SHORT
    if name in _NEEDED and not text:
        raise LetterError(f"`{name}` is empty; a letter must say it")
    if len(text) > longest:
        raise LetterError(f"`{name}` is longer than {longest} characters")
    return text


def _cc(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) and each.strip() for each in value):
        raise LetterError("`cc` is a list of texts")
    if len(value) > 20 or any(len(each) > _SHORT for each in value):
        raise LetterError(f"`cc` has at most 20 entries of {_SHORT} characters")
    return tuple(each.strip() for each in value)


def _new_due(value: Any, today: date) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise LetterError(f"`new_due`: {value!r} is not a day like 2026-11-24") from None
    if day < today:
        raise LetterError(f"`new_due`: {day} has passed")
    return day


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Step, Attached)):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _same(value: Any) -> Any:
    return value


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


_READ: Mapping[str, Any] = {
    "occurred_at": _moment,
    "assigned_at": _moment,
    "original_due": _moment,
    "due": _moment,
    "new_due": _day,
    "issue_date": _day,
    "cc": tuple,
    "history": lambda told: tuple(Step(datetime.fromisoformat(s["at"]), s["who"], s["what"]) for s in told),
    "attachments": lambda told: tuple(Attached(a["name"], a["sha256"]) for a in told),
}
