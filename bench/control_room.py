"""What lists and figures cost over HTTP: ``python -m bench.control_room [--cameras N] [--visits N] [--incidents N] [--runs N] [--postgres]``.

Fills a database with a county's week and a month of counted days, serves the API by a real uvicorn over a real service in which
nothing happens by itself, asks as somebody who is signed in, and prints p50 and p95 of each route beside those of fifty rows by
primary key, asked of the database alone in the same run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from urllib.request import Request, urlopen

from sqlalchemy import select, text

from bench._audit_rows import fill_trail
from bench._control_room_rows import camera_id, registry_text
from bench._county import county
from patrol import access
from patrol.access import Role, Sight
from patrol.figures import rolls
from patrol.figures.period import range_of
from patrol.registry import parse
from patrol.service import Service
from patrol.store import Store
from patrol.store.tables import Account, Incident, RegistryRevision
from tests.support.databases import Postgres

_DAYS = 30
_DEEDS = 300_000
"""Rows of the audit trail."""
_WHOLE = ("/audit", "/ledger/roots")
"""Not for somebody who sees a part of the cameras."""

LISTS = {
    "incidents": "/incidents",
    "incidents, open": "/incidents?state=open",
    "incidents, ended, fishing": "/incidents?state=ended&kind=fishing",
    "alerts": "/alerts",
    "alerts of a department": "/alerts?department=police",
    "looks of the ledger": "/visits",
    "looks of one camera": f"/visits?camera={camera_id(77)}",
    "looks that were unusable": "/visits?outcome=unusable",
    "rotation, every look": "/looks",
    "dispatch, open": "/dispatches?closed=false",
    "dispatch, all": "/dispatches",
    "review queue": "/review/queue",
    "review counts": "/review/counts",
    "spot-checks": "/spot-checks",
    "cases": "/cases",
    "misses": "/misses",
    "misses, signed": "/misses?signed=true",
    "audit trail": "/audit",
    "audit trail, one account": "/audit?who=desk.7",
    "audit trail, edits": "/audit?action=registry.",
    "audit trail, refused": "/audit?outcome=refused",
    "audit trail, one camera": f"/audit?camera={camera_id(77)}",
    "evidence calls": "/evidence-calls",
    "evidence calls, unmasked": "/evidence-calls?how=unmasked",
    "evidence calls, one account": "/evidence-calls?who=desk.7",
    "evidence calls, one camera": f"/evidence-calls?camera={camera_id(77)}",
    "daily roots": "/ledger/roots",
}
FIGURES = {
    "coverage by category": "/figures/coverage?by=category",
    "coverage by platform": "/figures/coverage?by=platform",
    "coverage, looks behind": "/figures/coverage/looks?key=reservoirs",
    "incidents by kind": "/figures/incidents?by=kind",
    "incidents by category": "/figures/incidents?by=category",
    "incidents by platform": "/figures/incidents?by=platform",
    "incidents by camera": "/figures/incidents?by=camera",
    "false alarms": "/figures/false-alarms",
    "response by department": "/figures/response",
    "departments": "/figures/departments",
    "spot-checks by category": "/figures/spot-checks",
}


def timed(work: Callable[[], object], runs: int) -> tuple[float, float, float, float]:
    """The first run, p50 and p95 of the others, and this process's own work in one (asker, server and SQLite); milliseconds."""
    took, worked = [], []
    for _ in range(runs + 1):
        began, cpu = time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - began) * 1e3)
        worked.append((time.process_time() - cpu) * 1e3)
    cut = quantiles(took[1:], n=20)
    return took[0], cut[9], cut[18], median(worked[1:])


def bare(store: Store) -> None:
    """Fifty rows by primary key, as objects."""
    with store.reading() as session:
        session.scalars(select(Incident).order_by(Incident.id).limit(50)).all()


def finish(store: Store, now: datetime, cameras: int) -> None:
    """What rows of this version hold besides: first verdicts, the times of answers; a registry from before the first look."""
    with store.sessions.begin() as session:
        session.execute(
            text(
                "UPDATE incident SET judged_at = (SELECT min(review.at) FROM review WHERE review.incident = incident.id) "
                "WHERE review IS NOT NULL"
            )
        )
        for column, status in (("received_at", "received"), ("accepted_at", "accepted")):
            session.execute(
                text(
                    f"UPDATE dispatch SET {column} = (SELECT min(ack.at) FROM ack JOIN alert ON alert.id = ack.alert "  # noqa: S608 - words of our own
                    f"WHERE alert.incident = dispatch.incident AND ack.status = '{status}')"
                )
            )
        session.execute(text("UPDATE dispatch SET on_scene_at = closed_at, disposed_at = closed_at"))
        content = registry_text(cameras)
        sha256 = parse(content, "bench").sha256
        session.add(
            RegistryRevision(sha256=sha256, loaded_at=now - timedelta(days=_DAYS + 5), cameras=cameras, text=content)
        )
    fill_trail(store, rows=_DEEDS, cameras=cameras, now=now)
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def counted(service: Service) -> None:
    """Count the days as the service does when they are over; the days before the first look get the numbers of a later one."""
    zone, now = service.loaded.registry.county.zone, service.clock.wall()
    today = now.astimezone(zone).date()
    began = time.perf_counter()
    for back in range(1, 8):
        with service.store.reading() as session:
            roll, seq = rolls.count(session, today - timedelta(days=back), zone, now)
        with service.store.sessions.begin() as session:
            rolls.keep(session, roll, seq, now)
    print(f"a day is counted in {(time.perf_counter() - began) / 7:.1f} s", flush=True)
    with service.store.sessions.begin() as session:
        for back in range(8, _DAYS + 6):
            rolls.keep(session, replace(roll, day=today - timedelta(days=back)), 0, now)
    began = time.perf_counter()
    with service.store.reading() as session:
        service.figures.rolls(session, range_of(today, today, zone, now))
    print(f"today is counted in {time.perf_counter() - began:.1f} s", flush=True)


def signed_in(service: Service, name: str, role: Role, sight: Sight | None = None) -> str:
    """The cookie of somebody with a role."""
    now = datetime.now(UTC)
    with service.store.sessions.begin() as session:
        access.new_account(session, name, role, shown=name, sight=sight, by="bench", now=now)
        return f"patrol_session={access.open_session(session, session.get_one(Account, name), now).secret}"


def measured(name: str, service: Service, base: str, runs: int) -> None:
    """Every list and figure, one line each; then those of a shift lead who sees a fifth of the cameras."""
    lead, auditor = (signed_in(service, role.value, role) for role in (Role.SHIFT_LEAD, Role.AUDITOR))
    of_a_platform = signed_in(service, "traffic", Role.SHIFT_LEAD, Sight(platforms=frozenset({"traffic"})))
    only_auditors = ("/audit", "/evidence-calls")

    def ask(path: str, cookie: str | None = None) -> bytes:
        who = cookie or (auditor if path.startswith(only_auditors) else lead)
        request = Request(f"{base}/api/v1{path}", headers={"Cookie": who})  # noqa: S310 - our own service
        with urlopen(request, timeout=120) as answer:  # noqa: S310 - likewise
            return bytes(answer.read())

    def say(what: str, took: tuple[float, float, float, float]) -> None:
        first, p50, p95, cpu = took
        print(
            f"{name:>10}  {what:<34} first {first:8.1f}  p50 {p50:8.1f}  p95 {p95:8.1f}  cpu {cpu:7.1f} ms", flush=True
        )

    say("bare: 50 rows by primary key", timed(lambda: bare(service.store), runs))
    for what, path in LISTS.items():
        say(what, timed(lambda path=path: ask(path), runs))  # type: ignore[misc]
    today = service.clock.wall().astimezone(service.loaded.registry.county.zone).date()
    for days in (1, _DAYS):
        since = f"since={today - timedelta(days=days - 1)}&until={today}"
        for what, path in FIGURES.items():
            asked = f"{path}{'&' if '?' in path else '?'}{since}"
            say(f"{what}, {days} d", timed(lambda asked=asked: ask(asked), runs))  # type: ignore[misc]
    for what, path in (
        LISTS | {f"{what}, {days} d": f"{path}{'&' if '?' in path else '?'}{since}" for what, path in FIGURES.items()}
    ).items():
        if not path.startswith(_WHOLE):
            say(f"platform: {what}", timed(lambda path=path: ask(path, of_a_platform), runs))  # type: ignore[misc]


def main() -> None:
    """Measure both databases, or SQLite alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=10_000)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL alone, started for it without fsync")
    given = parser.parse_args()
    sizes = (given.cameras, given.visits, given.incidents)
    ended = partial(finish, cameras=given.cameras)
    if not given.postgres:
        with county(None, *sizes, sign_in=True, finish=ended) as (service, base):
            counted(service)
            measured("sqlite", service, base, given.runs)
        return
    with tempfile.TemporaryDirectory(prefix="patrol-pg-") as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder))
        try:
            with county(server.new(), *sizes, sign_in=True, finish=ended) as (service, base):
                counted(service)
                measured("postgresql", service, base, given.runs)
        finally:
            server.stop("immediate")


if __name__ == "__main__":
    main()
