"""Misses: deadlines that passed without an attempt, and the shift lead who takes note of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from sqlalchemy import select

from api import models
from api.callers import Address, asks
from api.deps import ReadSession, TheService, camera_names
from api.models._board import MissedLook, MissFigures, Signed, SignedOff, SignOffRequest
from patrol import audit
from patrol.access import Caller, sees
from patrol.ledger import sign_off as book
from patrol.service import Service
from patrol.store.tables import Visit

router = APIRouter(tags=["ledger"])

Reader = Annotated[Caller, Depends(asks("miss.read"))]
Lead = Annotated[Caller, Depends(asks("miss.sign_off"))]
Cause = Literal["capacity", "service_down", "maintenance", "platform_down"]
Key = Annotated[str | None, Query(max_length=64)]


@router.get("/misses")
def misses(
    service: TheService,
    session: ReadSession,
    caller: Reader,
    signed: Annotated[bool | None, Query(description="Only signed off, or only not yet.")] = None,
    camera: Key = None,
    category: Annotated[str | None, Query(max_length=64, description="Any of the camera's categories.")] = None,
    platform: Key = None,
    division: Annotated[str | None, Query(pattern=r"^\d{6,12}$", description="And what lies in it.")] = None,
    cause: Cause | None = None,
    since: Annotated[datetime | None, Query(description="Deadlines from then on.")] = None,
    until: Annotated[datetime | None, Query(description="Deadlines before then.")] = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.Page[MissedLook]:
    """Missed looks, the last written first."""
    for moment in (since, until):
        if moment is not None and moment.tzinfo is None:
            raise HTTPException(422, "since and until need an offset, e.g. 2026-11-26T08:00:00Z")
    wanted = book.Wanted(
        signed=signed,
        cameras=_cameras(service, caller, camera, category, platform, division),
        cause=cause,
        since=since,
        until=until,
    )
    rows = book.page(session, wanted, before=cursor, limit=limit)
    names = camera_names(service.loaded.registry)
    return models.Page(
        items=[
            MissedLook(
                id=visit.id,
                look=visit.look,
                camera=visit.camera,
                name=names.get(visit.camera),
                deadline=visit.due_at,
                cause=visit.cause,
                detail=visit.report.get("detail"),
                signed=None if signature is None else Signed(who=signature.who, note=signature.note, at=signature.at),
            )
            for visit, signature in rows
        ],
        next=str(rows[-1][0].seq) if len(rows) == limit else None,
    )


@router.get("/misses/figures")
def miss_figures(service: TheService, session: ReadSession, caller: Reader) -> MissFigures:
    """How many misses nobody has signed off yet."""
    cameras = _cameras(service, caller, None, None, None, None)
    return MissFigures(unsigned=book.count(session, book.Wanted(signed=False, cameras=cameras)))


@router.post("/misses/sign-off")
def sign_off(service: TheService, caller: Lead, address: Address, asked: SignOffRequest) -> SignedOff:
    """Take note of misses, by name and with a sentence; all of them or none."""
    now = service.clock.wall()
    registry = service.loaded.registry
    with service.store.sessions.begin() as session:
        rows = session.execute(select(Visit.id, Visit.camera).where(Visit.id.in_(asked.ids)))
        found = {row.id: row.camera for row in rows}
        for visit_id in asked.ids:
            camera = registry.camera(found.get(visit_id))
            # A camera that left the registry is nobody's in particular: whoever sees all cameras answers for it.
            if visit_id not in found or (caller.sight is not None and (camera is None or not sees(caller, camera))):
                raise HTTPException(404, f"no look {visit_id!r} in the ledger")
        try:
            made = book.sign_off(session, asked.ids, who=caller.name, note=asked.note, now=now)
        except book.SignOffError as error:
            raise HTTPException(409, str(error)) from error
        audit.write(
            session,
            caller,
            "miss.sign_off",
            kind="visit",
            ref=made[0].visit,
            reason=asked.note,
            detail={"looks": [row.visit for row in made]},
            now=now,
            address=address,
        )
    service.board.tell({"event": "signed_off", "looks": len(made), "by": caller.name})
    return SignedOff(signed=len(made))


def _cameras(
    service: Service,
    caller: Caller,
    camera: str | None,
    category: str | None,
    platform: str | None,
    division: str | None,
) -> list[str] | None:
    """The cameras asked for that the caller sees; None: all there ever were."""
    if (camera, category, platform, division) == (None, None, None, None) and caller.sight is None:
        return None
    known = [
        entry.id
        for entry in service.loaded.registry.cameras
        if (camera is None or entry.id == camera)
        and (category is None or category in entry.categories)
        and (platform is None or entry.platform == platform)
        and (division is None or (entry.place.division_code or "").startswith(division))
        and sees(caller, entry)
    ]
    if camera is not None and not known and caller.sight is None:
        return [camera]
    return known
