"""A department's inbox: its own matters, open ones first, and its people's answers with photos.

An answer goes the same way as one over MQTT. A department sees what it was told and nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.exc import NoResultFound
from starlette.concurrency import run_in_threadpool

from api import models
from api.callers import Address, asks, open_to_all
from api.deps import ReadSession, TheService
from api.inbox_view import Shown, photo_view
from api.links import BY, Links
from api.routes.evidence import FILE, file_answer, opened_by, place_of
from api.uploads import ONE_FILE, UPLOAD_BYTES, one_file, refused
from patrol import audit
from patrol.access import Caller
from patrol.alerts import answer_photos, inbox, read_link
from patrol.cases import attachments
from patrol.service import Service
from patrol.store.tables import AnswerPhoto

log = structlog.get_logger(__name__)
router = APIRouter(tags=["inbox"])
pictures = APIRouter(tags=["evidence"])

_SIDE = 2560
"""Pixels that a kept photo is wide and high at most: what the console sends is smaller."""
Reader = Annotated[Caller, Depends(asks("inbox.read"))]
Answerer = Annotated[Caller, Depends(asks("inbox.answer"))]


@router.get("/inbox")
def inbox_matters(
    service: TheService,
    session: ReadSession,
    caller: Reader,
    is_open: Annotated[bool | None, Query(alias="open", description="Left out: both, open ones first.")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 30,
) -> models.Page[models.InboxMatter]:
    """The department's own matters: open ones first, each the newest first."""
    found = inbox.matters(session, _own(caller), is_open=is_open, after=_place(cursor), limit=limit)
    shown = Shown(service, session, caller, found)
    return models.Page(
        items=[shown.matter(matter) for matter in found],
        next=_cursor(inbox.place_of(found[-1])) if len(found) == limit else None,
    )


@router.get("/inbox/counts")
def inbox_counts(service: TheService, session: ReadSession, caller: Reader) -> models.InboxCounts:
    """How many of its matters are open, unseen, past a limit."""
    now = inbox.counts(session, _own(caller), service.clock.wall())
    return models.InboxCounts(open=now.open, unseen=now.unseen, overdue=now.overdue)


@router.get("/inbox/{alert_id}")
def inbox_matter(service: TheService, session: ReadSession, caller: Reader, alert_id: str) -> models.InboxMatter:
    """The matter that an alert is about, as it stands now. Reading it changes nothing: the page says `received` itself."""
    matter = inbox.matter_of(session, _own(caller), alert_id)
    if matter is None:
        raise _unknown(alert_id)
    return Shown(service, session, caller, (matter,)).matter(matter)


@router.post("/inbox/{alert_id}/answers")
def answer_inbox(service: TheService, caller: Answerer, alert_id: str, asked: models.InboxAnswer) -> models.InboxMatter:
    """Answer. 409: the matter does not take it as it stands. `received` may come again and changes nothing then."""
    department, registry = _own(caller), service.loaded.registry
    given = inbox.Given(
        status=asked.status,
        by=caller.name,
        note=asked.note,
        reason=asked.reason,
        reported_at=asked.reported_at,
        eta_min=asked.on_my_way_eta_min,
        photos=tuple(asked.photos),
    )
    try:
        with service.store.sessions.begin() as session:
            row = inbox.answer(
                session,
                department,
                alert_id,
                given,
                service.clock.wall(),
                case_department=registry.cases.department,
            )
            if row is not None:
                audit.write(
                    session,
                    caller,
                    "inbox.answer",
                    kind="alert",
                    ref=row.alert or alert_id,
                    reason=asked.reason,
                    detail={"status": asked.status, "photos": len(asked.photos)},
                    now=service.clock.wall(),
                )
    except NoResultFound:
        raise _unknown(alert_id) from None
    except inbox.NotNowError as error:
        raise HTTPException(409, str(error)) from None
    except (inbox.NoReasonError, answer_photos.PhotoError) as error:
        raise HTTPException(422, str(error)) from None
    if row is not None:
        service.board.tell({"event": "answer", "alert": row.alert, "status": row.status, "taken": row.taken})
    with service.store.reading() as session:
        matter = inbox.matter_of(session, department, alert_id)
        if matter is None:
            raise _unknown(alert_id)
        return Shown(service, session, caller, (matter,)).matter(matter)


@router.post("/inbox/{alert_id}/photos", status_code=201, openapi_extra=ONE_FILE, max_body_size=UPLOAD_BYTES)
async def bring_photo(service: TheService, caller: Answerer, request: Request, alert_id: str) -> models.InboxPhoto:
    """Bring a photo, JPEG or PNG, for an answer to come. It is kept without place, time and camera; again: the same one."""
    await run_in_threadpool(_exists, service, caller, alert_id)
    try:
        async with one_file(request, service.settings.data, service.loaded.registry.cases.attachments) as incoming:

            def kept() -> AnswerPhoto:
                checked = incoming.check()
                return _keep(service, caller, alert_id, attachments.clean_picture(checked, _SIDE), checked.sha256)

            row = await run_in_threadpool(kept)
    except attachments.AttachmentError as error:
        raise refused(error) from None
    except answer_photos.PhotoError as error:
        raise HTTPException(409, str(error)) from None
    except OSError as error:
        log.error("photo cannot be written", alert=alert_id, error=error.strerror)
        raise HTTPException(507, f"the data folder cannot be written: {error.strerror}; nothing is kept") from None
    return photo_view(row, Links(service, caller, "inbox"))


@pictures.get(
    "/answers/{name}",
    response_class=FileResponse,
    responses=FILE,
    dependencies=[
        Depends(open_to_all("the link is signed for one photo, one caller and a short time, as with evidence"))
    ],
)
def answer_photo(service: TheService, session: ReadSession, request: Request, address: Address, name: str) -> Response:
    """A photo that a department brought, for the caller that the link was made for. Its opening is written down."""
    now = service.clock.wall()
    said = read_link(service.link_key, request.url.path, request.url.query, now)
    if said is None or BY not in said:
        raise HTTPException(403, "the link is not signed by this service or has run out; ask for a new one")
    caller, why = opened_by(request, said)
    row = answer_photos.of_path(session, f"{answer_photos.ROOT}/{name}")
    file = place_of(service.settings.data, row.path) if row is not None else None
    if row is not None and file is None and row.purged_at is not None:
        raise HTTPException(410, f"its term was over: it was deleted on {row.purged_at:%Y-%m-%d}")
    if row is None or file is None:
        raise HTTPException(404, "no such photo")
    with service.store.sessions.begin() as writing:
        audit.write(
            writing,
            caller,
            "photo.view",
            kind="photo",
            ref=row.id,
            reason=why,
            detail={"incident": row.incident, "department": row.department},
            address=address,
            now=now,
        )
    answer = file_answer(request, file, row.sha256, "image/jpeg")
    # It came from outside: whatever it holds, it runs nothing, also where a browser shows it by itself.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _keep(service: Service, caller: Caller, alert_id: str, picture: bytes, brought: str) -> AnswerPhoto:
    with service.store.sessions.begin() as session:
        matter = inbox.matter_of(session, _own(caller), alert_id)
        if matter is None:
            raise _unknown(alert_id)
        row = answer_photos.keep(
            session,
            service.settings.data,
            incident=matter.track.incident,
            department=matter.track.department,
            picture=picture,
            brought_sha256=brought,
            by=caller.name,
            now=service.clock.wall(),
        )
        audit.write(
            session,
            caller,
            "inbox.photo",
            kind="alert",
            ref=alert_id,
            detail={"photo": row.id, "sha256": row.sha256},
            now=service.clock.wall(),
        )
        return row


def _exists(service: Service, caller: Caller, alert_id: str) -> None:
    """Before anything of an upload is read."""
    with service.store.reading() as session:
        if inbox.matter_of(session, _own(caller), alert_id) is None:
            raise _unknown(alert_id)


def _own(caller: Caller) -> str:
    """Whose inbox it is. A division has cases and no alerts: no department has its code, so it finds nothing."""
    return caller.unit or ""


def _unknown(alert_id: str) -> HTTPException:
    return HTTPException(404, f"no alert {alert_id!r}")


def _cursor(place: inbox.Place) -> str:
    closed, at, number = place
    # Z and no offset: a plus sign would be a space in an address.
    return f"{int(closed)}~{at.isoformat().replace('+00:00', 'Z')}~{number}"


def _place(cursor: str | None) -> inbox.Place | None:
    if cursor is None:
        return None
    try:
        closed, at, number = cursor.split("~")
        moment, place = datetime.fromisoformat(at), int(number)
        if closed not in {"0", "1"} or moment.tzinfo is None or not 0 <= place < 2**63:
            raise ValueError(cursor)
    except ValueError:
        raise HTTPException(422, "cursor: not one that this API gave") from None
    return closed == "1", moment, place
