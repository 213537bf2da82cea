"""Whom to tell: routes, outbox, MQTT, acknowledgements, the embedded broker."""

from patrol.alerts.broker import Broker, BrokerError, start_broker
from patrol.alerts.case_links import Said
from patrol.alerts.envelope import case_topic_of
from patrol.alerts.herald import Herald
from patrol.alerts.links import load_or_make_key, read_link, sign_link, verify_link
from patrol.alerts.mqtt import MqttError, probe
from patrol.alerts.outbox import notify
from patrol.alerts.receiver import Receiver
from patrol.alerts.relay import Relay
from patrol.alerts.route import RouteError

__all__ = [
    "Broker",
    "BrokerError",
    "Herald",
    "MqttError",
    "Receiver",
    "Relay",
    "RouteError",
    "Said",
    "case_topic_of",
    "load_or_make_key",
    "notify",
    "probe",
    "read_link",
    "sign_link",
    "start_broker",
    "verify_link",
]
