"""What helps whoever edits the registry: whether a polygon is one, which days a rule holds, the picture a zone is drawn on."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from api import models, problems
from api.callers import address_of, asks
from api.deps import TheService
from api.registry_answers import operations_of, refusals
from patrol import audit
from patrol._registry_pictures import MaskError, original_of
from patrol.access import Caller, sees
from patrol.registry import Registry, polygon_area, polygon_problem
from patrol.registry.year import FIRST, LAST, lunar_text, rule_years

router = APIRouter(prefix="/registry", tags=["registry"])

Reader = Annotated[Caller, Depends(asks("registry.read"))]
Editor = Annotated[Caller, Depends(asks("registry.edit"))]
Year = Annotated[int, Query(ge=FIRST, le=LAST)]


@router.post("/zones/check")
def check_zone(_caller: Reader, asked: models.ZonePolygon) -> models.ZoneCheck:
    """Whether a polygon has an area and does not cross itself. Nothing is written."""
    polygon = tuple(asked.polygon)
    return models.ZoneCheck(problem=polygon_problem(polygon), area=polygon_area(polygon))


@router.get("/rules/preview")
def preview_rules(service: TheService, _caller: Reader, year: Year) -> list[models.RuleYear]:
    """The days of a year on which each rule holds, with lunar dates and hours."""
    return _years(service.loaded.registry, year)


@router.post("/rules/preview")
def preview_drafted_rules(
    service: TheService,
    _caller: Editor,
    asked: models.RegistryOperations,
    year: Year,
    base: Annotated[
        str | None, Query(max_length=64, description="sha256 the changes start from; left out: now.")
    ] = None,
) -> list[models.RuleYear]:
    """The same as changes would make it. Nothing is written."""
    with refusals():
        seen = service.desk.preview(operations_of(asked.operations), base)
    return _years(seen.loaded.registry, year)


@router.get("/calendar")
def lunar_calendar(_caller: Reader, year: Year) -> models.LunarYear:
    """The lunar date of every day of a year; browsers' own lunar calendars err near midnight new moons."""
    first = date(year, 1, 1).toordinal()
    days = (date.fromordinal(day) for day in range(first, date(year + 1, 1, 1).toordinal()))
    return models.LunarYear(days=[lunar_text(day) for day in days])


@router.get(
    "/cameras/{camera_id}/picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, 503: {"model": problems.Problem}},
)
def camera_picture(
    service: TheService,
    caller: Editor,
    request: Request,
    camera_id: str,
    preset: Annotated[str | None, Query(max_length=63)] = None,
) -> Response:
    """The reference picture that zones are drawn on, people and plates hidden. Each view of it is in the audit."""
    camera = service.loaded.registry.camera(camera_id)
    if camera is None or not sees(caller, camera):
        raise HTTPException(404, f"no camera {camera_id!r}")
    key = camera.id if preset is None else f"{camera.id}/{preset}"
    with service.store.reading() as session:
        original = original_of(session, service.loaded, service.settings.data, key)
    try:
        picture = service.pictures.masked(original) if original is not None else None
    except MaskError as error:
        raise HTTPException(503, str(error)) from None
    if picture is None:
        raise HTTPException(404, f"{key} has no reference picture yet; its first good look's becomes it")
    with service.store.sessions.begin() as session:
        audit.write(
            session,
            caller,
            "evidence.view",
            kind="picture",
            ref=picture.sha256,
            camera=camera.id,
            reason="zone drawing",
            detail={"look": key, "masked": True},
            now=service.clock.wall(),
            address=address_of(request),
        )
    return Response(picture.content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _years(registry: Registry, year: int) -> list[models.RuleYear]:
    return [
        models.RuleYear(
            rule=each.rule.id,
            days=each.days,
            spans=[
                models.RuleSpan(
                    first=s.first,
                    last=s.last,
                    lunar_first=s.lunar_first,
                    lunar_last=s.lunar_last,
                    hours=list(s.hours),
                )
                for s in each.spans
            ],
            provisional=each.provisional,
        )
        for each in rule_years(registry, year)
    ]
