"""The link in a message to people: whoever holds it sees the matter and may answer once, without an account.

A GET changes nothing, because programs that preview links fetch them.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.answer_pages import Page, language_of
from api.callers import open_to_all
from api.deps import TheService
from patrol.alerts.answer_links import LinkError, Subject, item_token, read_token
from patrol.alerts.answers import AnswerError, ByLink, answer_by_link
from patrol.alerts.matters import Named, matter_of_item, matters_of
from patrol.service import Service

# Pages for people, not part of the API that programs use: they stay out of its OpenAPI document.
router = APIRouter(
    include_in_schema=False,
    dependencies=[Depends(open_to_all("the link is signed and says who may answer what, once"))],
)

_LONGEST_FORM = 16 * 1024
_CONFLICT = {"used", "too_late", "not_asked"}


async def _typed(request: Request) -> bytes | None:
    """The form as it came, None where it is longer than any that the page can make."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            return None
    return body


@router.get("/a/{token}", response_class=HTMLResponse)
def answer_page(service: TheService, request: Request, token: str) -> HTMLResponse:
    """The matter, or all matters of the message, with what may be answered."""
    page = _page(service, request)
    subject = _subject(service, page, token)
    if isinstance(subject, HTMLResponse):
        return subject
    if subject.of == "item":
        matter = _matter(service, subject.item)
        return page.problem("gone", 410) if matter is None else page.one(matter)
    with service.store.reading() as session:
        matters = matters_of(session, service.loaded.registry, subject.notice)
    if not matters:
        return page.problem("gone", 410)
    where = [f"/a/{item_token(service.link_key, m.item, subject.expires)}" for m in matters]
    return page.listed(list(zip(matters, where, strict=True)))


@router.post("/a/{token}", response_class=HTMLResponse)
def answer(
    service: TheService, request: Request, token: str, typed: Annotated[bytes | None, Depends(_typed)]
) -> HTMLResponse:
    """Take an answer: ``received``, ``accepted``, or ``refused`` with a reason."""
    page = _page(service, request)
    subject = _subject(service, page, token)
    if isinstance(subject, HTMLResponse):
        return subject
    if typed is None:
        return page.problem("too_long", 413)
    matter = _matter(service, subject.item) if subject.of == "item" else None
    if matter is None:
        return page.problem("not_asked" if subject.of == "notice" else "gone", 409 if subject.of == "notice" else 410)
    form = {name: values[0] for name, values in parse_qs(typed.decode("utf-8", "replace")).items()}
    given = ByLink(form.get("status", ""), form.get("name", ""), form.get("reason", ""))
    try:
        with service.store.sessions.begin() as session:
            answer_by_link(session, subject.item, given, service.clock.wall())
    except AnswerError as error:
        matter = _matter(service, subject.item) or matter
        status = 409 if error.problem in _CONFLICT else 422
        return page.one(matter, problem=error.problem, typed=(given.name, given.reason), status=status)
    return page.one(_matter(service, subject.item) or matter, done=given.status)


def _page(service: Service, request: Request) -> Page:
    # Whoever holds the token may answer: an error that is logged with its path must not show it.
    request.scope["path"] = "/a/***"
    zone = service.loaded.registry.county.zone
    return Page(language_of(request.headers.get("accept-language")), zone, service.clock.wall())


def _subject(service: Service, page: Page, token: str) -> Subject | HTMLResponse:
    try:
        return read_token(service.link_key, token, service.clock.wall())
    except LinkError as error:
        return page.problem("expired" if error.expired else "forged", 410 if error.expired else 403)


def _matter(service: Service, item: int) -> Named | None:
    with service.store.reading() as session:
        return matter_of_item(session, service.loaded.registry, item)
