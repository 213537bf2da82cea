"""Goes through files, rows and proofs, and says in sentences where they differ. Reads only."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.retention import files, proof
from patrol.retention.files import State
from patrol.retention.purge import DELETED, MISSING
from patrol.retention.reading import known_paths
from patrol.store.tables import (
    AnswerPhoto,
    CaseAttachment,
    CaseLetter,
    EvidenceExport,
    EvidenceFile,
    RetentionHead,
    RetentionItem,
    RetentionRun,
)

_BATCH = 1000
_COPIES_LATE = timedelta(hours=1)
"""By so much the service may be late with deleting a copy whose day is over."""


class Difference(NamedTuple):
    """One thing that is not as it should be: ``still_there``, ``gone``, ``differs``, ``strange``, ``no_row``, ``proof``."""

    what: str
    sentence: str


@dataclass(slots=True)
class Verdict:
    """What came of it.

    Attributes:
        kept: files that should be there.
        gone: files that the purge took.
        read: files whose bytes were read.
        runs: of the purge.
        head: hash that the chain of runs is at.
        unfinished: runs that were cut off and that the next one will end.
        differences: empty when everything is as it should be.
    """

    kept: int = 0
    gone: int = 0
    read: int = 0
    runs: int = 0
    head: str = proof.FIRST_PREV
    unfinished: int = 0
    differences: list[Difference] = field(default_factory=list)

    def say(self, what: str, sentence: str) -> None:
        """Note a difference."""
        self.differences.append(Difference(what, sentence))


class _File(NamedTuple):
    path: str
    sha256: str | None
    purged_at: datetime | None


def verify(session: Session, data: Path, now: datetime, *, share: float, seed: int) -> Verdict:
    """Hold files, rows and proofs against each other.

    Args:
        session: reads.
        data: the service's data folder.
        now: aware; files without a row that are younger than a week may be of a look whose row is still to come.
        share: of the files that should be there, how many are read and hashed, 0 to 1; all are looked for.
        seed: of the choice.
    """
    verdict = Verdict()
    taken = _runs(session, verdict)
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    marked = set()
    for file in _named(session):
        read = chance.random() < share
        if file.purged_at is not None:
            marked.add(file.path)
            _should_be_gone(verdict, data, file, taken)
        else:
            _should_be_there(verdict, data, file, read=read, taken=taken)
    for path in sorted(taken - marked):
        verdict.say("proof", f"{path}: a run of the purge says that it took it, and no row says so")
    for copy in session.scalars(
        select(EvidenceExport).where(EvidenceExport.path.is_not(None), EvidenceExport.expires_at < now - _COPIES_LATE)
    ):
        if copy.path and files.look_at(data, copy.path, None).state is not State.MISSING:
            verdict.say("still_there", f"{copy.path}: should be gone since {copy.expires_at:%Y-%m-%d} and is there")
    for path in files.strangers(data, known_paths(session), before=now - files.YOUNG):
        verdict.say("no_row", f"{path}: no row names it; nothing deletes it by itself")
    return verdict


def _should_be_gone(verdict: Verdict, data: Path, file: _File, taken: set[str]) -> None:
    verdict.gone += 1
    if files.look_at(data, file.path, None).state is not State.MISSING:
        verdict.say("still_there", f"{file.path}: should be gone since {file.purged_at:%Y-%m-%d} and is there")
    if file.path not in taken:
        verdict.say("proof", f"{file.path}: is marked as purged, and no run of the purge says that it took it")


def _should_be_there(verdict: Verdict, data: Path, file: _File, *, read: bool, taken: set[str]) -> None:
    verdict.kept += 1
    verdict.read += read
    found = files.look_at(data, file.path, file.sha256 if read else None).state
    if found is State.MISSING and file.path not in taken:
        verdict.say("gone", f"{file.path}: should be there and is gone, and no run of the purge took it")
    elif found is State.DIFFERS:
        verdict.say("differs", f"{file.path}: is not the file that was kept: its SHA-256 is another")
    elif found is State.STRANGE:
        verdict.say("strange", f"{file.path}: is no plain file in its place, or a link leads to it")


def _runs(session: Session, verdict: Verdict) -> set[str]:
    """Walk the chain of runs; the paths that they took."""
    taken: set[str] = set()
    prev, position = proof.FIRST_PREV, 0
    for run in session.scalars(
        select(RetentionRun).where(RetentionRun.position.is_not(None)).order_by(RetentionRun.position)
    ):
        position += 1
        verdict.runs += 1
        record = run.record or {}
        if run.position != position or run.prev != prev:
            verdict.say("proof", f"run {run.id}: does not follow from the run before it: one was removed or changed")
            position = run.position or position
        if run.hash != proof.hash_of(run.position or 0, run.id, run.prev or "", record):
            verdict.say("proof", f"run {run.id}: its record is not the one that was sealed")
        items = session.scalars(
            select(RetentionItem).where(RetentionItem.run == run.id).order_by(RetentionItem.id)
        ).all()
        if proof.digest_of(items) != record.get("list_sha256"):
            verdict.say("proof", f"run {run.id}: the list of what it took is not the one that was sealed")
        taken |= {item.path for item in items if item.path and item.outcome in {DELETED, MISSING}}
        prev = run.hash or prev
    verdict.head = prev
    head = session.get(RetentionHead, 1)
    if head is None or (head.position, head.hash) != (position, prev):
        verdict.say("proof", "the chain of runs does not end where its head says: a run at the end is gone")
    open_runs = session.scalars(select(RetentionRun.id).where(RetentionRun.position.is_(None))).all()
    verdict.unfinished = len(open_runs)
    for run_id in open_runs:
        items = session.scalars(select(RetentionItem).where(RetentionItem.run == run_id)).all()
        taken |= {item.path for item in items if item.path}
    return taken


def _named(session: Session) -> Iterator[_File]:
    """Every file that a row names and that nobody removed by hand."""
    evidence = select(EvidenceFile.path, EvidenceFile.sha256, EvidenceFile.purged_at).order_by(EvidenceFile.id)
    photos = select(AnswerPhoto.path, AnswerPhoto.sha256, AnswerPhoto.purged_at).order_by(AnswerPhoto.id)
    for wanted in (evidence, photos):
        for row in session.execute(wanted).yield_per(_BATCH):
            yield _File(*row)
    attachments = select(CaseAttachment).where(CaseAttachment.removed_at.is_(None)).order_by(CaseAttachment.id)
    for attachment in session.scalars(attachments).yield_per(_BATCH):
        yield _File(attachment.path, attachment.sha256, attachment.purged_at)
        if attachment.thumbnail:
            yield _File(attachment.thumbnail, None, attachment.purged_at)
    for letter in session.scalars(select(CaseLetter).where(CaseLetter.state == "issued").order_by(CaseLetter.id)):
        for one in (letter.files or {}).values():
            yield _File(str(one["path"]), str(one["sha256"]), letter.purged_at)
