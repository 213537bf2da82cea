"""The ledger and the state it leaves: one row per attempt or missed deadline, and where the rotation stands with each look.

Every function works in the caller's transaction. Values are plain: the store knows no other room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.ledger import chain, outages, spot_checks
from patrol.store.tables import EvidenceFile, FollowUp, LookState, RegistryRevision, Visit

INSPECTED = "inspected"
MISSED = "missed"


def record_revision(session: Session, *, sha256: str, text: str, cameras: int, now: datetime) -> int:
    """Note that a registry is in force from ``now`` on; the same one again keeps its row. Returns the row's id."""
    last = session.scalar(select(RegistryRevision).order_by(RegistryRevision.id.desc()).limit(1))
    if last is not None and last.sha256 == sha256:
        return last.id
    row = RegistryRevision(sha256=sha256, loaded_at=now, cameras=cameras, text=text)
    session.add(row)
    session.flush()
    chain.seal(session, chain.REVISION, str(row.id), chain.content_of(row), now)
    return row.id


def sync_looks(session: Session, looks: Iterable[tuple[str, str, str | None]], now: datetime) -> dict[str, LookState]:
    """Make the rows of ``look_state`` those of the registry: new ones enter, gone ones are switched off and keep their past.

    Args:
        session: an open transaction.
        looks: ``(key, camera, preset)`` of every look that is to be made.
        now: when new ones enter the rotation.

    Returns:
        Every row by key, switched-off ones too.
    """
    rows = load_states(session)
    wanted = {key: (camera, preset) for key, camera, preset in looks}
    for key, (camera, preset) in wanted.items():
        row = rows.get(key)
        if row is None:
            rows[key] = LookState(key=key, camera=camera, preset=preset, added_at=now, active=True, failures=0)
            session.add(rows[key])
        elif not row.active:
            # Back after it was switched off: nobody promised to look at it meanwhile, so its clock starts anew.
            row.active, row.added_at, row.last_inspected_at, row.not_before, row.failures = True, now, None, None, 0
    for key, row in rows.items():
        if row.active and key not in wanted:
            row.active = False
    session.flush()
    return rows


def load_states(session: Session) -> dict[str, LookState]:
    """Every row of ``look_state`` by key, switched-off ones too."""
    return {row.key: row for row in session.scalars(select(LookState))}


def record_visit(
    session: Session,
    *,
    visit_id: str,
    look_key: str,
    camera: str,
    preset: str | None,
    reason: str,
    due_at: datetime,
    started_at: datetime,
    ended_at: datetime,
    report: Mapping[str, Any],
    fingerprint: str | None = None,
    reference: str | None = None,
    revision: int | None = None,
    follow_up: str | None = None,
    platform: str | None = None,
    gap_s: float | None = None,
    overhead_s: float | None = None,
    spot_share: float = 0.0,
    now: datetime | None = None,
) -> bool:
    """Write one look with its evidence, seal it, and write what follows from it for the look's state and outage.

    Args:
        session: an open transaction.
        visit_id: id of the attempt; the same one again changes nothing.
        look_key, camera, preset: which look.
        reason: ``rotation``, ``retry`` or ``follow_up``.
        due_at: the deadline it served.
        started_at, ended_at: of the attempt.
        report: ``patrol.visit/1``; evidence paths relative to the data folder.
        fingerprint: of the last picture.
        reference: path of the adopted reference picture, None: none (or the one that is there stays).
        revision: the registry in force.
        follow_up: id of the follow-up that the look serves.
        platform: the camera's: an outage that begins while it is away is part of the platform's.
        gap_s: seconds since the start of the inspected look before, by a steady clock; None: by the rows' times, which are
            wrong across a step of the wall clock.
        overhead_s: measured seconds that a look of it holds a stream beside the dwell, None: as it was.
        spot_share: share of clear looks that people are to see.
        now: when it is written, None: when the look ended.

    Returns:
        False when the attempt had been written before.
    """
    chain.hold(session, now or ended_at)
    if session.scalar(select(Visit.id).where(Visit.id == visit_id)) is not None:
        return False
    outcome, cause = str(report["outcome"]), report.get("cause")
    state = _state(session, look_key, camera, preset, started_at)
    inspected = outcome == INSPECTED
    gap = None
    if inspected and state.last_inspected_at is not None:
        gap = gap_s if gap_s is not None else (started_at - state.last_inspected_at).total_seconds()
    visit = Visit(
        id=visit_id,
        look=look_key,
        camera=camera,
        preset=preset,
        reason=reason,
        due_at=due_at,
        started_at=started_at,
        ended_at=ended_at,
        outcome=outcome,
        cause=cause,
        judged=bool(report.get("judged", False)),
        gap_s=gap,
        revision=revision,
        report=dict(report),
    )
    session.add(visit)
    session.flush()
    chain.seal(session, chain.VISIT, visit.id, chain.content_of(visit), now or ended_at)
    spot_checks.draw(session, visit_id, visit.report, spot_share, now or ended_at)
    for file in report.get("evidence", ()):
        session.add(
            EvidenceFile(
                visit=visit_id,
                path=file["path"],
                sha256=file["sha256"],
                role=file["role"],
                media_type=file["media_type"],
                bytes=file["bytes"],
            )
        )
    if follow_up is not None:
        asked = session.get(FollowUp, int(follow_up))
        if asked is not None and asked.done_by is None:
            asked.done_by = visit_id
    if inspected:
        state.last_inspected_at, state.failures, state.not_before, state.missed_until = started_at, 0, None, None
    else:
        state.failures += 1
    outages.note_look(
        session, state, inspected=inspected, started_at=started_at, cause=str(cause or outcome), platform=platform
    )
    if overhead_s is not None:
        state.overhead_s = overhead_s
    state.last_visit, state.last_outcome, state.last_cause, state.last_ended_at = visit_id, outcome, cause, ended_at
    if fingerprint is not None:
        state.fingerprint = fingerprint
    if reference is not None:
        state.reference = reference
    session.flush()
    return True


def record_missed(
    session: Session,
    *,
    visit_id: str,
    look_key: str,
    camera: str,
    preset: str | None,
    deadline: datetime,
    cause: str,
    detail: str,
    revision: int | None = None,
    now: datetime,
) -> bool:
    """Write that a deadline passed without an attempt. It opens no outage: nobody looked, so nobody knows.

    Returns:
        False when this deadline, or a later one, had been written before.
    """
    chain.hold(session, now)
    state = _state(session, look_key, camera, preset, now)
    if state.missed_until is not None and state.missed_until >= deadline:
        return False
    state.missed_until = deadline
    report = {
        "schema": "patrol.visit/1",
        "camera": camera,
        "preset": preset,
        "outcome": MISSED,
        "cause": cause,
        "detail": detail,
    }
    visit = Visit(
        id=visit_id,
        look=look_key,
        camera=camera,
        preset=preset,
        reason="rotation",
        due_at=deadline,
        started_at=deadline,
        ended_at=now,
        outcome=MISSED,
        cause=cause,
        judged=False,
        gap_s=None,
        revision=revision,
        report={**report, "judged": False, "findings": [], "not_run": [], "evidence": []},
    )
    session.add(visit)
    session.flush()
    chain.seal(session, chain.VISIT, visit.id, chain.content_of(visit), now)
    return True


def _state(session: Session, key: str, camera: str, preset: str | None, now: datetime) -> LookState:
    state = session.get(LookState, key, with_for_update=True)
    if state is None:
        state = LookState(key=key, camera=camera, preset=preset, added_at=now, active=True, failures=0)
        session.add(state)
        session.flush()
    return state
