"""Turns a change of plain data into the smallest change of its text: what says the same keeps every character.

Comments stay where they are, also those above an entry that goes; an entry that moves takes those right above it along.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from patrol.registry._draft import matches
from patrol.registry._emit import STEP, block_lines, inline, is_short, item_lines, looks_typed, plain_is_safe, scalar
from patrol.registry._spans import Field, Node, outline

_COMMENT_LINE = re.compile(r"[ \t]*#.*")


class ByHandOnlyError(ValueError):
    """The text is written in a way that is left to people. The message says where."""


def rewrite(text: str, old: dict[str, Any], new: dict[str, Any], origins: Mapping[int, Any]) -> str:
    """The text with the differences of two states of its data worked in.

    Args:
        text: YAML, with or without a byte order mark.
        old: its data as the reader gives it.
        new: the data wanted; parts that stay are the same objects as in ``old``.
        origins: by the identity of a part of ``new``, the part of ``old`` it was made from.

    Raises:
        ByHandOnlyError: a place is written in a way that cannot be changed without losing something.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    ending = "\r\n" if "\r\n" in body else "\n"
    writer = _Writer(body, ending, origins)
    writer.mapping(outline(body, _touched(old, new)), old, new, 0)
    return mark + writer.result()


def _touched(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, set[int] | None]:
    """Which entries of which sections must be looked into."""
    touched: dict[str, set[int] | None] = {}
    for section, value in old.items():
        now = new.get(section)
        if now is value:
            continue
        if isinstance(value, list) and isinstance(now, list):
            kept = set(map(id, now))
            touched[section] = {place for place, entry in enumerate(value) if id(entry) not in kept}
        else:
            touched[section] = None
    return touched


@dataclass(slots=True)
class _Writer:
    """Collects what is to be replaced; each piece is ``(start, end, text)``."""

    text: str
    ending: str
    origins: Mapping[int, Any]
    pieces: list[tuple[int, int, str]] = field(default_factory=list)
    anchored: dict[int, Any] = field(default_factory=dict)
    """New values of what others take by its anchor, by the identity of the old value."""

    def result(self) -> str:
        return self.cut(0, len(self.text), self.pieces)

    def cut(self, start: int, end: int, pieces: list[tuple[int, int, str]]) -> str:
        """A stretch of the text with its pieces put in.

        Raises:
            ByHandOnlyError: two pieces lie over each other.
        """
        parts, here = [], start
        for _, (first, last, put) in sorted(enumerate(pieces), key=lambda each: (each[1][0], each[1][1], each[0])):
            if first < here:
                raise self.by_hand(first)
            parts += [self.text[here:first], put]
            here = last
        return "".join(parts) + self.text[here:end]

    def by_hand(self, place: int) -> ByHandOnlyError:
        line = self.text.count("\n", 0, place) + 1
        return ByHandOnlyError(
            f"line {line} is written in a way that only people can change; edit the file by hand there"
        )

    # --- values -----------------------------------------------------------------------------------------------------

    def value(self, node: Node, old: Any, new: Any, owner: Field | None, column: int) -> None:
        """Change one value.

        Args:
            node, old: as it stands.
            new: as it is wanted.
            owner: the field of a block mapping it stands in; None elsewhere.
            column: of that field's key, or of the item.
        """
        if new is old:
            return
        if node.kind == "alias":
            if self.anchored.get(id(old), old) == new:
                return
            self.replace(node, new, owner, column)
            return
        if node.anchor is not None:
            self.anchored[id(old)] = new
        if node.kind == "mapping" and isinstance(new, dict) and new:
            self.mapping(node, old, new, column)
        elif node.kind == "list" and isinstance(new, list) and new and node.items:
            self.items(node, old, new)
        elif node.kind == "scalar" and not isinstance(new, dict | list) and node.quote not in {"|", ">"}:
            self.scalar(node, old, new, owner)
        else:
            self.replace(node, new, owner, column)

    def scalar(self, node: Node, old: str | None, new: str | None, owner: Field | None) -> None:
        flow = owner is None
        start = node.inner(self.text)
        if start == node.end:
            self.replace(node, new, owner, 0)
            return
        if old is not None and new is not None and looks_typed(old) and looks_typed(new):
            # A number may be a name: with quotes or without, as whoever wrote it wants.
            put = scalar(new, flow=flow, was=node.quote, quoted_by_choice=True) if node.quote else str(new)
        else:
            chosen = bool(node.quote) and old is not None and plain_is_safe(old, flow=flow)
            put = scalar(new, flow=flow, was=node.quote if chosen else "", quoted_by_choice=chosen)
        self.pieces.append((start, node.end, put))

    def replace(self, node: Node, new: Any, owner: Field | None, column: int) -> None:
        """Write a value anew, its anchor kept."""
        anchor = f"&{node.anchor} " if node.anchor is not None and node.kind != "alias" else ""
        if owner is None:
            self.pieces.append((node.start, node.end, anchor + inline(new, flow=True)))
            return
        colon = self.text.find(":", owner.end)
        if colon < 0 or self.text[owner.end : colon].strip():
            raise self.by_hand(owner.start)
        if is_short(new):
            put = f" {anchor}{inline(new, flow=False)}"
        else:
            put = self.ending.join([f" {anchor}".rstrip(), *block_lines(new, column + STEP, block=column == 0)])
        self.pieces.append((colon + 1, max(node.end, colon + 1), put))

    # --- mappings ---------------------------------------------------------------------------------------------------

    def mapping(self, node: Node, old: Mapping[str, Any], new: Mapping[str, Any], column: int) -> None:
        gone = [key for key in old if key not in new]
        if any(key not in node.fields for key in gone):
            raise ByHandOnlyError(
                f"{next(k for k in gone if k not in node.fields)} comes from <<: in line "
                f"{self.text.count(chr(10), 0, node.start) + 1}; edit the file by hand there"
            )
        added = [key for key in new if key not in node.fields and new[key] is not old.get(key)]
        if node.flow:
            self._flow_mapping(node, old, new, gone, added)
            return
        column = self._column(next(iter(node.fields.values())).start)
        for key, own in node.fields.items():
            if key in new and key in old:
                self.value(own.value, old[key], new[key], own, column)
        kept = [key for key in node.fields if key in new or key == "<<"]
        if not kept:
            raise self.by_hand(node.start)
        for key in gone:
            self._drop_field(node, key, kept)
        after = kept[0]
        for key in new:
            if key in node.fields:
                after = key
            elif key in added:
                own = node.fields[after]
                self._insert_after(max(own.end, own.value.end), block_lines({key: new[key]}, column))

    def _drop_field(self, node: Node, key: str, kept: list[str]) -> None:
        own = node.fields[key]
        keys = list(node.fields)
        place = keys.index(key)
        line = self._line_start(own.start)
        if not self.text[line : own.start].strip():
            self._drop_lines(line, max(own.end, own.value.end))
            return
        # The first field of an entry stands behind its dash: the next one comes up to it.
        following = node.fields[keys[place + 1]] if place + 1 < len(keys) else None
        if following is None or keys[place + 1] not in kept or "#" in self.text[own.value.end : following.start]:
            raise self.by_hand(own.start)
        self.pieces.append((own.start, following.start, ""))

    def _flow_mapping(
        self, node: Node, old: Mapping[str, Any], new: Mapping[str, Any], gone: list[str], added: list[str]
    ) -> None:
        if not gone and not added:
            for key, own in node.fields.items():
                if key in old:
                    self.value(own.value, old[key], new[key], None, 0)
            return
        keys = list(node.fields)
        parts: list[tuple[int | None, str]] = []
        for key in [*(k for k in keys if k == "<<"), *new]:
            if key in node.fields:
                own = node.fields[key]
                changed = self._apart(own.value, old.get(key), new.get(key)) if key != "<<" else []
                parts.append((keys.index(key), self.cut(own.start, max(own.end, own.value.end), changed)))
            elif key in added:
                parts.append((None, inline({key: new[key]}, flow=True)[1:-1]))
        spans = [(own.start, max(own.end, own.value.end)) for own in node.fields.values()]
        self._join(node, spans, parts)

    # --- lists ------------------------------------------------------------------------------------------------------

    def items(self, node: Node, old: list[Any], new: list[Any]) -> None:
        pairs = self._pairs(old, new)
        if node.flow:
            self._flow_list(node, old, new, pairs)
        else:
            self._block_list(node, old, new, pairs)

    def _pairs(self, old: list[Any], new: list[Any]) -> dict[int, int]:
        """Old place of each new item that was there."""
        # The same object stands at several places where an alias repeats it.
        places: dict[int, deque[int]] = {}
        for i, item in enumerate(old):
            places.setdefault(id(item), deque()).append(i)
        same: dict[int, int] = {}
        for k, item in enumerate(new):
            there = places.get(id(self.origins.get(id(item), item))) if isinstance(item, dict | list) else None
            if there:
                same[k] = there.popleft()
        taken = set(same.values())
        rest_old = [i for i in range(len(old)) if i not in taken]
        rest_new = [k for k in range(len(new)) if k not in same]
        for i, k in matches([old[i] for i in rest_old], [new[k] for k in rest_new]):
            same[rest_new[k]] = rest_old[i]
        return same

    def _flow_list(self, node: Node, old: list[Any], new: list[Any], pairs: Mapping[int, int]) -> None:
        if len(old) == len(new) and all(pairs.get(k) == k for k in range(len(new))):
            for item, was, now in zip(node.items, old, new, strict=True):
                self.value(item, was, now, None, 0)
            return
        parts: list[tuple[int | None, str]] = []
        for k, value in enumerate(new):
            i = pairs.get(k)
            if i is None:
                parts.append((None, inline(value, flow=True)))
            else:
                item = node.items[i]
                parts.append((i, self.cut(item.start, item.end, self._apart(item, old[i], value))))
        self._join(node, [(item.start, item.end) for item in node.items], parts)

    def _apart(self, node: Node, old: Any, new: Any) -> list[tuple[int, int, str]]:
        """The pieces of one value by themselves."""
        apart = _Writer(self.text, self.ending, self.origins, anchored=self.anchored)
        apart.value(node, old, new, None, 0)
        return apart.pieces

    def _join(self, node: Node, spans: list[tuple[int, int]], parts: list[tuple[int | None, str]]) -> None:
        """Put the parts of a bracket together; what stood between two that still follow each other stays between them."""
        start, end = node.inner(self.text), node.end
        if not spans:
            self.pieces.append((start + 1, end - 1, ", ".join(part for _, part in parts)))
            return
        written = self.text[start + 1 : spans[0][0]]
        before: int | None = None
        for number, (place, part) in enumerate(parts):
            if number:
                follows = place is not None and before is not None and place == before + 1
                written += self.text[spans[place - 1][1] : spans[place][0]] if follows and place else ", "
            written += part
            before = place
        self.pieces.append((start + 1, end - 1, written + self.text[spans[-1][1] : end - 1]))

    def _block_list(self, node: Node, old: list[Any], new: list[Any], pairs: Mapping[int, int]) -> None:
        dashes = self._dashes(node)
        column = self._column(dashes[0])
        staying = _rising([pairs[k] for k in range(len(new)) if k in pairs])
        moved = set(pairs.values()) - staying
        stays_or_moves = set(pairs.values())
        for i, item in enumerate(node.items):
            first = self._line_start(dashes[i])
            if i not in stays_or_moves:
                self._drop_item(node, dashes, i, first)
            elif i in moved:
                self._drop_lines(self._comments_above(first, column), item.end)
        block = not node.items[-1].flow and node.items[-1].kind == "mapping"
        after: int | None = None
        for k, value in enumerate(new):
            place = pairs.get(k)
            if place is not None and place in staying:
                self.value(node.items[place], old[place], value, None, column + STEP)
                after = node.items[place].end
            elif place is not None:
                item = node.items[place]
                first = self._comments_above(self._line_start(dashes[place]), column)
                lines = self.cut(first, self._line_end(item.end), self._apart(item, old[place], value))
                self._insert(node, dashes, after, [lines])
            else:
                self._insert(node, dashes, after, item_lines(value, column, block=block))

    def _drop_item(self, node: Node, dashes: list[int], place: int, first: int) -> None:
        if self.text[first : dashes[place]].strip():
            raise self.by_hand(dashes[place])
        self._drop_lines(first, node.items[place].end)

    def _insert(self, node: Node, dashes: list[int], after: int | None, lines: list[str]) -> None:
        if after is not None:
            self._insert_after(after, lines)
            return
        # Before the first: right below the list's own key, so that a comment above the first item stays with it.
        line = self._line_start(dashes[0])
        first = self._comments_above(line, self._column(dashes[0]))
        if self.text[line : dashes[0]].strip():
            raise self.by_hand(node.start)
        self.pieces.append((first, first, "".join(each + self.ending for each in lines)))

    def _dashes(self, node: Node) -> list[int]:
        found = []
        for item in node.items:
            place = item.start - 1
            while place >= 0 and self.text[place] in " \t\r\n":
                place -= 1
            if place < 0 or self.text[place] != "-":
                raise self.by_hand(item.start)
            found.append(place)
        return found

    # --- lines ------------------------------------------------------------------------------------------------------

    def _insert_after(self, place: int, lines: list[str]) -> None:
        end = self._line_end(place)
        self.pieces.append((end, end, "".join(self.ending + line for line in lines)))

    def _column(self, place: int) -> int:
        return place - self._line_start(place)

    def _line_start(self, place: int) -> int:
        return self.text.rfind("\n", 0, place) + 1

    def _line_end(self, place: int) -> int:
        """Where the line ends that holds the character before ``place``, its line break not included."""
        end = self.text.find("\n", place)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text[end - 1 : end] == "\r" and end > place else end

    def _drop_lines(self, first: int, place: int) -> None:
        """Take out whole lines, from the start of one to the end of the one that ``place`` lies in."""
        end = self.text.find("\n", place)
        if end >= 0:
            self.pieces.append((first, end + 1, ""))
        else:
            # The last line has no line break: the one before it must have none afterwards.
            self.pieces.append((max(0, first - len(self.ending)), len(self.text), ""))

    def _comments_above(self, line: int, column: int) -> int:
        """Start of the comment lines right above a line, as far as they are indented like it."""
        while line > 0:
            above = self._line_start(line - 1)
            words = self.text[above:line].rstrip("\r\n")
            if not _COMMENT_LINE.fullmatch(words) or len(words) - len(words.lstrip()) != column:
                break
            line = above
        return line


def _rising(places: list[int]) -> set[int]:
    """The most of these that stand in rising order already: all others have moved."""
    tails: list[int] = []
    at: list[int] = []
    before: list[int | None] = []
    for number, place in enumerate(places):
        rank = bisect_left(tails, place)
        before.append(at[rank - 1] if rank else None)
        if rank == len(tails):
            tails.append(place)
            at.append(number)
        else:
            tails[rank], at[rank] = place, number
    kept: set[int] = set()
    here: int | None = at[-1] if at else None
    while here is not None:
        kept.add(places[here])
        here = before[here]
    return kept
