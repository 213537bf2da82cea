"""The register of evidence calls, and what became of one file: for auditors and shift leads."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from fastapi import Path as InPath
from fastapi.responses import StreamingResponse

from api import models
from api.callers import Address, asks
from api.deps import ReadSession, TheService, camera_names, seen_cameras
from api.evidence_answers import call_answer, trace_answer
from patrol import audit
from patrol.access import Caller, sees
from patrol.evidence.calls import Sought, calls, calls_csv, write_calls_book
from patrol.evidence.trace import trace
from patrol.service import Service

router = APIRouter(tags=["evidence"])

Tracer = Annotated[Caller, Depends(asks("evidence.trace"))]
_CSV, _BOOK = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}, _BOOK: {}}}}
Short = Annotated[str | None, Query(max_length=120)]


def _sought(
    service: TheService,
    caller: Tracer,
    who: Annotated[str | None, Query(max_length=120, description="Name of the account or token.")] = None,
    unit: Short = None,
    camera: Short = None,
    how: models.How | None = None,
    sha256: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="Of the kept file.")] = None,
    since: datetime | None = None,
    until: Annotated[datetime | None, Query(description="Excluded.")] = None,
) -> Sought:
    for name, moment in (("since", since), ("until", until)):
        if moment is not None and moment.tzinfo is None:
            raise HTTPException(422, f"{name}: give a time with its offset, e.g. 2026-11-26T08:00:00Z")
    seen = seen_cameras(caller, service.loaded.registry)
    return Sought(who=who, unit=unit, camera=camera, how=how, sha256=sha256, since=since, until=until, cameras=seen)


TheSought = Annotated[Sought, Depends(_sought)]


@router.get("/evidence-calls")
def evidence_calls(
    service: TheService,
    session: ReadSession,
    sought: TheSought,
    cursor: Annotated[
        int | None, Query(ge=1, le=2**53, description="`seq` of the last one of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.Page[models.EvidenceCall]:
    """Who of which unit saw or took what, when and why, newest first."""
    names = camera_names(service.loaded.registry)
    found = calls(session, sought, before=cursor, limit=limit)
    return models.Page(
        items=[call_answer(call, names) for call in found], next=str(found[-1].seq) if len(found) == limit else None
    )


@router.get("/evidence-calls/file", response_class=Response, responses=_FILES)
def evidence_calls_file(
    service: TheService,
    caller: Tracer,
    address: Address,
    sought: TheSought,
    form: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "xlsx",
    lang: Literal["zh", "en"] = "zh",
) -> Response:
    """The register as a table, oldest first, in county time."""
    now = service.clock.wall()
    with service.store.sessions.begin() as session:
        audit.write(
            session,
            caller,
            "evidence.register",
            kind="register",
            detail={"format": form, **{k: str(v) for k, v in _given(sought).items()}},
            now=now,
            address=address,
        )
    name = f"evidence-calls-{now.astimezone(service.loaded.registry.county.zone):%Y%m%d-%H%M}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    if form == "csv":
        return StreamingResponse(_csv(service, sought, lang), media_type=_CSV, headers=headers)
    with tempfile.TemporaryDirectory() as folder, service.store.reading() as session:
        file = Path(folder) / name
        write_calls_book(session, sought, service.loaded.registry, file, lang)
        return Response(file.read_bytes(), media_type=_BOOK, headers=headers)


@router.get("/evidence/{sha256}/trace")
def evidence_trace(
    service: TheService,
    session: ReadSession,
    caller: Tracer,
    address: Address,
    sha256: Annotated[str, InPath(pattern="^[0-9a-f]{64}$", description="Of a kept file or of a copy.")],
) -> models.EvidenceTrace:
    """What became of a file: look, place in the chain, incident, alerts, who saw it, what was copied. Not the picture itself."""
    registry = service.loaded.registry
    found = trace(session, service.settings.data, registry.retention, sha256)
    if found is None or not all(sees(caller, registry.camera(file.visit.camera)) for file in found.files):
        raise HTTPException(404, "no kept file and no copy ever had this SHA-256")
    answer = trace_answer(found, camera_names(registry), caller)
    with service.store.sessions.begin() as writing:
        audit.write(
            writing,
            caller,
            "evidence.trace",
            kind="file",
            ref=sha256,
            camera=found.files[0].visit.camera,
            now=service.clock.wall(),
            address=address,
        )
    return answer


def _csv(service: Service, sought: Sought, lang: Literal["zh", "en"]) -> Iterator[str]:
    with service.store.reading() as session:
        yield from calls_csv(session, sought, service.loaded.registry, lang)


def _given(sought: Sought) -> dict[str, Any]:
    """The filters that were given; what whoever asks may see is no filter of theirs."""
    names = (name for name in Sought.__slots__ if name != "cameras")
    return {name: value for name in names if (value := getattr(sought, name)) is not None}
