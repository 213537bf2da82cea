"""The published JSON Schema, by which editors complete and check. ``python -m patrol.registry FILE`` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from patrol.registry._entry import Entry
from patrol.registry.models import Registry


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of ``camera_registry.yaml``. What binds entries is checked on loading, not here."""
    schema = Registry.model_json_schema(by_alias=True, mode="validation")
    definitions = {**schema["$defs"], Registry.__name__: schema}
    for model in _all_models(Entry):
        properties = definitions.get(model.__name__, {}).get("properties", {})
        for name, field in model.model_fields.items():
            # Pydantic leaves them out where a field is another model; an edit form needs them everywhere.
            properties.get(field.alias or name, {}).update(title=field.title, description=field.description)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "camera_registry.yaml",
        "description": "A county's video patrol: platforms, categories, departments, routes, rules, calendar, cameras.",
    }


def schema_text() -> str:
    """The schema as it stands in ``docs/schemas/registry.schema.json``."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _all_models(model: type[Entry]) -> Iterator[type[Entry]]:
    for each in model.__subclasses__():
        if each.__module__.startswith("patrol.registry."):
            yield each
            yield from _all_models(each)
