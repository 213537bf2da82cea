"""Evidence files, for whoever holds a signed link that has not run out: the caller it was made for, or a department's alert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.callers import Address, allow, open_to_all
from api.deps import ReadSession, TheService
from api.etags import held
from api.links import BY, WHY, may_open
from patrol.access import Caller, Role
from patrol.alerts import read_link
from patrol.alerts.envelope import LINK_FOR
from patrol.evidence.viewing import Opening, may_see, note
from patrol.service import Service
from patrol.store import queries
from patrol.store.tables import EvidenceFile, Visit

router = APIRouter(tags=["evidence"])

_NO_STORE = {"Cache-Control": "private, no-transform, max-age=600"}
"""A browser may keep it for as long as opening it again is the same look; nothing between may."""
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in ("video/mp4", "video/x-matroska", "image/jpeg")}},
    206: {"description": "A part of it, as the Range header asked."},
    304: {"description": "It is what the If-None-Match header names."},
    400: {"description": "The Range header cannot be read."},
    416: {"description": "No such part."},
}


_OPEN = [Depends(open_to_all("the link is signed for one file, one caller or department, and a short time"))]


@router.head("/evidence/{path:path}", include_in_schema=False, name="evidence_head", dependencies=_OPEN)
@router.get("/evidence/{path:path}", response_class=FileResponse, responses=FILE, dependencies=_OPEN)
def evidence(service: TheService, session: ReadSession, request: Request, address: Address, path: str) -> Response:
    """One kept file. Byte ranges are served, so that a browser can seek in a clip. Its opening stands in the register of calls."""
    now = service.clock.wall()
    said = read_link(service.link_key, request.url.path, request.url.query, now)
    if said is None:
        raise HTTPException(403, "the link is not signed by this service or has run out; ask for a new one")
    kept, visit = _kept(session, path)
    caller, why = opened_by(request, said)
    if BY in said and not _may_see(service, session, caller, visit):
        raise HTTPException(404, "no such evidence")
    file = place_of(service.settings.data, kept.path)
    if file is None and kept.purged_at is not None:
        raise HTTPException(410, f"its term was over: it was deleted on {kept.purged_at:%Y-%m-%d}")
    if file is None:
        raise HTTPException(404, "no such evidence")
    if request.method == "GET":
        note(service.store, Opening(caller, kept, visit, why, now, address))
    return file_answer(request, file, kept.sha256, kept.media_type)


def place_of(data: Path, path: str) -> Path | None:
    """Where a file of the store lies; None: nowhere, or not in the data folder, wherever its name or a link points."""
    root = data.resolve()
    file = (root / path).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None


def file_answer(
    request: Request, file: Path, sha256: str, media_type: str | None, *, name: str | None = None
) -> Response:
    """A file whose content never changes: whole, in parts, or nothing where the asker holds it already."""
    headers = {**_NO_STORE, "ETag": f'"{sha256}"'}
    if headers["ETag"] in held(request):
        return Response(status_code=304, headers=headers)
    return FileResponse(file, media_type=media_type, headers=headers, filename=name)


def _kept(session: Session, path: str) -> tuple[EvidenceFile, Visit]:
    kept = session.scalar(select(EvidenceFile).where(EvidenceFile.path == f"evidence/{path}").limit(1))
    visit = queries.visit(session, kept.visit) if kept is not None else None
    if kept is None or visit is None:
        raise HTTPException(404, "no such evidence")
    return kept, visit


def opened_by(request: Request, said: dict[str, str]) -> tuple[Caller, str]:
    """Who opens it and what for.

    Raises:
        HTTPException: 401 or 403: the link was made for somebody who does not ask.
    """
    if BY not in said:
        # Of an alert: whoever holds it opens it, in the name of the department that was told.
        department = said.get(LINK_FOR)
        return Caller(f"department:{department or 'unnamed'}", Role.DEPARTMENT, department), "alert"
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        raise HTTPException(401, "sign in again: this link works only for whom it was made")
    if caller.name != said[BY]:
        raise HTTPException(403, "this link was made for somebody else; open the page again")
    allow(may_open(caller))
    return caller, said[WHY]


def _may_see(service: Service, session: Session, caller: Caller, visit: Visit) -> bool:
    return may_see(session, caller, service.loaded.registry.camera(visit.camera), visit.id)
