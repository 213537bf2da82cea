"""The receiver's book: which alerts were taken up and handed on, in a small SQLite file that survives a power cut.

Each method is one transaction, on the disk when it returns (WAL, ``synchronous=FULL``). ``deliver.py`` says in which order
they are called and why. A book belongs to one receiver at a time; ``Book.to_read`` looks into one beside it.
"""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self

from patrol.alerts.receiver.count import Count, Hole, one_more
from patrol.alerts.receiver.incoming import Incoming
from patrol.clock import iso

KEPT = timedelta(days=90)
"""How long an alert is remembered after it last came."""
_FORGET_EVERY = timedelta(days=1)
_VERSION = 1
_TABLES = """
CREATE TABLE alert (
  department TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER, turn INTEGER, type TEXT NOT NULL, kind TEXT NOT NULL,
  incident TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('taken_up', 'handed_on')),
  in_hand INTEGER NOT NULL, deliveries INTEGER NOT NULL, problem TEXT,
  taken_up_at TEXT NOT NULL, handed_on_at TEXT, last_came_at TEXT NOT NULL,
  PRIMARY KEY (department, id));
CREATE INDEX alert_seq ON alert (department, turn, seq);
CREATE INDEX alert_last_came_at ON alert (last_came_at);
CREATE TABLE done (department TEXT NOT NULL, alert TEXT NOT NULL, way TEXT NOT NULL,
  PRIMARY KEY (department, alert, way));
CREATE TABLE count (department TEXT PRIMARY KEY, turn INTEGER NOT NULL, highest INTEGER NOT NULL);
CREATE TABLE hole (department TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, since TEXT NOT NULL,
  PRIMARY KEY (department, first));
CREATE TABLE evidence (department TEXT NOT NULL, alert TEXT NOT NULL, sha256 TEXT NOT NULL, role TEXT NOT NULL,
  url TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('wanted', 'kept', 'failed')), file TEXT, problem TEXT,
  PRIMARY KEY (department, alert, sha256));
"""


class BookError(Exception):
    """The book cannot be opened, read or written; the message names the file."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the book says when an alert comes.

    Attributes:
        handed_on: whether it was handed on before, in every way.
        done: the ways in which it was.
        unsure: whether a receiver ended while it had the alert in hand: the first way not in ``done`` may have been gone.
        notice: what its number says, see ``count.py``.
    """

    handed_on: bool
    done: frozenset[str]
    unsure: bool
    notice: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Evidence that is still to be fetched."""

    department: str
    alert: str
    sha256: str
    role: str
    url: str


class Book:
    """See the module.

    Args:
        file: where it is kept; None: in memory, gone at the end.

    Raises:
        BookError: it is no book, another receiver has it, or the place cannot be written; from every method: what the
            method should write is not written.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._name = "the book in memory" if file is None else f"book {file}"
        self._lock = threading.RLock()
        self._lock_file: IO[bytes] | None = None
        self._unwritten: set[tuple[str, str, str]] = set()
        self._forgot_at: datetime | None = None
        if file is not None:
            self._lock_file = self._own(file)
        try:
            self._db = sqlite3.connect(
                ":memory:" if file is None else file, isolation_level=None, check_same_thread=False, timeout=10
            )
            # Asked first: whatever else the file is, it is left as it is.
            self._version()
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            with self._transaction():
                if self._version() == 0:
                    for statement in filter(str.strip, _TABLES.split(";")):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version={_VERSION}")
        except (sqlite3.Error, BookError) as error:
            self.close()
            raise BookError(f"{self._name}: {_why(error)}") from error

    @classmethod
    def to_read(cls, file: Path) -> Self:
        """Open one for ``rows`` and ``holes`` alone, also while its receiver runs.

        Raises:
            BookError: there is none.
        """
        book = cls.__new__(cls)
        book._name, book._lock, book._lock_file = f"book {file}", threading.RLock(), None
        if not file.is_file():
            raise BookError(f"{book._name}: there is none")
        try:
            book._db = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10
            )
            if book._version() == 0:
                raise BookError("it is not a receiver's book")
        except (sqlite3.Error, BookError) as error:
            book.close()
            raise BookError(f"{book._name}: {_why(error)}") from error
        return book

    def close(self) -> None:
        """Leave it to the next."""
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self._db.close()
        if self._lock_file is not None:
            self._lock_file.close()

    # --- an alert -------------------------------------------------------------------------------------------------

    def take_up(self, department: str, alert: Incoming, now: datetime) -> Taken:
        """Write that an alert has come, before anything is done with it."""
        at = iso(now)
        with self._writing():
            row = self._one("SELECT state, in_hand FROM alert WHERE department=? AND id=?", department, alert.id)
            if row is None:
                turn, notice = self._count(department, alert, at)
                self._db.execute(
                    "INSERT INTO alert VALUES (?,?,?,?,?,?,?,'taken_up',1,1,NULL,?,NULL,?)",
                    (department, alert.id, alert.seq, turn, alert.type, alert.kind, alert.incident, at, at),
                )
                self._forget(now)
                return Taken(False, frozenset(), False, notice)
            state, in_hand = row
            here = self._unwritten_of(department, alert.id)
            self._db.executemany("INSERT OR IGNORE INTO done VALUES (?,?,?)", here)
            self._db.execute(
                "UPDATE alert SET deliveries=deliveries+1, last_came_at=?, in_hand=(state='taken_up')"
                " WHERE department=? AND id=?",
                (at, department, alert.id),
            )
            ways = self._all("SELECT way FROM done WHERE department=? AND alert=?", department, alert.id)
        self._unwritten -= here
        # What this very process knows to be done and could not write is no reason to be unsure.
        return Taken(state == "handed_on", frozenset(way for (way,) in ways), bool(in_hand) and not here, None)

    def mark(self, department: str, alert: str, way: str | None, now: datetime, *, whole: bool) -> None:
        """Write that an alert is handed on in one ``way``, and with ``whole`` that it is handed on altogether."""
        if way is not None:
            self._unwritten.add((department, alert, way))
        with self._writing():
            here = self._unwritten_of(department, alert)
            self._db.executemany("INSERT OR IGNORE INTO done VALUES (?,?,?)", here)
            if whole:
                self._db.execute(
                    "UPDATE alert SET state='handed_on', in_hand=0, problem=NULL, handed_on_at=?"
                    " WHERE department=? AND id=?",
                    (iso(now), department, alert),
                )
        self._unwritten -= here

    def fail(self, department: str, alert: str, problem: str) -> None:
        """Write that an alert is known not to be handed on."""
        with self._writing():
            self._db.execute(
                "UPDATE alert SET in_hand=0, problem=? WHERE department=? AND id=?", (problem, department, alert)
            )

    def rows(self, department: str | None = None) -> list[dict[str, Any]]:
        """What is in the book, the latest first."""
        columns = "department, id, seq, type, kind, incident, state, taken_up_at, handed_on_at, last_came_at, deliveries, problem"
        with self._reading():
            found = self._all(
                f"SELECT {columns} FROM alert WHERE ?1 IS NULL OR department=?1 ORDER BY taken_up_at DESC, seq DESC",  # noqa: S608 - fixed names
                department,
            )
            files = self._all("SELECT department, alert, role, state, file, problem FROM evidence ORDER BY role")
        rows = [{**dict(zip(columns.split(", "), row, strict=True)), "evidence": []} for row in found]
        by_alert = {(row["department"], row["id"]): row for row in rows}
        for of, alert, *rest in files:
            if (of, alert) in by_alert:
                by_alert[of, alert]["evidence"].append(
                    dict(zip(("role", "state", "file", "problem"), rest, strict=True))
                )
        return rows

    def holes(self, department: str | None = None) -> list[tuple[str, Hole, str]]:
        """What is still to come: department, numbers, since when."""
        with self._reading():
            found = self._all(
                "SELECT department, first, last, since FROM hole WHERE ?1 IS NULL OR department=?1 ORDER BY 1, 2",
                department,
            )
        return [(of, Hole(first, last), since) for of, first, last, since in found]

    # --- its evidence ---------------------------------------------------------------------------------------------

    def want(self, department: str, alert: Incoming) -> None:
        """Write what is to be fetched; an alert that comes again brings fresh links for what is not kept yet."""
        with self._writing():
            self._db.executemany(
                "INSERT INTO evidence VALUES (?,?,?,?,?,'wanted',NULL,NULL) ON CONFLICT DO UPDATE"
                " SET url=excluded.url, state='wanted', problem=NULL WHERE state!='kept'",
                [(department, alert.id, file.sha256, file.role, file.url) for file in alert.evidence],
            )

    def wanted(self) -> list[Wanted]:
        """What is to be fetched, the longest known first."""
        with self._reading():
            found = self._all(
                "SELECT department, alert, sha256, role, url FROM evidence WHERE state='wanted' ORDER BY rowid"
            )
        return [Wanted(*row) for row in found]

    def fetched(self, one: Wanted, file: str | None, problem: str | None) -> None:
        """Write that evidence is kept in ``file``, or that it is given up because of ``problem``."""
        with self._writing():
            self._db.execute(
                # A fresh link that came meanwhile is still wanted.
                "UPDATE evidence SET state=?, file=?, problem=? WHERE department=? AND alert=? AND sha256=?"
                " AND (url=? OR ?1='kept')",
                ("kept" if file else "failed", file, problem, one.department, one.alert, one.sha256, one.url),
            )

    # --- within a transaction -------------------------------------------------------------------------------------

    def _count(self, department: str, alert: Incoming, at: str) -> tuple[int | None, str | None]:
        if alert.seq is None:
            return None, "it carries no seq that can be counted"
        seq = alert.seq
        row = self._one("SELECT turn, highest FROM count WHERE department=?", department)
        hit = self._one(
            "SELECT first, last, since FROM hole WHERE department=?1 AND first<=?2 AND last>=?2", department, seq
        )
        count = None if row is None else Count(*row)
        taken = count is not None and self._one(
            "SELECT 1 FROM alert WHERE department=? AND turn=? AND seq=?", department, count.turn, seq
        )
        told = one_more(count, seq, hit=Hole(hit[0], hit[1]) if hit else None, taken=bool(taken))
        self._db.execute(
            "INSERT OR REPLACE INTO count VALUES (?,?,?)", (department, told.count.turn, told.count.highest)
        )
        if told.anew:
            self._db.execute("DELETE FROM hole WHERE department=?", (department,))
        elif hit:
            self._db.execute("DELETE FROM hole WHERE department=? AND first=?", (department, hit[0]))
        since = hit[2] if hit else at
        self._db.executemany(
            "INSERT INTO hole VALUES (?,?,?,?)", [(department, h.first, h.last, since) for h in told.holes]
        )
        return told.count.turn, told.notice

    def _unwritten_of(self, department: str, alert: str) -> set[tuple[str, str, str]]:
        return {(d, a, way) for d, a, way in self._unwritten if (d, a) == (department, alert)}

    def _forget(self, now: datetime) -> None:
        if self._forgot_at is not None and now - self._forgot_at < _FORGET_EVERY:
            return
        self._forgot_at = now
        before = (iso(now - KEPT),)
        old = "(SELECT department, id FROM alert WHERE last_came_at<?)"
        self._db.execute(f"DELETE FROM done WHERE (department, alert) IN {old}", before)  # noqa: S608 - fixed text
        self._db.execute(f"DELETE FROM evidence WHERE (department, alert) IN {old}", before)  # noqa: S608 - fixed text
        self._db.execute("DELETE FROM alert WHERE last_came_at<?", before)
        self._db.execute("DELETE FROM hole WHERE since<?", before)

    # --- SQLite ---------------------------------------------------------------------------------------------------

    def _own(self, file: Path) -> IO[bytes]:
        # Beside the book: closing any handle of the file itself would drop SQLite's own locks on it.
        try:
            lock = file.with_name(f"{file.name}.lock").open("wb")
        except OSError as error:
            raise BookError(f"{self._name}: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise BookError(f"{self._name}: another receiver has it") from error
        return lock

    def _version(self) -> int:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version > _VERSION or (version == 0 and tables):
            raise BookError("it is not a book of this version")
        return version

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # After some errors SQLite has rolled back by itself.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self._reading(), self._transaction():
            yield

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise BookError(f"{self._name}: {_why(error)}") from error

    def _one(self, question: str, *values: Any) -> tuple[Any, ...] | None:
        return next(iter(self._all(question, *values)), None)

    def _all(self, question: str, *values: Any) -> Iterable[tuple[Any, ...]]:
        return self._db.execute(question, values).fetchall()


def _why(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
