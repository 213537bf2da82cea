"""Goes through the chain and names every row that is not what was sealed: changed, removed, inserted or reordered.

:class:`Walk` decides and knows no database; :func:`verify` reads, in batches, so that years fit into little memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import String, cast, exists, func, select
from sqlalchemy.orm import Session

from patrol.ledger import chain, roots
from patrol.ledger.chain import Link
from patrol.store.tables import (
    ChainEntry,
    ChainHead,
    DailyRoot,
    EvidenceFile,
    RegistryRevision,
    SignOff,
    SpotCheck,
    Visit,
)

_BATCH = 2000

_Numbered: TypeAlias = type[RegistryRevision] | type[SignOff] | type[SpotCheck]
_BY_NUMBER: tuple[tuple[str, _Numbered], ...] = (
    (chain.REVISION, RegistryRevision),
    (chain.SIGN_OFF, SignOff),
    (chain.SPOT_CHECK, SpotCheck),
)

Key: TypeAlias = tuple[str, str]
"""Kind and reference of what a link seals."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was sealed.

    Attributes:
        what: ``changed``, ``removed``, ``inserted``, ``link_removed``, ``link_changed``, ``head``, ``root`` or ``evidence``.
        position: in the chain, None where it stands in none.
        kind, ref: which row.
        detail: a sentence for people, with camera and time where they are known.
    """

    what: str
    position: int | None
    kind: str
    ref: str
    detail: str

    def __str__(self) -> str:
        """One line."""
        where = f"position {self.position}: " if self.position is not None else ""
        return f"{where}{self.kind} {self.ref}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it.

    Attributes:
        links: of the chain.
        visits: rows of the ledger.
        head: hash of the last link.
        roots: daily roots that were checked, those written elsewhere included.
        files: kept files that were read.
        problems: empty when everything is as it was sealed.
    """

    links: int
    visits: int
    head: str
    roots: int
    files: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Walk:
    """The chain, link by link, in order of position.

    Attributes:
        position, hash: of the last link seen.
        hashes: of the links at the positions asked for.
        problems: found so far.
    """

    wanted: frozenset[int] = frozenset()
    position: int = 0
    hash: str = chain.FIRST_PREV
    hashes: dict[int, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, link: Link, content: Mapping[str, Any] | None) -> None:
        """The next link, with the content of the row it seals as it is now, None where that is gone."""
        gap = link.position - self.position
        if gap != 1:
            gone = f"{self.position + 1}" if gap == 2 else f"{self.position + 1} to {link.position - 1}"
            self._say("link_removed", link, f"the links {gone} before it are gone" if gap > 1 else "stands twice")
        elif link.prev != self.hash:
            self._say("link_changed", link, "does not follow from the link before it")
        if content is None:
            self._say("removed", link, "the row it seals is gone")
        else:
            expected = chain.hash_of(link.position, link.kind, link.ref, link.at, link.prev, content)
            if expected != link.hash:
                self._say("changed", link, f"is not what was sealed{_about(content)}")
        self.position, self.hash = link.position, link.hash
        if link.position in self.wanted:
            self.hashes[link.position] = link.hash

    def end(self, head: tuple[int, str] | None) -> None:
        """After the last link: the head must name it."""
        if head is None:
            if self.position:
                self._add("head", None, "chain", "head", "the head of the chain is gone")
        elif head != (self.position, self.hash):
            what = (
                f"the chain ends at position {self.position}, its head says {head[0]}: links at the end are gone"
                if head[0] > self.position
                else f"the chain's last link ({self.position}) is not the one its head names ({head[0]})"
            )
            self._add("head", self.position, "chain", "head", what)

    def check_roots(self, made: Sequence[tuple[roots.Root, str | None]], kept: Sequence[roots.Root]) -> int:
        """Hold the day's roots against the chain.

        Args:
            made: roots of the store, in order of days, with the hash of the last link that they were made from.
            kept: roots that were written down elsewhere.

        Returns:
            How many were checked.
        """
        previous = roots.NO_ROOT
        by_day = {}
        for root, last_hash in made:
            by_day[root.day] = root
            stands = self.hashes.get(root.last_position)
            right = stands is not None and root.root == roots.root_of(
                root.day, root.first_position, root.last_position, stands, previous
            )
            if not right or stands != last_hash:
                self._add("root", root.last_position, "root", root.day, "does not follow from the chain as it is now")
            previous = root.root
        for root in kept:
            if by_day.get(root.day) != root:
                self._add(
                    "root", root.last_position, "root", root.day, "is not the one that was written down elsewhere"
                )
        return len(made) + len(kept)

    def _say(self, what: str, link: Link, detail: str) -> None:
        self._add(what, link.position, link.kind, link.ref, detail)

    def _add(self, what: str, position: int | None, kind: str, ref: str, detail: str) -> None:
        self.problems.append(Problem(what, position, kind, ref, detail))


def verify(
    session: Session,
    *,
    kept: Sequence[roots.Root] = (),
    evidence: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Check the whole ledger. Reads only.

    Args:
        session: an open session of ``Store.still``: the service may write on.
        kept: daily roots that were written down elsewhere.
        evidence: the service's data folder, to read every kept file again, but for those that the purge took; None: the files are
            not read.
        on_progress: called with links done and links in all.
    """
    made = session.scalars(select(DailyRoot).order_by(DailyRoot.day)).all()
    walk = Walk(frozenset(root.last_position for root in made))
    total = session.scalar(select(func.count()).select_from(ChainEntry)) or 0
    done = files = 0
    columns = (ChainEntry.position, ChainEntry.kind, ChainEntry.ref, ChainEntry.at, ChainEntry.prev, ChainEntry.hash)
    entries = session.execute(select(*columns).order_by(ChainEntry.position)).yield_per(_BATCH)
    for batch in _batches(Link(*entry) for entry in entries):
        contents = _contents(session, batch)
        purged = _purged(session, batch) if evidence is not None else frozenset()
        for link in batch:
            content = contents.get((link.kind, link.ref))
            walk.take(link, content)
            if evidence is not None and link.kind == chain.VISIT and content is not None:
                files += _check_files(walk, link, content, evidence, purged)
        done += len(batch)
        if on_progress is not None:
            on_progress(done, total)
    head = session.get(ChainHead, 1)
    walk.end((head.position, head.hash) if head else None)
    walk.problems += _unsealed(session)
    checked = walk.check_roots(
        [(roots.Root(r.day, r.first_position, r.last_position, r.root), r.last_hash) for r in made], kept
    )
    visits = session.scalar(select(func.count()).select_from(Visit)) or 0
    return Verdict(done, visits, walk.hash, checked, files, tuple(walk.problems))


def _batches(links: Iterable[Link]) -> Iterator[list[Link]]:
    running = iter(links)
    while batch := list(islice(running, _BATCH)):
        yield batch


def _contents(session: Session, batch: Iterable[Link]) -> dict[Key, Mapping[str, Any]]:
    refs: dict[str, list[str]] = {}
    for link in batch:
        refs.setdefault(link.kind, []).append(link.ref)
    found: dict[Key, Mapping[str, Any]] = {}
    for visit in session.scalars(select(Visit).where(Visit.id.in_(refs.get(chain.VISIT, ())))):
        found[chain.VISIT, visit.id] = chain.content_of(visit)
    for revision in session.scalars(
        select(RegistryRevision).where(RegistryRevision.id.in_(_numbers(refs, chain.REVISION)))
    ):
        found[chain.REVISION, str(revision.id)] = chain.content_of(revision)
    for signature in session.scalars(select(SignOff).where(SignOff.id.in_(_numbers(refs, chain.SIGN_OFF)))):
        found[chain.SIGN_OFF, str(signature.id)] = chain.content_of(signature)
    for check in session.scalars(select(SpotCheck).where(SpotCheck.id.in_(_numbers(refs, chain.SPOT_CHECK)))):
        found[chain.SPOT_CHECK, str(check.id)] = chain.content_of(check)
    for ref in refs.get(chain.BEGIN, ()):
        try:
            found[chain.BEGIN, ref] = chain.begin_content(ref)
        except (ValueError, IndexError):
            continue
    return found


def _numbers(refs: Mapping[str, Sequence[str]], kind: str) -> list[int]:
    return [int(ref) for ref in refs.get(kind, ()) if ref.isdigit()]


def _unsealed(session: Session) -> list[Problem]:
    """Rows that no link seals: inserted past the service."""
    found = []
    visits = select(Visit).where(~exists().where(ChainEntry.kind == chain.VISIT, ChainEntry.ref == Visit.id))
    for visit in session.scalars(visits.order_by(Visit.seq)):
        detail = f"was never sealed{_about(chain.content_of(visit))}"
        found.append(Problem("inserted", None, chain.VISIT, visit.id, detail))
    for kind, table in _BY_NUMBER:
        rows = select(table.id).where(
            ~exists().where(ChainEntry.kind == kind, ChainEntry.ref == cast(table.id, String))
        )
        if table is SpotCheck:
            # It is sealed when it is answered.
            rows = rows.where(SpotCheck.answer.is_not(None))
        found += [Problem("inserted", None, kind, str(number), "was never sealed") for number in session.scalars(rows)]
    return found


def _purged(session: Session, batch: Iterable[Link]) -> frozenset[str]:
    """Files of a batch's looks that were kept long enough: gone by right, as the purge's own proof says."""
    visits = [link.ref for link in batch if link.kind == chain.VISIT]
    wanted = select(EvidenceFile.path).where(EvidenceFile.visit.in_(visits), EvidenceFile.purged_at.is_not(None))
    return frozenset(session.scalars(wanted))


def _check_files(walk: Walk, link: Link, content: Mapping[str, Any], data: Path, purged: frozenset[str]) -> int:
    report = content.get("report")
    files = report.get("evidence") or () if isinstance(report, dict) else ()
    for file in files:
        path = data / str(file["path"])
        try:
            with path.open("rb") as handle:
                right = hashlib.file_digest(handle, "sha256").hexdigest() == file["sha256"]
        except OSError:
            if file["path"] not in purged:
                walk.problems.append(Problem("evidence", link.position, link.kind, link.ref, f"{file['path']} is gone"))
            continue
        if not right:
            walk.problems.append(
                Problem("evidence", link.position, link.kind, link.ref, f"{file['path']} is not the file that was kept")
            )
    return len(files)


def _about(content: Mapping[str, Any]) -> str:
    camera, at = content.get("look"), content.get("started_at")
    if camera is None or at is None:
        return ""
    return f" (camera {camera}, {str(at)[:19]}Z, {content.get('outcome')})"
