"""One MQTT connection: version 5 where the broker speaks it, else 3.1.1; a persistent session; acknowledgements by hand.

Nothing here queues what must not be lost: alerts are rows, and an answer is confirmed to the broker only after it is
written.
"""

from __future__ import annotations

import queue
import secrets
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

_SESSION_S = 7 * 24 * 3600
"""How long the broker keeps our session, and the answers that came meanwhile, while we are away."""
_KEEPALIVE_S = 20
_VERSIONS = {MQTTProtocolVersion.MQTTv5: "5", MQTTProtocolVersion.MQTTv311: "3.1.1"}


class MqttError(Exception):
    """The broker cannot be reached or refuses us; the message names it without credentials."""


@dataclass(frozen=True, slots=True)
class Address:
    """A broker's address, taken apart. ``shown`` is what may be logged."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None
    ca: str | None

    @property
    def shown(self) -> str:
        """Without credentials."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Received:
    """A message that waits to be confirmed."""

    topic: str
    payload: bytes
    mid: int
    qos: int


def read_address(url: str) -> Address:
    """Take an ``mqtt://`` or ``mqtts://[user:password@]host[:port][?ca=FILE]`` address apart.

    Raises:
        MqttError: it is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise MqttError(
            "the MQTT address cannot be read; write mqtt://host:1883 or mqtts://user:password@host:8883"
        ) from None
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise MqttError("an MQTT address begins with mqtt:// or mqtts:// and names a host")
    tls = parts.scheme == "mqtts"
    return Address(
        host=parts.hostname,
        port=port or (8883 if tls else 1883),
        tls=tls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        ca=parse_qs(parts.query).get("ca", [None])[0],
    )


def probe(url: str, *, timeout_s: float = 5.0) -> str:
    """The MQTT version the broker speaks with us: ``5`` or ``3.1.1``.

    Raises:
        MqttError: it does not answer or refuses us in both.
    """
    return _VERSIONS[_version_of(read_address(url), timeout_s)]


class Connection:
    """A connection that has been made. It is used once: when it is lost, another is made.

    Args:
        address: the broker.
        client_id: stable, so that the broker knows the session again.
        will: ``(topic, payload)`` that the broker publishes, retained, when we vanish.
        subscriptions: topics, QoS 1.
        timeout_s: for each step of connecting.
    """

    def __init__(
        self,
        address: Address,
        client_id: str,
        *,
        will: tuple[str, str] | None,
        subscriptions: tuple[str, ...],
        timeout_s: float = 5.0,
    ) -> None:
        self.address = address
        self.version = _version_of(address, timeout_s)
        self.events: queue.Queue[Received | int | None] = queue.Queue()
        """What came: messages, packet ids that the broker acknowledged, None when the connection is lost."""
        self._subscriptions = subscriptions
        self._lost = threading.Event()
        self._ready = threading.Event()
        self._refused: str | None = None
        self._client = _client(address, client_id, self.version, clean=False)
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_publish = lambda _c, _u, mid, _reason, _properties: self.events.put(mid)
        self._client.on_message = lambda _c, _u, m: self.events.put(Received(m.topic, bytes(m.payload), m.mid, m.qos))
        self._open(timeout_s)

    @property
    def lost(self) -> bool:
        """Whether it is over."""
        return self._lost.is_set()

    @property
    def v5(self) -> bool:
        """Whether version 5 properties may be set."""
        return self.version is MQTTProtocolVersion.MQTTv5

    def publish(
        self, topic: str, payload: str, *, retain: bool = False, properties: Properties | None = None
    ) -> int | None:
        """Hand a message to the broker, QoS 1. Returns the packet id to wait for in ``events``; None: the connection is lost."""
        info = self._client.publish(
            topic, payload.encode(), qos=1, retain=retain, properties=properties if self.v5 else None
        )
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def confirm(self, message: Received) -> None:
        """Tell the broker that a message is written and need not be delivered again."""
        if message.qos > 0:
            self._client.ack(message.mid, message.qos)

    def close(self) -> None:
        """Say goodbye: the will is not published."""
        self._client.disconnect()
        self._client.loop_stop()
        self._lost.set()

    def drop(self) -> None:
        """Leave a lost connection."""
        self._client.loop_stop()

    def _open(self, timeout_s: float) -> None:
        try:
            self._client.connect(self.address.host, self.address.port, keepalive=_KEEPALIVE_S, **_session(self.version))
        except (OSError, ValueError) as error:
            raise MqttError(f"{self.address.shown}: {error}") from error
        self._client.loop_start()
        if not self._ready.wait(timeout_s) or self._lost.is_set():
            self._client.loop_stop()
            raise MqttError(f"{self.address.shown}: {self._refused or 'no answer'}")

    def _connected(self, client: paho.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._refused = str(reason)
            self._lost.set()
        else:
            for topic in self._subscriptions:
                client.subscribe(topic, qos=1)
        self._ready.set()

    def _disconnected(self, _client: Any, _userdata: Any, _flags: Any, _reason: Any, _properties: Any) -> None:
        self._lost.set()
        self.events.put(None)


def alert_properties(envelope: dict[str, Any], expiry_s: int) -> Properties:
    """What version 5 can say beside the payload: response topic, correlation, content type, expiry."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    properties.ContentType = "application/json"
    properties.ResponseTopic = envelope["ack_topic"]
    properties.CorrelationData = str(envelope["id"]).encode()
    properties.MessageExpiryInterval = expiry_s
    properties.UserProperty = [("schema", envelope["schema"]), ("type", envelope["type"])]
    return properties


def expiring(seconds: int) -> Properties:
    """A message that a version 5 broker forgets after so long."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    properties.ContentType = "application/json"
    properties.MessageExpiryInterval = seconds
    return properties


def _client(address: Address, client_id: str, version: MQTTProtocolVersion, *, clean: bool) -> paho.Client:
    more: dict[str, Any] = {} if version is MQTTProtocolVersion.MQTTv5 else {"clean_session": clean}
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        protocol=version,
        manual_ack=True,
        reconnect_on_failure=False,
        **more,
    )
    client.connect_timeout = 5.0
    if address.user is not None:
        client.username_pw_set(address.user, address.password)
    if address.tls:
        try:
            client.tls_set_context(ssl.create_default_context(cafile=address.ca))
        except (OSError, ssl.SSLError) as error:
            raise MqttError(f"{address.shown}: the CA file {address.ca} cannot be used: {error}") from error
    return client


def _session(version: MQTTProtocolVersion) -> dict[str, Any]:
    if version is not MQTTProtocolVersion.MQTTv5:
        return {}
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    properties.SessionExpiryInterval = _SESSION_S
    return {"clean_start": False, "properties": properties}


def _version_of(address: Address, timeout_s: float) -> MQTTProtocolVersion:
    """Ask with a throw-away connection: a 3.1.1 broker cuts a version 5 client off, some without a word."""
    first: str | None = None
    for version in (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311):
        why = _try(address, version, timeout_s)
        if why is None:
            return version
        first = first or why
    raise MqttError(f"{address.shown}: {first}")


def _try(address: Address, version: MQTTProtocolVersion, timeout_s: float) -> str | None:
    client = _client(address, f"patrol-probe-{secrets.token_hex(6)}", version, clean=True)
    answer: queue.Queue[str | None] = queue.Queue()
    client.on_connect = lambda _c, _u, _f, reason, _p: answer.put(str(reason) if reason.is_failure else None)
    client.on_disconnect = lambda _c, _u, _f, reason, _p: answer.put(f"connection closed ({reason})")
    more: dict[str, Any] = {"clean_start": True} if version is MQTTProtocolVersion.MQTTv5 else {}
    try:
        client.connect(address.host, address.port, keepalive=_KEEPALIVE_S, **more)
    except (OSError, ValueError) as error:
        return str(error)
    deadline = time.monotonic() + timeout_s
    client.loop_start()
    try:
        return answer.get(timeout=max(0.1, deadline - time.monotonic()))
    except queue.Empty:
        return "no answer"
    finally:
        client.disconnect()
        client.loop_stop()
