"""Drafts the letters that a red light asks for: one for each breached clock, then one level up at each step, never twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.cases._rows import clock_of
from patrol.cases.clocks import letter_due
from patrol.cases.desk import Desk
from patrol.cases.letters.draft import MOVES, Matter, addressee, draft, full_name
from patrol.cases.letters.fields import Attached, Step
from patrol.cases.moves import Reckoning
from patrol.store.tables import CaseAttachment, CaseClock, CaseEvent, CaseFile, CaseLetter

_UNTOLD = {"note", "attach", "letter", "recompute"}
"""What a letter's history leaves out: it is about what was done."""
_LONGEST = 200


def write(session: Session, desk: Desk, row: CaseFile, clocks: Sequence[CaseClock], now: datetime) -> list[CaseLetter]:
    """Draft every letter of a case that is due, and count it on its clock.

    Args:
        session: an open transaction that holds the case.
        desk: of the registry in force.
        row, clocks: the case.
        now: UTC.

    Returns:
        The drafts; a person reads and issues them.
    """
    reckoning, found = desk.reckoning(session, row.policy), []
    for kept in clocks:
        if kept.stopped_at is not None or kept.void:
            continue
        while (due := letter_due(reckoning.calendar, reckoning.policy, clock_of(kept), kept.letters)) and due <= now:
            letter = _draft(session, desk, row, kept, reckoning, now)
            session.add(letter)
            session.flush()
            kept.letters += 1
            found.append(letter)
    return found


def _draft(
    session: Session, desk: Desk, row: CaseFile, kept: CaseClock, reckoning: Reckoning, now: datetime
) -> CaseLetter:
    step = kept.letters
    letter = draft(
        matter_of(session, desk, row, reckoning),
        clock_of(kept),
        step,
        desk.registry.cases.letters,
        desk.names,
        desk.county,
        reckoning.calendar,
        now,
    )
    return CaseLetter(
        case=row.number,
        clock=kept.name,
        step=step,
        state="draft",
        version=1,
        to_unit=addressee(row.unit, desk.county, step, desk.names).unit,
        drafted_at=now,
        fields=letter.to_json(),
    )


def matter_of(session: Session, desk: Desk, row: CaseFile, reckoning: Reckoning) -> Matter:
    """What a letter says of the case."""
    events = session.scalars(select(CaseEvent).where(CaseEvent.case == row.number).order_by(CaseEvent.seq)).all()
    attached = session.scalars(
        select(CaseAttachment)
        .where(CaseAttachment.case == row.number, CaseAttachment.removed_at.is_(None))
        .order_by(CaseAttachment.at, CaseAttachment.id)
    )
    assigned = [event.at for event in events if event.move == "assign"]
    return Matter(
        number=row.number,
        title=row.title,
        kind=row.kind,
        address=row.address,
        division=row.division,
        division_name=full_name(row.division, desk.county, desk.names),
        occurred_at=row.occurred_at,
        unit=row.unit,
        assigned_at=assigned[-1] if assigned and row.unit is not None else None,
        policy_version=row.policy_version,
        calendar_version=row.calendar_version,
        basis=reckoning.policy.basis,
        history=tuple(Step(e.at, _who(e.by), _what(e, desk)) for e in events if e.move not in _UNTOLD),
        attachments=tuple(Attached(each.name, each.sha256) for each in attached),
    )


def _who(by: str) -> str:
    return "视频巡查系统" if by == "alert" else by


def _what(event: CaseEvent, desk: Desk) -> str:
    """What was done, in words: the move, to whom, what was said."""
    said = event.data
    to = f"至{full_name(said['unit'], desk.county, desk.names)}" if said.get("unit") else ""
    more = said.get("text") or event.reason
    if more and len(more) > _LONGEST:
        more = f"{more[:_LONGEST]}……"
    return f"{MOVES.get(event.move, event.move)}{to}{f'：{more}' if more else ''}"
