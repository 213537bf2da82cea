"""A case as screens, commands and the API show it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.cases._rows import clock_of
from patrol.cases.book import clock_rows, state_of
from patrol.cases.desk import Desk
from patrol.cases.lights import light_of
from patrol.cases.loop import legal_moves
from patrol.cases.moves import RULES, Move
from patrol.cases.types import ClockName, Level, Light, Severity, Stage
from patrol.store.tables import CaseAlert, CaseAttachment, CaseClock, CaseEvent, CaseFile, CaseLetter


class UnitView(BaseModel):
    """A department or a division."""

    id: str = Field(description="Department id or division code.")
    name: str = Field(description="In Chinese.")


class ClockView(BaseModel):
    """One of the three clocks."""

    name: ClockName = Field(description="assign, feedback or resolve.")
    limit: str = Field(description="`7wd` is seven working days, `1m` one month.")
    light: Light = Field(description="As it is now.")
    due: datetime = Field(description="Last instant in time.")
    original_due: datetime = Field(description="As first set.")
    yellow_at: datetime = Field(description="From here on it is near its limit.")
    provisional: bool = Field(description="Touches a year whose calendar is not announced.")
    paused_at: datetime | None = Field(description="Since when it is suspended.")
    stopped_at: datetime | None = Field(description="When what it waits for was done.")
    breached_at: datetime | None = Field(description="When it first turned red.")
    used_s: float | None = Field(description="Working seconds it ran, once stopped.")
    void: bool = Field(description="Its case was merged or withdrawn.")


class CaseView(BaseModel):
    """One case in a list."""

    number: str
    version: int = Field(description="What an edit names in If-Match.")
    stage: Stage
    suspended: bool
    light: Light = Field(description="The worst open clock's; of a closed case whether it was in time.")
    shown_light: Light = Field(description="As screens draw it: green while in time, where the registry says so.")
    resolve_due: datetime = Field(description="Last instant in time of its resolve clock.")
    provisional: bool
    kind: str
    severity: Severity
    source: str
    title: str
    occurred_at: datetime
    opened_at: datetime
    division: UnitView
    address: str
    unit: UnitView | None
    level: Level | None
    co_units: list[UnitView]
    closed_at: datetime | None
    grade: str | None
    satisfaction: int | None
    returned: int
    merged_into: str | None
    incident: str | None
    camera: str | None


class EventView(BaseModel):
    """One thing that was done."""

    seq: int
    move: Move
    at: datetime
    by: str
    approver: str | None
    reason: str | None
    document: str | None
    stage: Stage | None = Field(description="The stage it led to, where it is another one.")
    said: dict[str, Any] = Field(description="What was said with it.")


class LetterView(BaseModel):
    """A supervision letter."""

    id: int
    case: str
    clock: ClockName
    step: int = Field(description="0 at red; then one level up each time.")
    state: str = Field(description="draft, issued or dropped.")
    version: int
    doc_no: str | None
    to: UnitView
    drafted_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None


class LetterWhole(LetterView):
    """A letter with all it says."""

    fields: dict[str, Any] = Field(description="Field by field; frozen when it is issued.")
    sha256: dict[str, str] | None = Field(description="Of the files of an issued one, by form.")
    missing_glyphs: str = Field(description="Characters of it that the font does not have; they are printed as □.")


class Removal(BaseModel):
    """That a file was removed."""

    at: datetime
    by: str
    because: str


class AttachmentView(BaseModel):
    """A photo or document of a case. Its bytes are asked for by its id."""

    id: str
    name: str = Field(description="As it was called.")
    media_type: str = Field(description="As its bytes say.")
    bytes: int
    sha256: str
    thumbnail: bool = Field(description="Whether there is a small picture of it: it is a photo.")
    lon: float | None = Field(description="Where a photo says it was taken, degrees, WGS84.")
    lat: float | None
    taken_at: str | None = Field(
        description="When a photo says it was taken, by the camera's own clock, as it says it."
    )
    unit: str | None = Field(description="Of who brought it; null: the command centre's, or a reporter's.")
    by: str
    at: datetime
    scan: Literal["clean", "not_checked"] = Field(description="What the virus scanner said.")
    removed: Removal | None


class LegalMove(BaseModel):
    """A move that is possible now."""

    move: Move
    needs: list[str] = Field(description="What must be said with it.")


class CaseWhole(CaseView):
    """A case with everything that belongs to it."""

    description: str
    lon: float | None
    lat: float | None
    datum: str | None
    policy_version: str
    calendar_version: str
    clocks: list[ClockView]
    events: list[EventView]
    alerts: list[str] = Field(description="Ids.")
    letters: list[LetterView]
    attachments: list[AttachmentView]
    merged_from: list[str] = Field(description="Numbers of duplicates that were merged into it.")
    moves: list[LegalMove] = Field(description="What is possible now.")


def case_view(row: CaseFile, desk: Desk) -> CaseView:
    """A case as a line of a list."""
    return CaseView(**_line(row, desk))


def case_whole(session: Session, row: CaseFile, desk: Desk, now: datetime) -> CaseWhole:
    """A case with its trail."""
    clocks = clock_rows(session, row.number)

    def of(table: Any, *order: Any) -> Sequence[Any]:
        return session.scalars(select(table).where(table.case == row.number).order_by(*order)).all()

    merged = select(CaseFile.number).where(CaseFile.merged_into == row.number).order_by(CaseFile.number)
    return CaseWhole(
        **_line(row, desk),
        description=row.description,
        lon=row.lon,
        lat=row.lat,
        datum=row.datum,
        policy_version=row.policy_version,
        calendar_version=row.calendar_version,
        clocks=[clock_view(clock, now) for clock in clocks],
        events=[_event(event) for event in of(CaseEvent, CaseEvent.seq)],
        alerts=[alert.alert for alert in of(CaseAlert, CaseAlert.at, CaseAlert.alert)],
        letters=[letter_view(letter, desk) for letter in of(CaseLetter, CaseLetter.id)],
        attachments=[attachment_view(each) for each in of(CaseAttachment, CaseAttachment.at, CaseAttachment.id)],
        merged_from=list(session.scalars(merged)),
        moves=[LegalMove(move=m, needs=list(RULES[m].needs)) for m in legal_moves(state_of(row, clocks))],
    )


def clock_view(row: CaseClock, now: datetime) -> ClockView:
    """A clock as it stands at ``now``."""
    clock = clock_of(row)
    names = set(ClockView.model_fields) - {"light", "breached_at"}
    return ClockView(
        **{name: getattr(clock, name) for name in names}, light=light_of(clock, now), breached_at=row.breached_at
    )


def letter_view(row: CaseLetter, desk: Desk) -> LetterView:
    """A letter as a line of the register."""
    names = set(LetterView.model_fields) - {"to"}
    # A post (值班长, 分管县领导) has no id of its own; the letter names it.
    to = UnitView(id=row.to_unit, name=row.fields.get("to_unit") or desk.name_of(row.to_unit))
    return LetterView(**{name: getattr(row, name) for name in names}, to=to)


def letter_whole(row: CaseLetter, desk: Desk) -> LetterWhole:
    """A letter with all it says."""
    digests = None if row.files is None else {form: file["sha256"] for form, file in row.files.items()}
    # Brings the font along, which a service that shows no letter need not load.
    from patrol.cases.letters.font import missing_glyphs

    said = json.dumps(row.fields, ensure_ascii=False)
    return LetterWhole(
        **letter_view(row, desk).model_dump(), fields=row.fields, sha256=digests, missing_glyphs=missing_glyphs(said)
    )


def attachment_view(row: CaseAttachment) -> AttachmentView:
    """An attachment without where it is kept."""
    removed = None
    if row.removed_at is not None:
        removed = Removal(at=row.removed_at, by=row.removed_by or "", because=row.removed_because or "")
    names = set(AttachmentView.model_fields) - {"thumbnail", "removed"}
    said = {name: getattr(row, name) for name in names}
    return AttachmentView(**said, thumbnail=row.thumbnail is not None, removed=removed)


def _line(row: CaseFile, desk: Desk) -> dict[str, Any]:
    made = {"shown_light", "division", "unit", "co_units"}
    in_time = row.light == Light.UNLIT and row.stage not in {Stage.MERGED, Stage.WITHDRAWN}
    return {
        **{name: getattr(row, name) for name in set(CaseView.model_fields) - made},
        "shown_light": Light.GREEN if in_time and desk.registry.cases.green_in_time else row.light,
        "division": _unit(row.division, desk),
        "unit": None if row.unit is None else _unit(row.unit, desk),
        "co_units": [_unit(unit, desk) for unit in row.co_units],
    }


def _unit(unit: str, desk: Desk) -> UnitView:
    return UnitView(id=unit, name=desk.name_of(unit))


def _event(row: CaseEvent) -> EventView:
    said = {name: value for name, value in row.data.items() if name not in {"set", "changes"}}
    return EventView(
        seq=row.seq,
        move=Move(row.move),
        at=row.at,
        by=row.by,
        approver=row.approver,
        reason=row.reason,
        document=row.document,
        stage=row.data.get("set", {}).get("stage"),
        said=said,
    )
