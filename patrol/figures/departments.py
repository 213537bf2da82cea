"""What departments have on their hands: told, open, late, refused, escalated, disposed, by department."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Integer, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from patrol.figures._sql import on_cameras
from patrol.figures.period import Range
from patrol.store.tables import DispatchTrack, Escalation, Incident


@dataclass(frozen=True, slots=True)
class Department:
    """One department; all but the ``_now`` numbers count matters that were opened in the range.

    Attributes:
        told: matters it was told of to act on; ``copies``: those it got for information.
        open: not closed yet.
        refused: its last word is no.
        escalated: somebody else was called because it did not answer.
        disposed: it has dealt with them.
        ended: closed for another reason: the incident ended, was judged to be nothing, or another department took it on.
        open_now: open at this moment, whenever opened; ``late_now``: of these, past the limit of the step they wait for.
    """

    id: str
    told: int
    copies: int
    open: int
    refused: int
    escalated: int
    disposed: int
    ended: int
    open_now: int
    late_now: int


def departments_of(
    session: Session, asked: Range, *, cameras: frozenset[str] | None = None, department: str | None = None
) -> tuple[Department, ...]:
    """Count what departments were told in a range, by department id.

    Args:
        session: reading.
        asked: the days on which the matters were opened.
        cameras: only of these; None: all.
        department: only this one.
    """
    track = DispatchTrack
    inside = and_(track.opened_at >= asked.start, track.opened_at < asked.end)
    acts = and_(inside, track.role != "copy")
    escalated = select(Escalation.id).where(Escalation.dispatch == track.id).exists()
    open_ = track.closed_at.is_(None)
    limit = case(
        (track.state == "told", track.received_by),
        (track.state.in_(("received", "refused")), track.accepted_by),
        (track.state.in_(("accepted", "phoned")), track.on_scene_by),
        else_=track.disposed_by,
    )
    columns = {
        "told": acts,
        "copies": and_(inside, track.role == "copy"),
        "open": and_(acts, open_),
        "refused": and_(acts, track.state == "refused"),
        "escalated": and_(acts, escalated),
        "disposed": and_(acts, track.state == "disposed"),
        "ended": and_(acts, ~open_, track.state != "disposed"),
        "open_now": and_(track.role != "copy", open_),
        "late_now": and_(track.role != "copy", open_, limit < asked.now),
    }
    rows = (
        select(
            track.department,
            *(
                func.sum(case((condition, 1), else_=0), type_=Integer()).label(name)
                for name, condition in columns.items()
            ),
        )
        .where(or_(inside, open_), true() if department is None else track.department == department)
        .group_by(track.department)
        .order_by(track.department)
    )
    if cameras is not None:
        rows = rows.join(Incident, Incident.id == track.incident).where(*on_cameras(Incident.camera, cameras))
    return tuple(Department(key, *(int(value) for value in values)) for key, *values in session.execute(rows))
