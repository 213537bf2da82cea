"""A department's side, as an example that works: takes alerts, drops duplicates by id, answers.

``python -m patrol.alerts.receiver --broker mqtt://127.0.0.1:1883 --county xiangyin --department traffic_police``
"""

from __future__ import annotations

import argparse
import json
import queue
import signal
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from patrol.alerts.acks import ANSWERS
from patrol.alerts.envelope import ack_topic_of
from patrol.alerts.mqtt import Connection, MqttError, Received, Subscribed, read_address

log = structlog.get_logger(__name__)

_REMEMBERED = 10_000


class Receiver:
    """Takes the alerts of one department and answers each with ``acks``, in a thread of its own.

    Args:
        url: the broker, see :func:`patrol.alerts.mqtt.read_address`.
        county, department: as in the topics.
        acks: what is answered, in order; ``()`` answers nothing.
        on_alert: called with department and envelope, once an alert id; must not raise. The answers go out after it.
    """

    def __init__(
        self,
        url: str,
        *,
        county: str,
        department: str,
        acks: tuple[str, ...] = ("received",),
        on_alert: Callable[[str, dict[str, Any]], None] | None = None,
    ) -> None:
        self._address = read_address(url)
        self._topic = f"patrol/v1/{county}/alert/{department}/+"
        self._ack_topic = ack_topic_of(county, department)
        self._department = department
        self._client_id = f"department-{county}-{department}"
        self._acks = acks
        self._on_alert = on_alert or (lambda _department, _alert: None)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._stop = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"receiver-{department}", daemon=True)

    def start(self) -> None:
        """Begin; it connects again whenever the broker comes back."""
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether it listens now: what is published from here on reaches it."""
        return self._listening.is_set()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                connection = Connection(self._address, self._client_id, subscriptions=(self._topic,))
            except MqttError as error:
                log.warning("receiver waits for its broker", department=self._department, error=str(error))
                self._stop.wait(1.0)
                continue
            while not self._stop.is_set() and not connection.lost:
                try:
                    event = connection.events.get(timeout=0.2)
                except queue.Empty:
                    continue
                if isinstance(event, Received):
                    self._take(connection, event)
                elif isinstance(event, Subscribed) and event.problem is None:
                    self._listening.set()
                elif isinstance(event, Subscribed):
                    log.warning("receiver hears nothing", department=self._department, error=event.problem)
            self._listening.clear()
            if connection.lost:
                connection.drop()
            else:
                connection.close()

    def _take(self, connection: Connection, message: Received) -> None:
        try:
            alert = json.loads(message.payload)
            key, ack_topic = str(alert["id"]), str(alert["ack_topic"])
            if ack_topic != self._ack_topic:
                raise ValueError("an alert names the department's own topic for answers")
        except (ValueError, KeyError, TypeError):
            log.warning("not an alert", topic=message.topic)
            connection.confirm(message)
            return
        if key not in self._seen:
            self._on_alert(self._department, alert)
            self._seen[key] = None
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        # A duplicate is answered too: the first answer may be what was lost.
        for status in self._acks:
            answer = {"schema": "patrol.ack/1", "alert": key, "status": status, "at": datetime.now(UTC).isoformat()}
            connection.publish(ack_topic, json.dumps(answer))
        connection.confirm(message)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m patrol.alerts.receiver", description=__doc__)
    parser.add_argument(
        "--broker",
        default="mqtt://127.0.0.1:1883",
        help="mqtt(s)://[user:password@]host[:port][?ca=FILE&credential=env:NAME|file:PATH]",
    )
    parser.add_argument("--county", required=True)
    parser.add_argument("--department", required=True)
    parser.add_argument(
        "--ack", default="received", help="comma-separated, e.g. received,accepted; empty: answer nothing"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line: the alert as it came")
    args = parser.parse_args()

    def show(_department: str, alert: dict[str, Any]) -> None:
        sys.stdout.write((json.dumps(alert, ensure_ascii=False) if args.json else _line(alert)) + "\n")
        sys.stdout.flush()

    acks = tuple(a for a in args.ack.split(",") if a)
    if unknown := set(acks) - set(ANSWERS):
        parser.error(f"--ack knows no {min(unknown)!r}; there are {', '.join(ANSWERS)}")
    try:
        receiver = Receiver(args.broker, county=args.county, department=args.department, acks=acks, on_alert=show)
    except MqttError as error:
        sys.exit(str(error))
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    receiver.start()
    done.wait()
    receiver.stop()


def _line(alert: dict[str, Any]) -> str:
    judged = "confirmed" if alert.get("reviewed") else "not reviewed"
    return f"{alert.get('occurred_at')}  {alert.get('type')}  {alert.get('kind')}  {alert.get('summary')}  ({judged}, {alert['id']})"


if __name__ == "__main__":
    main()
