"""Takes what was kept long enough: written down first, then removed, then marked, so that a crash at any point loses nothing.

Each run leaves a sealed record of what it took, of what was due and stayed, and why.
"""

from __future__ import annotations

import fcntl
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from patrol import audit
from patrol.access import Caller
from patrol.registry import Retention
from patrol.retention import clockwatch, files, proof
from patrol.retention.files import Found, State
from patrol.retention.plan import Due, Held, check_floors, plan
from patrol.retention.reading import READERS, Reader
from patrol.store import Store
from patrol.store.tables import (
    AccountSession,
    AnswerPhoto,
    CaseAttachment,
    CaseLetter,
    Escalation,
    EvidenceFile,
    Notice,
    NoticeItem,
    OneTimeLink,
    RetentionItem,
    RetentionRun,
)

MOST = 20_000
"""Things one run takes at most; the rest is left for the next one."""
_LONGEST_PAUSE_S = 2.0
_TOLD = 50
"""Problems and causes that a record tells one by one."""
_LOCK = "retention.lock"
_MARKED = {
    "evidence": EvidenceFile,
    "answer_photo": AnswerPhoto,
    "attachment": CaseAttachment,
    "letter": CaseLetter,
}
_BY_WORD = frozenset({"answer_photo", "attachment"})
"""Kinds whose rows have a word as key; the others' have a number."""
DELETED, MISSING, KEPT = "deleted", "missing", "kept"


class BusyError(Exception):
    """Another purge or a backup is at work on this data folder."""


@dataclass(frozen=True, slots=True)
class Report:
    """A sealed run.

    Attributes:
        run: its number.
        position: in the chain of runs.
        hash: what the chain is at after it.
        record: what it did, see docs/retention.md.
        settled: an earlier run that was cut off was ended first.
    """

    run: int
    position: int
    hash: str
    record: dict[str, Any]
    settled: bool


@dataclass(slots=True)
class _Tally:
    """What a run met besides what it took."""

    held: int = 0
    held_bytes: int = 0
    because: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    unsaid: int = 0
    left: bool = False

    def hold(self, held: Sequence[Held]) -> None:
        self.held += len(held)
        self.held_bytes += sum(one.kept.bytes for one in held)
        self.because.update(sentence for one in held for sentence in one.why)

    def say(self, sentence: str) -> None:
        if len(self.problems) < _TOLD:
            self.problems.append(sentence)
        else:
            self.unsaid += 1

    def held_json(self) -> dict[str, Any]:
        told = self.because.most_common(_TOLD)
        return {
            "items": self.held,
            "bytes": self.held_bytes,
            "because": dict(told),
            "causes_untold": len(self.because) - len(told),
        }

    def problems_json(self) -> list[str]:
        return [*self.problems, *([f"and {self.unsaid} more"] if self.unsaid else [])]


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Keep purges and backups of one data folder apart; falls with the process, however it ends.

    Raises:
        BusyError: one is at work.
        OSError: the folder cannot be written.
    """
    with (data / _LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"another purge or a backup is at work on {data}; try again when it is done") from None
        yield


def run(
    store: Store,
    data: Path,
    terms: Retention,
    *,
    by: Caller,
    wall: Callable[[], datetime],
    sure_of_clock: bool = False,
    most: int = MOST,
    pause: Callable[[float], bool] = lambda _s: False,
) -> Report:
    """Make one run, the end of one that was cut off before it.

    Args:
        store: open.
        data: the service's data folder.
        terms: as the registry has them.
        by: who runs it; stands in the audit trail.
        wall: the wall clock.
        sure_of_clock: somebody has looked at the clock.
        most: things to take at most.
        pause: called with seconds between pages, so that looks come first; True: stop early.

    Raises:
        FloorError: a term is below its floor.
        ClockError: the clock may have jumped.
        BusyError: another purge or a backup is at work.
        OSError: the disk refuses; the run is ended by the next one.
    """
    check_floors(terms)
    with alone(data):
        now = wall()
        with store.sessions.begin() as session:
            clockwatch.check(session, now, sure=sure_of_clock)
        settled = _settle(store, data, wall, by)
        with store.sessions.begin() as session:
            mine = RetentionRun(by=(by.shown or by.name)[:64], started_at=now)
            session.add(mine)
            session.flush()
            number = mine.id
        tally, room = _Tally(), most
        for kind, read, place in READERS:
            room = _take_kind(store, data, terms, (number, now, wall), (kind, read, place), tally, room, pause)
        with store.sessions.begin() as session:
            sealed = _seal(session, number, wall(), tally, by)
            return Report(number, sealed.position or 0, sealed.hash or "", sealed.record or {}, settled)


def _take_kind(
    store: Store,
    data: Path,
    terms: Retention,
    at: tuple[int, datetime, Callable[[], datetime]],
    kind: tuple[str, Reader, int | str],
    tally: _Tally,
    room: int,
    pause: Callable[[float], bool],
) -> int:
    """Take what is due of one kind, page by page; returns for how many more there is room."""
    run_id, now, wall = at
    _, read, place = kind
    after: int | str | None = place
    while after is not None:
        begun = time.monotonic()
        with store.reading() as session:
            page, following = read(session, terms, now, after)
        planned = plan(page, terms, now)
        if not planned.due:
            tally.hold(planned.held)
            after = following
            continue
        # Reading whole files takes its time, and nobody may wait for the store meanwhile.
        found = _look(data, planned.due)
        with store.sessions.begin() as session:
            proof.lock(session)
            page, _ = read(session, terms, now, after)
            planned = plan(page, terms, now)
            tally.hold(planned.held)
            due = [one for one in planned.due if one.kept.path is None or one.kept.path in found]
            tally.left = tally.left or room < len(due)
            intended = _intend(session, found, run_id, due[:room], now, tally)
        after = following
        room -= len(due[:room])
        for item in intended:
            _remove(data, item, tally)
        files.tidy(data, (item.path for item in intended if item.path and item.outcome == DELETED))
        with store.sessions.begin() as session:
            _finish(session, intended, wall())
        if room <= 0 and after is not None:
            tally.left = True
            return 0
        if pause(min(_LONGEST_PAUSE_S, time.monotonic() - begun)):
            tally.left = True
            return 0
    return room


def _look(data: Path, due: Sequence[Due]) -> dict[str, Found]:
    """How each file is found that is due."""
    return {one.kept.path: files.look_at(data, one.kept.path, one.kept.sha256) for one in due if one.kept.path}


def _intend(
    session: Session, found: Mapping[str, Found], run_id: int, due: Sequence[Due], now: datetime, tally: _Tally
) -> list[RetentionItem]:
    """Write down what is about to be taken. Rows without a file go in this very transaction; files after it.

    What is not what was kept is no longer only ours to delete: it is told, and stays.
    """
    made = []
    for one in due:
        kept = one.kept
        item = RetentionItem(
            run=run_id, kind=kept.kind, ref=kept.ref, path=kept.path, sha256=kept.sha256, bytes=kept.bytes,
            class_=kept.class_.value, since=kept.since, due_at=one.due_at, reason=one.reason,
        )  # fmt: skip
        if kept.path is None:
            _delete_row(session, kept.kind, kept.ref)
            item.outcome, item.done_at = DELETED, now
            session.add(item)
            continue
        state, size = found[kept.path]
        if state in {State.DIFFERS, State.STRANGE}:
            what = "is not the file that was kept" if state is State.DIFFERS else "is no plain file in its place"
            tally.say(f"{kept.path}: {what}; it was due on {one.due_at:%Y-%m-%d} and was left for a person to look at")
            continue
        item.bytes = size
        if state is State.MISSING:
            item.outcome, item.bytes = MISSING, kept.bytes
            tally.say(f"{kept.path}: was gone before the purge came to it")
        session.add(item)
        made.append(item)
    session.flush()
    return made


def _remove(data: Path, item: RetentionItem, tally: _Tally) -> None:
    if item.path is None or item.outcome == MISSING:
        return
    try:
        files.remove(data, item.path)
    except files.PathError as error:
        item.outcome = KEPT
        tally.say(str(error))
        return
    item.outcome = DELETED


def _finish(session: Session, items: Sequence[RetentionItem], now: datetime) -> None:
    """Mark as gone what is gone."""
    by_outcome: dict[str, list[int]] = {}
    gone: dict[str, list[str]] = {}
    for item in items:
        by_outcome.setdefault(str(item.outcome), []).append(item.id)
        if item.outcome != KEPT and item.path is not None:
            gone.setdefault(item.kind, []).append(item.ref)
    for outcome, ids in by_outcome.items():
        done = update(RetentionItem).where(RetentionItem.id.in_(ids)).values(outcome=outcome, done_at=now)
        session.execute(done, execution_options={"synchronize_session": False})
    for kind, refs in gone.items():
        table: Any = _MARKED[kind]
        keys: Sequence[str | int] = refs if kind in _BY_WORD else [int(ref) for ref in refs]
        mark = update(table).where(table.id.in_(keys), table.purged_at.is_(None)).values(purged_at=now)
        session.execute(mark, execution_options={"synchronize_session": False})
    session.expire_all()


def _delete_row(session: Session, kind: str, ref: str) -> None:
    if kind == "notice":
        session.execute(delete(NoticeItem).where(NoticeItem.notice == ref))
        session.execute(delete(Notice).where(Notice.id == ref))
    elif kind == "escalation":
        session.execute(delete(Escalation).where(Escalation.id == int(ref)))
    elif kind == "session":
        session.execute(delete(AccountSession).where(AccountSession.sha256 == ref))
    else:
        session.execute(delete(OneTimeLink).where(OneTimeLink.sha256 == ref))


def _settle(store: Store, data: Path, wall: Callable[[], datetime], by: Caller) -> bool:
    """End a run that was cut off: what is gone it took; what is still there stays, and is planned anew with its holds."""
    with store.reading() as session:
        cut = session.scalars(select(RetentionRun.id).where(RetentionRun.position.is_(None))).all()
    for number in cut:
        with store.sessions.begin() as session:
            waiting = session.scalars(
                select(RetentionItem)
                .where(RetentionItem.run == number, RetentionItem.done_at.is_(None))
                .order_by(RetentionItem.id)
            ).all()
            for item in waiting:
                if item.path is not None and item.outcome is None:
                    gone = files.look_at(data, item.path, None).state is State.MISSING
                    item.outcome = DELETED if gone else KEPT
            files.tidy(data, (item.path for item in waiting if item.path and item.outcome == DELETED))
            _finish(session, waiting, wall())
            tally = _Tally(left=True)
            tally.say("the run was cut off and was ended by the next one; what it held was not written down")
            _seal(session, number, wall(), tally, by)
    return bool(cut)


def _seal(session: Session, number: int, now: datetime, tally: _Tally, by: Caller) -> RetentionRun:
    mine = session.get_one(RetentionRun, number)
    items = session.scalars(
        select(RetentionItem)
        .where(RetentionItem.run == number, RetentionItem.outcome.is_not(None))
        .order_by(RetentionItem.id)
    )
    record = proof.record_of(mine, now, items, held=tally.held_json(), problems=tally.problems_json(), left=tally.left)
    proof.seal(session, mine, now, record)
    told = {name: record[name] for name in ("classes", "items", "list_sha256", "left")}
    audit.write(
        session, by, "retention.run", now=now, kind="retention_run", ref=str(number), detail={**told, "hash": mine.hash}
    )
    return mine
