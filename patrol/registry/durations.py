"""Durations as people write them: ``2h``, ``90m``, ``1h30m``, ``20s``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_PATTERN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
_SCHEMA_PATTERN = r"^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+(\.\d+)?s)?$"
_LONGEST = timedelta(days=3_660)


def parse_duration(text: str) -> timedelta:
    """Read ``2h``, ``90m``, ``1h30m``, ``20s``, ``0.5s``, ``1d``.

    Raises:
        ValueError: not such a text; the message says what one looks like.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is not a duration; write one like 2h, 90m, 1h30m or 20s")
    days, hours, minutes, seconds = (float(part) if part else 0.0 for part in match.groups())
    if days * 86_400 + hours * 3_600 + minutes * 60 + seconds > _LONGEST.total_seconds():
        raise ValueError(f"a duration of more than {_LONGEST.days} days is surely a slip")
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def format_duration(value: timedelta) -> str:
    """The shortest such text: ``timedelta(hours=1, minutes=30)`` gives ``1h30m``."""
    rest = value.total_seconds()
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{int(count)}{unit}")
    if rest or not parts:
        parts.append(f"{rest:g}s")
    return "".join(parts)


def _coerce(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return parse_duration(value)
    raise ValueError(f"{value!r} is not a duration; write one with its unit, like 2h or 20s")


Duration = Annotated[
    timedelta,
    BeforeValidator(_coerce),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _SCHEMA_PATTERN, "examples": ["2h", "20s", "1h30m"]}),
]
