"""The case that follows an incident: whose number counts, and the stage and light that the case system says on ``case/<number>``.

The case system is ours or the county's own; here nobody knows which.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.alerts.message import read_moment
from patrol.alerts.messages import Case
from patrol.alerts.mqtt import LONGEST
from patrol.alerts.pace import CLOCK_SLACK
from patrol.store.tables import CaseLink

_NEEDED = ("number", "stage", "light", "at")
_LONGEST_SHOWN = 64


class NotACaseError(Exception):
    """A message on ``case/<number>`` that cannot be taken; the sentence says why, and nothing was written."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a case system said of a case, and what came of it.

    Attributes:
        number: of the case.
        stage, light: as it stands, in its own word and in ours.
        at: when it stood so, by the sender's clock, UTC.
        incidents: those that it follows and that now show it.
        problem: why nothing was written; None: it was.
    """

    number: str
    stage: str
    light: str
    at: datetime
    incidents: tuple[str, ...] = ()
    problem: str | None = None


def number_of(session: Session, incident: str) -> str | None:
    """Number of the case that follows an incident; None: none is known."""
    found = session.get(CaseLink, incident)
    return None if found is None else found.number


def link(
    session: Session, incident: str, number: str, department: str, case_department: str | None, now: datetime
) -> None:
    """A department has answered with a case number. The case system's goes before any other's, and it may change its own.

    Args:
        session: an open transaction.
        incident: whose alert was answered.
        number: as the department wrote it.
        department: who answered.
        case_department: who keeps the cases by the registry; None: nobody.
        now: UTC, aware.
    """
    row = session.get(CaseLink, incident, with_for_update=True)
    if row is None:
        session.add(CaseLink(incident=incident, number=number, department=department, at=now))
    elif (row.department, row.number) != (department, number) and department in {case_department, row.department}:
        row.number, row.department, row.at = number, department, now
        # What was said was said of another case.
        row.stage = row.light = row.said_at = None
    session.flush()


def read_case(topic_number: str, payload: bytes) -> Said:
    """Read a message on ``case/<number>``, see :class:`patrol.alerts.messages.Case`; only what is needed must be as described.

    Raises:
        NotACaseError: it cannot be understood.
    """
    if len(payload) > LONGEST:
        raise NotACaseError(f"longer than {LONGEST} bytes")
    try:
        value: Any = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise NotACaseError("not JSON") from error
    if not isinstance(value, dict):
        raise NotACaseError("not a JSON object")
    try:
        read = Case.model_validate({name: value[name] for name in _NEEDED if name in value})
    except ValidationError as error:
        wrong = sorted({str(e["loc"][0]) for e in error.errors(include_url=False, include_input=False)})
        raise NotACaseError(f"{' and '.join(f'`{name}`' for name in wrong)} not as described") from error
    if read.number != topic_number:
        raise NotACaseError(f"`number` is {_shown(read.number)}, and the topic says {_shown(topic_number)}")
    return Said(read.number, read.stage, read.light, read_moment(read.at))


def record_case(
    session: Session, topic_number: str, payload: bytes, now: datetime, *, case_department: str | None
) -> Said:
    """Write what a case system says onto the incidents that the case follows. What is older than what is there changes nothing.

    Args:
        session: an open transaction.
        topic_number: the last level of the topic it came on.
        payload: as it came.
        now: UTC, aware.
        case_department: who keeps the cases by the registry; None: nobody.

    Raises:
        NotACaseError: it cannot be understood, or nobody keeps cases.
    """
    said = read_case(topic_number, payload)
    if case_department is None:
        raise NotACaseError("the registry names no case system (`cases.system`)")
    rows = session.scalars(
        select(CaseLink)
        .where(CaseLink.number == said.number, CaseLink.department == case_department)
        .order_by(CaseLink.incident)
        .with_for_update()
    ).all()
    # A time that lies ahead was said by a clock that was wrong then: it must not keep out what comes after it.
    implausible = now + CLOCK_SLACK
    newer = [row for row in rows if row.said_at is None or row.said_at <= said.at or row.said_at > implausible]
    for row in newer:
        row.stage, row.light, row.said_at = said.stage, said.light, said.at
    session.flush()
    problem = None if newer else "older than what is there" if rows else "no incident has this case"
    return Said(said.number, said.stage, said.light, said.at, tuple(row.incident for row in newer), problem)


def _shown(text: str) -> str:
    return ascii(text[:_LONGEST_SHOWN])
