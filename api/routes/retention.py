"""What is kept and for how long: classes, what is due, what stays and why, the purge's runs, holds."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import models
from api.callers import Address, asks
from api.deps import ReadSession, RowNumber, TheService
from patrol import retention
from patrol.access import Caller, sees
from patrol.retention import FLOORS, Class, holds, term_of
from patrol.service import Service
from patrol.store import tables

router = APIRouter(tags=["retention"])
Reader = Annotated[Caller, Depends(asks("retention.read"))]
Holder = Annotated[Caller, Depends(asks("retention.hold"))]
_COUNTED = 5_000
"""Things that one answer looks at: a backlog must not keep a page waiting."""
_RUNS = 30
_CAUSES = 20


@router.get("/retention")
def kept(service: TheService, session: ReadSession, reader: Reader) -> models.Retention:
    """How long each class is kept, what the next run of the purge takes, what stays and why, the last runs.

    Whoever is limited to some cameras sees the holds of these, and not the sentences, which name matters of any camera.
    """
    terms, now, whole = service.loaded.registry.retention, service.clock.wall(), reader.sight is None
    found, more = retention.next_run(session, terms, now, _COUNTED)
    planned = retention.plan(found, terms, now)
    due = Counter(one.kept.class_ for one in planned.due)
    size: Counter[Class] = Counter()
    for one in planned.due:
        size[one.kept.class_] += one.kept.bytes
    held = Counter(one.kept.class_ for one in planned.held)
    causes = Counter(why for one in planned.held for why in one.why)
    runs = session.scalars(select(tables.RetentionRun).order_by(tables.RetentionRun.id.desc()).limit(_RUNS))
    disk = retention.measure(session, service.settings.data, now)
    return models.Retention(
        classes=[
            models.RetentionClass(
                key=each.value,
                days=term_of(terms, each).days,
                floor_days=FLOORS[each].days,
                due=due[each],
                due_bytes=size[each],
                held=held[each],
            )
            for each in Class
        ],
        more=more,
        causes=[models.RetentionCause(why=why, items=items) for why, items in causes.most_common(_CAUSES)]
        if whole
        else [],
        holds=[
            _hold(row) for row in holds.all_of(session) if whole or _sees(service, session, reader, row.kind, row.ref)
        ],
        runs=[_run(row, whole) for row in runs],
        space=models.RetentionSpace(free_bytes=disk.free, growth_bytes_a_day=disk.growth, days_left=disk.days_left),
        problem=service.board.problems.get("retention") if whole else None,
    )


@router.post("/retention/holds", status_code=201)
def put_hold(service: TheService, holder: Holder, address: Address, asked: models.NewHold) -> models.RetentionHold:
    """Keep an incident's evidence, a case's files or one file beyond its day."""
    try:
        with service.store.sessions.begin() as session:
            _seen(service, session, holder, asked.kind, asked.ref)
            row = retention.put(
                session,
                asked.kind,
                asked.ref,
                reason=asked.reason,
                by=holder,
                now=service.clock.wall(),
                address=address,
            )
            return _hold(row)
    except retention.HoldError as error:
        raise _refused(error) from error


@router.delete("/retention/holds/{hold}", status_code=204)
def lift_hold(
    service: TheService,
    holder: Holder,
    address: Address,
    hold: RowNumber,
    because: Annotated[str, Query(min_length=1, max_length=2000, description="Why it may go now.")],
) -> None:
    """Lift a hold; what is due goes with the next run."""
    try:
        with service.store.sessions.begin() as session:
            row = session.get(tables.RetentionHold, hold)
            if row is not None:
                _seen(service, session, holder, row.kind, row.ref)
            retention.lift(session, hold, because=because, by=holder, now=service.clock.wall(), address=address)
    except retention.HoldError as error:
        raise _refused(error) from error


def _seen(service: Service, session: Session, caller: Caller, kind: str, ref: str) -> None:
    """What a caller's grants do not reach is, to it, not there."""
    if not _sees(service, session, caller, kind, ref):
        raise HTTPException(404, f"there is no {kind} {ref!r} to hold")


def _sees(service: Service, session: Session, caller: Caller, kind: str, ref: str) -> bool:
    return caller.sight is None or sees(caller, service.loaded.registry.camera(holds.camera_of(session, kind, ref)))


def _refused(error: retention.HoldError) -> HTTPException:
    return HTTPException({"unknown": 404, "stands": 409}.get(error.what, 422), str(error))


def _hold(row: tables.RetentionHold) -> models.RetentionHold:
    return models.RetentionHold(id=row.id, kind=row.kind, ref=row.ref, reason=row.reason, by=row.by, at=row.at)


def _run(row: tables.RetentionRun, whole: bool) -> models.RetentionRun:
    record = row.record or {}
    classes = record.get("classes", {}).values()
    return models.RetentionRun(
        id=row.id,
        by=row.by,
        started_at=row.started_at,
        ended_at=row.ended_at,
        items=record.get("items", 0),
        deleted=sum(one["deleted"] for one in classes),
        bytes=sum(one["bytes"] for one in classes),
        held=record.get("held", {}).get("items", 0),
        problems=record.get("problems", []) if whole else [],
        left=bool(record.get("left")),
        hash=row.hash,
    )
