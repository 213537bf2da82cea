"""Evidence files, for whoever holds a signed link that has not run out."""

from __future__ import annotations

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse
from sqlalchemy import select

from api.callers import open_to_all
from api.deps import ReadSession, TheService
from patrol.alerts import verify_link
from patrol.store.tables import EvidenceFile

router = APIRouter(tags=["evidence"])


@router.get(
    "/evidence/{path:path}",
    response_class=FileResponse,
    dependencies=[Depends(open_to_all("the link is signed, for this file and a short time"))],
)
def evidence(service: TheService, session: ReadSession, request: Request, path: str) -> FileResponse:
    """One kept file. Byte ranges are served, so that a browser can seek in a clip."""
    if not verify_link(service.link_key, request.url.path, request.url.query, service.clock.wall()):
        raise HTTPException(403, "the link is not signed by this service or has run out; ask for a new one")
    kept = session.scalar(select(EvidenceFile).where(EvidenceFile.path == f"evidence/{path}").limit(1))
    file = service.settings.data / "evidence" / path
    if kept is None or not file.is_file():
        raise HTTPException(404, "no such evidence")
    return FileResponse(file, media_type=kept.media_type, headers={"Cache-Control": "private, max-age=600"})
