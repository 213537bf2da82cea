"""Who may see one kept file, and the record that it was seen: once for a caller and a file in ten minutes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol import audit
from patrol.access import Caller, CaseView, Role, lies_with, sees
from patrol.evidence.calls import FETCH, VIEW, detail_of
from patrol.registry import Camera
from patrol.store import Store
from patrol.store.tables import Alert, CaseFile, EvidenceExport, EvidenceFile, IncidentLook, Visit

AGAIN_AFTER = timedelta(minutes=10)
"""A player asks for a clip in many pieces, and a page again and again: that is one look at it."""
_one_at_a_time = threading.Lock()


def may_see(session: Session, caller: Caller, camera: Camera | None, visit: str) -> bool:
    """Whether the picture of a look is within what was granted to a caller; whether it may see pictures at all is another question.

    Args:
        session: reads.
        caller: who asks.
        camera: that took it, of the registry in force; None: it is not there any more.
        visit: id of the look.
    """
    if caller.role is Role.DEPARTMENT:
        return was_told(session, visit, caller.unit)
    return sees(caller, camera)


def was_told(session: Session, visit: str, unit: str | None) -> bool:
    """Whether a unit was alerted of an incident that a look belongs to, or has its case."""
    if unit is None:
        return False
    of_look = IncidentLook.visit == visit
    told = select(Alert.id).join(IncidentLook, IncidentLook.incident == Alert.incident)
    if session.scalar(told.where(of_look, Alert.department == unit).limit(1)) is not None:
        return True
    cases = select(CaseFile).join(IncidentLook, IncidentLook.incident == CaseFile.incident).where(of_look)
    return any(lies_with(unit, CaseView(case.unit, tuple(case.co_units))) for case in session.scalars(cases))


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opens a kept file or fetches a copy of it.

    Attributes:
        caller: who; of a link in an alert the department.
        kept: the file.
        visit: the look that it is of.
        why: what it is opened for; of a copy the reason that it was asked for with.
        at: when, aware.
        address: where the request came from.
        copy: what is fetched; None: the file itself is looked at.
    """

    caller: Caller
    kept: EvidenceFile
    visit: Visit
    why: str
    at: datetime
    address: str | None
    copy: EvidenceExport | None = None


def note(store: Store, opening: Opening) -> None:
    """Record an opening, unless the same caller opened the same thing less than ten minutes ago.

    Raises:
        SQLAlchemyError: it cannot be recorded; then the file must not be shown.
    """
    with store.reading() as session:
        if _noted_lately(session, opening):
            return
    with _one_at_a_time, store.sessions.begin() as session:
        if not _noted_lately(session, opening):
            kept, visit, copy = opening.kept, opening.visit, opening.copy
            audit.write(
                session,
                opening.caller,
                VIEW if copy is None else FETCH,
                kind="file",
                ref=kept.sha256,
                camera=visit.camera,
                reason=opening.why,
                detail=detail_of(
                    kept.sha256,
                    kept.role,
                    visit.started_at,
                    export=copy.number if copy else None,
                    recipient=copy.recipient_unit if copy else None,
                ),
                now=opening.at,
                address=opening.address,
            )


def _noted_lately(session: Session, opening: Opening) -> bool:
    rows = audit.rows(
        session,
        who=opening.caller.name,
        action=VIEW if opening.copy is None else FETCH,
        kind="file",
        ref=opening.kept.sha256,
        since=opening.at - AGAIN_AFTER,
    )
    number = opening.copy.number if opening.copy else None
    return any(row.detail.get("export") == number for row in rows)
