"""One MQTT connection: version 5 where the broker speaks it, else 3.1.1; a persistent session; acknowledgements by hand.

Nothing here queues what must not be lost: alerts are rows, and an answer is confirmed to the broker only after it is
written.
"""

from __future__ import annotations

import contextlib
import queue
import secrets
import socket
import threading
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from patrol.alerts.address import Address, MqttError, read_address
from patrol.alerts.tls import Encryption, sentence_of

log = structlog.get_logger(__name__)

SESSION_S = 7 * 24 * 3600
"""How long the broker keeps our session, and the answers that came meanwhile, while we are away."""
KEEPALIVE_S = 20
LONGEST = 64 * 1024
"""Bytes of a message that are looked at; more of it is not even kept in memory."""
LARGEST_PACKET = 1024 * 1024
"""A version 5 broker is told not to send us more than this."""
_WAITING = 10_000
"""Messages without an acknowledgement (QoS 0) beyond this many waiting ones are dropped: nobody promised them anything."""
_VERSIONS = {MQTTProtocolVersion.MQTTv5: "5", MQTTProtocolVersion.MQTTv311: "3.1.1"}
_WRONG_VERSION = "Unsupported protocol version"
_NOT_LET_IN = {"Not authorized", "Bad user name or password"}

__all__ = [
    "KEEPALIVE_S",
    "LARGEST_PACKET",
    "LONGEST",
    "SESSION_S",
    "Address",
    "Connection",
    "Event",
    "Lost",
    "MqttError",
    "Nudged",
    "Published",
    "Received",
    "Subscribed",
    "probe",
    "read_address",
]


@dataclass(frozen=True, slots=True)
class Received:
    """A message that waits to be confirmed. Of a payload longer than ``LONGEST`` only one byte more is kept."""

    topic: str
    payload: bytes
    mid: int
    qos: int


@dataclass(frozen=True, slots=True)
class Published:
    """The broker's word on a message of ours: it has it, or ``problem`` says why it refuses it (version 5 only)."""

    mid: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The broker's word on all our subscriptions: granted, or ``problem`` says which are not.

    Messages of an old session may come before it, and a broker may even wait for their confirmation first (amqtt).
    """

    problem: str | None


@dataclass(frozen=True, slots=True)
class Nudged:
    """Somebody called :meth:`Connection.nudge`."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is over."""


Event = Received | Published | Subscribed | Nudged | Lost


def probe(url: str, *, timeout_s: float = 5.0) -> str:
    """The MQTT version the broker speaks with us: ``5`` or ``3.1.1``.

    Raises:
        MqttError: it does not answer or refuses us in both.
    """
    name = f"patrol-probe-{secrets.token_hex(6)}"
    connection = Connection(read_address(url), name, session=False, timeout_s=timeout_s)
    connection.close()
    return _VERSIONS[connection.version]


class Connection:
    """A connection that has been made, its subscriptions asked for. It is used once: when it is lost, another is made.

    Args:
        address: the broker.
        client_id: stable, so that the broker knows the session again.
        will: ``(topic, payload)`` that the broker publishes, retained, when we vanish.
        subscriptions: topics, QoS 1.
        session: whether the broker shall keep what comes while we are away.
        timeout_s: for each step of connecting.

    Attributes:
        events: what came, in order.
        session_present: whether the broker still had our session.
        version: MQTT version spoken.

    Raises:
        MqttError: the broker is not there, or refuses us.
    """

    def __init__(
        self,
        address: Address,
        client_id: str,
        *,
        will: tuple[str, str] | None = None,
        subscriptions: tuple[str, ...] = (),
        session: bool = True,
        timeout_s: float = 5.0,
    ) -> None:
        self.address = address
        self.events: queue.Queue[Event] = queue.Queue()
        self.session_present = False
        self.version = _version_of(address, timeout_s)
        self._subscriptions = subscriptions
        self._lost = threading.Event()
        self._client = _client(address, client_id, self.version, session=session, timeout_s=timeout_s)
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)
        answers: queue.Queue[_Refused | None] = queue.Queue()
        self._listen(self._client, address, answers)
        why = _connect(self._client, address, answers, timeout_s, **_session(self.version, session))
        if why is not None:
            raise MqttError(f"{address.shown}: {why.sentence}")

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
        """Hand a message to the broker, QoS 1. Returns the id that ``Published`` will carry; None: the connection is lost."""
        info = self._client.publish(
            topic, payload.encode(), qos=1, retain=retain, properties=properties if self.v5 else None
        )
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def confirm(self, message: Received) -> None:
        """Tell the broker that a message is written and need not be delivered again."""
        if message.qos > 0:
            self._client.ack(message.mid, message.qos)

    def take(self, wait_s: float) -> list[Event]:
        """Wait for an event so many seconds, then take all there are, in order; empty: none came."""
        taken: list[Event] = []
        with contextlib.suppress(queue.Empty):
            taken.append(self.events.get(timeout=wait_s) if wait_s > 0 else self.events.get_nowait())
            while True:
                taken.append(self.events.get_nowait())
        return taken

    def nudge(self) -> None:
        """Wake whoever waits on ``events``."""
        self.events.put(Nudged())

    def close(self) -> None:
        """Say goodbye: the will is not published, the session stays."""
        self._client.disconnect()
        self._lost.wait(2.0)
        self.drop()

    def leave(self) -> None:
        """Say goodbye where it still stands, else drop it."""
        if self.lost:
            self.drop()
        else:
            self.close()

    def drop(self) -> None:
        """Leave it, whatever state it is in."""
        self._lost.set()
        _hang_up(self._client)

    def _listen(self, client: paho.Client, address: Address, answers: queue.Queue[_Refused | None]) -> None:
        """Turn the client's callbacks into events, and its first ones into the answer that connecting waits for."""
        made = threading.Event()
        waiting: dict[int, str] = {}

        def connected(_c: Any, _u: Any, flags: paho.ConnectFlags, reason: Any, _properties: Any) -> None:
            if reason.is_failure:
                answers.put(_Refused(_refusal(str(reason), address)))
                return
            self.session_present = flags.session_present
            for topic in self._subscriptions:
                _result, mid = client.subscribe(topic, qos=1)
                if mid is not None:
                    waiting[mid] = topic
            made.set()
            answers.put(None)

        def subscribed(_c: Any, _u: Any, mid: int, reasons: list[Any], _properties: Any) -> None:
            topic = waiting.pop(mid, "")
            if any(reason.is_failure for reason in reasons):
                self.events.put(Subscribed(f"the subscription to {topic} is refused ({reasons[0]})"))
            elif not waiting:
                self.events.put(Subscribed(None))

        def disconnected(_c: Any, _u: Any, _flags: Any, reason: Any, _properties: Any) -> None:
            if made.is_set():
                self._lost.set()
                self.events.put(Lost())
            else:
                answers.put(_Refused(f"connection closed ({reason})"))

        client.on_connect = connected
        client.on_subscribe = subscribed
        client.on_disconnect = disconnected
        client.on_publish = self._published
        client.on_message = self._received

    def _published(self, _c: Any, _u: Any, mid: int, reason: Any, _properties: Any) -> None:
        self.events.put(Published(mid, str(reason) if reason.is_failure else None))

    def _received(self, _c: Any, _u: Any, message: paho.MQTTMessage) -> None:
        if message.qos == 0 and self.events.qsize() > _WAITING:
            log.warning("a message without acknowledgement was dropped: too many wait", bytes=len(message.payload))
            return
        # An exception in here would end the client's thread: a topic that is no text is another sender's broken one.
        with contextlib.suppress(UnicodeDecodeError):
            self.events.put(
                Received(message.topic, bytes(message.payload[: LONGEST + 1]), message.mid, int(message.qos))
            )


@dataclass(frozen=True, slots=True)
class _Refused:
    sentence: str
    other_version: bool = False
    """Whether the other protocol version may fare better."""
    unreachable: bool = False
    """Whether there is nobody at the address, or nobody we trust or who trusts us: no version fares better."""


def _client(
    address: Address, client_id: str, version: MQTTProtocolVersion, *, session: bool, timeout_s: float
) -> paho.Client:
    more: dict[str, Any] = {} if version is MQTTProtocolVersion.MQTTv5 else {"clean_session": not session}
    encryption = Encryption(address) if address.tls else None
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        userdata=encryption,
        protocol=version,
        manual_ack=True,
        reconnect_on_failure=False,
        **more,
    )
    client.connect_timeout = timeout_s
    client.on_socket_open = _at_once
    if address.user is not None:
        client.username_pw_set(address.user, address.password)
    if encryption is not None:
        client.tls_set_context(encryption.context)
    return client


def _at_once(_client: paho.Client, _userdata: Any, wire: Any) -> None:
    # An alert is a small packet behind another: Nagle's algorithm would hold it until the other side's delayed acknowledgement.
    if isinstance(wire, socket.socket) and wire.family in {socket.AF_INET, socket.AF_INET6}:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _session(version: MQTTProtocolVersion, session: bool) -> dict[str, Any]:
    if version is not MQTTProtocolVersion.MQTTv5:
        return {}
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    properties.SessionExpiryInterval = SESSION_S if session else 0
    properties.MaximumPacketSize = LARGEST_PACKET
    return {"clean_start": not session, "properties": properties}


def _version_of(address: Address, timeout_s: float) -> MQTTProtocolVersion:
    """Ask with a bare version 5 CONNECT: no properties and no will.

    A 3.1.1 broker refuses that, or cuts us off; one that meets properties may take them for lengths and wait for ever (amqtt).
    Any other refusal is made by one that speaks version 5.
    """
    client = _client(
        address, f"patrol-probe-{secrets.token_hex(6)}", MQTTProtocolVersion.MQTTv5, session=False, timeout_s=timeout_s
    )
    answers: queue.Queue[_Refused | None] = queue.Queue()

    def connected(_c: Any, _u: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        wrong = str(reason) == _WRONG_VERSION
        answers.put(_Refused(str(reason), other_version=wrong) if reason.is_failure else None)

    def disconnected(_c: Any, _u: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        answers.put(_Refused(f"connection closed ({reason})", other_version=True))

    client.on_connect = connected
    client.on_disconnect = disconnected
    why = _connect(client, address, answers, timeout_s, clean_start=True)
    if why is None:
        _hang_up(client)
        return MQTTProtocolVersion.MQTTv5
    if why.unreachable:
        raise MqttError(f"{address.shown}: {why.sentence}")
    return MQTTProtocolVersion.MQTTv311 if why.other_version else MQTTProtocolVersion.MQTTv5


def _connect(
    client: paho.Client, address: Address, answers: queue.Queue[_Refused | None], timeout_s: float, **more: Any
) -> _Refused | None:
    """Connect and wait for the first answer; why not, if not."""
    try:
        client.connect(address.host, address.port, keepalive=KEEPALIVE_S, **more)
    except (OSError, ValueError) as error:
        return _Refused(sentence_of(error, address), unreachable=True)
    client.loop_start()
    try:
        why = answers.get(timeout=timeout_s)
    except queue.Empty:
        why = _Refused("no answer", other_version=True)
    if why is not None:
        encryption: Encryption | None = client.user_data_get()
        # Before we hang up: that is an error to the socket too.
        if encryption is not None and encryption.refusal is not None:
            why = _Refused(sentence_of(encryption.refusal, address), unreachable=True)
        client.on_disconnect = None
        _hang_up(client)
    return why


def _refusal(reason: str, address: Address) -> str:
    """Why the broker does not let us in, with what to look at; never who we said we are."""
    if reason not in _NOT_LET_IN:
        return reason
    if address.user is None:
        return f"the broker lets nobody in without a user and a password; name them with ?credential= ({reason})"
    where = f" in {address.credential}" if address.credential is not None else ""
    return f"the broker refuses the user or the password{where} ({reason})"


def _hang_up(client: paho.Client) -> None:
    # In this order: disconnect() lets the client's thread end, the cut socket wakes it also where the peer is mute.
    client.disconnect()
    wire = client.socket()
    if isinstance(wire, socket.socket):
        with contextlib.suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)
    client.loop_stop()
