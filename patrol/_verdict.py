"""A person's verdict with all that follows from it in one transaction: lease, review, alerts, audit. For CLI and API alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol import alerts, audit, incidents
from patrol.access import Caller
from patrol.incidents import leases
from patrol.registry import Registry
from patrol.store.tables import Alert, DispatchTrack, Incident


class StaleError(incidents.IncidentError):
    """The incident has changed since it was read."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of an incident.

    Attributes:
        verdict: one of ``incidents.VERDICTS``.
        reason: in words.
        code: in a word that can be counted.
        version: of the incident that was judged; None: whichever it is.
    """

    verdict: str
    reason: str | None = None
    code: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of it.

    Attributes:
        change: the incident after the verdict.
        alerts: ids of the alerts that were written.
        told: departments they go to.
        problem: why nobody could be told; the verdict stands all the same.
        until: as long the incident stays with whoever judged it.
    """

    change: incidents.Change
    alerts: tuple[str, ...]
    told: tuple[str, ...]
    problem: str | None
    until: datetime


def judge(
    session: Session,
    registry: Registry,
    caller: Caller,
    incident: str,
    said: Said,
    now: datetime,
    *,
    address: str | None = None,
) -> Judged:
    """Write a verdict, tell whom it concerns, and note who did it. The incident stays leased, so that it can be taken back.

    Args:
        session: an open transaction, which must end with this.
        registry: in force.
        caller: who says so.
        incident: the whole id.
        said: the verdict.
        now: UTC, aware.
        address: from where.

    Raises:
        IncidentError: no such incident or verdict, or a reason that does not fit; nothing was changed.
        HeldError: somebody else works on it.
        StaleError: it has changed since it was read.
    """
    row = session.get(Incident, incident)
    if row is None:
        raise incidents.IncidentError(f"no incident {incident!r}")
    lease = leases.take(session, incident, caller.name, now)
    session.refresh(row, with_for_update=True)
    if said.version is not None and row.version != said.version:
        raise StaleError(
            f"the incident has changed: it is version {row.version} now, version {said.version} was judged"
        )
    change = incidents.review(session, incident, said.verdict, caller.name, said.reason, now, code=said.code)
    written: tuple[str, ...] = ()
    problem: str | None = None
    try:
        written = alerts.notify(session, registry, change, now, at_once=False)
    except alerts.RouteError as error:
        # The verdict stands; that nobody could be told must be said loudly.
        problem = str(error)
    told = _told(session, incident, written)
    audit.write(
        session,
        caller,
        "incident.review",
        kind="incident",
        ref=incident,
        camera=row.camera,
        reason=said.reason,
        detail={"verdict": said.verdict, "code": said.code, "version": row.version, "told": list(told)},
        now=now,
        address=address,
    )
    return Judged(change, written, told, problem, lease.until)


def _told(session: Session, incident: str, written: tuple[str, ...]) -> tuple[str, ...]:
    """Departments of these alerts, those that act before those that only get a copy."""
    here = select(DispatchTrack.department).where(DispatchTrack.incident == incident, DispatchTrack.role == "copy")
    copies = set(session.scalars(here))
    departments = session.scalars(select(Alert.department).where(Alert.id.in_(written)).distinct())
    return tuple(sorted(departments, key=lambda department: (department in copies, department)))
