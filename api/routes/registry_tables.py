"""The cameras as a table for spreadsheets: out as CSV or XLSX, and back in, first as a dry run."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api import models
from api.callers import asks
from api.deps import TheService
from api.problems import RefusedError
from api.registry_answers import Base, audited, done, effect_of, refusals, tag
from api.uploads import ONE_FILE, UPLOAD_BYTES, whole_file
from patrol._registry_desk import InvalidError
from patrol._registry_revisions import Note
from patrol.access import Caller, sees
from patrol.registry import Registry
from patrol.registry.table import RowProblem, Taken, rows_of, rows_with, take
from patrol.registry.table_files import MAX_BYTES, head, rows_from, to_csv, to_xlsx
from patrol.service import Service

router = APIRouter(prefix="/registry", tags=["registry"])

Reader = Annotated[Caller, Depends(asks("registry.read"))]
Editor = Annotated[Caller, Depends(asks("registry.edit"))]
Language = Annotated[Literal["zh", "en"], Query(description="Of the heads; both are understood on the way in.")]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/cameras.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def export_cameras_csv(service: TheService, caller: Reader, language: Language = "zh") -> Response:
    """All cameras as CSV, UTF-8 with a mark for Excel. Zones and presets are not in it."""
    return _table(service, to_csv([head(language), *_rows(service, caller)]), "text/csv; charset=utf-8", "csv")


@router.get("/cameras.xlsx", response_class=Response, responses={200: {"content": {_XLSX: {}}}})
def export_cameras_xlsx(service: TheService, caller: Reader, language: Language = "zh") -> Response:
    """All cameras as a workbook, every cell text."""
    return _table(service, to_xlsx([head(language), *_rows(service, caller)]), _XLSX, "xlsx")


@router.post("/cameras/import", openapi_extra=ONE_FILE, max_body_size=UPLOAD_BYTES)
async def import_cameras(
    service: TheService,
    caller: Editor,
    request: Request,
    response: Response,
    base: Base,
    apply: Annotated[bool, Query(description="false: only say what would change.")] = False,
    reason: Annotated[str, Query(max_length=500, description="Needed with apply=true.")] = "",
) -> models.RegistryImport:
    """Read a CSV or XLSX table of cameras. Rows are known by id; new ones are added, cameras without a row stay."""
    if apply and not reason.strip():
        raise HTTPException(422, "reason: say why; it stands in the history")
    content = await whole_file(request, MAX_BYTES)
    made = await run_in_threadpool(_import, service, caller, request, content, base, apply, reason)
    response.headers.update(tag(made.done.sha256 if made.done else base))
    return made


def _import(
    service: Service, caller: Caller, request: Request, content: bytes, base: str, apply: bool, reason: str
) -> models.RegistryImport:
    with refusals():
        now = service.desk.current()
        taken = take(now.registry, rows_from(content))
        if taken.problems:
            return _wrong(taken, taken.problems, "", apply)
        try:
            seen = service.desk.preview(taken.operations, base)
            if not apply:
                with service.store.reading() as session:
                    effect = effect_of(service, session, seen.before.registry, seen.loaded.registry)
                return _answer(taken, (), seen.diff, effect, None)
            also = audited(service, caller, request, "registry.import", reason, rows=taken.read)
            made = service.desk.edit(taken.operations, base, Note("import", caller.name, reason, also=also))
            return _answer(taken, (), made.preview.diff, None, done(made))
        except InvalidError as error:
            return _wrong(taken, rows_with(error.problems, taken.rows), error.diff, apply)


def _wrong(taken: Taken, problems: tuple[RowProblem, ...], diff: str, apply: bool) -> models.RegistryImport:
    """Of a dry run an answer like any other; of an import a refusal.

    Raises:
        RefusedError: 422, one entry a cell.
    """
    answer = _answer(taken, problems, diff, None, None)
    if not apply:
        return answer
    first = problems[0]
    where = f"row {first.row}" + (f", column {first.column}" if first.column else "")
    raise RefusedError(
        422,
        f"{len(problems)} problem(s) in the table, nothing was written; {where}: {first.message}",
        [problem.model_dump() for problem in answer.problems],
    )


def _answer(
    taken: Taken,
    problems: tuple[RowProblem, ...],
    diff: str,
    effect: models.RegistryEffect | None,
    made: models.RegistryDone | None,
) -> models.RegistryImport:
    return models.RegistryImport(
        read=taken.read,
        rows=[
            models.ImportRow(row=c.row, camera=c.camera, what=c.what, columns=list(c.columns)) for c in taken.changes
        ],
        problems=[models.ImportProblem(row=p.row, column=p.column, message=p.message) for p in problems],
        diff=diff,
        effect=effect,
        done=made,
    )


def _rows(service: Service, caller: Caller) -> list[list[str]]:
    registry: Registry = service.loaded.registry
    return [row for camera, row in zip(registry.cameras, rows_of(registry), strict=True) if sees(caller, camera)]


def _table(service: Service, content: bytes, media_type: str, ending: str) -> Response:
    name = f"cameras-{service.loaded.registry.county.code}-{service.clock.wall():%Y%m%d}.{ending}"
    return Response(
        content,
        media_type=media_type,
        headers={**tag(service.loaded.sha256), "Content-Disposition": f'attachment; filename="{name}"'},
    )
