"""Every operation of the OpenAPI document, asked by schemathesis of a running service: no 5xx, no answer that is not declared.

Each operation is asked with a token whose role may ask for it, over rows that are there. `make test` asks each a few times;
PATROL_CONTRACT_EXAMPLES asks more often (`make test-long` says how).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from patrol.access import Caller, Role, can
from tests.support.control_room import OWN_UNIT, ControlRoom, control_room

ROOT = Path(__file__).parents[2]
EXAMPLES = int(os.environ.get("PATROL_CONTRACT_EXAMPLES", "8"))
NEVER_ENDS = "/api/v1/events"
"""A stream: what it says is tested where events are."""

schema = schemathesis.openapi.from_path(str(ROOT / "docs" / "openapi.json")).exclude(path=NEVER_ENDS)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlRoom]:
    with control_room(tmp_path_factory.mktemp("contract")) as running:
        yield running


def headers_for(room: ControlRoom, actions: list[str]) -> dict[str, str]:
    """Of a role that may ask for one of the actions; none where everybody may."""
    if not actions:
        return {}
    able = (role for role in Role if any(can(Caller("x", role, OWN_UNIT), action) is None for action in actions))
    return {"Authorization": f"Bearer {room.tokens[next(able).value]}"}


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@pytest.mark.timeout(1800)
def test_an_operation_answers_what_its_document_says(case: schemathesis.Case, room: ControlRoom) -> None:
    headers = headers_for(room, case.operation.definition.raw["x-asks"])
    answer = case.call(base_url=room.url, headers=headers, timeout=30)
    case.validate_response(
        answer,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ],
    )
