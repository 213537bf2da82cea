"""The broker is away for an hour and thousands of alerts pile up: they drain in order, in bounded memory, none is lost."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from patrol import alerts
from patrol.alerts.pace import Pace
from patrol.alerts.relay import Relay
from patrol.store import Store
from tests.support.campaign import KINDS, behind, department_of
from tests.support.department import arrivals, entries
from tests.support.incidents import seen
from tests.support.mosquitto import Mosquitto
from tests.support.relays import REGISTRY, count, relay_on, wait_for

PILE = 5_000
AWAY = timedelta(hours=1)
IN_FLIGHT = 64
GROWTH_MIB = 64.0
"""The pile itself is 7 MiB of envelopes, and as many answers come back."""
IMPATIENT = Pace(reconnect=(0.1,), idle=0.1, first_state=0.1)
"""Only the waits of real time: the next attempts run by the clock of the test."""


class Clock:
    """A wall clock that is moved by hand."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, by: timedelta) -> None:
        self._ahead += by


class Watch:
    """The highest number of alerts in flight and the highest resident memory while it watches, MiB."""

    def __init__(self, relay: Relay) -> None:
        self.in_flight = 0
        self.began_mib = self.mib = resident_mib()
        self._relay = relay
        self._end = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        yield
        self._end.set()
        thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.002):
            self.in_flight = max(self.in_flight, len(self._relay._in_flight) + len(self._relay._acknowledged))
            self.mib = max(self.mib, resident_mib())


def resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize() / 2**20


def pile_up(store: Store, clock: Clock) -> set[str]:
    """An hour of flagged incidents, each with its alert."""
    written: set[str] = set()
    for start in range(0, PILE, 250):
        with store.sessions.begin() as session:
            for number in range(start, start + 250):
                clock.move(AWAY / PILE)
                (change, *_) = seen(session, "flagged", camera=f"c{number}", kind=KINDS[number % 3], rule=None)
                written.update(alerts.notify(session, REGISTRY, change, clock(), at_once=True))
    return written


def test_what_piled_up_in_an_hour_drains_in_order_and_in_bounded_memory(sqlite_store: Store, tmp_path: Path) -> None:
    clock = Clock()
    heard: list[bool] = []
    broker, book = Mosquitto(tmp_path / "mosquitto"), tmp_path / "book.sqlite"
    relay = relay_on(
        sqlite_store, broker.url, pace=IMPATIENT, now=clock, on_state=lambda there, _detail: heard.append(there)
    )
    relay.start()
    try:
        began = clock()
        piled = pile_up(sqlite_store, clock)
        assert clock() - began >= AWAY
        assert len(piled) == PILE
        assert heard, "the relay has tried"
        assert not any(heard), "the broker was away all the time"
        assert count(sqlite_store, "queued") == PILE
        watch = Watch(relay)
        with department_of(broker.port, book), watch.watching():
            broker.start()
            back = time.monotonic()
            wait_for("every alert is received", lambda: count(sqlite_store, "received") == PILE, 90)
            took_s = time.monotonic() - back
        booked = entries(book)
        assert {entry.id for entry in booked} == piled
        assert behind([(entry.id, entry.department, entry.seq) for entry in booked]) == ()
        assert 0 < watch.in_flight <= IN_FLIGHT
        assert watch.mib - watch.began_mib < GROWTH_MIB
        sys.stdout.write(
            f"\n{PILE} alerts drained in {took_s:.1f} s, {arrivals(book) - PILE} duplicates, {watch.in_flight} in flight at"
            f" most, {watch.mib - watch.began_mib:.1f} MiB more than before\n"
        )
    finally:
        relay.stop()
        broker.stop()
