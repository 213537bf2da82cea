"""Looks with real files in a data folder, some of them of incidents, for tests of what is kept and for how long."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol import incidents, retention
from patrol.access import Caller, Role
from patrol.ledger import book
from patrol.registry import Retention
from patrol.retention import Report
from patrol.store import Store
from patrol.store.tables import AnswerPhoto, DispatchTrack, EvidenceFile, Incident

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
TERMS = Retention()
LEAD = Caller("lead-1", Role.SHIFT_LEAD, shown="班长")


def kept_look(
    session: Session,
    data: Path,
    *,
    days_ago: float,
    verdict: str = "clear",
    review: str | None = None,
    ended: bool = True,
    camera: str | None = None,
    drawn: bool = False,
    filling: bytes = b"",
) -> tuple[str, list[str]]:
    """A look that ended so many days before ``NOW``, with a clip and a picture on the disk.

    Args:
        session: writes.
        data: the data folder.
        days_ago: when.
        verdict: ``clear`` makes no incident.
        review: what a person said of the incident.
        ended: whether the incident is over.
        camera: left out: one of its own.
        drawn: put before a person as a spot-check.
        filling: added to each file.

    Returns:
        Id of the look, paths of its files.
    """
    at = NOW - timedelta(days=days_ago, seconds=20)
    visit = uuid.uuid4().hex
    camera = camera or f"cam-{visit[:12]}"
    files = [
        _file(data, f"evidence/{at:%Y-%m-%d}/{visit}/{name}", role, media, filling)
        for name, role, media in (("clip.mp4", "clip", "video/mp4"), ("picture.jpg", "picture", "image/jpeg"))
    ]
    findings = [{"kind": "congestion", "verdict": verdict, "score": 0.5, "reason": "made for a test"}]
    book.record_visit(
        session, visit_id=visit, look_key=camera, camera=camera, preset=None, reason="rotation", due_at=at,
        started_at=at, ended_at=at + timedelta(seconds=20), spot_share=1.0 if drawn else 0.0,
        report={"outcome": "inspected", "cause": None, "judged": True, "findings": findings, "evidence": files},
    )  # fmt: skip
    if verdict != "clear":
        _incident(session, visit, camera, at, verdict, review, ended=ended)
    return visit, [str(file["path"]) for file in files]


def kept_photo(
    session: Session, data: Path, incident: str, *, days_ago: float, department: str = "police", ack: int | None = None
) -> str:
    """A photo that a department brought so many days before ``NOW``, on the disk; returns its path."""
    number = uuid.uuid4().hex
    path, content = f"answers/{number}.jpg", f"photo {number}".encode()
    (data / path).parent.mkdir(parents=True, exist_ok=True)
    (data / path).write_bytes(content)
    session.add(
        AnswerPhoto(
            id=number, incident=incident, department=department, ack=ack, path=path,
            sha256=hashlib.sha256(content).hexdigest(), brought_sha256=number * 2, bytes=len(content), by="wang",
            at=NOW - timedelta(days=days_ago),
        )
    )  # fmt: skip
    return path


def told_department(
    session: Session, incident: str, *, days_ago: float, closed_days_ago: float | None, department: str = "police"
) -> None:
    """A dispatch of an incident to a department; ``closed_days_ago`` None: it is not finished."""
    at = NOW - timedelta(days=days_ago)
    closed_at = NOW - timedelta(days=closed_days_ago) if closed_days_ago is not None else None
    session.add(
        DispatchTrack(
            incident=incident, department=department, role="primary", route="r", kind="congestion",
            state="disposed" if closed_at else "told", opened_at=at, received_by=at, accepted_by=at, on_scene_by=at,
            disposed_by=at, due_at=None if closed_at else at, closed_at=closed_at, updated_at=at,
        )
    )  # fmt: skip


def purged(store: Store, data: Path, **given: Any) -> Report:
    """A run of the purge at ``NOW``."""
    given = {"by": LEAD, "wall": lambda: NOW, "sure_of_clock": True, **given}
    return retention.run(store, data, TERMS, **given)


def there(data: Path) -> set[str]:
    """Paths of the kept files that are on the disk."""
    roots = (data / "evidence", data / "answers")
    return {str(file.relative_to(data)) for root in roots for file in root.rglob("*") if file.is_file()}


def marked(store: Store) -> set[str]:
    """Paths of the evidence and of the departments' photos that their rows say were purged."""
    with store.reading() as session:
        evidence = session.scalars(select(EvidenceFile.path).where(EvidenceFile.purged_at.is_not(None)))
        photos = session.scalars(select(AnswerPhoto.path).where(AnswerPhoto.purged_at.is_not(None)))
        return {*evidence, *photos}


def incident_of(store: Store, visit: str) -> str:
    """The incident of a look."""
    with store.reading() as session:
        camera = select(Incident.id).where(Incident.camera == f"cam-{visit[:12]}")
        return session.scalars(camera).one()


def differences(store: Store, data: Path, now: datetime = NOW) -> list[str]:
    """What ``patrol retention verify`` says when it reads every file."""
    with store.reading() as session:
        found = retention.verify(session, data, now, share=1.0, seed=1).differences
    return [f"{one.what}: {one.sentence}" for one in found]


def _file(data: Path, path: str, role: str, media: str, filling: bytes) -> dict[str, Any]:
    content = f"{role} of {path}".encode() + filling
    (data / path).parent.mkdir(parents=True, exist_ok=True)
    (data / path).write_bytes(content)
    return {
        "path": path, "sha256": hashlib.sha256(content).hexdigest(), "role": role, "media_type": media,
        "bytes": len(content),
    }  # fmt: skip


def _incident(
    session: Session, visit: str, camera: str, at: datetime, verdict: str, review: str | None, *, ended: bool
) -> None:
    finding = incidents.FindingSeen(kind="congestion", verdict=verdict, score=0.8, at=1.0, reason="made", rule=None)
    (change, *_) = incidents.record_look(
        session,
        incidents.LookSeen(
            visit_id=visit, look_key=camera, camera=camera, preset=None, category="road", place="", started_at=at,
            inspected=True, findings=(finding,), evidence=(), follow_up=None,
        ),
        at,
    )  # fmt: skip
    row = session.get_one(Incident, change.incident_id)
    if review is not None:
        incidents.review(session, row.id, review, "li", "made for a test", at)
    if ended:
        row.state, row.ended_at = "ended", at
    session.flush()
