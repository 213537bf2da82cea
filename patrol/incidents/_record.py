"""Puts the steps of a look into rows, in the caller's transaction."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.incidents import merge
from patrol.incidents.changes import KINDS, Asked, Change, FindingSeen, LookSeen, What
from patrol.incidents.wording import in_chinese
from patrol.store.tables import EvidenceFile, FollowUp, Incident, IncidentLook

_VERDICTS = {"candidate": "疑似", "flagged": "发现"}


def record_look(
    session: Session, look: LookSeen, now: datetime, *, policy: merge.Policy | None = None
) -> tuple[Change, ...]:
    """Merge a look's findings into incidents.

    Args:
        session: an open transaction in which the visit has been written.
        look: what was seen. One that is not ``inspected`` changes nothing.
        now: UTC, aware.
        policy: how incidents open and end.

    Returns:
        The changes that somebody may have to hear of; a clear look that does not end an incident is none.
    """
    if not look.inspected or not look.findings:
        return ()
    preset = Incident.preset.is_(None) if look.preset is None else Incident.preset == look.preset
    rows = session.scalars(
        select(Incident).where(Incident.camera == look.camera, preset, Incident.state == "open").with_for_update()
    ).all()
    by_id = {row.id: row for row in rows}
    opened = [merge.Open(r.id, r.kind, r.cell, r.verdict, r.looks, r.clear_looks) for r in rows]
    changes: list[Change] = []
    for step in merge.steps(look.findings, opened, policy or merge.Policy()):
        if step.incident is None:
            row = _open(session, look, step)
            asked = _ask(session, look, row.id, step, now)
            changes.append(change_of(session, row, "new", look.evidence, asked))
            continue
        row = by_id[step.incident]
        if step.what == "clear":
            row.clear_looks += 1
            continue
        row.version += 1
        if step.what == "end":
            row.state, row.ended_at = "ended", look.started_at
            row.clear_looks += 1
            changes.append(change_of(session, row, "end"))
        else:
            _update(session, look, row, step)
            changes.append(change_of(session, row, "update", look.evidence))
    session.flush()
    return tuple(changes)


def open_follow_ups(session: Session) -> tuple[tuple[str, str, datetime], ...]:
    """Follow-ups that no look has served yet and whose incident is open: ``(id, look key, due at)``."""
    rows = session.execute(
        select(FollowUp.id, FollowUp.look, FollowUp.due_at)
        .join(Incident, Incident.id == FollowUp.incident)
        .where(FollowUp.done_by.is_(None), Incident.state == "open")
        .order_by(FollowUp.due_at)
    )
    return tuple((str(row.id), row.look, row.due_at) for row in rows)


def change_of(
    session: Session,
    row: Incident,
    what: What,
    evidence: tuple[dict[str, Any], ...] = (),
    follow_ups: tuple[Asked, ...] = (),
) -> Change:
    """An incident's row as a change; without evidence given, that of its last sighting that has some."""
    return Change(
        incident_id=row.id,
        seq=row.version,
        what=what,
        kind=row.kind,
        camera=row.camera,
        preset=row.preset,
        category=row.category,
        rule=row.rule,
        status=row.state,
        verdict=row.verdict,
        review=row.review,
        severity=row.severity,
        summary=row.summary,
        occurred_at=row.first_seen_at,
        seen_at=row.last_seen_at,
        evidence=evidence or _last_evidence(session, row.id),
        follow_ups=follow_ups,
    )


def as_it_stands(session: Session, incident_id: str) -> Change:
    """An incident as an update: for whoever is told of it later than it changed.

    Raises:
        NoResultFound: there is no such incident.
    """
    return change_of(session, session.get_one(Incident, incident_id), "update")


def _open(session: Session, look: LookSeen, step: merge.Step) -> Incident:
    finding = step.finding
    row = Incident(
        id=uuid.uuid4().hex,
        camera=look.camera,
        preset=look.preset,
        kind=finding.kind,
        cell=step.cell,
        place="/".join((look.camera, look.preset or "", finding.kind, step.cell)),
        category=look.category,
        rule=finding.rule,
        state="open",
        verdict=step.verdict,
        review=None,
        severity="general",
        score=finding.score,
        summary=_summary(look, finding, step.verdict, ""),
        first_seen_at=look.started_at,
        last_seen_at=look.started_at,
        looks=1,
        clear_looks=0,
        version=1,
    )
    session.add(row)
    session.flush()
    _sighting(session, look, row.id, finding)
    return row


def _update(session: Session, look: LookSeen, row: Incident, step: merge.Step) -> None:
    finding = step.finding
    row.looks += 1
    row.clear_looks = 0
    row.last_seen_at = look.started_at
    stronger = step.verdict != row.verdict
    again = f"（第{row.looks}次巡查仍在）" if step.strengthened else ""
    if stronger or finding.score >= row.score:
        row.summary = _summary(look, finding, step.verdict, again)
    row.verdict = step.verdict
    row.score = max(row.score, finding.score)
    row.rule = row.rule or finding.rule
    _sighting(session, look, row.id, finding)


def _sighting(session: Session, look: LookSeen, incident: str, finding: FindingSeen) -> None:
    value = {
        "kind": finding.kind,
        "verdict": finding.verdict,
        "score": finding.score,
        "at": finding.at,
        "box": list(finding.box) if finding.box else None,
        "zone": finding.zone,
        "reason": finding.reason,
        "measurements": dict(finding.measurements),
        "rule": finding.rule,
        **({"marks": [dict(mark) for mark in finding.marks]} if finding.marks else {}),
    }
    session.add(IncidentLook(incident=incident, visit=look.visit_id, verdict=finding.verdict, finding=value))


def _ask(session: Session, look: LookSeen, incident: str, step: merge.Step, now: datetime) -> tuple[Asked, ...]:
    rows = [FollowUp(look=look.look_key, incident=incident, due_at=now + delay) for delay in step.follow_ups]
    session.add_all(rows)
    session.flush()
    return tuple(Asked(str(row.id), row.due_at) for row in rows)


def _summary(look: LookSeen, finding: FindingSeen, verdict: str, again: str) -> str:
    where = look.place or look.camera
    return f"{where}：{_VERDICTS.get(verdict, verdict)}{KINDS.get(finding.kind, (finding.kind,))[0]}{again}。{in_chinese(finding.reason)}"


def _last_evidence(session: Session, incident: str) -> tuple[dict[str, Any], ...]:
    sightings = session.scalars(
        select(IncidentLook.visit).where(IncidentLook.incident == incident).order_by(IncidentLook.id.desc())
    )
    for visit in sightings:
        files = session.scalars(select(EvidenceFile).where(EvidenceFile.visit == visit).order_by(EvidenceFile.id)).all()
        if files:
            return tuple(
                {"path": f.path, "sha256": f.sha256, "role": f.role, "media_type": f.media_type, "bytes": f.bytes}
                for f in files
            )
    return ()
