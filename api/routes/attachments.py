"""Photos and documents of a case: bring, list, open, remove; each by what the caller's role may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.callers import allow, asks
from api.deps import ReadSession, TheService
from api.etags import held
from api.routes.cases import case_row, view_of
from api.uploads import ONE_FILE, UPLOAD_BYTES, one_file, refused
from patrol import audit
from patrol.access import Caller, Role, may
from patrol.cases import attachments
from patrol.cases.book import attached
from patrol.cases.view import AttachmentView, attachment_view
from patrol.service import Service
from patrol.store.tables import CaseAttachment

log = structlog.get_logger(__name__)
router = APIRouter(tags=["cases"])

_HEADERS = {
    # Asked again each time, so that a revoked token opens nothing that a browser still holds.
    "Cache-Control": "private, no-cache",
    # Whatever a file holds, it runs nothing and loads nothing, also where a browser shows it by itself.
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "The copy you have is the file."},
}
Because = Annotated[str, Query(min_length=1, max_length=500, description="Why it is removed.")]


@router.post("/cases/{number}/attachments", status_code=201, openapi_extra=ONE_FILE, max_body_size=UPLOAD_BYTES)
async def add_attachment(
    service: TheService, caller: Annotated[Caller, Depends(asks("attachment.add"))], request: Request, number: str
) -> AttachmentView:
    """Bring one file. The same file again changes nothing and answers with what is there."""
    await run_in_threadpool(_may_add, service, caller, number)
    limits = service.loaded.registry.cases.attachments
    try:
        async with one_file(request, service.settings.data, limits) as incoming:

            def kept() -> AttachmentView:
                checked = incoming.check()
                with service.store.sessions.begin() as session:
                    row = attachments.keep(
                        session,
                        service.settings.data,
                        number,
                        checked,
                        limits=limits,
                        unit=caller.unit,
                        by=caller.name,
                        now=service.clock.wall(),
                        record=_record(service),
                    )
                    _written(service, session, caller, "attachment.add", row)
                    return attachment_view(row)

            shown = await run_in_threadpool(kept)
            service.cases.changed(number)
            return shown
    except attachments.AttachmentError as error:
        raise refused(error) from None
    except OSError as error:
        log.error("attachment cannot be written", case=number, error=error.strerror)
        raise HTTPException(507, f"the data folder cannot be written: {error.strerror}; nothing is kept") from None


@router.get("/cases/{number}/attachments")
def list_attachments(
    session: ReadSession, caller: Annotated[Caller, Depends(asks("case.read"))], number: str
) -> list[AttachmentView]:
    """All files of a case, oldest first; of those that were removed, who did it and why. A reporter sees those it brought."""
    view = view_of(case_row(session, number))
    allow(may(caller, "case.read", view))
    rows = attachments.files_of(session, number)
    return [attachment_view(row) for row in rows if caller.role is not Role.REPORTER or row.by == caller.name]


@router.get("/cases/{number}/attachments/{attachment_id}", response_class=FileResponse, responses=_FILE)
def attachment_file(
    service: TheService,
    session: ReadSession,
    caller: Annotated[Caller, Depends(asks("attachment.read"))],
    request: Request,
    number: str,
    attachment_id: str,
) -> Response:
    """The file, byte for byte as it was brought. Byte ranges are served; asked for whole, it is held against its SHA-256."""
    row = _readable(session, caller, number, attachment_id)
    tag = f'"{row.sha256}"'
    if tag in held(request):
        return Response(status_code=304, headers={**_HEADERS, "ETag": tag})
    try:
        file = attachments.place_of(service.settings.data, row.path)
        if "range" not in request.headers and not attachments.verify(row, service.settings.data):
            log.error("kept attachment was changed", case=number, id=row.id, sha256=row.sha256)
            raise HTTPException(500, "the kept file is not the one that was brought: its SHA-256 differs")
    except attachments.AttachmentError:
        log.error("kept attachment is gone", case=number, id=row.id, path=row.path)
        raise HTTPException(500, "the kept file is gone from the data folder") from None
    if request.headers.get("range", "bytes=0-").startswith("bytes=0-"):
        with service.store.sessions.begin() as writing:
            _written(service, writing, caller, "evidence.view", row, "case")
    return FileResponse(
        file,
        media_type=row.media_type,
        filename=row.name,
        content_disposition_type="inline" if row.thumbnail is not None else "attachment",
        headers={**_HEADERS, "ETag": tag},
    )


@router.get("/cases/{number}/attachments/{attachment_id}/thumbnail", response_class=FileResponse, responses=_FILE)
def attachment_thumbnail(
    service: TheService,
    session: ReadSession,
    caller: Annotated[Caller, Depends(asks("attachment.read"))],
    request: Request,
    number: str,
    attachment_id: str,
) -> Response:
    """A small picture of a photo, without what the photo says of place and time."""
    row = _readable(session, caller, number, attachment_id)
    if row.thumbnail is None:
        raise HTTPException(404, "only photos have a small picture")
    tag = f'"{row.sha256}.thumb"'
    if tag in held(request):
        return Response(status_code=304, headers={**_HEADERS, "ETag": tag})
    try:
        file = attachments.place_of(service.settings.data, row.thumbnail)
    except attachments.AttachmentError:
        raise HTTPException(500, "the small picture is gone from the data folder") from None
    return FileResponse(file, media_type="image/jpeg", headers={**_HEADERS, "ETag": tag})


@router.delete("/cases/{number}/attachments/{attachment_id}")
def remove_attachment(
    service: TheService,
    caller: Annotated[Caller, Depends(asks("attachment.remove"))],
    number: str,
    attachment_id: str,
    because: Because,
) -> AttachmentView:
    """Delete a file. Who brought it, who removed it and why stay on record."""
    with service.store.sessions.begin() as session:
        view = view_of(case_row(session, number))
        row = _row(session, number, attachment_id)
        allow(may(caller, "attachment.remove", replace(view, file_by=row.by)))
        attachments.remove(
            session, row, by=caller.name, because=because, now=service.clock.wall(), record=_record(service)
        )
        _written(service, session, caller, "attachment.remove", row, because)
        shown = attachment_view(row)
    with service.store.sessions.begin() as session:
        attachments.delete_file(session, row, service.settings.data)
    service.cases.changed(number)
    return shown


def _written(
    service: Service, session: Session, caller: Caller, action: str, row: CaseAttachment, reason: str | None = None
) -> None:
    audit.write(
        session,
        caller,
        action,
        now=service.clock.wall(),
        kind="attachment",
        ref=row.id,
        reason=reason,
        detail={"case": row.case, "sha256": row.sha256},
    )


def _record(service: Service) -> attachments.Record:
    """Makes a file that came or went an event of its case, in the same transaction."""

    def record(session: Session, row: CaseAttachment) -> None:
        attached(session, service.cases.desk(), row, service.clock.wall())

    return record


def _may_add(service: Service, caller: Caller, number: str) -> None:
    with service.store.reading() as session:
        allow(may(caller, "attachment.add", view_of(case_row(session, number))))


def _row(session: Session, number: str, attachment_id: str) -> CaseAttachment:
    row = session.get(CaseAttachment, attachment_id)
    if row is None or row.case != number:
        raise HTTPException(404, f"the case has no attachment {attachment_id!r}")
    return row


def _readable(session: Session, caller: Caller, number: str, attachment_id: str) -> CaseAttachment:
    view = view_of(case_row(session, number))
    # First the case: else a token learns by trial what other cases hold.
    allow(may(caller, "case.read", view))
    row = _row(session, number, attachment_id)
    allow(may(caller, "attachment.read", replace(view, file_by=row.by)))
    if row.removed_at is not None:
        raise HTTPException(410, f"it was removed by {row.removed_by}: {row.removed_because}")
    return row
