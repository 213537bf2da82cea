"""What an alert costs on its way: ``python -m bench.alerts [--database postgresql://…] [--count 2000] [--singles 500]``.

How long from a person's verdict to a subscriber that is bare paho on a real Mosquitto, and how many a second go through
the outbox (row to `received`), by turns with bare QoS 1 publishing of the same payloads to the same subscriber.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import queue
import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol import alerts, incidents
from patrol.alerts.envelope import complete
from patrol.alerts.pace import Pace
from patrol.alerts.relay import Relay
from patrol.store import Store, open_store
from patrol.store.tables import Alert
from tests.support.county import TOPIC
from tests.support.incidents import seen
from tests.support.mosquitto import Mosquitto
from tests.support.relays import KEY, REGISTRY, relay_on

_ROUNDS = 3
_WARM = 20
_BARE = "bare/silent"
_BARE_ANSWERED = "bare/answered"
_PATIENCE_S = 300.0


def subscribe(port: int, ready: Event, arrived: Connection) -> None:
    """A process of its own: says when each alert arrived, and answers `received` at once."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="subscriber", clean_session=False)

    def connected(client: paho.Client, *_: Any) -> None:
        client.subscribe([(f"patrol/v1/{TOPIC}/alert/#", 1), ("bare/#", 1)])

    def came(client: paho.Client, _u: Any, message: paho.MQTTMessage) -> None:
        at = time.monotonic()
        alert = json.loads(message.payload)
        if message.topic != _BARE:
            topic = "bare-answers" if message.topic == _BARE_ANSWERED else alert["ack_topic"]
            client.publish(topic, json.dumps({"alert": alert["id"], "status": "received"}), qos=1)
        arrived.send((alert["id"], at))

    client.on_connect = connected
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = came
    client.connect("127.0.0.1", port)
    client.loop_forever()


@dataclass
class Field:
    """The broker, the subscriber, and a relay on the store under test."""

    store: Store
    port: int
    arrived: Connection
    relay: Relay
    written: queue.Queue[tuple[int, float]] = field(default_factory=queue.Queue)
    """How many answers were written at once, and the monotonic second after."""

    def __post_init__(self) -> None:
        incoming = self.relay._incoming
        write = incoming.write

        def timed() -> None:
            waiting = len(incoming)
            write()
            if waiting:
                self.written.put((waiting, time.monotonic()))

        setattr(incoming, "write", timed)  # noqa: B010 - a method of this one

    def arrivals(self, count: int) -> dict[str, float]:
        """The first arrival of so many alerts: id to monotonic second."""
        came: dict[str, float] = {}
        while len(came) < count:
            assert self.arrived.poll(_PATIENCE_S), f"{len(came)} of {count} arrived"
            key, at = self.arrived.recv()
            came.setdefault(key, at)
        return came

    def answered(self, count: int) -> float:
        """The monotonic second at which so many answers were written."""
        while count > 0:
            number, at = self.written.get(timeout=_PATIENCE_S)
            count -= number
        return at


@contextmanager
def fields(database: str | None, folder: Path) -> Iterator[Field]:
    """Everything running and connected."""
    store = open_store(database, folder)
    store.upgrade()
    spawn = multiprocessing.get_context("spawn")
    with Mosquitto(folder / "mosquitto") as broker:
        near, far = spawn.Pipe(duplex=False)
        ready = spawn.Event()
        process = spawn.Process(target=subscribe, args=(broker.port, ready, far), daemon=True)
        process.start()
        assert ready.wait(20)
        relay = relay_on(store, broker.url, pace=Pace(first_state=0.1))
        there = Field(store, broker.port, near, relay)
        relay.start()
        try:
            confirmed(store, 1)
            there.arrivals(1)
            there.answered(1)
            yield there
        finally:
            relay.stop()
            process.kill()
            process.join()
            store.close()


def confirm(session: Session) -> str:
    """An incident and a person's verdict on it, in one transaction; the id of the alert."""
    now = datetime.now(UTC)
    (change, *_) = seen(session, "flagged", camera=f"c{uuid.uuid4().hex[:12]}")
    change = incidents.review(session, change.incident_id, "confirmed", "li", None, now)
    (alert,) = alerts.notify(session, REGISTRY, change, now, at_once=False)
    return alert


def confirmed(store: Store, count: int) -> float:
    """So many alerts, committed together; the monotonic second after."""
    with store.sessions.begin() as session:
        for _ in range(count):
            confirm(session)
    return time.monotonic()


def singles(there: Field, count: int) -> tuple[list[float], list[float]]:
    """Seconds from the commit of the verdict to the subscriber, and to `received` written, one alert after another."""
    delivered, received = [], []
    chance = random.Random(0)  # noqa: S311 - a benchmark
    for number in range(count + _WARM):
        at = confirmed(there.store, 1)
        there.relay.wake()
        (came,) = there.arrivals(1).values()
        done = there.answered(1)
        if number >= _WARM:
            delivered.append(came - at)
            received.append(done - at)
        time.sleep(chance.uniform(0, 0.01))
    return delivered, received


def through_the_outbox(there: Field, count: int) -> float:
    """Alerts a second, from rows committed together to the last `received` written."""
    began = confirmed(there.store, count)
    there.relay.wake()
    there.arrivals(count)
    return count / (there.answered(count) - began)


def payloads(store: Store, count: int) -> list[str]:
    """The newest alerts as the relay publishes them."""
    now = datetime.now(UTC)
    with store.reading() as session:
        rows = session.scalars(select(Alert.envelope).order_by(Alert.seq.desc()).limit(count)).all()
    done = (
        complete(row, department="traffic_police", base_url="http://127.0.0.1:8800", link_key=KEY, now=now)
        for row in rows
    )
    return [json.dumps(envelope, ensure_ascii=False) for envelope in done]


def bare(there: Field, messages: list[str], *, answered: bool) -> float:
    """Messages a second with nothing but a paho client; ``answered``: until the last answer is back as well."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    ready: queue.Queue[None] = queue.Queue()
    back: queue.Queue[None] = queue.Queue()
    client.on_subscribe = lambda *_: ready.put(None)
    client.on_message = lambda *_: back.put(None)
    client.connect("127.0.0.1", there.port)
    client.loop_start()
    client.subscribe("bare-answers", qos=1)
    ready.get(timeout=10)
    began = time.monotonic()
    for message in messages:
        said = client.publish(_BARE_ANSWERED if answered else _BARE, message.encode(), qos=1)
    came = there.arrivals(len(messages))
    said.wait_for_publish(60)
    for _ in messages if answered else ():
        back.get(timeout=60)
    done = time.monotonic() if answered else max(came.values())
    client.disconnect()
    client.loop_stop()
    return len(messages) / (done - began)


def measured(name: str, database: str | None, count: int, single: int) -> None:
    """One database: prints its rows."""
    with tempfile.TemporaryDirectory() as folder, fields(database, Path(folder)) as there:
        delivered, received = singles(there, single)
        rates: dict[str, list[float]] = {"outbox": [], "bare": [], "bare, answered": []}
        for _ in range(_ROUNDS):
            rates["outbox"].append(through_the_outbox(there, count))
            messages = payloads(there.store, count)
            rates["bare"].append(bare(there, messages, answered=False))
            rates["bare, answered"].append(bare(there, messages, answered=True))
    for what, values in (("delivered", delivered), ("received written", received)):
        cut = quantiles(values, n=100)
        print(f"{name:>12}  {what:<18} p50 {cut[49] * 1e3:7.1f} ms   p99 {cut[98] * 1e3:7.1f} ms   of {len(values)}")
    outbox = median(rates["outbox"])
    for what, found in rates.items():
        turns = " ".join(f"{rate:.0f}" for rate in found)
        print(
            f"{name:>12}  {what:<18} {median(found):7.0f} a second, {median(found) / outbox:5.2f} times the outbox ({turns})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="postgresql://…, measured after SQLite")
    parser.add_argument("--count", type=int, default=2000, help="alerts in a burst")
    parser.add_argument("--singles", type=int, default=500, help="alerts one after another")
    args = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    measured("SQLite", None, args.count, args.singles)
    if args.database:
        measured("PostgreSQL", args.database, args.count, args.singles)


if __name__ == "__main__":
    main()
