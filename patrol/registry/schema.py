"""The published JSON Schema, for editors to check by. ``python -m patrol.registry.schema FILE`` writes it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from patrol.registry.models import Registry


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of ``camera_registry.yaml``. What binds entries is checked on loading, not here."""
    schema = Registry.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "camera_registry.yaml",
        "description": "A county's video patrol: platforms, categories, departments, routes, rules, calendar, cameras.",
    }


def schema_text() -> str:
    """The schema as it stands in ``docs/schemas/registry.schema.json``."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), "utf-8")
