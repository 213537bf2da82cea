"""The rotation board: every look as columns, the heat of the last day, the wall of last pictures, one camera, platforms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from api import models
from api.callers import asks
from api.compact import Encoded, answer
from api.deps import ReadSession, TheService
from api.models._board import (
    Away,
    BoardCamera,
    BoardLook,
    BoardLooks,
    BoardStates,
    Checked,
    HeatMap,
    LastVisit,
    Picture,
    PlatformState,
    StateName,
    Wall,
    WallTile,
    ZoneShape,
)
from api.standing import STATES, Seen, Standing, groups_of
from patrol._looks import picture_path
from patrol.access import Caller, can, sees
from patrol.ledger.heat import Heat
from patrol.registry import LookSpec, paused
from patrol.service import Service
from patrol.store.tables import Outage, SpotCheck, Visit

router = APIRouter(tags=["rotation"])

Reader = Annotated[Caller, Depends(asks("rotation.read"))]
Watcher = Annotated[Caller, Depends(asks("picture.read"))]
By = Literal["all", "category", "platform", "division"]
_DAY = timedelta(hours=24)
_VISITS = 30
_OUTAGES = 20
_GAPS = 100
_CHECKS = 10


def standing_of(request: Request) -> Standing:
    """The board that all consoles share."""
    found: Standing = request.app.state.standing
    return found


def heat_of(request: Request) -> Heat:
    """The day that all consoles share."""
    found: Heat = request.app.state.heat
    return found


TheStanding = Annotated[Standing, Depends(standing_of)]
TheHeat = Annotated[Heat, Depends(heat_of)]


@router.get("/rotation/board", response_model=BoardLooks)
def board(request: Request, caller: Reader, standing: TheStanding) -> Response:
    """Which looks there are, and what they are called. Changes only with the registry: ask with `If-None-Match`."""
    return answer(request, standing.seen_by(caller).names)


@router.get("/rotation/board/states", response_model=BoardStates)
def board_states(
    request: Request,
    caller: Reader,
    standing: TheStanding,
    since: Annotated[str | None, Query(max_length=80, description="`version` of the answer before.")] = None,
) -> Response:
    """Where the looks stand; with `since` only those that changed. An unknown version is answered with the whole."""
    return answer(request, standing.states(standing.seen_by(caller), since))


@router.get("/rotation/heat", response_model=HeatMap)
def heat(
    request: Request, service: TheService, caller: Reader, standing: TheStanding, day: TheHeat, by: By = "category"
) -> Response:
    """The last 24 hours by hour and category, platform or division."""
    seen, registry = standing.seen_by(caller), service.loaded.registry
    specs = [standing.specs[row] for row in seen.rows]
    numbers, groups = ([0] * len(specs), [_whole_county(service)]) if by == "all" else groups_of(specs, by, registry)
    now = service.clock.wall().astimezone(registry.county.zone)
    with service.store.reading() as session:
        day.take(session, now)
    cells = day.cells({spec.key: n for spec, n in zip(specs, numbers, strict=True)}, len(groups), now)
    worst = cells.worst_gap_s
    found = HeatMap(
        hours=[cells.start + timedelta(hours=hour) for hour in range(worst.shape[1])],
        groups=groups,
        due=cells.due.tolist(),
        **{name: counts.tolist() for name, counts in cells.outcomes.items()},
        worst_gap_s=[[None if np.isnan(gap) else round(float(gap)) for gap in line] for line in worst],
    )
    body = found.model_dump_json().encode()
    return answer(request, Encoded(body, f"{hash(body) & (2**64 - 1):x}"))


@router.get("/rotation/wall")
def wall(
    service: TheService,
    caller: Watcher,
    standing: TheStanding,
    category: Annotated[str | None, Query(max_length=64)] = None,
    platform: Annotated[str | None, Query(max_length=64)] = None,
    division: Annotated[str | None, Query(max_length=12)] = None,
    state: StateName | None = None,
    cursor: Annotated[str | None, Query(max_length=130, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=60)] = 12,
) -> Wall:
    """The last picture of each look, its age and how the look stands."""
    rows = _chosen(standing, standing.seen_by(caller), category, platform, division, state)
    first = 0
    if cursor is not None:
        last = standing.index.get(cursor, -1)
        first = int(np.searchsorted(np.array(rows, np.int64), last, side="right"))
    page = rows[first : first + limit]
    return Wall(
        items=[
            WallTile(
                key=spec.key,
                camera=spec.camera.id,
                name=spec.camera.name,
                category=models.Name(zh=spec.category.name.zh, en=spec.category.name.en),
                platform=models.Name(zh=spec.platform.name.zh, en=spec.platform.name.en),
                state=standing.state_of(row),
                picture=_picture(service, spec),
            )
            for row, spec in ((row, standing.specs[row]) for row in page)
        ],
        next=standing.specs[page[-1]].key if first + limit < len(rows) else None,
        total=len(rows),
        before=first,
    )


@router.get(
    "/rotation/cameras/{camera_id}/picture",
    response_class=FileResponse,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def picture(
    service: TheService,
    caller: Watcher,
    standing: TheStanding,
    camera_id: str,
    preset: Annotated[str | None, Query(max_length=64)] = None,
) -> FileResponse:
    """The last picture of a camera or of a preset of it, a small JPEG."""
    standing.refresh()
    key = camera_id if preset is None else f"{camera_id}/{preset}"
    number = standing.index.get(key)
    file = None if number is None else service.settings.data / picture_path(key)
    if number is None or file is None or not sees(caller, standing.specs[number].camera) or not file.is_file():
        raise HTTPException(404, f"no picture of {key!r}")
    return FileResponse(file, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


@router.get("/rotation/platforms")
def platforms(service: TheService, caller: Reader, standing: TheStanding) -> list[PlatformState]:
    """Each platform's load against its capacity, the fullest first, with how many of its looks are late or away."""
    seen, registry = standing.seen_by(caller), service.loaded.registry
    numbers, groups = groups_of([standing.specs[row] for row in seen.rows], "platform", registry)
    states = standing.state_column()[seen.rows]
    of = np.array(numbers, np.int64)

    def count(state: StateName) -> list[int]:
        return np.bincount(of[states == STATES.index(state)], minlength=len(groups)).tolist()

    looks, late, away = np.bincount(of, minlength=len(groups)).tolist(), count("late"), count("away")
    shares = {share.name: share for share in service.snapshot().platforms}
    found = [
        PlatformState(
            key=group.key,
            name=group.name,
            load=share.load,
            load_shortened=share.shortened,
            running=share.running,
            limit=share.limit,
            look_s=share.look_s,
            away=share.down_since is not None,
            looks=looks[number],
            late=late[number],
            looks_away=away[number],
        )
        for number, group in enumerate(groups)
        if (share := shares.get(group.key)) is not None
    ]
    return sorted(found, key=lambda platform: -platform.load)


@router.get("/rotation/cameras/{camera_id}")
def camera(
    service: TheService, session: ReadSession, caller: Reader, standing: TheStanding, camera_id: str
) -> BoardCamera:
    """One camera: its looks, what became of the last ones, gaps, outages, zones, spot-checks."""
    standing.refresh()
    specs = [spec for spec in standing.specs if spec.camera.id == camera_id]
    if not specs or not sees(caller, specs[0].camera):
        raise HTTPException(404, f"no camera {camera_id!r}")
    found, now = specs[0].camera, service.clock.wall()
    local = now.astimezone(service.loaded.registry.county.zone)
    keys = [spec.key for spec in specs]
    pictures = can(caller, "picture.read") is None
    stopped = paused(specs[0], service.loaded.registry, local)
    return BoardCamera(
        id=found.id,
        name=found.name,
        place=found.place.address,
        division=found.place.division_code,
        platform=models.Name(zh=specs[0].platform.name.zh, en=specs[0].platform.name.en),
        categories=[models.Name(zh=c.name.zh, en=c.name.en) for c in specs[0].categories],
        detectors=list(specs[0].detectors),
        paused=stopped,
        looks=[_look(service, standing, spec, pictures=pictures) for spec in specs],
        visits=_visits(session, keys, _VISITS),
        gaps=_gaps(session, keys, now - _DAY),
        outages=_outages(session, keys),
        spot_checks=_checks(session, keys, now - 30 * _DAY),
    )


def _whole_county(service: Service) -> models.Group:
    name = service.loaded.registry.county.name
    return models.Group(key="all", name=models.Name(zh=name.zh, en=name.en))


def _chosen(
    standing: Standing,
    seen: Seen,
    category: str | None,
    platform: str | None,
    division: str | None,
    state: StateName | None,
) -> list[int]:
    states, wanted = standing.state_column(), None if state is None else STATES.index(state)
    return [
        row
        for row, spec in ((int(row), standing.specs[row]) for row in seen.rows)
        if (category is None or spec.category.key == category)
        and (platform is None or spec.platform.id == platform)
        and (division is None or (spec.camera.place.division_code or "").startswith(division))
        and (wanted is None or states[row] == wanted)
    ]


def _picture(service: Service, spec: LookSpec) -> Picture | None:
    file: Path = service.settings.data / picture_path(spec.key)
    try:
        made = file.stat().st_mtime
    except OSError:
        return None
    preset = "" if spec.preset is None else f"preset={quote(spec.preset.id, safe='')}&"
    url = f"/api/v1/rotation/cameras/{quote(spec.camera.id, safe='')}/picture?{preset}at={int(made)}"
    return Picture(url=url, at=datetime.fromtimestamp(made, UTC))


def _look(service: Service, standing: Standing, spec: LookSpec, *, pictures: bool) -> BoardLook:
    wall, row = service.clock.wall_at, standing.index[spec.key]
    now = standing.line(row)
    deadline, inspected = now["deadline"], now["inspected"]
    return BoardLook(
        key=spec.key,
        preset=None if spec.preset is None else spec.preset.name or spec.preset.id,
        state=standing.state_of(row),
        deadline=None if deadline is None else wall(deadline),
        last_inspected_at=None if inspected is None else wall(inspected),
        period_s=spec.period_s,
        dwell_s=spec.dwell_s,
        failures=now["failures"] or 0,
        zones=[ZoneShape(name=z.name, kind=z.kind, polygon=[list(point) for point in z.polygon]) for z in spec.zones],
        picture=_picture(service, spec) if pictures else None,
    )


def _visits(session: Session, keys: Sequence[str], limit: int) -> list[LastVisit]:
    # By each look along its index; a camera with presets has a few.
    found: list[Visit] = []
    for key in keys:
        wanted = select(Visit).where(Visit.look == key).order_by(Visit.started_at.desc()).limit(limit)
        found += session.scalars(wanted.options(defer(Visit.report))).all()
    return [_visit(row) for row in sorted(found, key=lambda row: row.started_at, reverse=True)[:limit]]


def _gaps(session: Session, keys: Sequence[str], since: datetime) -> list[LastVisit]:
    wanted = select(Visit).where(Visit.look.in_(keys), Visit.started_at >= since, Visit.gap_s.is_not(None))
    rows = session.scalars(wanted.order_by(Visit.started_at.desc()).limit(_GAPS).options(defer(Visit.report)))
    return [_visit(row) for row in reversed(rows.all())]


def _visit(row: Visit) -> LastVisit:
    return LastVisit.model_validate(
        {
            "id": row.id,
            "look": row.look,
            "at": row.started_at,
            "ended_at": row.ended_at,
            "due_at": row.due_at,
            "reason": row.reason,
            "outcome": row.outcome,
            "cause": row.cause,
            "judged": row.judged,
            "gap_s": row.gap_s,
        }
    )


def _outages(session: Session, keys: Sequence[str]) -> list[Away]:
    rows = session.scalars(
        select(Outage).where(Outage.look.in_(keys)).order_by(Outage.started_at.desc()).limit(_OUTAGES)
    )
    return [
        Away(look=row.look, started_at=row.started_at, ended_at=row.ended_at, cause=row.cause, looks=row.looks)
        for row in rows
    ]


def _checks(session: Session, keys: Sequence[str], since: datetime) -> list[Checked]:
    rows = session.execute(
        select(SpotCheck, Visit.started_at)
        .join(Visit, Visit.id == SpotCheck.visit)
        .where(Visit.look.in_(keys), Visit.started_at >= since)
        .order_by(Visit.started_at.desc())
        .limit(_CHECKS)
    )
    return [Checked(at=at, answer=row.answer, kind=row.kind, who=row.who) for row, at in rows]
