"""What lists and figures of cases cost: ``python -m bench.cases [--open 100000] [--closed 200000] [--postgres] [--runs 30]``.

Fills a SQLite file (and, asked for, a PostgreSQL started for it) with cases and asks for the first and a deep page under each
filter, for counts, and for the figures of a month and a year; beside it, in the same run, the bare minimum: 50 rows by primary key.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bench._case_rows import DEPARTMENTS, NOW, TOWNSHIPS, VILLAGES, fill
from patrol.cases import listing
from patrol.cases.figures import read_figures
from patrol.cases.listing import Filter
from patrol.cases.period import period_of
from patrol.cases.types import OPEN_STAGES, Light, Stage
from patrol.store import Store, open_store
from patrol.store.tables import CaseFile
from tests.support.databases import Postgres

_ZONE = ZoneInfo("Asia/Shanghai")
_DEEP = 5000
"""Cases before a deep page, where the filter leaves as many."""
_OPEN = Filter(stages=OPEN_STAGES)

FILTERS: dict[str, Filter] = {
    "nothing": Filter(),
    "open": _OPEN,
    "handling": Filter(stages=(Stage.HANDLING,)),
    "red": Filter(lights=(Light.RED,)),
    "open, yellow": replace(_OPEN, lights=(Light.YELLOW,)),
    "open, unit": replace(_OPEN, unit=DEPARTMENTS[0]),
    "open, village unit": replace(_OPEN, unit=VILLAGES[200]),
    "open, mine": replace(_OPEN, mine=DEPARTMENTS[1]),
    "open, level": replace(_OPEN, levels=("village",)),  # type: ignore[arg-type]
    "open, township": replace(_OPEN, division=TOWNSHIPS[8]),
    "open, village": replace(_OPEN, division=VILLAGES[200]),
    "open, kind": replace(_OPEN, kinds=("fireworks",)),
    "open, major": replace(_OPEN, severities=("major",)),
    "open, source": replace(_OPEN, sources=("resident",)),
    "open, opened": replace(_OPEN, opened_from=NOW - timedelta(days=3), opened_to=NOW),
    "open, due": replace(_OPEN, due_from=NOW, due_to=NOW + timedelta(days=1)),
    "open, suspended": replace(_OPEN, suspended=True),
    "open, provisional": replace(_OPEN, provisional=True),
    "open, text": replace(_OPEN, text="垂钓"),
    "open, rare text": replace(_OPEN, text="钓 12345"),
    "open, scope department": replace(_OPEN, scope=DEPARTMENTS[1]),
    "open, scope township": replace(_OPEN, scope=TOWNSHIPS[8]),
    "open, scope village": replace(_OPEN, scope=VILLAGES[200]),
    "three at once": Filter(stages=(Stage.HANDLING,), lights=(Light.RED,), kinds=("fishing",), division=TOWNSHIPS[2]),
}


def timed(work: Callable[[], object], runs: int) -> tuple[float, float, float]:
    """p50, p95 and this process's own work a run, in milliseconds, after one run that is not counted."""
    work()
    took, worked = [], time.process_time()
    for _ in range(runs):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1e3)
    cut = quantiles(took, n=20)
    return cut[9], cut[18], (time.process_time() - worked) * 1e3 / runs


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare(store: Store) -> None:
    """Fifty rows by primary key, as objects, too."""
    with store.reading() as session:
        session.scalars(select(CaseFile).order_by(CaseFile.number).limit(50)).all()


def ask(store: Store, wanted: Filter, cursor: str | None = None, order: listing.Order = "resolve_due") -> None:
    with store.reading() as session:
        listing.page(session, wanted, order=order, cursor=cursor)


def count(store: Store, wanted: Filter) -> None:
    with store.reading() as session:
        listing.counts(session, wanted)


def deep_cursor(store: Store, wanted: Filter, order: listing.Order) -> str | None:
    """The cursor behind the first cases; None: there are not so many."""
    with store.reading() as session:
        return listing.page(session, wanted, order=order, limit=_DEEP).cursor


def figures(store: Store, label: str) -> None:
    with store.reading() as session:
        read_figures(session, period_of(label, _ZONE, NOW))


def measured(name: str, store: Store, runs: int) -> None:
    """One database: prints its rows, then how often the bare minimum fits in."""

    def say(what: str, took: tuple[float, float, float]) -> None:
        print(
            f"{name:>10}  {what:<42} p50 {took[0]:8.1f} ms  p95 {took[1]:8.1f} ms  cpu {took[2]:8.1f} ms  {took[0] / floor[0]:7.1f} x bare",
            flush=True,
        )

    floor = timed(lambda: bare(store), runs)
    say("50 rows by primary key", floor)
    for key, wanted in FILTERS.items():
        say(f"first page, {key}", timed(lambda wanted=wanted: ask(store, wanted), runs))  # type: ignore[misc]
        deep = deep_cursor(store, wanted, "resolve_due")
        if deep:
            say(f"deep page, {key}", timed(lambda wanted=wanted, deep=deep: ask(store, wanted, deep), runs))  # type: ignore[misc]
        newest = timed(lambda wanted=wanted: ask(store, wanted, order="opened_at"), runs)  # type: ignore[misc]
        say(f"newest first, {key}", newest)
        say(f"counts, {key}", timed(lambda wanted=wanted: count(store, wanted), runs))  # type: ignore[misc]
    for label in ("2026-10", "2026-11", "2026"):
        say(f"figures of {label}", timed(lambda label=label: figures(store, label), max(3, runs // 6)))  # type: ignore[misc]
    # The light sweep belongs here: with NOW + 100 hours about half of the open cases are due (their ``light_due_at``).
    say("50 rows by primary key, again", timed(lambda: bare(store), runs))
    print(f"{name:>10}  peak memory of the process {_peak():.0f} MiB", flush=True)


@contextmanager
def postgres(folder: Path) -> Iterator[Store]:
    """A PostgreSQL of its own, with its usual settings but fsync."""
    folder.chmod(0o755)
    server = Postgres(folder)
    store = open_store(server.new(), folder)
    try:
        yield store
    finally:
        store.close()
        server.stop("immediate")


def filled(name: str, store: Store, open_cases: int, closed_cases: int) -> None:
    store.upgrade()
    before, began = _peak(), time.perf_counter()
    fill(store, open_cases, closed_cases)
    print(
        f"{name:>10}  {open_cases} open and {closed_cases} closed cases written in {time.perf_counter() - began:.0f} s,"
        f" peak memory {before:.0f} to {_peak():.0f} MiB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=100_000, help="open cases")
    parser.add_argument("--closed", type=int, default=0, help="closed ones, over 18 months")
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL after SQLite")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(None, Path(folder))
        filled("SQLite", store, args.open, args.closed)
        measured("SQLite", store, args.runs)
        store.close()
    if args.postgres:
        with tempfile.TemporaryDirectory(prefix="patrol-pg-") as folder, postgres(Path(folder)) as there:
            filled("PostgreSQL", there, args.open, args.closed)
            measured("PostgreSQL", there, args.runs)


if __name__ == "__main__":
    main()
