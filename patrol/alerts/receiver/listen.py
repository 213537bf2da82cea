"""The receiver's thread: connects for ever, reads what comes, delivers it (``deliver.py``), answers, confirms."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from patrol.alerts.envelope import ack_topic_of
from patrol.alerts.mqtt import Connection, Event, MqttError, Published, Received, Subscribed, read_address
from patrol.alerts.pace import wait_after
from patrol.alerts.receiver.answers import Words
from patrol.alerts.receiver.book import Book, BookError
from patrol.alerts.receiver.deliver import deliver
from patrol.alerts.receiver.evidence import Keeper
from patrol.alerts.receiver.hand_on import CallWay, Way
from patrol.alerts.receiver.incoming import Incoming, NotAnAlertError, read_alert

log = structlog.get_logger(__name__)

_AGAIN_S = (1.0, 2.0, 5.0, 10.0)
"""Seconds before the next try to connect, by failures in a row; the last repeats."""
_ON_THEIR_WAY = 16
"""Answers that the broker has not acknowledged yet. From the 21st on the client would hold them back, and a confirmation
would overtake the answers that belong before it."""
_ROOM_S = 2.0
"""For the broker's acknowledgements. One that waits for our confirmations first (amqtt) must not wait for ever."""


class Receiver:
    """Takes the alerts of one department, hands each id on once and answers every time, in a thread of its own.

    Args:
        url: the broker, see :func:`patrol.alerts.mqtt.read_address`.
        county, department: as in the topics.
        credential: ``env:NAME`` or ``file:PATH`` of ``user:password``.
        acks: what is answered, in order; ``()`` answers nothing.
        on_alert: called with department and envelope, once an alert id; must not raise. The answers go out after it.
        ways: further ways to hand on, gone in this order after ``on_alert``.
        book: remembers over restarts; None: one in memory.
        evidence: folder for evidence; None: it is not fetched.

    Raises:
        MqttError: the address cannot be read, or the credential is not there.
        AnswerError: ``acks`` holds what cannot be answered by a machine.
    """

    def __init__(
        self,
        url: str,
        *,
        county: str,
        department: str,
        credential: str | None = None,
        acks: tuple[str, ...] = ("received",),
        on_alert: Callable[[str, dict[str, Any]], None] | None = None,
        ways: Sequence[Way] = (),
        book: Book | None = None,
        evidence: Path | None = None,
    ) -> None:
        for status in acks:
            Words("0", status)
        self._address = read_address(url, credential)
        self._topic = f"patrol/v1/{county}/alert/{department}/+"
        self._ack_topic = ack_topic_of(county, department)
        self._department = department
        self._client_id = f"department-{county}-{department}"
        self._acks = acks
        self._ways = [*([CallWay(department, on_alert)] if on_alert is not None else []), *ways]
        self._book = book if book is not None else Book()
        self._own_book = book is None
        self._keeper = Keeper(evidence, self._book) if evidence is not None else None
        self._stop = threading.Event()
        self._listening = threading.Event()
        self._waiting: deque[Received] = deque()
        self._on_their_way: set[int] = set()
        self._thread = threading.Thread(target=self._run, name=f"receiver-{department}", daemon=True)

    def start(self) -> None:
        """Begin; it connects again whenever the broker comes back."""
        if self._keeper is not None:
            self._keeper.start()
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether it listens now: what is published from here on reaches it."""
        return self._listening.is_set()

    def stop(self, wait_s: float = 10.0) -> None:
        """End, after the alert in hand; ``wait_s`` seconds are given to it."""
        self._stop.set()
        self._thread.join(wait_s)
        if self._keeper is not None:
            self._keeper.stop()
        if self._own_book and not self._thread.is_alive():
            self._book.close()

    # --- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures, said = 0, ""
        while not self._stop.is_set():
            try:
                connection = Connection(self._address, self._client_id, subscriptions=(self._topic,))
            except MqttError as error:
                # Once an outage, and not once a try.
                if str(error) != said:
                    log.warning("receiver waits for its broker", department=self._department, error=str(error))
                said = str(error)
            else:
                problem = self._hear(connection)
                if problem is None:
                    failures, said = 0, ""
                else:
                    log.error(problem, department=self._department)
            self._stop.wait(wait_after(failures, _AGAIN_S).total_seconds())
            failures += 1

    def _hear(self, connection: Connection) -> str | None:
        """Listen until the connection is lost or it is time to stop; what is wrong, where it is not the connection."""
        self._waiting.clear()
        self._on_their_way.clear()
        try:
            while not self._stop.is_set() and not connection.lost:
                while self._waiting and not self._stop.is_set():
                    self._take(connection, self._waiting.popleft())
                self._next(connection, 0.2)
        except MqttError as error:
            return f"the receiver hears nothing: {error}"
        except BookError as error:
            # Nothing is confirmed that the book does not have; the broker delivers it again.
            return f"the receiver cannot go on: {error}"
        except Exception as error:
            # Were this thread to end, no alert would be taken any more and nobody would know.
            log.exception("the receiver met what it does not know; it connects anew")
            return f"{type(error).__name__} in the receiver"
        finally:
            self._listening.clear()
            connection.leave()
        return None

    def _next(self, connection: Connection, wait_s: float) -> None:
        try:
            event: Event = connection.events.get(timeout=wait_s)
        except queue.Empty:
            return
        if isinstance(event, Received):
            self._waiting.append(event)
        elif isinstance(event, Published):
            self._on_their_way.discard(event.mid)
            if event.problem is not None:
                log.error("the broker refuses an answer", topic=self._ack_topic, problem=event.problem)
        elif isinstance(event, Subscribed) and event.problem is not None:
            raise MqttError(event.problem)
        elif isinstance(event, Subscribed):
            log.info("receiver listens", department=self._department, broker=self._address.shown)
            self._listening.set()

    def _take(self, connection: Connection, message: Received) -> None:
        try:
            alert = read_alert(message.payload, self._ack_topic)
        except NotAnAlertError as error:
            log.warning("not an alert", topic=message.topic, problem=str(error))
            connection.confirm(message)
            return
        if not alert.known:
            log.warning("an alert of another schema, handed on as it is", alert=alert.id)
        deliver(
            self._book,
            self._department,
            alert,
            self._ways,
            now=lambda: datetime.now(UTC),
            answer=lambda: self._answer(connection, alert),
            confirm=lambda: connection.confirm(message),
        )

    def _answer(self, connection: Connection, alert: Incoming) -> None:
        if self._keeper is not None:
            if alert.unusable:
                log.error("evidence without a link or a sha256 is not fetched", alert=alert.id, files=alert.unusable)
            if alert.evidence:
                self._book.want(self._department, alert)
                self._keeper.wake()
        for status in self._acks:
            self._make_room(connection)
            mid = connection.publish(self._ack_topic, Words(alert.id, status).as_json(datetime.now(UTC)))
            if mid is not None:
                self._on_their_way.add(mid)

    def _make_room(self, connection: Connection) -> None:
        end = time.monotonic() + _ROOM_S
        while len(self._on_their_way) >= _ON_THEIR_WAY and not connection.lost:
            self._next(connection, 0.05)
            if time.monotonic() > end:
                self._on_their_way.clear()
