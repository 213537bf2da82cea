"""What became of one file: the look it is of, its place in the chain, the incident, who was told, who saw it, what was copied.

For auditors: it shows everything but the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.evidence.calls import Call, Sought, calls
from patrol.ledger.chain import VISIT
from patrol.registry.retention import Retention
from patrol.retention import Kept, term_of
from patrol.retention.files import State, look_at
from patrol.retention.reading import of_evidence
from patrol.store import queries
from patrol.store.queries import IncidentWhole
from patrol.store.tables import (
    ChainEntry,
    EvidenceExport,
    EvidenceFile,
    IncidentLook,
    RetentionItem,
    RetentionRun,
    Visit,
)

_MOST_CALLS = 500


@dataclass(frozen=True, slots=True)
class FileTrace:
    """One kept file.

    Attributes:
        file: as it was recorded.
        state: whether the file is there with that SHA-256, has another, is missing, or is no plain file.
        kept: its class, since when its term counts, what holds it.
        until: when its term is over.
        purge: what the purge wrote down when it took the file, and its run; None: it did not.
        visit: the look that it is of.
        link: where that look is sealed in the chain; None: it is not, or not yet.
        incidents: that the look belongs to, with reviews and alerts.
    """

    file: EvidenceFile
    state: State
    kept: Kept
    until: datetime
    purge: tuple[RetentionItem, RetentionRun] | None
    visit: Visit
    link: ChainEntry | None
    incidents: tuple[IncidentWhole, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is known of a SHA-256.

    Attributes:
        copy: the export whose copy has it; then ``files`` is what that was made of. None: it is no copy of ours.
        files: kept files with it; more than one where two looks gave the same picture, bit for bit.
        exports: copies that were made of them, newest first.
        calls: who saw or took them, newest first, at most 500.
    """

    copy: EvidenceExport | None
    files: tuple[FileTrace, ...]
    exports: tuple[EvidenceExport, ...]
    calls: tuple[Call, ...]


def trace(session: Session, data: Path, terms: Retention, sha256: str) -> Trace | None:
    """Follow a file by its SHA-256; None: neither a kept file nor a copy ever had it.

    Args:
        session: reads.
        data: the data folder.
        terms: how long each class is kept.
        sha256: in hexadecimal.
    """
    copy = session.scalar(select(EvidenceExport).where(EvidenceExport.sha256 == sha256).limit(1))
    source = sha256 if copy is None else copy.source_sha256
    found = session.scalars(select(EvidenceFile).where(EvidenceFile.sha256 == source).order_by(EvidenceFile.id)).all()
    if not found:
        return None
    made = session.scalars(
        select(EvidenceExport).where(EvidenceExport.source_sha256 == source).order_by(EvidenceExport.number.desc())
    ).all()
    return Trace(
        copy=copy,
        files=tuple(_traced(session, data, terms, file) for file in found),
        exports=tuple(made),
        calls=tuple(calls(session, Sought(sha256=source), limit=_MOST_CALLS)),
    )


def incidents_of(session: Session, visit: str) -> tuple[str, ...]:
    """Ids of the incidents that a look belongs to."""
    found = select(IncidentLook.incident).where(IncidentLook.visit == visit).order_by(IncidentLook.id)
    return tuple(session.scalars(found))


def _traced(session: Session, data: Path, terms: Retention, file: EvidenceFile) -> FileTrace:
    visit = session.scalars(select(Visit).where(Visit.id == file.visit)).one()
    link = session.scalar(select(ChainEntry).where(ChainEntry.kind == VISIT, ChainEntry.ref == visit.id))
    whole = (queries.incident(session, incident) for incident in incidents_of(session, visit.id))
    (kept,) = of_evidence(session, terms, [(file, visit.ended_at)])
    return FileTrace(
        file=file,
        state=look_at(data, file.path, file.sha256).state,
        kept=kept,
        until=kept.since + term_of(terms, kept.class_),
        purge=_purge_of(session, file),
        visit=visit,
        link=link,
        incidents=tuple(w for w in whole if w is not None),
    )


def _purge_of(session: Session, file: EvidenceFile) -> tuple[RetentionItem, RetentionRun] | None:
    if file.purged_at is None:
        return None
    taken = (
        select(RetentionItem, RetentionRun)
        .join(RetentionRun, RetentionRun.id == RetentionItem.run)
        .where(RetentionItem.path == file.path, RetentionItem.outcome.in_(("deleted", "missing")))
    )
    found = session.execute(taken.limit(1)).first()
    return None if found is None else (found[0], found[1])
