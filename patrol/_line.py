"""The service's line to the departments: the embedded broker, where none is named, and the relay that uses it."""

from __future__ import annotations

import contextlib

import structlog

from patrol import alerts
from patrol._board import Board
from patrol.settings import Settings
from patrol.store import Store

log = structlog.get_logger(__name__)


class Line:
    """A broker of its own, if need be, and the relay.

    Args:
        settings: which broker.
        store: with the outbox.
        link_key: signs the links in alerts.
        topic: the county's level in topics.
        board: told while there is no connection.

    Raises:
        alerts.BrokerError: the embedded broker cannot start.
        alerts.MqttError: the named broker's address cannot be used.
    """

    def __init__(self, settings: Settings, store: Store, link_key: bytes, topic: str, board: Board) -> None:
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
            )
        except BaseException:
            self.stop_broker()
            raise

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
