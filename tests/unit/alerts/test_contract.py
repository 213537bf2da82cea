"""The published contract: made from the code, references that lead somewhere, and kept towards those who built on it."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from patrol.alerts.acks import ANSWERS, parse
from patrol.alerts.contract import contract_files, schema_of
from patrol.alerts.envelope import ack_topic_of, topic_of
from patrol.alerts.message import read_moment
from patrol.alerts.messages import MESSAGES
from patrol.alerts.relay import STATUS_EXPIRY_S

DOCS = Path(__file__).parents[3] / "docs"
FROZEN = Path(__file__).parents[2] / "data" / "contract"
NAMES = tuple(MESSAGES)
CONTRACT = yaml.safe_load((DOCS / "asyncapi.yaml").read_text("utf-8"))
EXAMPLES = sorted((FROZEN / "examples").glob("*.json"))


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    return found


def first_schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FROZEN / "first" / f"{name}.schema.json").read_text("utf-8"))
    return found


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FROZEN / "examples" / f"{name}.json").read_text("utf-8"))
    return found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if "$ref" in value else []
        return here + [r for v in value.values() for r in references(v)]
    return [r for v in value for r in references(v)] if isinstance(value, list) else []


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "properties" in value:
            yield value
        for v in value.values():
            yield from objects(v)
    elif isinstance(value, list):
        for v in value:
            yield from objects(v)


# --- made from the code -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", contract_files())
def test_the_published_files_are_those_of_the_code(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == contract_files()[name], "write them anew: python -m patrol.alerts docs"


def test_the_command_writes_the_same_files_in_another_process(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "patrol.alerts", str(tmp_path)], check=True, timeout=60)
    written = {p.relative_to(tmp_path).as_posix(): p.read_text("utf-8") for p in tmp_path.rglob("*") if p.is_file()}
    assert written == contract_files()


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_and_says_what_each_field_is(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert schema(name)["description"]
    for each in objects(schema(name)):
        for field, described in each["properties"].items():
            assert described.get("title"), (each["title"], field)
            assert described.get("description"), (each["title"], field)


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


def test_the_contract_lets_camera_states_expire_and_nothing_else() -> None:
    def expiry(operation: str) -> int | None:
        name = CONTRACT["operations"][operation]["bindings"]["$ref"].rsplit("/", 1)[-1]
        found: int | None = CONTRACT["components"]["operationBindings"][name]["mqtt"].get("messageExpiryInterval")
        return found

    assert {o: expiry(o) for o in CONTRACT["operations"] if expiry(o)} == {"sayCameraStatus": STATUS_EXPIRY_S}


def test_answers_are_the_same_in_the_schema_and_in_the_code() -> None:
    assert tuple(schema("ack")["properties"]["status"]["enum"]) == ANSWERS


@pytest.mark.parametrize("number", [0, 1])
def test_the_guides_examples_are_valid(number: int) -> None:
    guide = (DOCS / "mqtt.md").read_text("utf-8")
    name = ("alert", "ack")[number]
    shown = json.loads(
        guide.split("```json\n")[number + 1].split("```", 1)[0].replace('"sha256": "…"', f'"sha256": "{"0" * 64}"')
    )
    jsonschema.validate(shown, schema(name))
    MESSAGES[name][1].model_validate_json(json.dumps(shown))


# --- kept -----------------------------------------------------------------------------------------------------------


def test_what_is_frozen_was_not_changed() -> None:
    lines = (FROZEN / "SHA256SUMS").read_text("utf-8").splitlines()
    kept = {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    found = {
        p.relative_to(FROZEN).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for folder in ("first", "examples")
        for p in (FROZEN / folder).iterdir()
    }
    assert found == kept
    assert {p.name.split("-", 1)[0] for p in EXAMPLES} == set(NAMES)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_message_that_was_ever_valid_still_is(file: Path) -> None:
    name = file.name.split("-", 1)[0]
    text = file.read_text("utf-8")
    jsonschema.validate(json.loads(text), schema(name))
    MESSAGES[name][1].model_validate_json(text)


@pytest.mark.parametrize("file", [f for f in EXAMPLES if not f.name.startswith("ack")], ids=lambda file: file.stem)
def test_a_receiver_that_checks_by_the_first_schemas_takes_what_is_published_today(file: Path) -> None:
    name = file.name.split("-", 1)[0]
    jsonschema.validate(json.loads(file.read_text("utf-8")), first_schema(name))


@pytest.mark.parametrize("file", [f for f in EXAMPLES if f.name.startswith("ack")], ids=lambda file: file.stem)
def test_every_answer_that_was_ever_valid_is_read_without_a_flaw(file: Path) -> None:
    read = parse(file.read_bytes())
    assert (read.problem, read.flaws) == (None, ())
    assert read.status in ANSWERS


@pytest.mark.parametrize("name", NAMES)
def test_no_field_of_the_first_schemas_is_gone_and_none_is_needed_that_was_not(name: str) -> None:
    first, now = first_schema(name), schema(name)
    assert first.get("properties", {}).keys() <= now.get("properties", {}).keys()
    assert set(now.get("required", ())) == set(first.get("required", ()))


@pytest.mark.parametrize(
    ("frozen", "wrong"),
    [
        ("alert-1.primary", {"type": "reminder"}),
        ("alert-1.primary", {"seq": 0}),
        ("alert-1.primary", {"evidence": [{"url": "x"}]}),
        ("alert-1.primary", {"occurred_at": "2026-03-01 08:00"}),
        ("alert-1.primary", {"role": "boss"}),
        ("alert-1.primary", {"escalation": {"level": -1, "from": "police", "because": "x"}}),
        ("alert-1.primary", {"escalation": {"level": 1, "because": "x"}}),
        ("alert-1.primary", {"respond_by": {"accepted": 5}}),
        ("ack-1.phoned", {"status": "eaten"}),
        ("ack-1.phoned", {"alert": "x" * 37}),
        ("ack-1.phoned", {"phone": {"outcome": "nobody there"}}),
        ("ack-1.phoned", {"photos": [{"url": "javascript:alert(1)"}]}),
        ("ack-1.phoned", {"case": "x" * 65}),
        ("ack-1.phoned", {"by": 5}),
        ("rotation-1.first-form", {"due": -1}),
        ("camera_status-1.first-form", {"outcome": "seen"}),
    ],
)
def test_schema_and_model_refuse_the_same_wrong_messages(frozen: str, wrong: dict[str, Any]) -> None:
    name = frozen.split("-", 1)[0]
    message = {**copy.deepcopy(example(frozen)), **wrong}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(message, schema(name))
    with pytest.raises(ValidationError):
        MESSAGES[name][1].model_validate_json(json.dumps(message))


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-03-01", "2026-03-01T08:00:00", "2026-13-01T08:00:00Z", "1970-01-01T00:00:00Z", "2026-03-01T08:00:60Z",
     "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "２０２６-03-01T08:00:00Z", "1772352000", "2026-03-01T08:00:00+99:00"],
)  # fmt: skip
def test_a_time_without_an_offset_or_out_of_this_century_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|century|hour|month|second|offset"):
        read_moment(text)


def test_the_schema_of_a_message_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        schema_of("nothing")
