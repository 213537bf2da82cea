"""From YAML text to plain data that remembers its lines.

PyYAML's C parser gives the events; the rest is ours, because 10,000 cameras must load in a second or two and an
error must name a line. Scalars stay text (``06:50``, ``12-24``, ``430624``, ``no``): the models know what they want.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from yaml.cyaml import CParser

from patrol.registry.problems import Loc, Problem, RegistryError, field_path

MAX_DEPTH = 40
"""The models nest 7 deep. Deeper text is damage or an attack, and recursion further on must not meet it."""

MAX_NODES = 5_000_000
"""Values after aliases are followed. 10,000 cameras with two zones each have about 0.5 million."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class _Lines:
    """Where the parts of one mapping or list stand, lines from 1."""

    own: int
    parts: dict[str | int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: plain data (dict, list, str, None) and its lines."""

    file: str
    data: Any
    lines: dict[int, _Lines]
    problems: tuple[Problem, ...]

    def line(self, loc: Loc) -> int | None:
        """The line of a place, or of the nearest place around it that stands in the file."""
        here, found = self.data, None
        for step in loc:
            lines = self.lines.get(id(here))
            if lines is None:
                break
            if step not in lines.parts:
                # The part is missing: the entry it belongs to is where a person must look.
                return found or lines.own
            found = lines.parts[step]
            here = here[step]
        return found

    def problem(self, loc: Loc, message: str) -> Problem:
        """A problem at a place."""
        return Problem(self.file, self.line(loc), field_path(loc, self.data), message)


def decode(content: bytes, file: str) -> str:
    """Read the bytes of a file as UTF-8.

    Raises:
        RegistryError: it is something else; the message says what it looks like.
    """
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise RegistryError([Problem(file, 1, "", "the file is UTF-16; save it as UTF-8", 1)])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        looks = "GBK" if _is_gbk(content) else "another encoding"
        raise RegistryError(
            [Problem(file, line, "", f"the file is not UTF-8 (it looks like {looks}); save it as UTF-8", column)]
        ) from None


def _is_gbk(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def read(text: str, file: str) -> Source:
    """Parse YAML text.

    Duplicate keys and misplaced tags are collected as problems, so that they are told with all others.

    Raises:
        RegistryError: not YAML, not one document, not a mapping, empty, or built to exhaust the reader.
    """
    text = text.removeprefix("\ufeff")
    bad = _FORBIDDEN.search(text)
    if bad is not None:
        what = "a NUL byte" if bad[0] == "\x00" else f"the control character U+{ord(bad[0]):04X}"
        start = text.rfind("\n", 0, bad.start()) + 1
        line = text.count("\n", 0, bad.start()) + 1
        raise RegistryError([Problem(file, line, "", f"the text holds {what}; remove it", bad.start() - start + 1)])
    builder = _Builder(file)
    try:
        builder.run(CParser(text))
    except yaml.MarkedYAMLError as error:
        raise RegistryError([_syntax(error, text, file)]) from None
    if builder.root is None:
        raise RegistryError(
            [Problem(file, 1, "", "the file is empty; it must hold at least county, platforms and categories")]
        )
    if not isinstance(builder.root, dict):
        raise RegistryError(
            [Problem(file, 1, "", "the file must be a mapping: county: …, platforms: …, categories: …")]
        )
    return Source(file, builder.root, builder.lines, tuple(builder.problems))


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    problem, context = error.problem or "not YAML", error.context
    mark = error.problem_mark or error.context_mark
    line = text.split("\n")[mark.line] if mark and mark.line <= text.count("\n") else ""
    if mark and line[mark.column : mark.column + 1] == "\t":
        problem = "a tab cannot indent in YAML; use spaces"
    elif "cannot start any token" in problem:
        problem += "; put the text in quotes"
    elif "mapping values are not allowed" in problem:
        problem += "; is the line indented too far, or a text with ': ' without quotes?"
    elif context:
        begun = f" begun in line {error.context_mark.line + 1}" if error.context_mark else ""
        problem = f"{problem} ({context}{begun})"
    return Problem(file, mark.line + 1 if mark else None, "", f"not YAML: {problem}", mark.column + 1 if mark else None)


@dataclass(slots=True)
class _Frame:
    """A mapping or list being built."""

    value: Any
    lines: _Lines
    anchor: str | None
    size: int = 1
    key: str | None = None
    waiting: bool = False
    """A mapping's key was read, its value comes next."""
    merges: list[Any] = field(default_factory=list)


class _Builder:
    """Turns events into data with an explicit stack: no recursion, so nesting cannot crash it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Any = None
        self.lines: dict[int, _Lines] = {}
        self.problems: list[Problem] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._documents = 0

    def run(self, parser: CParser) -> None:
        take: dict[type[Any], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
            yaml.DocumentEndEvent: lambda _: None,
            yaml.StreamStartEvent: lambda _: None,
        }
        get = parser.get_event
        while not isinstance(event := get(), yaml.StreamEndEvent):
            take[type(event)](event)

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(event, "a second document begins here (---); a registry is one document")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag is not None:
            self._note(event, f"the tag {event.tag} means nothing here; remove it")
        value: str | None = event.value
        if event.implicit[0] and value in _NULLS:
            value = None
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._add(event, value, 1)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            self._note(event, f"the tag {event.tag} means nothing here; remove it")
        if self._stack and self._expects_key(self._stack[-1]):
            self._stop(event, "a list or mapping cannot be a key")
        if len(self._stack) >= MAX_DEPTH:
            self._stop(event, f"nested more than {MAX_DEPTH} deep")
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        self._stack.append(_Frame(value, _Lines(event.start_mark.line + 1), event.anchor))

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        frame = self._stack.pop()
        for merged in frame.merges:
            self._merge(event, frame, merged)
        self.lines[id(frame.value)] = frame.lines
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (frame.value, frame.size)
        self._add(event, frame.value, frame.size, frame.lines.own)

    def _alias(self, event: yaml.AliasEvent) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            inside = any(frame.anchor == event.anchor for frame in self._stack)
            self._stop(event, f"*{event.anchor} {'stands inside what it names' if inside else 'names nothing above'}")
        value, size = known
        self._add(event, value, size)

    def _add(self, event: yaml.Event, value: Any, size: int, line: int | None = None) -> None:
        if not self._stack:
            self.root = value
            return
        frame = self._stack[-1]
        frame.size += size
        if frame.size > MAX_NODES:
            self._stop(event, f"the file holds more than {MAX_NODES:,} values once its aliases are followed")
        line = line or event.start_mark.line + 1
        if isinstance(frame.value, list):
            frame.lines.parts[len(frame.value)] = line
            frame.value.append(value)
        elif not frame.waiting:
            self._key(event, frame, value, line)
        else:
            frame.waiting = False
            if frame.key == "<<":
                frame.merges.append(value)
            elif frame.key is not None:
                frame.value[frame.key] = value

    def _key(self, event: yaml.Event, frame: _Frame, key: Any, line: int) -> None:
        frame.waiting = True
        frame.key = None
        if not isinstance(key, str):
            self._note(event, "a key must be a word")
        elif key in frame.lines.parts:
            self._note(event, f"{key} was already given in line {frame.lines.parts[key]}; keep one of the two")
        else:
            frame.key = key
            if key != "<<":
                frame.lines.parts[key] = line

    def _merge(self, event: yaml.Event, frame: _Frame, merged: Any) -> None:
        for part in merged if isinstance(merged, list) else [merged]:
            if not isinstance(part, dict):
                self._note(event, "<<: merges mappings; write <<: *name of one")
                continue
            lines = self.lines[id(part)]
            for key, value in part.items():
                if key not in frame.value:
                    frame.value[key] = value
                    frame.lines.parts[key] = lines.parts[key]

    @staticmethod
    def _expects_key(frame: _Frame) -> bool:
        return isinstance(frame.value, dict) and not frame.waiting

    def _path(self) -> Loc:
        steps: list[str | int] = []
        for frame in self._stack:
            if isinstance(frame.value, list):
                steps.append(len(frame.value))
            elif frame.key is not None and frame.waiting:
                steps.append(frame.key)
        return tuple(steps)

    def _note(self, event: yaml.Event, message: str) -> None:
        path = field_path(self._path()[:8], None)
        self.problems.append(Problem(self.file, event.start_mark.line + 1, path, message, event.start_mark.column + 1))

    def _stop(self, event: yaml.Event, message: str) -> NoReturn:
        self._note(event, message)
        raise RegistryError(self.problems)
