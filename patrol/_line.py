"""The service's line to departments and people: the embedded broker, where none is named, the relay and the herald."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import structlog

from patrol import alerts
from patrol._board import Board
from patrol.registry import Registry
from patrol.settings import Settings
from patrol.store import Store
from patrol.store.tables import Ack

log = structlog.get_logger(__name__)


class Line:
    """A broker of its own, if need be, and the relay.

    Args:
        settings: which broker.
        store: with the outbox.
        link_key: signs the links in alerts.
        topic: the county's level in topics.
        board: told while there is no connection, or a channel does not take messages.
        registry: gives the registry in force and its folder; None: nobody is told over channels.

    Raises:
        alerts.BrokerError: the embedded broker cannot start.
        alerts.MqttError: the named broker's address cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        link_key: bytes,
        topic: str,
        board: Board,
        registry: Callable[[], tuple[Registry, Path | None]] | None = None,
    ) -> None:
        self._board = board
        self.broker: alerts.Broker | None = None
        if settings.mqtt is None:
            self.broker = alerts.start_broker(settings.data, settings.mqtt_port)
            log.info("embedded broker", name=self.broker.name, url=self.broker.url)
        try:
            self.relay = alerts.Relay(
                store,
                county_topic=topic,
                mqtt_url=settings.mqtt or (self.broker.url if self.broker else ""),
                base_url=settings.base_url,
                link_key=link_key,
                client_id=f"patrol-{topic}",
                on_state=self._relay_state,
                on_answer=self._answered,
                on_case=self._said,
                case_department=None if registry is None else lambda: registry()[0].cases.keeper,
            )
        except BaseException:
            self.stop_broker()
            raise
        self.herald: alerts.Herald | None = None
        if registry is not None:
            self.herald = alerts.Herald(
                store, registry=registry, base_url=settings.base_url, link_key=link_key, on_state=self._channel_state
            )

    def start(self) -> None:
        """Begin to publish and to send. Returns at once."""
        self.relay.start()
        if self.herald is not None:
            self.herald.start()

    def stop(self) -> None:
        """End relay and herald; the broker is stopped by itself, after them."""
        if self.herald is not None:
            self.herald.stop()
        self.relay.stop()

    def check_broker(self) -> None:
        """Start the embedded broker again if it ended."""
        if self.broker is not None and not self.broker.alive():
            log.error("the embedded broker ended; starting it again", name=self.broker.name)
            with contextlib.suppress(alerts.BrokerError):
                self.broker.ensure()

    def stop_broker(self) -> None:
        """End the embedded broker."""
        if self.broker is not None:
            self.broker.stop()

    def _relay_state(self, connected: bool, detail: str) -> None:
        sentence = f"no connection to the MQTT broker ({detail}); alerts wait in the outbox"
        self._board.problem("broker", None if connected else sentence)

    def _answered(self, ack: Ack) -> None:
        self._board.tell(
            {
                "event": "answer",
                "alert": ack.alert,
                "department": ack.department,
                "status": ack.status,
                "taken": ack.taken,
            }
        )

    def _said(self, said: alerts.Said) -> None:
        self._board.tell({"event": "case", "case": said.number, "light": said.light, "incidents": list(said.incidents)})

    def _channel_state(self, channel: str, problem: str | None) -> None:
        self._board.problem(f"channel {channel}", problem)
