"""The built-in case system's line: it takes alerts over MQTT like any other system would, answers with the case's number, and
says on ``case/<number>`` what became of it. What it has not written it does not confirm; what the broker has not acknowledged
it says again.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from patrol.alerts.envelope import ack_topic_of, case_topic_of
from patrol.alerts.mqtt import (
    Connection,
    Event,
    MqttError,
    Published,
    Received,
    Subscribed,
    read_address,
)
from patrol.alerts.pace import Pace, wait_after
from patrol.alerts.properties import json_properties
from patrol.alerts.receiver.answers import ack_json
from patrol.cases import intake, notices
from patrol.cases.desk import Desk
from patrol.cases.moves import MoveError
from patrol.store import Store, is_away, plain

log = structlog.get_logger(__name__)

_IN_FLIGHT = 64
"""Messages of ours that the broker has not acknowledged."""
BY = "13710"
"""As whom it answers."""


class CaseLine:
    """See the module.

    Args:
        store: the book of cases.
        desk: gives that of the registry in force.
        county: its level in topics.
        department: under which the case system gets its alerts.
        mqtt_url: the broker.
        on_taken: told of each alert that was taken, from the line's thread; must not raise.
        now: the wall clock, UTC.

    Raises:
        MqttError: the address cannot be read.
    """

    def __init__(
        self,
        store: Store,
        desk: Callable[[], Desk],
        *,
        county: str,
        department: str,
        mqtt_url: str,
        on_taken: Callable[[intake.Taken], None] | None = None,
        pace: Pace | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._store = store
        self._desk = desk
        self._county = county
        self._department = department
        self._address = read_address(mqtt_url)
        self._on_taken = on_taken or (lambda _taken: None)
        self._pace = pace or Pace()
        self._now = now or (lambda: datetime.now(UTC))
        self._stop = threading.Event()
        self._listening = threading.Event()
        self._connection: Connection | None = None
        self._untaken: deque[Received] = deque()
        self._saying: dict[int, int] = {}
        """Packet id to notice."""
        self._mute_since: float | None = None
        """Monotonic second since which the broker owes an acknowledgement."""
        self._said: set[int] = set()
        """Notices that the broker has, which is not written yet."""
        self._unsaved = True
        """The broker may have died, and with it what it had acknowledged and not saved."""
        self._thread = threading.Thread(target=self._run, name="cases", daemon=True)

    def start(self) -> None:
        """Begin; it connects again whenever the broker comes back."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something to say."""
        if (connection := self._connection) is not None:
            connection.nudge()

    @property
    def listening(self) -> bool:
        """Whether alerts reach it now."""
        return self._listening.is_set()

    def stop(self) -> None:
        """End after what is in hand."""
        self._stop.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(15)

    def _run(self) -> None:
        failures, told = 0, ""
        while not self._stop.is_set():
            try:
                self._serve(
                    Connection(
                        self._address,
                        f"cases-{self._county}",
                        subscriptions=(f"patrol/v1/{self._county}/alert/{self._department}/+",),
                    )
                )
                failures, told = 0, ""
            except MqttError as error:
                # Once an outage, and not once a try.
                if str(error) != told:
                    log.warning("the case system waits for its broker", error=str(error))
                told = str(error)
            except Exception:
                # Were this thread to end, no case would be opened any more and nobody would know.
                log.exception("the case system's line met what it does not know; it connects anew")
            self._stop.wait(wait_after(failures, self._pace.reconnect).total_seconds())
            failures += 1

    def _serve(self, connection: Connection) -> None:
        """Until the connection is lost or it is time to stop."""
        self._connection = connection
        self._forget()
        try:
            while not self._stop.is_set() and not connection.lost:
                if self._mute_since is not None and time.monotonic() - self._mute_since > self._pace.puback:
                    raise MqttError(f"{self._address.shown} acknowledges nothing")
                try:
                    self._take(connection)
                    self._say(connection)
                except SQLAlchemyError as error:
                    if not is_away(error):
                        raise
                    log.warning("cases cannot be written while the store is away; will try again", error=plain(error))
                    self._stop.wait(self._pace.idle)
                self._hear(connection, self._pace.idle)
        finally:
            self._connection = None
            self._listening.clear()
            connection.leave()

    def _forget(self) -> None:
        """What the old session left: its messages are delivered again, its notices are said again."""
        self._untaken.clear()
        self._saying.clear()
        self._said.clear()
        self._mute_since = None
        self._unsaved = True

    def _hear(self, connection: Connection, wait_s: float) -> None:
        """Wait for an event, then take all there are."""
        for event in connection.take(wait_s):
            self._heard(event)

    def _heard(self, event: Event) -> None:
        if isinstance(event, Received):
            self._untaken.append(event)
        elif isinstance(event, Published):
            notice = self._saying.pop(event.mid, None)
            self._mute_since = time.monotonic() if self._saying else None
            if notice is not None and event.problem is None:
                self._said.add(notice)
            elif event.problem is not None:
                log.error("the broker refuses what a case says", problem=event.problem)
        elif isinstance(event, Subscribed):
            if event.problem is not None:
                raise MqttError(f"{self._address.shown}: {event.problem}")
            self._listening.set()

    def _take(self, connection: Connection) -> None:
        while self._untaken and not self._stop.is_set():
            message = self._untaken[0]
            taken = self._taken(message)
            if taken is not None:
                self._answer(connection, taken)
            connection.confirm(message)
            self._untaken.popleft()
            if taken is not None:
                self._on_taken(taken)

    def _taken(self, message: Received) -> intake.Taken | None:
        """In the book, or None: then nobody answers, the alert is sent again, and whoever waits for an answer is told."""
        try:
            with self._store.sessions.begin() as session:
                taken = intake.take_alert(session, self._desk(), message.payload, self._now())
        except (intake.NotAnAlertError, MoveError) as error:
            log.error("an alert that cannot become a case", topic=message.topic, problem=str(error))
            return None
        except Exception as error:
            if is_away(error):
                raise
            log.exception("an alert could not be taken into the book", topic=message.topic)
            return None
        log.info("case", number=taken.number, alert=taken.alert, opened=taken.opened, again=taken.again)
        return taken

    def _answer(self, connection: Connection, taken: intake.Taken) -> None:
        answer = ack_json(self._now(), alert=taken.alert, status="received", by=BY, case=taken.number)
        connection.publish(ack_topic_of(self._county, self._department), answer, properties=json_properties())

    def _say(self, connection: Connection) -> None:
        """Publish what cases have to say, in order, and write down what the broker has."""
        if self._unsaved:
            with self._store.sessions.begin() as session:
                notices.unsay(session, self._now() - timedelta(seconds=self._pace.unsaved))
            self._unsaved = False
        if self._said:
            with self._store.sessions.begin() as session:
                notices.mark_said(session, self._said, self._now())
            self._said.clear()
        room = _IN_FLIGHT - len(self._saying)
        if room < _IN_FLIGHT // 2:
            return
        with self._store.reading() as session:
            waiting = notices.unsaid(session, room, self._saying.values())
        for notice in waiting:
            mid = connection.publish(
                case_topic_of(self._county, notice.case),
                json.dumps(notice.payload, ensure_ascii=False),
                properties=json_properties(),
            )
            if mid is None:
                return
            self._saying[mid] = notice.id
            self._mute_since = self._mute_since or time.monotonic()
