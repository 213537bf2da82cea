"""The registry as it is read and edited: sections, cameras, changes, revisions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from sqlalchemy.orm import Session

from api import models
from api.callers import asks
from api.deps import ReadSession, TheService, seen_cameras
from api.registry_answers import (
    Base,
    audited,
    done,
    effect_of,
    in_force,
    operations_of,
    problems_of,
    refusals,
    tag,
    vars_of,
    without_foreign,
)
from patrol import _registry_revisions as history
from patrol._registry_desk import InvalidError
from patrol._registry_revisions import Note
from patrol.access import Caller, sees
from patrol.registry import Camera, Registry, RegistryError, json_schema, lies_in, masked, parse
from patrol.registry.diff import as_json, changes, unified
from patrol.store import tables

router = APIRouter(prefix="/registry", tags=["registry"])

Reader = Annotated[Caller, Depends(asks("registry.read"))]
Historian = Annotated[Caller, Depends(asks("registry.history"))]
Editor = Annotated[Caller, Depends(asks("registry.edit"))]
Restorer = Annotated[Caller, Depends(asks("registry.restore"))]
Limit = Annotated[int, Query(ge=1, le=500)]
_LARGEST = 2**31 - 1
"""Of the numbers of revisions: more would overflow the store's."""
Number = Annotated[int, Path(ge=1, le=_LARGEST)]


@router.get("")
def registry(service: TheService, caller: Reader, response: Response) -> models.RegistryState:
    """The registry in force, without its cameras; a file changed by hand is taken up first, or said to be broken."""
    loaded, problems, revision = in_force(service)
    response.headers.update(tag(loaded.sha256))
    seen = seen_cameras(caller, loaded.registry)
    return models.RegistryState(
        sha256=loaded.sha256,
        revision=revision,
        file=loaded.file.name if loaded.file else None,
        state="broken" if problems else "in_force",
        # They name cameras.
        problems=problems_of(problems) if seen is None else [],
        warnings=problems_of(loaded.warnings) if seen is None else [],
        cameras=len(loaded.registry.cameras if seen is None else seen),
        sections=without_foreign(as_json(loaded.registry, without=frozenset({"cameras"})), seen),
    )


@router.get("/schema")
def registry_schema(_caller: Reader) -> dict[str, Any]:
    """JSON Schema of `camera_registry.yaml`: fields with titles and descriptions, for forms."""
    return json_schema()


@router.get("/cameras")
def registry_cameras(
    service: TheService,
    caller: Reader,
    response: Response,
    category: Annotated[str | None, Query(max_length=63)] = None,
    platform: Annotated[str | None, Query(max_length=63)] = None,
    division: Annotated[str | None, Query(pattern=r"^\d{6,12}$", description="It and all that lies in it.")] = None,
    enabled: bool | None = None,
    paused: bool | None = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of id, name or address.")] = None,
    cursor: Annotated[str | None, Query(max_length=63)] = None,
    limit: Limit = 100,
) -> models.Page[models.RegistryCamera]:
    """Cameras in the order of the file. The cursor is the last camera's id."""
    loaded = service.loaded
    response.headers.update(tag(loaded.sha256))
    wanted = q.casefold() if q else None

    def fits(camera: Camera) -> bool:
        return (
            sees(caller, camera)
            and (category is None or category in camera.categories)
            and (platform is None or platform == camera.platform)
            and (division is None or lies_in(camera.place.division_code, (division,)))
            and (enabled is None or enabled == camera.enabled)
            and (paused is None or paused == (camera.paused is not None))
            and (wanted is None or any(wanted in t.casefold() for t in (camera.id, camera.name, camera.place.address)))
        )

    found: list[models.RegistryCamera] = []
    for place, camera in _after(loaded.registry, cursor):
        if fits(camera):
            if len(found) == limit:
                return models.Page(items=found, next=str(found[-1].entry["id"]))
            found.append(models.RegistryCamera(place=place, entry=as_json(camera)))
    return models.Page(items=found)


@router.get("/cameras/{camera_id}")
def registry_camera(service: TheService, caller: Reader, response: Response, camera_id: str) -> models.RegistryCamera:
    """One camera's entry."""
    loaded = service.loaded
    for place, camera in enumerate(loaded.registry.cameras):
        if camera.id == camera_id and sees(caller, camera):
            response.headers.update(tag(loaded.sha256))
            return models.RegistryCamera(place=place, entry=as_json(camera))
    raise HTTPException(404, f"no camera {camera_id!r}")


@router.post("/preview")
def preview_registry(
    service: TheService,
    session: ReadSession,
    _caller: Editor,
    asked: models.RegistryOperations,
    base: Annotated[
        str | None, Query(max_length=64, description="sha256 the changes start from; left out: now.")
    ] = None,
) -> models.RegistryPreview:
    """What changes would do: the diff, what would be wrong, what the rotation would have to do. Nothing is written."""
    with refusals():
        try:
            seen = service.desk.preview(operations_of(asked.operations), base)
        except InvalidError as error:
            return models.RegistryPreview(
                base=service.loaded.sha256,
                sha256=None,
                changes=[],
                diff=error.diff,
                problems=problems_of(error.problems),
                warnings=[],
                effect=None,
                merged=False,
                theirs=[],
            )
    return models.RegistryPreview(
        base=seen.before.sha256,
        sha256=seen.loaded.sha256,
        changes=[vars_of(change) for change in seen.changes],
        diff=seen.diff,
        problems=[],
        warnings=problems_of(seen.loaded.warnings),
        effect=effect_of(service, session, seen.before.registry, seen.loaded.registry),
        merged=seen.merged,
        theirs=[vars_of(change) for change in seen.theirs],
    )


@router.post("/edits")
def edit_registry(
    service: TheService, caller: Editor, request: Request, response: Response, base: Base, asked: models.RegistryEdits
) -> models.RegistryDone:
    """Make changes: checked as a whole, written to the file, in force at once. All of them or none."""
    also = audited(service, caller, request, "registry.edit", asked.reason, operations=len(asked.operations))
    with refusals():
        made = service.desk.edit(
            operations_of(asked.operations), base, Note("edit", caller.name, asked.reason, also=also)
        )
    response.headers.update(tag(made.preview.loaded.sha256))
    return done(made)


@router.get("/revisions")
def registry_revisions(
    session: ReadSession,
    _caller: Historian,
    cursor: Annotated[int | None, Query(ge=1, le=_LARGEST)] = None,
    limit: Limit = 50,
) -> models.Page[models.RegistryRevision]:
    """Every registry that was in force, newest first: who changed it, when and why."""
    rows = history.revisions(session, before=cursor, limit=limit)
    return models.Page(
        items=[models.RegistryRevision(**_revision(row, edit)) for row, edit in rows],
        next=str(rows[-1][0].id) if len(rows) == limit else None,
    )


@router.get("/revisions/{revision_id}")
def registry_revision(session: ReadSession, _caller: Historian, revision_id: Number) -> models.RegistryText:
    """One of them with its text."""
    row, edit = _known(session, revision_id)
    return models.RegistryText(**_revision(row, edit), text=masked(row.text))


@router.get("/revisions/{revision_id}/diff/{other_id}")
def registry_diff(
    session: ReadSession, _caller: Historian, revision_id: Number, other_id: Number
) -> models.RegistryDiff:
    """What is different in the second of two revisions."""
    (one, _), (other, _) = _known(session, revision_id), _known(session, other_id)
    try:
        found = changes(parse(one.text, "registry").registry, parse(other.text, "registry").registry)
        said = [vars_of(change) for change in found]
    except RegistryError:
        said = None
    return models.RegistryDiff(
        changes=said, diff=unified(one.text, other.text, (f"revision {one.id}", f"revision {other.id}"))
    )


@router.post("/revisions/{revision_id}/restore")
def restore_registry(
    service: TheService,
    caller: Restorer,
    request: Request,
    response: Response,
    base: Base,
    revision_id: Number,
    asked: models.RegistryReason,
) -> models.RegistryDone:
    """Make an old text the new one. It becomes a revision of its own; nothing is taken out of the history."""
    also = audited(service, caller, request, "registry.restore", asked.reason, revision=revision_id)
    with refusals():
        made = service.desk.restore(revision_id, base, Note("restore", caller.name, asked.reason, also=also))
    response.headers.update(tag(made.preview.loaded.sha256))
    return done(made)


def _after(registry: Registry, cursor: str | None) -> Iterator[tuple[int, Camera]]:
    cameras = registry.cameras
    start = 0
    if cursor is not None:
        start = next((place + 1 for place, camera in enumerate(cameras) if camera.id == cursor), -1)
        if start < 0:
            raise HTTPException(422, "cursor: that camera is gone; ask for the first page again")
    return ((place, cameras[place]) for place in range(start, len(cameras)))


def _known(session: Session, revision: int) -> tuple[tables.RegistryRevision, tables.RegistryEdit | None]:
    found = history.revision(session, revision)
    if found is None:
        raise HTTPException(404, f"no revision {revision}")
    return found


def _revision(row: tables.RegistryRevision, edit: tables.RegistryEdit | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "sha256": row.sha256,
        "at": row.loaded_at,
        "cameras": row.cameras,
        "kind": edit.kind if edit else None,
        "who": edit.who if edit else None,
        "reason": edit.reason if edit else None,
        "restored": edit.restored if edit else None,
        "added": edit.added if edit else 0,
        "removed": edit.removed if edit else 0,
        "changed": edit.changed if edit else 0,
    }
