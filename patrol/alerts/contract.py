"""The published contract, made from the code: JSON Schemas and AsyncAPI 3.0. ``python -m patrol.alerts docs`` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from patrol.alerts.envelope import LINK_LIFETIME, ack_topic_of, case_topic_of, topic_of
from patrol.alerts.messages import MESSAGES, Alert
from patrol.alerts.mqtt import KEEPALIVE_S, LARGEST_PACKET, LONGEST, SESSION_S
from patrol.alerts.properties import CONTENT_TYPE
from patrol.alerts.relay import STATUS_EXPIRY_S
from patrol.registry import KindName

_BINDING = "0.2.0"
"""Of AsyncAPI's MQTT bindings."""
_ROOT = "patrol/v1/{county}"


def contract_files() -> dict[str, str]:
    """The text of each published file, by its path in the ``docs`` folder."""
    schemas = {
        f"schemas/{name}.schema.json": json.dumps(schema_of(name), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        for name in MESSAGES
    }
    return {**schemas, "asyncapi.yaml": _yaml(asyncapi())}


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of a message.

    Raises:
        KeyError: there is no such message.
    """
    title, model = MESSAGES[name]
    schema = model.model_json_schema(by_alias=True, mode="validation")
    definitions = {**schema.get("$defs", {}), model.__name__: schema}
    for each in definitions.values():
        each["description"] = " ".join(each["description"].split())
    for each, definition in _models(model, definitions):
        for field_name, field in each.model_fields.items():
            # Pydantic leaves the description out where a field is another model.
            if (found := definition.get("properties", {}).get(field.alias or field_name)) is not None:
                found.update(title=field.title, description=field.description)
                # A field that may be left out has no value then; this would say that it may be null.
                found.pop("default", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document; its payloads are references to the schemas beside it."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:patrol:mqtt:v1",
        "info": {
            "title": "Video patrol over MQTT",
            "version": "1.2.0",
            "description": (
                "Alerts to departments, their answers, where cases stand, and the state of the patrol. Everything needed is in the payload, so "
                "that an MQTT 3.1.1 client or broker can take part; what MQTT 5 can say beside it is in the bindings. "
                "Delivery is at least once; a duplicate is possible and harmless, because receivers go by the id. Written "
                "from the service's side: `send` is what it publishes, `receive` what it takes. For people: mqtt.md."
            ),
            "license": {"name": "AGPL-3.0-or-later", "url": "https://www.gnu.org/licenses/agpl-3.0.html"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": _servers(),
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "parameters": {
                "county": {
                    "description": "The county's name in topics (`county.topic` of the registry).",
                    "examples": ["xiangyin"],
                },
                "department": {
                    "description": "Id of the department in the registry.",
                    "examples": ["traffic_police"],
                },
                "camera": {"description": "Id of the camera in the registry."},
                "number": {
                    "description": "Number of the case; the same as in the message.",
                    "examples": ["43062420261126000017", "XYZ-2026-0001"],
                },
                "kind": {"description": "Kind of the incident.", "enum": list(get_args(KindName))},
            },
            "messages": _messages(),
            "securitySchemes": {
                "login": {"type": "userPassword", "description": "One login per department; see mqtt.md, The broker."}
            },
            "operationBindings": {
                "retained": {"mqtt": {"qos": 1, "retain": True, "bindingVersion": _BINDING}},
                "expiring": {
                    "mqtt": {
                        "qos": 1,
                        "retain": True,
                        "messageExpiryInterval": STATUS_EXPIRY_S,
                        "bindingVersion": _BINDING,
                    }
                },
                "once": {"mqtt": {"qos": 1, "retain": False, "bindingVersion": _BINDING}},
            },
        },
    }


def _servers() -> dict[str, Any]:
    session = {
        "cleanSession": False,
        "lastWill": {"topic": f"{_ROOT}/available", "qos": 1, "message": "offline", "retain": True},
        "keepAlive": KEEPALIVE_S,
        "sessionExpiryInterval": SESSION_S,
        "maximumPacketSize": LARGEST_PACKET,
        "bindingVersion": _BINDING,
    }
    return {
        "embedded": {
            "host": "127.0.0.1:1883",
            "protocol": "mqtt",
            "description": "The broker that the service brings along, on loopback. Mosquitto (MQTT 3.1.1 and 5) or amqtt (3.1.1).",
            "bindings": {"mqtt": session},
        },
        "county": {
            "host": "mqtt.county.example:8883",
            "protocol": "mqtts",
            "description": "A broker of the county's own; its name is an example.",
            "security": [_ref("components/securitySchemes/login")],
            "bindings": {"mqtt": session},
        },
    }


def _channels() -> dict[str, Any]:
    alert, ack = topic_of("{county}", "{department}", "{kind}"), ack_topic_of("{county}", "{department}")
    hours = STATUS_EXPIRY_S // 3600
    return {
        "available": _channel(
            "available", f"{_ROOT}/available", "Availability", "Retained, QoS 1, and the service's will."
        ),
        "rotation": _channel("rotation", f"{_ROOT}/rotation", "Rotation", "Retained, QoS 1."),
        "cameraStatus": _channel(
            "cameraStatus",
            f"{_ROOT}/camera/{{camera}}/status",
            "Camera status",
            f"Retained, QoS 1; expires after {hours} hours on an MQTT 5 broker. No other message expires.",
        ),
        "alert": _channel(
            "alert",
            alert,
            "Alert",
            "Never retained, QoS 1, without an expiry. The same alert may come more than once; receivers go by its id.",
        ),
        "ack": _channel(
            "ack",
            ack,
            "Acknowledgement",
            "Never retained, QoS 1. Stands in each alert as `ack_topic`, and in MQTT 5 as its response topic. "
            f"Of more than {LONGEST // 1024} KiB nothing is read.",
        ),
        "case": _channel(
            "case",
            case_topic_of("{county}", "{number}"),
            "Case",
            "Never retained, QoS 1. Said by the case system: the built-in one (then this service sends it) or the county's own. "
            f"The service takes it from either. Of more than {LONGEST // 1024} KiB nothing is read.",
        ),
    }


def _channel(message: str, address: str, title: str, description: str) -> dict[str, Any]:
    named = [level[1:-1] for level in address.split("/") if level.startswith("{")]
    return {
        "address": address,
        "title": title,
        "description": description,
        "parameters": {name: _ref(f"components/parameters/{name}") for name in named},
        "messages": {message: _ref(f"components/messages/{message}")},
    }


def _operations() -> dict[str, Any]:
    answered = {"channel": _ref("channels/ack"), "messages": [_ref("channels/ack/messages/ack")]}
    return {
        "sayAvailable": _operation("send", "available", "retained"),
        "sayRotation": _operation("send", "rotation", "retained"),
        "sayCameraStatus": _operation("send", "cameraStatus", "expiring"),
        "sendAlert": {**_operation("send", "alert", "once"), "reply": answered},
        "takeAck": _operation("receive", "ack", "once"),
        "takeCase": _operation("receive", "case", "once"),
        "sayCase": _operation("send", "case", "once"),
    }


def _operation(action: str, channel: str, binding: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": _ref(f"channels/{channel}"),
        "messages": [_ref(f"channels/{channel}/messages/{channel}")],
        "bindings": _ref(f"components/operationBindings/{binding}"),
    }


def _messages() -> dict[str, Any]:
    text = {"payloadFormatIndicator": 1, "contentType": CONTENT_TYPE, "bindingVersion": _BINDING}
    types = list(get_args(Alert.model_fields["type"].annotation))
    return {
        "available": {
            "name": "available",
            "contentType": "text/plain",
            "payload": _payload("available"),
            "examples": [{"payload": "online"}],
        },
        "rotation": {"name": "rotation", "payload": _payload("rotation"), "bindings": {"mqtt": text}},
        "cameraStatus": {"name": "camera_status", "payload": _payload("camera_status"), "bindings": {"mqtt": text}},
        "alert": {
            "name": "alert",
            "description": f"Links in it work for {LINK_LIFETIME.total_seconds() / 3600:g} hours; a copy sent later has fresh ones.",
            "headers": {
                "type": "object",
                "description": "MQTT 5 user properties; both stand in the payload too.",
                "required": ["schema", "type"],
                "properties": {
                    "schema": {"const": get_args(Alert.model_fields["schema_"].annotation)[0]},
                    "type": {"enum": types},
                },
            },
            "correlationId": {
                "description": "Also MQTT 5's correlation data.",
                "location": "$message.payload#/id",
            },
            "payload": _payload("alert"),
            "bindings": {
                "mqtt": {
                    **text,
                    "correlationData": {"type": "string", "description": "The alert's id."},
                    "responseTopic": ack_topic_of("{county}", "{department}"),
                }
            },
        },
        "ack": {
            "name": "ack",
            "correlationId": {"description": "The alert's id.", "location": "$message.payload#/alert"},
            "payload": _payload("ack"),
            "examples": [
                {"payload": {"alert": "0d4f3c0e6b1f4b0f9a0c5a8f2f7b6d11", "status": "received"}},
                {
                    "payload": {
                        "schema": "patrol.ack/1",
                        "alert": "0d4f3c0e6b1f4b0f9a0c5a8f2f7b6d11",
                        "status": "refused",
                        "reason": "不属我辖区",
                        "by": "指挥室",
                        "at": "2026-03-01T08:06:00Z",
                    }
                },
            ],
        },
        "case": {
            "name": "case",
            "payload": _payload("case"),
            "examples": [
                {
                    "payload": {
                        "number": "XYZ-2026-0001",
                        "stage": "办理中",
                        "light": "yellow",
                        "at": "2026-03-03T02:00:00Z",
                    }
                }
            ],
        },
    }


def _payload(name: str) -> dict[str, Any]:
    return {"$ref": f"schemas/{name}.schema.json"}


def _models(model: type[BaseModel], definitions: dict[str, Any]) -> Iterator[tuple[type[BaseModel], dict[str, Any]]]:
    """The models that stand in the schema of ``model``, each with its part of it."""
    for each in {model, *_subclasses(BaseModel)}:
        if each.__module__ == model.__module__ and each.__name__ in definitions:
            yield each, definitions[each.__name__]


def _subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _subclasses(each)


def _ref(path: str) -> dict[str, str]:
    return {"$ref": f"#/{path}"}


class _Plain(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML is not typed for us
    """Without anchors: a reader sees each part in full."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Always."""
        return True


def _yaml(document: dict[str, Any]) -> str:
    text = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    return f"# Made from the code by `python -m patrol.alerts docs`; do not write here.\n{text}"
