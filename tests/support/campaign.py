"""A campaign of kills on the way from incident to answer: service, broker, database and department die, and are counted.

The service's alert side, the broker, the database and a department run as processes of their own, incidents are
confirmed all the time, and one process after another gets SIGKILL, at a named step or at a random moment. Then the
store and the department's book are compared.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal, Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from patrol import alerts, incidents
from patrol.alerts.broker import _listens
from patrol.alerts.pace import Pace
from patrol.registry import Registry
from patrol.store import Store, open_store
from patrol.store.tables import Alert, Incident
from tests.support.county import TOPIC, free_port, wait_for
from tests.support.databases import Postgres
from tests.support.department import arrivals, entered, entries
from tests.support.faults import ALERT_STEPS, Strikes
from tests.support.incidents import seen
from tests.support.relays import REGISTRY, relay_on
from tests.support.struck.sitecustomize import slay

PACE = Pace(again=(1.5, 3.0), reconnect=(0.1, 0.2), idle=0.2, first_state=0.3, puback=5.0, settle=0.5)
KINDS = ("congestion", "fireworks", "fishing")
"""Each goes to a department of its own."""
_BETWEEN_S = 0.02
"""Between two incidents: there is always something on its way."""
_RANDOM_S = (0.05, 1.2)
"""When a kill at a random moment comes."""
_HURRIED = 0.3
"""Share of kills after which nobody waits."""

Target = Literal["service", "broker", "database", "department"]


class BrokerProcess(Protocol):
    """What a campaign asks of a broker."""

    port: int
    url: str
    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """Start it, or start it again, and wait until it listens."""

    def stop(self) -> None:
        """End it in good order."""


class Amqtt:
    """The pure-Python broker, as the service starts it."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._log = log

    def start(self) -> None:
        """Start it, or start it again, and wait until it listens."""
        command = [sys.executable, "-m", "patrol.alerts._amqtt", str(self.port)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        wait_for("amqtt listens", lambda: _listens(self.port), 20, every_s=0.05)

    def stop(self) -> None:
        """End it in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                # Its own shutdown can wait for ever on a client; the service's broker.stop() does the same.
                self.process.kill()
                self.process.wait(5)


@dataclass(frozen=True, slots=True)
class Kill:
    """One strike: at the ``call``-th time of a step, or, without a step, so many seconds from now."""

    target: Target
    step: str | None
    call: int = 1
    after_s: float = 0.0
    hurried: bool = False
    """The next one comes before the service has recovered from this one."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a campaign came to.

    Attributes:
        kills: that fired, by target.
        alerts: in the store.
        arrivals: at the department, duplicates too.
        lost: confirmed incidents whose alert is not received, or alerts that are not in the book.
        disordered: alerts that first came after one of their department with a higher ``seq``.
        overtaken: alerts that the broker first acknowledged after one of their department with a higher ``seq``.
        seconds: the whole campaign.
    """

    kills: Counter[str]
    alerts: int
    arrivals: int
    lost: tuple[str, ...]
    disordered: tuple[str, ...]
    overtaken: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        kills = ", ".join(f"{count} {target}" for target, count in sorted(self.kills.items()))
        return (
            f"{self.kills.total()} kills ({kills}); {self.alerts} alerts, {self.arrivals - self.alerts} duplicates on the"
            f" wire, {len(self.lost)} lost, {len(self.disordered)} out of order, {len(self.overtaken)} overtaken;"
            f" {self.seconds:.0f} s"
        )


def plan(seed: int, targets: dict[Target, tuple[int, int]]) -> list[Kill]:
    """Kills in a random order.

    Args:
        seed: of the order, the calls and the moments.
        targets: for each how many kills at named steps (by turns through all of them) and how many at random moments.
    """
    chance = random.Random(seed)
    kills: list[Kill] = []
    for target, (at_steps, at_random) in targets.items():
        # The department's own steps lie in its own process; for it they are all there is.
        names = [
            s for s, (module, *_) in ALERT_STEPS.items() if target != "department" or module.endswith("department")
        ]
        chance.shuffle(names)
        kills += [
            Kill(target, step, 1 if step == "connected_again" else chance.randint(1, 6))
            for step in itertools.islice(itertools.cycle(names), at_steps)
        ]
        kills += [Kill(target, None, after_s=chance.uniform(*_RANDOM_S)) for _ in range(at_random)]
    chance.shuffle(kills)
    return [replace(kill, hurried=chance.random() < _HURRIED) for kill in kills]


def write_confirmed(store: Store, kind: str, registry: Registry = REGISTRY) -> str:
    """An incident that a person confirms, in two transactions as in the service; its id once its alert is written."""
    now = datetime.now(UTC)
    with store.sessions.begin() as session:
        (change, *_) = seen(session, "flagged", camera=f"c{uuid.uuid4().hex[:12]}", kind=kind, rule=None)
    with store.sessions.begin() as session:
        change = incidents.review(session, change.incident_id, "confirmed", "li", None, now)
        alerts.notify(session, registry, change, now, at_once=False)
    return change.incident_id


def serve(database: str, folder: Path, broker: str) -> None:
    """The service's alert side: confirms incidents until there is a file ``enough``, and relays. Never returns."""
    store = open_store(database, folder)
    relay = relay_on(store, broker, pace=PACE)
    relay.publish_state({})
    relay.start()
    with (folder / "confirmed").open("a", encoding="ascii") as confirmed:
        for number in itertools.count():
            if (folder / "enough").exists():
                time.sleep(0.2)
                continue
            try:
                incident = write_confirmed(store, KINDS[number % len(KINDS)])
            except SQLAlchemyError:
                # Nobody was told that it is confirmed.
                time.sleep(0.1)
                continue
            confirmed.write(incident + "\n")
            confirmed.flush()
            os.fsync(confirmed.fileno())
            relay.wake()
            time.sleep(_BETWEEN_S)


def attending(port: int, book: Path, environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A department as a process of its own."""
    code = f"department.attend({port}, {TOPIC!r}, Path({str(book)!r}))"
    code = f"from pathlib import Path; from tests.support import department; {code}"
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=log, stderr=log)


@contextmanager
def department_of(port: int, book: Path) -> Iterator[None]:
    """A department that nobody kills."""
    with book.with_suffix(".log").open("ab") as log:
        process = attending(port, book, dict(os.environ), log)
    try:
        yield
    finally:
        process.kill()
        process.wait(10)


@dataclass
class Campaign:
    """Runs the processes and kills them.

    Args:
        folder: for everything they write.
        database: its URL, the schema in place.
        broker: not yet started.
        postgres: the server of ``database``, if it is one.
    """

    folder: Path
    database: str
    broker: BrokerProcess
    postgres: Postgres | None = None
    kills: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.book = self.folder / "book.sqlite"
        self._strikes = Strikes(self.folder)
        self._service: subprocess.Popen[bytes] | None = None
        self._department: subprocess.Popen[bytes] | None = None
        self._began = time.monotonic()

    @contextmanager
    def running(self) -> Iterator[None]:
        """All processes up, the first alerts through; all ended afterwards."""
        try:
            self.broker.start()
            self._start("department")
            # A broker that ends in good order knows the department's session for good; killed, it may only know what it
            # last wrote to disk. What it never knew, nobody can expect back.
            said = self.folder / "department.log"
            wait_for("the department listens", lambda: "listening" in said.read_text("utf-8"), 20, every_s=0.1)
            self.broker.stop()
            self.broker.start()
            self._start("service")
            self._progress(5)
            yield
        finally:
            for process in (self._service, self._department):
                if process is not None and process.poll() is None:
                    process.kill()
                    process.wait(10)
            self.broker.stop()

    def strike(self, kill: Kill) -> None:
        """Kill, see that it fired, start the killed again, and see alerts come through again."""
        before = entered(self.book)
        victim, with_children = self._victim(kill.target)
        if kill.step is None:
            time.sleep(kill.after_s)
            slay([victim], with_children=with_children)
        else:
            mark = self._strikes.order(kill.step, kill.call, victim, with_children=with_children)
            if kill.step == "connected_again" and kill.target != "broker":
                self.broker.stop()
                self.broker.start()
            elif kill.step == "connected_again":
                # The broker itself must be the one that dies when the service comes back to it.
                assert self._service is not None
                self._service.kill()
                self._service.wait(10)
                self._start("service")
            wait_for(f"{kill} fires", mark.exists, 40, every_s=0.02)
        self._ended(kill.target, victim)
        self.kills[kill.target] += 1
        self._start(kill.target)
        if not kill.hurried:
            self._progress(before + 3)

    def finish(self) -> Figures:
        """No more incidents; wait until every alert is received, then compare the store with the book."""
        (self.folder / "enough").touch()
        store = open_store(self.database, self.folder)
        try:
            wait_for("every alert is received", lambda: open_alerts(store) == 0, 120)
            return self._compare(store)
        finally:
            store.close()

    def _compare(self, store: Store) -> Figures:
        with store.reading() as session:
            rows = session.execute(select(Alert).order_by(Alert.department, Alert.seq)).scalars().all()
            confirmed = set(session.scalars(select(Incident.id).where(Incident.review == "confirmed")))
        said = set((self.folder / "confirmed").read_text("ascii").split())
        book = entries(self.book)
        received = {row.incident for row in rows if row.state == "received"}
        lost = (confirmed | said) - received | {row.id for row in rows} ^ {entry.id for entry in book}
        first_sent = [(row.id, row.department, row.sent_at) for row in rows if row.sent_at is not None]
        return Figures(
            kills=self.kills,
            alerts=len(rows),
            arrivals=arrivals(self.book),
            lost=tuple(sorted(lost)),
            disordered=behind([(e.id, e.department, e.seq) for e in book]),
            overtaken=behind([(key, department, at.timestamp()) for key, department, at in first_sent]),
            seconds=time.monotonic() - self._began,
        )

    def _victim(self, target: Target) -> tuple[int, bool]:
        """Process id, and whether its children are meant too."""
        if target == "database":
            assert self.postgres is not None
            return self.postgres.pid, True
        process = {"service": self._service, "broker": self.broker.process, "department": self._department}[target]
        assert process is not None
        assert process.poll() is None, f"{target} has ended by itself"
        return process.pid, False

    def _ended(self, target: Target, victim: int) -> None:
        process = {"service": self._service, "broker": self.broker.process, "department": self._department}.get(target)
        if process is not None:
            assert process.wait(10) == -signal.SIGKILL
        else:
            wait_for("the database is gone", lambda: not Path(f"/proc/{victim}").exists(), 10, every_s=0.02)

    def _start(self, target: Target) -> None:
        environment = {**os.environ, **self._strikes.environment()}
        with (self.folder / f"{target}.log").open("ab") as log:
            if target == "service":
                code = f"campaign.serve({self.database!r}, Path({str(self.folder)!r}), {self.broker.url!r})"
                code = f"from pathlib import Path; from tests.support import campaign; {code}"
                self._service = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=log, stderr=log)
            elif target == "department":
                self._department = attending(self.broker.port, self.book, environment, log)
            elif target == "broker":
                self.broker.start()
            else:
                assert self.postgres is not None
                self.postgres.start_again()

    def _progress(self, alerts: int) -> None:
        wait_for(f"{alerts} alerts in the book", lambda: entered(self.book) >= alerts, 60, every_s=0.05)


def open_alerts(store: Store) -> int:
    """Alerts that nobody has said to have received."""
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Alert.state.in_(("queued", "sent")))) or 0


def behind(rows: list[tuple[str, str, float]]) -> tuple[str, ...]:
    """Ids whose number is lower than one before it of the same department; ``(id, department, number)`` in order."""
    highest: dict[str, float] = {}
    late = []
    for key, department, number in rows:
        if number < highest.get(department, number):
            late.append(key)
        highest[department] = max(number, highest.get(department, number))
    return tuple(late)
