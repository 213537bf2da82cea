"""Supervision letters: the register, a draft edited, issued or dropped, and the letter as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from api.callers import allow, asks
from api.deps import ReadSession, RowNumber, TheService
from api.routes.cases import Who, built_in, view_of, who
from api.versions import version_of
from patrol import access, audit
from patrol.access import Caller
from patrol.cases.letters import register
from patrol.cases.letters.fields import LetterError
from patrol.cases.moves import MoveError
from patrol.cases.view import LetterView, LetterWhole, letter_view, letter_whole
from patrol.store.tables import CaseFile, CaseLetter

router = APIRouter(tags=["cases"])

_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
IfMatch = Annotated[str | None, Header(description="The ETag that was read.")]


class LettersPage(BaseModel):
    """A page of the register."""

    letters: list[LetterView]
    next: int | None = Field(description="Cursor of the page after it; null: this is the last.")


class LetterEdit(BaseModel):
    """What of a draft is changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    requirement: str | None = None
    new_due: date | None = None
    cc: list[str] | None = None
    contact: str | None = None
    phone: str | None = None
    consequences: str | None = None
    signer: str | None = None


class Decision(BaseModel):
    """Who issues it, or drops it and why."""

    model_config = ConfigDict(extra="forbid")

    by: Who | None = Field(None, description="Of the centre: the post that does it.")
    reason: str = ""


@router.get("/letters")
def letters(
    service: TheService,
    session: ReadSession,
    caller: Annotated[Caller, Depends(asks("letter.read"))],
    state: Literal["draft", "issued", "dropped"] | None = None,
    year: Annotated[int | None, Query(ge=2000, le=2100, description="Numbered in it.")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="The cursor of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LettersPage:
    """The register of letters, newest first."""
    allow(access.may(caller, "letter.read", access.CaseView(unit=None)))
    rows = register.letters(session, state=state, year=year, before=before, limit=limit + 1)
    desk = service.cases.desk()
    shown = rows[:limit]
    return LettersPage(
        letters=[letter_view(row, desk) for row in shown], next=shown[-1].id if len(rows) > limit else None
    )


@router.get("/letters/{letter_id}")
def letter(
    service: TheService,
    session: ReadSession,
    caller: Annotated[Caller, Depends(asks("letter.read"))],
    letter_id: RowNumber,
    response: Response,
) -> LetterWhole:
    """One letter with all it says."""
    row = _readable(session, caller, letter_id)
    response.headers["ETag"] = f'"{row.version}"'
    return letter_whole(row, service.cases.desk())


@router.get(
    "/letters/{letter_id}/file", response_class=Response, responses={200: {"content": {t: {} for t in _TYPES.values()}}}
)
def letter_file(
    service: TheService,
    session: ReadSession,
    caller: Annotated[Caller, Depends(asks("letter.read"))],
    letter_id: RowNumber,
    form: Annotated[Literal["pdf", "docx"], Query(alias="format")] = "pdf",
) -> Response:
    """The letter as a file: as it was issued, or the draft as it stands now, marked as one."""
    row = _readable(session, caller, letter_id)
    try:
        content = register.file_of(row, form, service.cases.desk(), service.settings.data)
    except LetterError as error:
        raise HTTPException(500, str(error)) from error
    name = f"letter-{row.id}-{'draft' if row.doc_no is None else 'issued'}.{form}"
    how = "inline" if form == "pdf" else "attachment"
    headers = {"Content-Disposition": f'{how}; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(content, media_type=_TYPES[form], headers=headers)


@router.patch("/letters/{letter_id}")
def edit_letter(
    service: TheService,
    caller: Annotated[Caller, Depends(asks("letter.issue"))],
    letter_id: RowNumber,
    asked: LetterEdit,
    response: Response,
    if_match: IfMatch = None,
) -> LetterWhole:
    """Change a draft before it is issued."""
    seen, changes, desk = version_of(if_match), asked.model_dump(exclude_unset=True), service.cases.desk()
    return _decided(
        service,
        caller,
        "edit",
        letter_id,
        response,
        lambda s, now: register.edit(s, desk, letter_id, seen, changes, now),
    )


@router.post("/letters/{letter_id}/issue")
def issue_letter(
    service: TheService,
    caller: Annotated[Caller, Depends(asks("letter.issue"))],
    letter_id: RowNumber,
    asked: Decision,
    response: Response,
    if_match: IfMatch = None,
) -> LetterWhole:
    """Issue a draft as it was read: it gets its number, and its files never change again."""
    seen, by, desk, data = version_of(if_match), who(caller, asked.by), service.cases.desk(), service.settings.data

    def issue(session: Session, now: datetime) -> CaseLetter:
        return register.issue(session, desk, letter_id, seen, by=by, data_folder=data, now=now)

    return _decided(service, caller, "issue", letter_id, response, issue)


@router.post("/letters/{letter_id}/drop")
def drop_letter(
    service: TheService,
    caller: Annotated[Caller, Depends(asks("letter.issue"))],
    letter_id: RowNumber,
    asked: Decision,
    response: Response,
    if_match: IfMatch = None,
) -> LetterWhole:
    """Drop a draft that shall not go out; the register keeps why."""
    seen, by, desk = version_of(if_match), who(caller, asked.by), service.cases.desk()

    def drop(session: Session, now: datetime) -> CaseLetter:
        return register.drop(session, desk, letter_id, seen, by=by, reason=asked.reason, now=now)

    return _decided(service, caller, "drop", letter_id, response, drop)


def _decided(
    service: TheService,
    caller: access.Caller,
    what: str,
    letter_id: RowNumber,
    response: Response,
    do: Callable[[Session, datetime], CaseLetter],
) -> LetterWhole:
    built_in(service)
    try:
        with service.store.sessions.begin() as session:
            _readable(session, caller, letter_id)
            allow(access.may(caller, "letter.issue", _case_of(session, letter_id)))
            now = datetime.now(UTC)
            whole = letter_whole(do(session, now), service.cases.desk())
            audit.write(
                session,
                caller,
                f"letter.{what}",
                now=now,
                kind="letter",
                ref=str(letter_id),
                detail={"case": whole.case},
            )
    except register.StaleLetterError as error:
        raise HTTPException(412, str(error)) from error
    except (LetterError, MoveError) as error:
        raise HTTPException(409, str(error)) from error
    response.headers["ETag"] = f'"{whole.version}"'
    service.cases.changed(whole.case)
    return whole


def _readable(session: Session, caller: access.Caller, letter_id: int) -> CaseLetter:
    row = session.get(CaseLetter, letter_id)
    if row is None:
        raise HTTPException(404, f"no letter {letter_id}")
    allow(access.may(caller, "letter.read", _case_of(session, letter_id)))
    return row


def _case_of(session: Session, letter_id: int) -> access.CaseView:
    row = session.get_one(CaseLetter, letter_id)
    return view_of(session.get_one(CaseFile, row.case))
