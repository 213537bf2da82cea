"""Publishes alerts from the outbox until their departments have received them, and writes down what they answer.

One thread owns the connection. `sent` is written on the broker's PUBACK, `received` only on the department's own
answer; until then the row is published again and again, and a duplicate is harmless because receivers go by the id.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from patrol.alerts.acks import record_ack
from patrol.alerts.envelope import complete, topic_of
from patrol.alerts.mqtt import Connection, MqttError, Received, alert_properties, expiring, read_address
from patrol.store import Store
from patrol.store.tables import Alert

log = structlog.get_logger(__name__)

_AT_ONCE = 64
"""Alerts published in one round; the broker's queue for a slow receiver is not ours to fill."""
_STATUS_EXPIRY_S = 6 * 3600
_ALERT_EXPIRY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the relay waits, seconds: before an alert is published again (by attempt; the last repeats), and for the broker."""

    again: tuple[float, ...] = (30.0, 60.0, 120.0, 300.0, 600.0)
    reconnect: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 10.0)
    idle: float = 1.0


class Relay:
    """See the module. ``on_state(connected, detail)`` is called when the connection comes and goes."""

    def __init__(
        self,
        store: Store,
        *,
        county_topic: str,
        mqtt_url: str,
        base_url: str,
        link_key: bytes,
        client_id: str,
        on_state: Callable[[bool, str], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.mqtt_url = mqtt_url
        self._address = read_address(mqtt_url)
        self._store = store
        self._county = county_topic
        self._base_url = base_url
        self._link_key = link_key
        self._client_id = client_id
        self._on_state = on_state or (lambda _connected, _detail: None)
        self._pace = pace or Pace()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._connection: Connection | None = None
        self._in_flight: dict[int, str] = {}
        self._lock = threading.Lock()
        self._rotation: dict[str, Any] | None = None
        self._cameras: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()
        self._unwritten: list[Received] = []

    # --- for the service ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect and publish. Returns at once."""
        self._thread.start()

    def wake(self) -> None:
        """There may be new rows in the outbox."""
        self._wake.set()

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        connection = self._connection
        return connection is not None and not connection.lost

    def publish_state(self, rotation: dict[str, Any]) -> None:
        """The retained ``rotation`` message; the newest counts."""
        with self._lock:
            self._rotation = rotation
            self._changed.add("")
        self._wake.set()

    def camera_status(self, camera: str, status: dict[str, Any]) -> None:
        """The retained status of one camera; the newest counts."""
        with self._lock:
            self._cameras[camera] = status
            self._changed.add(camera)
        self._wake.set()

    def stop(self) -> None:
        """Publish `stopped`, say goodbye, end the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(15)

    # --- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                connection = self._connect()
            except MqttError as error:
                self._on_state(False, str(error))
                wait = self._pace.reconnect[min(failures, len(self._pace.reconnect) - 1)]
                failures += 1
                self._stop.wait(wait)
                continue
            failures = 0
            try:
                self._serve(connection)
            finally:
                self._part(connection)

    def _connect(self) -> Connection:
        connection = Connection(
            self._address,
            self._client_id,
            will=(self._topic("available"), "offline"),
            subscriptions=(self._topic("ack/+"),),
        )
        self._in_flight.clear()
        self._unwritten.clear()
        self._connection = connection
        with self._lock:
            self._changed = {"", *self._cameras} if self._rotation is not None else set(self._cameras)
        self._publish_states(connection)
        connection.publish(self._topic("available"), "online", retain=True)
        log.info("broker connected", broker=self._address.shown, mqtt="5" if connection.v5 else "3.1.1")
        self._on_state(True, "")
        return connection

    def _serve(self, connection: Connection) -> None:
        while not self._stop.is_set() and not connection.lost:
            try:
                self._write_answers(connection)
                self._publish_due(connection)
            except DBAPIError as error:
                # The service's recorder says aloud that the store is away; here only nothing may be lost.
                log.warning("outbox cannot be read; will try again", error=str(error.orig))
                self._stop.wait(self._pace.idle)
            self._publish_states(connection)
            self._await(connection)

    def _part(self, connection: Connection) -> None:
        self._connection = None
        if self._stop.is_set() and not connection.lost:
            mid = connection.publish(self._topic("available"), "stopped", retain=True)
            self._await_puback(connection, mid)
            connection.close()
            return
        connection.drop()
        if not self._stop.is_set():
            self._on_state(False, f"{self._address.shown} is gone")

    def _await(self, connection: Connection) -> None:
        """Wait for an event, a wake or a moment, whichever is first; take all events there are."""
        deadline = self._pace.idle
        while not self._wake.is_set() and deadline > 0 and connection.events.empty() and not self._stop.is_set():
            self._wake.wait(0.05)
            deadline -= 0.05
        self._wake.clear()
        while True:
            try:
                event = connection.events.get_nowait()
            except queue.Empty:
                return
            if isinstance(event, Received):
                self._unwritten.append(event)
            elif isinstance(event, int):
                self._sent(event)

    def _await_puback(self, connection: Connection, mid: int | None) -> None:
        deadline = datetime.now(UTC) + timedelta(seconds=3)
        while mid is not None and datetime.now(UTC) < deadline and not connection.lost:
            try:
                if connection.events.get(timeout=0.2) == mid:
                    return
            except queue.Empty:
                continue

    def _sent(self, mid: int) -> None:
        alert = self._in_flight.pop(mid, None)
        if alert is None:
            return
        now = datetime.now(UTC)
        try:
            with self._store.sessions.begin() as session:
                session.execute(
                    update(Alert)
                    .where(Alert.id == alert, Alert.state == "queued")
                    .values(state="sent", sent_at=now, last_error=None)
                )
        except DBAPIError as error:
            # It stays `queued` and is published again: a duplicate, not a loss.
            log.warning("`sent` could not be written", alert=alert, error=str(error.orig))

    def _write_answers(self, connection: Connection) -> None:
        while self._unwritten:
            message = self._unwritten[0]
            department = message.topic.rsplit("/", 1)[-1]
            with self._store.sessions.begin() as session:
                ack = record_ack(session, department, message.payload, datetime.now(UTC))
                told = {"alert": ack.alert, "department": department, "status": ack.status, "problem": ack.problem}
            connection.confirm(message)
            self._unwritten.pop(0)
            log.info("answer of a department", **told)

    def _publish_due(self, connection: Connection) -> None:
        now = datetime.now(UTC)
        with self._store.reading() as session:
            due = session.execute(
                select(Alert.id, Alert.department, Alert.kind, Alert.envelope, Alert.attempts)
                .where(Alert.state.in_(("queued", "sent")), Alert.next_attempt_at <= now)
                .order_by(Alert.department, Alert.seq)
                .limit(_AT_ONCE)
            ).all()
        for row in due:
            envelope = complete(row.envelope, base_url=self._base_url, link_key=self._link_key, now=now)
            again = self._pace.again[min(row.attempts, len(self._pace.again) - 1)]
            with self._store.sessions.begin() as session:
                session.execute(
                    update(Alert)
                    .where(Alert.id == row.id)
                    .values(attempts=row.attempts + 1, next_attempt_at=now + timedelta(seconds=again))
                )
            mid = connection.publish(
                topic_of(self._county, row.department, row.kind),
                json.dumps(envelope, ensure_ascii=False),
                properties=alert_properties(envelope, _ALERT_EXPIRY_S),
            )
            if mid is None:
                return
            self._in_flight[mid] = row.id
        if len(due) == _AT_ONCE:
            self._wake.set()

    def _publish_states(self, connection: Connection) -> None:
        with self._lock:
            changed, self._changed = self._changed, set()
            messages = [("rotation", self._rotation)] if "" in changed and self._rotation is not None else []
            messages += [(f"camera/{c}/status", self._cameras[c]) for c in changed if c]
        for topic, value in messages:
            expiry = None if topic == "rotation" else expiring(_STATUS_EXPIRY_S)
            connection.publish(
                self._topic(topic), json.dumps(value, ensure_ascii=False), retain=True, properties=expiry
            )

    def _topic(self, rest: str) -> str:
        return f"patrol/v1/{self._county}/{rest}"
