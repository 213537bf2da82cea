"""Copies of evidence: asked for with a reason, made one after the other, fetched by who asked, gone after a day."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from api import models
from api.callers import Address, allow, asks
from api.deps import ReadSession, RowNumber, TheService, camera_names
from api.evidence_answers import export_answer
from api.routes.evidence import FILE, file_answer, place_of
from patrol import audit
from patrol.access import Caller, Role, can
from patrol.evidence import exports
from patrol.evidence.calls import EXPORT, UNMASKED, detail_of
from patrol.evidence.rules import unit_names
from patrol.evidence.trace import incidents_of
from patrol.evidence.viewing import Opening, may_see, note
from patrol.service import Service
from patrol.store import queries
from patrol.store.tables import EvidenceExport, EvidenceFile, Visit

router = APIRouter(tags=["evidence"])

Exporter = Annotated[Caller, Depends(asks("evidence.export"))]
Reader = Annotated[Caller, Depends(asks("evidence.export", "evidence.trace"))]
State = Literal["queued", "working", "ready", "failed", "deleted"]


@router.post("/evidence/{evidence_id}/exports", status_code=202)
def ask_for_export(
    service: TheService, caller: Exporter, address: Address, evidence_id: RowNumber, order: models.ExportOrder
) -> models.Export:
    """Ask for a copy of a kept file. Faces and plates are hidden in it unless a second reason says why they must be seen."""
    wish = _wish(caller, order)
    now, registry = service.clock.wall(), service.loaded.registry
    with service.store.sessions.begin() as session:
        kept, visit = _visible(service, session, caller, evidence_id)
        _belongs(session, visit, wish)
        if place_of(service.settings.data, kept.path) is None:
            raise HTTPException(410, "the file is no longer kept; its trace says since when")
        try:
            row = exports.order(session, kept, visit, wish, caller, registry.county.zone, now)
        except exports.OrderError as error:
            raise HTTPException(422 if error.field else 409, str(error)) from error
        detail = detail_of(kept.sha256, kept.role, visit.started_at, export=row.number, recipient=row.recipient_unit)
        reason = row.reason if row.unmasked_reason is None else f"{row.reason}; {row.unmasked_reason}"
        action = EXPORT if row.unmasked_reason is None else UNMASKED
        audit.write(
            session,
            caller,
            action,
            kind="file",
            ref=kept.sha256,
            camera=visit.camera,
            reason=reason,
            detail=detail,
            now=now,
            address=address,
        )
        answer = export_answer(row, camera_names(registry), caller)
    service.copier.wake()
    return answer


@router.get("/export-recipients")
def export_recipients(service: TheService, caller: Exporter) -> list[models.Recipient]:
    """The units that the registry knows and that a copy can be for; of a department itself alone."""
    return [
        models.Recipient(id=unit, name=models.Name(zh=name.zh, en=name.en))
        for unit, name in unit_names(service.loaded.registry).items()
        if caller.role is not Role.DEPARTMENT or unit == caller.unit
    ]


@router.get("/exports")
def list_exports(
    service: TheService,
    session: ReadSession,
    caller: Reader,
    state: State | None = None,
    evidence: Annotated[int | None, Query(ge=1, le=2**53, description="Of this kept file only.")] = None,
    cursor: Annotated[
        str | None, Query(max_length=20, description="Number of the last one of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.Page[models.Export]:
    """Copies, newest first: one's own; all of them for whoever traces evidence."""
    names = camera_names(service.loaded.registry)
    by = None if _traces(caller) else caller.name
    rows = exports.listed(session, by=by, evidence=evidence, state=state, before=cursor, limit=limit)
    return models.Page(
        items=[export_answer(row, names, caller) for row in rows],
        next=rows[-1].number if len(rows) == limit else None,
    )


@router.get("/exports/{number}")
def one_export(service: TheService, session: ReadSession, caller: Reader, number: str) -> models.Export:
    """One copy and how far it is."""
    return export_answer(_row(session, caller, number), camera_names(service.loaded.registry), caller)


@router.get("/exports/{number}/file", response_class=FileResponse, responses=FILE)
def export_file(
    service: TheService, session: ReadSession, caller: Exporter, address: Address, request: Request, number: str
) -> Response:
    """The copy itself, for who asked for it, until its day is over."""
    row = _row(session, caller, number)
    if row.by != caller.name:
        raise HTTPException(403, "only who asked for a copy fetches it; ask for one of your own")
    if row.state in {exports.QUEUED, exports.WORKING}:
        raise HTTPException(409, "the copy is not ready yet")
    now = service.clock.wall()
    over = row.expires_at is not None and row.expires_at <= now
    file = place_of(service.settings.data, row.path) if row.path is not None and not over else None
    if file is None or row.sha256 is None:
        raise HTTPException(410, row.problem or "the copy was deleted when its day was over; ask for a new one")
    kept, visit = _visible(service, session, caller, row.evidence)
    note(service.store, Opening(caller, kept, visit, row.reason, now, address, row))
    return file_answer(request, file, row.sha256, row.media_type, name=file.name)


def _wish(caller: Caller, order: models.ExportOrder) -> exports.Wish:
    """What is asked for, as this caller may ask for it.

    Raises:
        HTTPException: 403: it may not; 422: an unmasked copy without its reason, or a reason without one.
    """
    if order.unmasked:
        allow(can(caller, "evidence.export_unmasked"))
        if order.unmasked_reason is None:
            raise HTTPException(422, "unmasked_reason: say why faces and plates must be seen")
    elif order.unmasked_reason is not None:
        raise HTTPException(422, "unmasked_reason: the copy is masked, so there is nothing to give a reason for")
    unit = order.recipient_unit
    if caller.role is Role.DEPARTMENT and unit != caller.unit:
        raise HTTPException(403, f"a department takes copies for itself only: recipient_unit is {caller.unit!r}")
    return exports.Wish(order.reason, unit, order.incident, order.case, order.unmasked_reason)


def _visible(service: Service, session: Session, caller: Caller, evidence_id: int) -> tuple[EvidenceFile, Visit]:
    """A kept file whose picture this caller may see; one that it may not is as if there were none.

    Raises:
        HTTPException: 404.
    """
    kept = session.get(EvidenceFile, evidence_id)
    visit = queries.visit(session, kept.visit) if kept is not None else None
    if kept is None or visit is None:
        raise HTTPException(404, f"no evidence {evidence_id}")
    if not may_see(session, caller, service.loaded.registry.camera(visit.camera), visit.id):
        raise HTTPException(404, f"no evidence {evidence_id}")
    return kept, visit


def _belongs(session: Session, visit: Visit, wish: exports.Wish) -> None:
    """That a copy is printed with nothing that is not so.

    Raises:
        HTTPException: 422: the file is of no such incident, or there is no such case.
    """
    if wish.incident is not None and wish.incident not in incidents_of(session, visit.id):
        raise HTTPException(422, f"incident: the file belongs to no incident {wish.incident!r}")
    if wish.case is not None and not queries.knows_case(session, wish.case):
        raise HTTPException(422, f"case: there is no case {wish.case!r}")


def _row(session: Session, caller: Caller, number: str) -> EvidenceExport:
    row = session.get(EvidenceExport, number)
    if row is None or (row.by != caller.name and not _traces(caller)):
        raise HTTPException(404, f"no export {number!r}")
    return row


def _traces(caller: Caller) -> bool:
    return can(caller, "evidence.trace") is None
