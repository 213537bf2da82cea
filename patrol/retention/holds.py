"""What may not be purged for now: holds that a shift lead puts and lifts, and matters that hold by themselves while they go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from patrol import audit
from patrol.access import Caller
from patrol.retention.proof import lock
from patrol.store.tables import (
    AnswerPhoto,
    CaseAttachment,
    CaseFile,
    CaseLetter,
    CaseLink,
    DispatchTrack,
    EvidenceFile,
    Incident,
    RetentionHold,
    Visit,
)

INCIDENT, CASE, FILE = "incident", "case", "file"
KINDS = (INCIDENT, CASE, FILE)
OVER = frozenset({"closed", "evaluated", "merged", "withdrawn"})
"""Stages in which a case holds nothing. A merged one is followed to the case it went into."""
_MERGES = 20
_LONGEST_REASON = 2000


class HoldError(ValueError):
    """A hold that cannot be put or lifted; the message says what to do.

    Attributes:
        what: ``unknown``: there is no such thing; ``stands``: it is held already, or no longer; ``words``: the reason will not do.
    """

    def __init__(self, what: str, message: str) -> None:
        super().__init__(message)
        self.what = what


@dataclass(frozen=True, slots=True)
class Standing:
    """Holds in force, by what they are on: sentences."""

    incidents: Mapping[str, str]
    cases: Mapping[str, str]
    files: Mapping[str, str]


def put(
    session: Session, kind: str, ref: str, *, reason: str, by: Caller, now: datetime, address: str | None = None
) -> RetentionHold:
    """Put a hold. What the purge has begun to take before this transaction is not held by it.

    Args:
        session: writes.
        kind: ``incident``, ``case`` or ``file``.
        ref: id of the incident, number of the case, path of the file in the data folder.
        reason: why it must stay; stands in the purge's proof.
        by: who says so.
        now: aware.
        address: where the request came from.

    Raises:
        HoldError: there is no such thing, it is held already, or no reason is given.
    """
    reason = _worded(reason)
    if kind not in KINDS or not _there(session, kind, ref):
        raise HoldError("unknown", f"there is no {kind} {ref!r} to hold; it is one of {', '.join(KINDS)}")
    lock(session)
    row = RetentionHold(kind=kind, ref=ref, reason=reason, by=by.shown or by.name, at=now)
    stands = select(RetentionHold).where(
        RetentionHold.kind == kind, RetentionHold.ref == ref, RetentionHold.lifted_at.is_(None)
    )
    if session.scalar(stands) is not None:
        raise HoldError("stands", f"the {kind} {ref} is held already")
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise HoldError("stands", f"the {kind} {ref} is held already") from None
    audit.write(session, by, "retention.hold", now=now, kind=kind, ref=ref, reason=reason, address=address)
    return row


def lift(
    session: Session, hold: int, *, because: str, by: Caller, now: datetime, address: str | None = None
) -> RetentionHold:
    """Lift a hold; its row stays.

    Raises:
        HoldError: there is none of that number, it was lifted before, or no reason is given.
    """
    because = _worded(because)
    row = session.get(RetentionHold, hold, with_for_update=True)
    if row is None:
        raise HoldError("unknown", f"there is no hold {hold}; `patrol retention list` names them")
    if row.lifted_at is not None:
        raise HoldError("stands", f"the hold {hold} was lifted on {row.lifted_at:%Y-%m-%d} by {row.lifted_by}")
    row.lifted_at, row.lifted_by, row.lifted_because = now, by.shown or by.name, because
    session.flush()
    audit.write(session, by, "retention.lift", now=now, kind=row.kind, ref=row.ref, reason=because, address=address)
    return row


def all_of(session: Session, *, lifted: bool = False) -> Sequence[RetentionHold]:
    """Holds in force, or all there ever were, oldest first."""
    wanted = select(RetentionHold).order_by(RetentionHold.id)
    return session.scalars(wanted if lifted else wanted.where(RetentionHold.lifted_at.is_(None))).all()


def standing(session: Session) -> Standing:
    """Holds in force, to be asked by id."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for row in all_of(session):
        found[row.kind][row.ref] = f"hold {row.id} of {row.by} on the {row.kind}: {row.reason}"
    return Standing(found[INCIDENT], found[CASE], found[FILE])


def on_incidents(session: Session, ids: Iterable[str], stands: Standing) -> dict[str, tuple[str, ...]]:
    """Why each of these incidents holds what belongs to it; incidents that hold nothing are left out."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, list[str]] = {each: [stands.incidents[each]] for each in wanted if each in stands.incidents}

    def say(incident: str, sentence: str) -> None:
        found.setdefault(incident, []).append(sentence)

    for incident in session.scalars(select(Incident.id).where(Incident.id.in_(wanted), Incident.state == "open")):
        say(incident, "the incident is still open")
    tracks = select(DispatchTrack.incident, DispatchTrack.department).where(
        DispatchTrack.incident.in_(wanted), DispatchTrack.closed_at.is_(None)
    )
    for incident, department in session.execute(tracks):
        say(incident, f"the dispatch to {department} is not finished")
    ours = select(CaseFile).where(CaseFile.incident.in_(wanted))
    kept_here = set()
    for case in session.scalars(ours):
        kept_here.add(case.number)
        for sentence in on_case(session, case, stands):
            say(str(case.incident), sentence)
    links = select(CaseLink.incident, CaseLink.number, CaseLink.stage).where(CaseLink.incident.in_(wanted))
    for incident, number, stage in session.execute(links):
        if number in stands.cases and number not in kept_here:
            say(incident, stands.cases[number])
        if number not in kept_here and stage not in OVER:
            say(incident, f"the case {number} has not been said to be closed")
    return {incident: tuple(sentences) for incident, sentences in found.items()}


def on_case(session: Session, case: CaseFile, stands: Standing) -> tuple[str, ...]:
    """Why a case, or the one it was merged into, holds what belongs to it."""
    found = []
    at: CaseFile | None = case
    for _ in range(_MERGES):
        if at is None:
            break
        if at.number in stands.cases:
            found.append(stands.cases[at.number])
        if at.stage not in OVER:
            found.append(f"the case {at.number} is still open")
        at = session.get(CaseFile, at.merged_into) if at.merged_into else None
    return tuple(found)


def camera_of(session: Session, kind: str, ref: str) -> str | None:
    """Whose picture a hold is about; None: it is not known, or of no camera."""
    incident: str | None = ref if kind == INCIDENT else None
    if kind == CASE:
        case = session.get(CaseFile, ref)
        if case is not None and case.camera is not None:
            return case.camera
        incident = session.scalar(select(CaseLink.incident).where(CaseLink.number == ref).limit(1))
    if kind == FILE:
        of_look = select(Visit.camera).join(EvidenceFile, EvidenceFile.visit == Visit.id)
        camera: str | None = session.scalar(of_look.where(EvidenceFile.path == ref).limit(1))
        if camera is not None:
            return camera
        incident = session.scalar(select(AnswerPhoto.incident).where(AnswerPhoto.path == ref).limit(1))
    found = session.get(Incident, incident) if incident is not None else None
    return found.camera if found is not None else None


def _there(session: Session, kind: str, ref: str) -> bool:
    if kind == INCIDENT:
        return session.get(Incident, ref) is not None
    if kind == CASE:
        linked = select(CaseLink.incident).where(CaseLink.number == ref).limit(1)
        return session.get(CaseFile, ref) is not None or session.scalar(linked) is not None
    rows = (
        select(EvidenceFile.id).where(EvidenceFile.path == ref, EvidenceFile.purged_at.is_(None)),
        select(AnswerPhoto.id).where(AnswerPhoto.path == ref, AnswerPhoto.purged_at.is_(None)),
        select(CaseAttachment.id).where(CaseAttachment.path == ref, CaseAttachment.purged_at.is_(None)),
    )
    if any(session.scalar(row.limit(1)) is not None for row in rows):
        return True
    letters = select(CaseLetter.files).where(CaseLetter.files.is_not(None), CaseLetter.purged_at.is_(None))
    return any(ref in {one["path"] for one in (files or {}).values()} for files in session.scalars(letters))


def _worded(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise HoldError("words", f"a reason is needed, of at most {_LONGEST_REASON} characters")
    return reason
