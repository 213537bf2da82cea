"""Where every value of a YAML text stands, to the character, so that one can be changed and all others left alone.

Only the entries asked for are looked into: a county has 10,000 cameras and an edit touches a handful of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml
from yaml.cyaml import CParser

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_EMPTY = " \t\r\n"


@dataclass(slots=True)
class Node:
    """One value in the text.

    Attributes:
        kind: what it is.
        start: of its first character, its anchor included.
        end: after its last character; comments that follow are not its own.
        flow: a mapping or list in brackets.
        quote: of a scalar: ``'``, ``"``, ``|``, ``>``, or nothing.
        anchor: the name others take it by.
        items: of a list.
        fields: of a mapping, by key, in the order of the text.
        seen: its parts were looked into.
    """

    kind: Literal["scalar", "mapping", "list", "alias"]
    start: int
    end: int
    flow: bool = False
    quote: str = ""
    anchor: str | None = None
    items: list[Node] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    seen: bool = True

    def inner(self, text: str) -> int:
        """Its first character after an anchor or a tag."""
        match = _PROPERTIES.match(text, self.start, self.end)
        return match.end() if match and self.kind != "alias" else self.start


@dataclass(slots=True)
class Field:
    """One key of a mapping with its value."""

    start: int
    end: int
    value: Node


def outline(text: str, wanted: Mapping[str, set[int] | None]) -> Node:
    """The tree of a valid registry.

    Args:
        text: YAML without a byte order mark, known to be readable.
        wanted: per section, which of its entries to look into; None: all of it. Sections left out are not looked into.
    """
    walk = _Walk(text, wanted)
    parser = CParser(text)
    get: Callable[[], Any] = parser.get_event
    while not isinstance(event := get(), yaml.StreamEndEvent):
        walk.take(event)
    return walk.root


class _Walk:
    """Follows the events with a stack of its own; what is not wanted is only counted through."""

    def __init__(self, text: str, wanted: Mapping[str, set[int] | None]) -> None:
        self.root = Node("scalar", 0, 0)
        self._text = text
        self._wanted = wanted
        self._stack: list[Node] = []
        self._keys: list[Field | None] = []
        self._path: list[str] = []
        self._last = 0
        self._skipped = 0

    def take(self, event: Any) -> None:
        """One event of the parser."""
        kind = type(event)
        if kind is yaml.ScalarEvent or kind is yaml.AliasEvent:
            self._leaf(event, kind is yaml.AliasEvent)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event, "mapping" if kind is yaml.MappingStartEvent else "list")
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close(event)

    def _leaf(self, event: Any, alias: bool) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if not alias and event.style in {"|", ">"}:
            while end > start and self._text[end - 1] in _EMPTY:
                end -= 1
        self._last = end
        if self._skipped:
            return
        if alias:
            self._add(Node("alias", start, end, anchor=event.anchor), "")
        else:
            self._add(Node("scalar", start, end, quote=event.style or "", anchor=event.anchor), event.value)

    def _open(self, event: Any, kind: Literal["mapping", "list"]) -> None:
        if self._skipped:
            self._skipped += 1
            return
        node = Node(kind, event.start_mark.index, 0, bool(event.flow_style), anchor=event.anchor)
        node.seen = self._is_wanted()
        if self._stack:
            self._add(node, "")
        self._stack.append(node)
        self._keys.append(None)
        if not node.seen:
            self._skipped = 1

    def _is_wanted(self) -> bool:
        depth = len(self._stack)
        if depth == 0:
            return True
        section = self._path[0]
        if section not in self._wanted:
            return False
        entries = self._wanted[section]
        if depth == 1 or entries is None or self._stack[1].kind != "list" or depth > 2:
            return True
        return len(self._stack[1].items) in entries

    def _close(self, event: Any) -> None:
        flow_end = event.end_mark.index
        if self._skipped > 1:
            if self._text[flow_end - 1 : flow_end] in {"]", "}"} and event.start_mark.index < flow_end:
                self._last = flow_end
            self._skipped -= 1
            return
        self._skipped = 0
        node = self._stack.pop()
        self._keys.pop()
        if event.start_mark.index < flow_end and node.flow:
            self._last = flow_end
        node.end = max(self._last, node.start)
        if not self._stack:
            self.root = node

    def _add(self, node: Node, value: str) -> None:
        parent = self._stack[-1]
        if parent.kind == "list":
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = parent.fields[value] = Field(node.start, node.end, node)
            if len(self._stack) == 1:
                self._path = [value]
        else:
            key.value = node
            self._keys[-1] = None
