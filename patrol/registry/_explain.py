"""Pydantic's complaints in the words of the file: what is wrong, what to write, and no value that may be a secret."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from patrol.registry._collect import suggest
from patrol.registry._source import Source
from patrol.registry.models import Registry
from patrol.registry.problems import Loc, Problem

_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,62}$": "must hold lower-case letters, digits and _ only, a letter first, at most 63",
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$": "must hold letters, digits, - and _ only, at most 63",
    r"^\d{6}$": "must be six digits",
    r"^\d{6,12}$": "must be 6 to 12 digits",
}


def explain(error: ValidationError, source: Source) -> Iterator[Problem]:
    """One problem per complaint, with the line it stands in."""
    for each in error.errors(include_url=False, include_input=True):
        loc: Loc = each["loc"]
        yield source.problem(loc, _message(each["type"], each["msg"], each.get("ctx", {}), loc, each.get("input")))


def _message(kind: str, text: str, context: Mapping[str, Any], loc: Loc, value: Any) -> str:
    if kind == "missing":
        field = _field(loc)
        return "is missing" + (f": {field.description}" if field is not None and field.description else "")
    if kind == "extra_forbidden":
        return f"is no field of this entry{suggest(str(loc[-1]), field_order(loc[:-1]))}"
    if value is None and kind != "value_error":
        return "is empty; give a value or leave the line out"
    if kind == "value_error":
        return text.removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], f"must look like {context['pattern']}")
    if kind in {"literal_error", "enum"}:
        return f"must be {context['expected']}"
    if kind == "too_short":
        return f"needs at least {context['min_length']} entries; there are {context['actual_length']}"
    if kind in {"tuple_type", "list_type"}:
        return "must be a list: [a, b] or one line with - for each"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return "must be a mapping of fields: name: value"
    if kind == "string_type":
        return "must be text"
    if kind in {"int_parsing", "int_type", "int_from_float"}:
        return "must be a whole number"
    if kind in {"float_parsing", "float_type"}:
        return "must be a number"
    if kind in {"bool_parsing", "bool_type"}:
        return "must be true or false"
    if kind.startswith("date_"):
        return "must be a date like 2026-02-16"
    return text[:1].lower() + text[1:]


def field_order(loc: Loc) -> list[str]:
    """The fields of the entry at a place, in the order of its model, as they are written in the file."""
    model = _model(loc)
    return [field.alias or name for name, field in model.model_fields.items()] if model is not None else []


def field_title(loc: Loc) -> str | None:
    """What the models call the field at a place; None where there is none."""
    field = _field(loc)
    return field.title if field is not None else None


def _model(loc: Loc) -> type[BaseModel] | None:
    """The model whose fields stand at a place."""
    here: type[BaseModel] | None = Registry
    for step in loc:
        if isinstance(step, int):
            continue
        field = _by_alias(here, step)
        here = _model_in(field.annotation) if field is not None else None
    return here


def _field(loc: Loc) -> FieldInfo | None:
    return _by_alias(_model(loc[:-1]), loc[-1]) if loc and isinstance(loc[-1], str) else None


def _by_alias(model: type[BaseModel] | None, name: str | int) -> FieldInfo | None:
    if model is None:
        return None
    return next((field for own, field in model.model_fields.items() if name == (field.alias or own)), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {tuple, Union, types.UnionType, Annotated}:
        return next(filter(None, map(_model_in, get_args(annotation))), None)
    return None
