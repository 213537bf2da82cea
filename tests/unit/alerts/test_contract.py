"""The published contract: schemas that are schemas, references that lead somewhere, topics that the code uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from patrol.alerts.acks import ANSWERS
from patrol.alerts.envelope import ack_topic_of, topic_of

DOCS = Path(__file__).parents[3] / "docs"
NAMES = ("alert", "ack", "rotation", "available", "camera_status")
CONTRACT = yaml.safe_load((DOCS / "asyncapi.yaml").read_text("utf-8"))


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    return found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if "$ref" in value else []
        return here + [r for v in value.values() for r in references(v)]
    return [r for v in value for r in references(v)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_every_reference_of_the_contract_leads_somewhere() -> None:
    found = references(CONTRACT)
    assert {f"schemas/{name}.schema.json" for name in NAMES} <= set(found)
    for reference in found:
        if reference.startswith("#/"):
            value: Any = CONTRACT
            for step in reference.removeprefix("#/").split("/"):
                value = value[step]
        else:
            assert (DOCS / reference).is_file(), reference


def test_the_contract_names_the_topics_that_the_code_uses() -> None:
    addresses = {name: channel["address"] for name, channel in CONTRACT["channels"].items()}
    assert addresses["alert"] == topic_of("{county}", "{department}", "{kind}")
    assert addresses["ack"] == ack_topic_of("{county}", "{department}")
    assert CONTRACT["asyncapi"] == "3.0.0"


def test_answers_are_the_same_in_the_schema_and_in_the_code() -> None:
    assert tuple(schema("ack")["properties"]["status"]["enum"]) == ANSWERS


def test_the_guides_example_is_a_valid_alert() -> None:
    guide = (DOCS / "mqtt.md").read_text("utf-8")
    example = json.loads(guide.split("```json\n", 1)[1].split("```", 1)[0])
    example["evidence"][0]["sha256"] = "0" * 64
    jsonschema.validate(example, schema("alert"))
