"""The intake: alerts as the published contract describes them become cases, each incident once, whatever comes twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.cases import notices
from patrol.cases.book import Opening, clock_rows, move, open_case
from patrol.cases.desk import Desk
from patrol.cases.moves import Command, Move
from patrol.cases.types import CaseKind, Stage
from patrol.store.tables import CaseAlert, CaseFile

_SCHEMA = "patrol.alert/"
_LENGTHS = (15, 12, 9, 6)
"""Of division codes, the most exact first."""
BY = "alert"
"""Who opens a case that an alert brings."""


class NotAnAlertError(Exception):
    """A message that no case can be made of; the sentence says why."""


class _In(BaseModel):
    """Unknown fields are ignored: the contract grows by fields that may be left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Camera(_In):
    id: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1)
    place: str | None = None
    division_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    datum: str | None = None


class _Alert(_In):
    schema_: str = Field(alias="schema")
    type: Literal["new", "update", "end"]
    id: str = Field(min_length=1, max_length=36)
    incident: str = Field(min_length=1, max_length=64)
    kind: str = Field(min_length=1, max_length=32)
    severity: Literal["general", "major"] = "general"
    reviewed: bool = False
    occurred_at: AwareDatetime
    camera: _Camera
    summary: str = Field(min_length=1)
    rule: dict[str, Any] | None = None
    told: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an alert.

    Attributes:
        alert: its id.
        number: of the case it belongs to now; None: the end of something that no case was opened for.
        opened: whether it opened that case.
        again: whether it had come before.
    """

    alert: str
    number: str | None
    opened: bool = False
    again: bool = False


def take_alert(session: Session, desk: Desk, payload: bytes, now: datetime) -> Taken:
    """Take an alert into the book.

    Args:
        session: an open transaction.
        desk: of the registry in force.
        payload: as it came.
        now: UTC.

    Raises:
        NotAnAlertError: it cannot be read; nothing was written.
        MoveError: it cannot become a case; nothing was written.
    """
    envelope, alert = _read(payload)
    known = session.get(CaseAlert, alert.id)
    if known is not None:
        number = _where(session, known.case)
        _say_again(session, number, now)
        return Taken(alert.id, number, again=True)
    row = session.scalar(select(CaseFile).where(CaseFile.incident == alert.incident))
    if row is None and alert.type == "end":
        return Taken(alert.id, None)
    opened = row is None
    if row is None:
        number = open_case(session, desk, _opening(desk, alert, now), now).number
    else:
        number = _where(session, row.number)
        told = {"alert": alert.id, "type": alert.type, "severity": alert.severity, "reviewed": alert.reviewed}
        move(session, desk, number, Command(Move.NOTE, BY, now, text=alert.summary, data=told))
        if number != row.number:
            _say_again(session, number, now)
    session.add(CaseAlert(alert=alert.id, case=number, type=alert.type, at=now, envelope=envelope))
    session.flush()
    return Taken(alert.id, number, opened=opened)


def _say_again(session: Session, number: str, now: datetime) -> None:
    """How the case stands, behind an answer: what it said before that answer, nobody could place."""
    row = session.get_one(CaseFile, number, with_for_update=True, populate_existing=True)
    notices.say(session, row, clock_rows(session, number), now)
    session.flush()


def _read(payload: bytes) -> tuple[dict[str, Any], _Alert]:
    try:
        envelope = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise NotAnAlertError("not JSON") from error
    if not isinstance(envelope, dict):
        raise NotAnAlertError("not a JSON object")
    # A database refuses NUL, and halves of surrogate pairs, which JSON can spell.
    text = json.dumps(envelope, ensure_ascii=False).replace("\\u0000", "").encode("utf-8", "replace").decode()
    envelope = json.loads(text)
    try:
        alert = _Alert.model_validate(envelope)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise NotAnAlertError(f"`{'.'.join(map(str, first['loc']))}`: {first['msg']}") from error
    if not alert.schema_.startswith(_SCHEMA):
        raise NotAnAlertError(f"schema {alert.schema_!r} is none of {_SCHEMA}…")
    return envelope, alert


def _opening(desk: Desk, alert: _Alert, now: datetime) -> Opening:
    camera = alert.camera
    kinds: tuple[CaseKind, ...] = ("congestion", "fireworks", "fishing")
    both = camera.lon is not None and camera.lat is not None
    return Opening(
        by=BY,
        source="video_ai",
        # Its first sentence; what the detector measured follows.
        title=alert.summary.partition("。")[0],
        description=alert.summary,
        # A sender's clock that runs ahead must not keep the case out of the book.
        occurred_at=min(alert.occurred_at, now),
        division=_division(camera.division_code, desk.county),
        address=camera.place or camera.name,
        kind=next((kind for kind in kinds if kind == alert.kind), "other"),
        severity=alert.severity,
        lon=camera.lon if both else None,
        lat=camera.lat if both else None,
        datum=camera.datum if both else None,
        camera=camera.id,
        incident=alert.incident,
        data={"alert": alert.id, "rule": alert.rule, "told": alert.told, "reviewed": alert.reviewed},
    )


def _division(code: str | None, county: str) -> str:
    """The most exact division of this county that a code names; the county, where it names none."""
    if code is None or not code.isdecimal() or not code.startswith(county):
        return county
    return code[: next(length for length in _LENGTHS if len(code) >= length)]


def _where(session: Session, number: str) -> str:
    """The case that a case's trail goes on in."""
    row = session.get_one(CaseFile, number)
    while row.stage == Stage.MERGED and row.merged_into is not None:
        row = session.get_one(CaseFile, row.merged_into)
    return row.number
