"""Publishes alerts from the outbox until their departments have received them, and takes what comes in.

One thread owns the connection. `sent` is written on the broker's PUBACK, `received` only on the department's own
answer; until then the row is published again and again, and a duplicate is harmless because receivers go by the id.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from patrol.alerts import due
from patrol.alerts.case_links import Said
from patrol.alerts.envelope import complete, topic_of
from patrol.alerts.incoming import TOPICS, Incoming
from patrol.alerts.mqtt import (
    Connection,
    MqttError,
    Published,
    Received,
    Subscribed,
    read_address,
)
from patrol.alerts.pace import Pace, wait_after
from patrol.alerts.properties import alert_properties, json_properties
from patrol.store import Store, plain
from patrol.store.tables import Ack

log = structlog.get_logger(__name__)

_IN_FLIGHT = 64
"""Alerts published and not yet acknowledged by the broker; more would only wait in this process's memory."""
_SUBSCRIPTION = 0
"""Stands for the subscriptions among the packet ids, which begin at 1."""
STATUS_EXPIRY_S = 6 * 3600
"""How long a version 5 broker keeps the status of a camera that is not looked at any more."""


class Relay:
    """See the module.

    Args:
        store: holds the outbox.
        county_topic: the county's level in topics.
        mqtt_url: the broker, see :func:`read_address`.
        base_url: of this service, for evidence links.
        link_key: signs them.
        client_id: stable: the broker keeps answers for it while we are away.
        on_state: called with ``(connected, detail)`` when the connection comes and goes, from the relay's thread.
        on_answer: called with every answer once it is written, from the relay's thread; must not raise.
        on_case: called with what the case system said once an incident shows it, from the relay's thread; must not raise.
        case_department: gives who keeps the cases by the registry in force; None: nobody.
        mqtt_credential: ``env:NAME`` or ``file:PATH`` of ``user:password``.
        pace: how long to wait for what.
        now: the wall clock, UTC.

    Raises:
        MqttError: the address cannot be read, or the credential is not there.
    """

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
        on_answer: Callable[[Ack], None] | None = None,
        on_case: Callable[[Said], None] | None = None,
        case_department: Callable[[], str | None] | None = None,
        mqtt_credential: str | None = None,
        pace: Pace | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.mqtt_url = mqtt_url
        self._address = read_address(mqtt_url, mqtt_credential)
        self._store = store
        self._county = county_topic
        self._base_url = base_url
        self._link_key = link_key
        self._client_id = client_id
        self._on_state = on_state or (lambda _connected, _detail: None)
        self._pace = pace or Pace()
        self._now = now or (lambda: datetime.now(UTC))
        self._incoming = Incoming(store, self._now, on_answer, on_case, case_department)
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._stop = threading.Event()
        self._connection: Connection | None = None
        self._in_flight: dict[int, str] = {}
        """Packet id to alert."""
        self._acknowledged: list[str] = []
        """Alerts that the broker has, which is not written yet."""
        self._settled_at = 0.0
        """Monotonic second."""
        self._unanswered: dict[int, float] = {}
        """Packet id of whatever was published to the monotonic second of it."""
        self._online_by: float | None = None
        self._lock = threading.Lock()
        self._rotation: dict[str, Any] | None = None
        self._cameras: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()

    # --- for the service ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect and publish. Returns at once."""
        self._thread.start()

    def wake(self) -> None:
        """There may be new rows in the outbox."""
        if (connection := self._connection) is not None:
            connection.nudge()

    @property
    def answers(self) -> Counter[tuple[str, bool]]:
        """Answers written since the start, by status (``other``: none that exists) and whether they were taken."""
        return self._incoming.answers

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
        self.wake()

    def camera_status(self, camera: str, status: dict[str, Any]) -> None:
        """The retained status of one camera; the newest counts."""
        with self._lock:
            self._cameras[camera] = status
            self._changed.add(camera)
        self.wake()

    def stop(self) -> None:
        """Publish `stopped`, say goodbye, end the thread."""
        self._stop.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(15)

    # --- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                self._connect()
                failures = 0
                self._serve()
                detail = f"{self._address.shown} is gone"
            except MqttError as error:
                detail = str(error)
            except Exception as error:
                # Were this thread to end, no alert would go out any more and nobody would know.
                log.exception("the relay met what it does not know; it connects anew")
                detail = f"{type(error).__name__} in the relay, see the log"
            self._part()
            if not self._stop.is_set():
                self._on_state(False, detail)
                self._stop.wait(wait_after(failures, self._pace.reconnect).total_seconds())
                failures += 1

    def _connect(self) -> None:
        connection = Connection(
            self._address,
            self._client_id,
            will=(self._topic("available"), "offline"),
            subscriptions=tuple(self._topic(topic) for topic in TOPICS),
        )
        self._in_flight.clear()
        # Not to be written any more: this broker may be another one, or not have them any more.
        self._acknowledged.clear()
        self._unanswered.clear()
        self._unanswered[_SUBSCRIPTION] = time.monotonic()
        # What waits to be written is kept: a broker delivers the unconfirmed again, but not every one does (amqtt).
        with self._lock:
            self._changed = {*self._cameras} if self._rotation is None else {"", *self._cameras}
        self._connection = connection
        self._online_by = time.monotonic() + self._pace.first_state
        self._settled_at = time.monotonic() + (0.0 if connection.session_present else self._pace.settle)
        log.info("broker connected", broker=self._address.shown, mqtt="5" if connection.v5 else "3.1.1")

    def _serve(self) -> None:
        """Until the connection is lost or it is time to stop."""
        fresh = True
        while not self._stop.is_set() and self.connected and not self._mute():
            self._publish_states()
            try:
                if fresh:
                    forgot = self._connection is not None and not self._connection.session_present
                    due.all_again(self._store, self._now(), broker_forgot=forgot, unsaved_s=self._pace.unsaved)
                    fresh = False
                self._write_acknowledged()
                self._incoming.write()
                more = self._publish_due()
            except SQLAlchemyError as error:
                # The service's recorder says aloud that the store is away; here only nothing may be lost.
                log.warning("the store cannot be reached; will try again", error=plain(error))
                more = False
                self._stop.wait(self._pace.idle)
            self._take_events(0.0 if more else self._pace.idle)

    def _part(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if self._stop.is_set() and not connection.lost:
            said = connection.publish(self._topic("available"), "stopped", retain=True)
            if said is not None:
                self._unanswered[said] = time.monotonic()
            end = time.monotonic() + 3.0
            with contextlib.suppress(MqttError):
                while said in self._unanswered and time.monotonic() < end and not connection.lost:
                    self._take_events(0.2)
            connection.close()
        else:
            connection.drop()
        self._connection = None

    def _mute(self) -> bool:
        """Whether the broker has stopped to acknowledge, although the connection seems to stand."""
        oldest = min(self._unanswered.values(), default=None)
        mute = oldest is not None and time.monotonic() - oldest > self._pace.puback
        if mute:
            log.warning("the broker acknowledges nothing; connecting anew", broker=self._address.shown)
        return mute

    def _take_events(self, wait_s: float) -> None:
        """Wait for an event, then take all there are."""
        connection = self._connection
        if connection is None:
            return
        events = connection.take(wait_s)
        self._incoming.take(connection, (e for e in events if isinstance(e, Received)))
        for granted in (e for e in events if isinstance(e, Subscribed)):
            self._unanswered.pop(_SUBSCRIPTION, None)
            if granted.problem is not None:
                raise MqttError(f"{self._address.shown}: {granted.problem}")
        self._take_pubacks([e for e in events if isinstance(e, Published)])

    def _take_pubacks(self, pubacks: list[Published]) -> None:
        refused = []
        for puback in pubacks:
            self._unanswered.pop(puback.mid, None)
            alert = self._in_flight.pop(puback.mid, None)
            if alert is not None and puback.problem is None:
                self._acknowledged.append(alert)
            elif alert is not None:
                refused.append((alert, f"the broker refuses it: {puback.problem}"))
        try:
            self._write_acknowledged()
            for alert, problem in refused:
                self._refuse(alert, problem)
        except SQLAlchemyError as error:
            # `sent` is written when the store is back, or they are published again: a duplicate, not a loss.
            log.warning("`sent` could not be written", alerts=len(self._acknowledged), error=plain(error))

    def _write_acknowledged(self) -> None:
        if self._acknowledged:
            self._write_sent(self._acknowledged)
            self._acknowledged.clear()

    def _write_sent(self, alerts: list[str]) -> None:
        due.mark_sent(self._store, alerts, self._now())

    def _refuse(self, alert: str, problem: str) -> None:
        log.error("an alert could not be published", alert=alert, problem=problem)
        due.mark_refused(self._store, alert, problem)

    def _publish_due(self) -> bool:
        """Whether there may be more at once."""
        connection, on_the_way = self._connection, {*self._in_flight.values(), *self._acknowledged}
        room = _IN_FLIGHT - len(on_the_way)
        # Taking costs a transaction: one for every PUBACK that makes room for one more would be dear.
        if connection is None or room < _IN_FLIGHT // 2 or time.monotonic() < self._settled_at:
            return False
        now = self._now()
        alerts = due.take_due(self._store, now, again=self._pace.again, room=room, in_flight=on_the_way)
        for alert in alerts:
            try:
                envelope = complete(
                    alert.envelope,
                    department=alert.department,
                    base_url=self._base_url,
                    link_key=self._link_key,
                    now=now,
                )
                payload = json.dumps(envelope, ensure_ascii=False)
                mid = connection.publish(
                    topic_of(self._county, alert.department, alert.kind),
                    payload,
                    properties=alert_properties(envelope),
                )
            except (KeyError, TypeError, ValueError) as error:
                # A row that another version or a hand has written wrongly must not hold up the others.
                self._refuse(alert.id, f"the row is damaged: {error!r}")
                continue
            if mid is None:
                return False
            self._in_flight[mid] = alert.id
            self._unanswered[mid] = time.monotonic()
        return len(alerts) == room

    def _publish_states(self) -> None:
        connection = self._connection
        if connection is None:
            return
        with self._lock:
            changed, self._changed = self._changed, set()
            messages = [("rotation", self._rotation)] if "" in changed and self._rotation is not None else []
            messages += [(f"camera/{c}/status", self._cameras[c]) for c in changed if c]
            known = self._rotation is not None
        for topic, value in messages:
            properties = json_properties(expiry_s=None if topic == "rotation" else STATUS_EXPIRY_S)
            payload = json.dumps(value, ensure_ascii=False)
            self._say(connection.publish(self._topic(topic), payload, retain=True, properties=properties))
        listening = _SUBSCRIPTION not in self._unanswered
        if self._online_by is not None and listening and (known or time.monotonic() >= self._online_by):
            # Last, so that whoever sees it finds the states in place and is heard.
            self._online_by = None
            self._say(connection.publish(self._topic("available"), "online", retain=True))
            self._on_state(True, "")

    def _say(self, mid: int | None) -> None:
        if mid is not None:
            self._unanswered[mid] = time.monotonic()

    def _topic(self, rest: str) -> str:
        return f"patrol/v1/{self._county}/{rest}"
