"""Values as YAML in the manner of the shipped file: short things in one line, lists of entries one below the other.

Scalars are text already, as the reader gives them; :class:`Bare` marks numbers and truth values, which stay without quotes.
"""

from __future__ import annotations

import json
import re
from typing import Any

STEP = 2
"""Columns that each level is indented by."""

_NEEDS_QUOTES = re.compile(r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|[:\s]$|: |\s#|[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]|^$")
_NEEDS_QUOTES_IN_FLOW = re.compile(r"[,\[\]{}]")
_READ_AS_ANOTHER_TYPE = re.compile(
    r"[-+]?(\d[\d_]*)?\.?\d*([eE][-+]?\d+)?|0[xo][0-9a-fA-F]+|~|null|Null|NULL|true|True|TRUE|false|False|FALSE"
    r"|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|y|Y|n|N|<<|=|\.nan|[-+]?\.inf|---|\.\.\."
)
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


class Bare(str):
    """A number or truth value as it is written."""

    __slots__ = ()


def plain_is_safe(value: str, *, flow: bool) -> bool:
    """Whether a text may stand without quotes, and every YAML reader takes it for text."""
    if _NEEDS_QUOTES.search(value) or (flow and _NEEDS_QUOTES_IN_FLOW.search(value)):
        return False
    return not looks_typed(value)


def looks_typed(value: str) -> bool:
    """Whether other YAML readers take a plain scalar for something else than text: a number, a truth value, nothing."""
    return _READ_AS_ANOTHER_TYPE.fullmatch(value) is not None


def scalar(value: str | None, *, flow: bool, was: str = "", quoted_by_choice: bool = False) -> str:
    """A scalar.

    Args:
        value: the text; None is written as ``null``.
        flow: it stands in brackets.
        was: the quote of the scalar in whose place it comes.
        quoted_by_choice: that one had quotes which it did not need: whoever wrote it wants them.
    """
    if value is None:
        return "null"
    if isinstance(value, Bare) and not quoted_by_choice:
        return str(value)
    if not quoted_by_choice and plain_is_safe(value, flow=flow):
        return value
    if was == "'" and "\n" not in value and not _ESCAPED.search(value) and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04X}", json.dumps(value, ensure_ascii=False))


def inline(value: Any, *, flow: bool) -> str:
    """A value in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k, flow=True)}: {inline(v, flow=True)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item, flow=True) for item in value) + "]"
    return scalar(value, flow=flow)


def is_short(value: Any) -> bool:
    """Whether it fits one line: nothing, or no list of mappings, in it."""
    if isinstance(value, dict):
        return all(map(is_short, value.values()))
    if isinstance(value, list):
        return not any(isinstance(item, dict) for item in value) and all(map(is_short, value))
    return True


def field_lines(key: str, value: Any, column: int) -> list[str]:
    """``key: value`` as lines, indented."""
    head = " " * column + scalar(key, flow=False) + ":"
    if is_short(value):
        return [f"{head} {inline(value, flow=False)}"]
    return [head, *block_lines(value, column + STEP, block=column == 0)]


def block_lines(value: Any, column: int, *, block: bool = False) -> list[str]:
    """A mapping or list that is not short, one part a line; see :func:`item_lines`."""
    if isinstance(value, dict):
        return [line for key, part in value.items() for line in field_lines(key, part, column)]
    return [line for part in value for line in item_lines(part, column, block=block)]


def item_lines(value: Any, column: int, *, block: bool) -> list[str]:
    """An item of a list as lines, its dash at ``column``.

    Args:
        value: the item.
        column: of the dash.
        block: one field a line, even where it would fit one.
    """
    dash = " " * column + "- "
    if not isinstance(value, dict) or not value or (is_short(value) and not block):
        return [dash + inline(value, flow=False)]
    lines = block_lines(value, column + STEP)
    return [dash + lines[0][column + STEP :], *lines[1:]]
