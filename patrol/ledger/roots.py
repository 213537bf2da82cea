"""Daily roots: the chain's state at the end of each county day, short enough to be written down elsewhere.

A root kept on paper, in a file or by a subscriber holds everything up to it: whoever would rewrite the chain before it
would have to change that as well.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.store.tables import ChainEntry, DailyRoot

SCHEMA = "patrol.root/1"
NO_ROOT = "0" * 64
"""What stands in for the root before the first."""


@dataclass(frozen=True, slots=True)
class Root:
    """The root of one day as it is written down.

    Attributes:
        day: ``YYYY-MM-DD``, county time.
        first_position, last_position: of the day's links.
        root: 64 hexadecimal digits.
    """

    day: str
    first_position: int
    last_position: int
    root: str


class RootsFileError(ValueError):
    """A file of roots that cannot be read; the message names file and line."""


def root_of(day: str, first_position: int, last_position: int, last_hash: str, previous: str) -> str:
    """SHA-256 over the canonical form of a day: its links' positions, the last one's hash, the root before."""
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "day": day,
        "first_position": first_position,
        "last_position": last_position,
        "last_hash": last_hash,
        "previous": previous,
    }
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def split_days(
    entries: Iterable[tuple[int, datetime, str]], zone: ZoneInfo, after: date | None
) -> Iterator[tuple[date, int, int, str]]:
    """Cut the chain into county days: ``(day, first position, last position, last hash)``, the last one unfinished.

    Positions decide, not clocks: a link belongs to the day it was sealed on by the county's clock, but never to one that
    ended before it. So a clock set back makes a day longer and no two days overlap.

    Args:
        entries: position, time and hash of each link, in order of position.
        zone: the county's.
        after: the last day that is closed.
    """
    current: date | None = None
    first = last = 0
    last_hash = ""
    for position, at, digest in entries:
        day = at.astimezone(zone).date()
        if current is None:
            current, first = (day if after is None or day > after else _next(after)), position
        elif day > current:
            yield current, first, last, last_hash
            current, first = day, position
        last, last_hash = position, digest
    if current is not None:
        yield current, first, last, last_hash


def close_days(session: Session, zone: ZoneInfo, now: datetime) -> tuple[DailyRoot, ...]:
    """Make the root of every county day that has links and is over. Days without links have none."""
    before = latest(session)
    after = date.fromisoformat(before.day) if before else None
    entries = session.execute(
        select(ChainEntry.position, ChainEntry.at, ChainEntry.hash)
        .where(ChainEntry.position > (before.last_position if before else 0))
        .order_by(ChainEntry.position)
    ).yield_per(5000)
    today = now.astimezone(zone).date()
    previous = before.root if before else NO_ROOT
    made = []
    for day, first, last, last_hash in split_days(((p, at, h) for p, at, h in entries), zone, after):
        if day >= today:
            break
        previous = root_of(day.isoformat(), first, last, last_hash, previous)
        made.append(
            DailyRoot(
                day=day.isoformat(),
                first_position=first,
                last_position=last,
                last_hash=last_hash,
                root=previous,
                made_at=now,
            )
        )
    session.add_all(made)
    session.flush()
    return tuple(made)


def latest(session: Session) -> DailyRoot | None:
    """The root of the last closed day."""
    return session.scalar(select(DailyRoot).order_by(DailyRoot.day.desc()).limit(1))


def all_of(session: Session) -> Sequence[DailyRoot]:
    """The roots of all closed days, in order."""
    return session.scalars(select(DailyRoot).order_by(DailyRoot.day)).all()


def line_of(row: DailyRoot | Root) -> str:
    """One line of a file of roots: day, first and last position, root."""
    return f"{row.day} {row.first_position} {row.last_position} {row.root}"


def write_file(path: Path, rows: Iterable[DailyRoot]) -> None:
    """Add lines to a file of roots; what stands in it stays."""
    text = "".join(f"{line_of(row)}\n" for row in rows)
    if not text:
        return
    with path.open("a", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_file(path: Path) -> tuple[Root, ...]:
    """Read a file of roots; empty lines and those that begin with # are passed over.

    Raises:
        RootsFileError: it cannot be read, or a line is none.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RootsFileError(f"{path}: cannot be read: {error}") from error
    found = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            day, first, last, root = words
            date.fromisoformat(day)
            bytes.fromhex(root)
            found.append(Root(day, int(first), int(last), root.lower()))
        except ValueError:
            raise RootsFileError(f"{path}:{number}: not a line like '2026-11-24 1 9600 <64 digits>'") from None
        if len(root) != 64:
            raise RootsFileError(f"{path}:{number}: a root has 64 digits, this one {len(root)}")
    return tuple(found)


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
