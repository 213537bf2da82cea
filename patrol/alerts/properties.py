"""What MQTT 5 can say beside a message."""

from __future__ import annotations

from typing import Any

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

CONTENT_TYPE = "application/json"


def alert_properties(envelope: dict[str, Any]) -> Properties:
    """What version 5 can say beside an alert: response topic, correlation, content type, user properties.

    No expiry: a department that is away for long must find its alerts when it is back.
    """
    properties = json_properties()
    properties.ResponseTopic = envelope["ack_topic"]
    properties.CorrelationData = str(envelope["id"]).encode()
    properties.UserProperty = [("schema", envelope["schema"]), ("type", envelope["type"])]
    return properties


def json_properties(*, expiry_s: int | None = None) -> Properties:
    """What version 5 can say beside any JSON message; with ``expiry_s`` the broker forgets it after so many seconds."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    properties.ContentType = CONTENT_TYPE
    properties.PayloadFormatIndicator = 1
    if expiry_s is not None:
        properties.MessageExpiryInterval = expiry_s
    return properties
