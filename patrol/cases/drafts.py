"""Drafts the letters that a red light asks for: one for each breached clock, then one level up at each step, never twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from patrol.cases._rows import clock_of, rows_by_case
from patrol.cases.clocks import letter_due
from patrol.cases.desk import Desk
from patrol.cases.letters.draft import MOVES, Matter, addressee, draft, full_name
from patrol.cases.letters.fields import Attached, Step
from patrol.cases.moves import Reckoning
from patrol.store.tables import CaseAttachment, CaseClock, CaseEvent, CaseFile, CaseLetter

_UNTOLD = {"note", "attach", "letter", "recompute"}
"""What a letter's history leaves out: it is about what was done."""
_LONGEST = 200


Due = Sequence[tuple[CaseFile, Sequence[CaseClock]]]
"""Cases with their clocks."""


def write(session: Session, desk: Desk, due: Due, now: datetime) -> list[CaseLetter]:
    """Draft every letter of some cases that is due, and count it on its clock.

    Args:
        session: an open transaction that holds the cases.
        desk: of the registry in force.
        due: the cases.
        now: UTC.

    Returns:
        The drafts; a person reads and issues them.
    """
    # At the end of a day thousands turn red at once: what letters tell of them is read for all together.
    numbers = [row.number for row, _ in due]
    events = rows_by_case(session, CaseEvent, numbers, CaseEvent.seq)
    attached = rows_by_case(session, CaseAttachment, numbers, CaseAttachment.at, CaseAttachment.id)
    found = []
    for row, clocks in due:
        reckoning = desk.reckoning(session, row.policy)
        for kept in clocks:
            while kept.stopped_at is None and not kept.void and _is_due(reckoning, kept, now):
                matter = matter_of(desk, row, reckoning, events[row.number], attached[row.number])
                found.append(_draft(desk, matter, row, kept, reckoning, now))
                kept.letters += 1
    session.add_all(found)
    session.flush()
    return found


def matter_of(
    desk: Desk,
    row: CaseFile,
    reckoning: Reckoning,
    events: Sequence[CaseEvent],
    attached: Sequence[CaseAttachment],
) -> Matter:
    """What a letter says of a case, given its events and attachments, oldest first."""
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
        attachments=tuple(Attached(each.name, each.sha256) for each in attached if each.removed_at is None),
    )


def _is_due(reckoning: Reckoning, kept: CaseClock, now: datetime) -> bool:
    due = letter_due(reckoning.calendar, reckoning.policy, clock_of(kept), kept.letters)
    return due is not None and due <= now


def _draft(
    desk: Desk, matter: Matter, row: CaseFile, kept: CaseClock, reckoning: Reckoning, now: datetime
) -> CaseLetter:
    step = kept.letters
    letter = draft(
        matter,
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
