"""What is different between two registries: as lines of the file, and as entries and fields in words of both languages."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from patrol.registry._labels import SECTIONS, field_names
from patrol.registry.addresses import masked
from patrol.registry.models import Registry

_CONTEXT = 3
_LONGEST = 120
"""Characters of a value in a sentence; the value itself stands beside it whole."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field, or one whole entry, that is other than before.

    Attributes:
        what: an entry came, went, or took another place, or a field of it changed.
        section: of the file.
        entry: id, key or name; of a list without names the place, from 1; None where the section is one entry.
        field: that changed; None for an entry as a whole.
        before, after: JSON values; None where there is none. Addresses are masked.
        zh, en: one sentence.
    """

    what: Literal["added", "removed", "changed", "moved"]
    section: str
    entry: str | None
    field: str | None
    before: Any
    after: Any
    zh: str
    en: str


def as_json(entry: BaseModel, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """An entry as the file gives it: only what is written there, addresses masked.

    Args:
        entry: or the whole registry.
        without: fields left out.
    """
    dumped = entry.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=set(without))
    shown: dict[str, Any] = _masked(dumped)
    return shown


def unified(before: str, after: str, names: tuple[str, str]) -> str:
    """The unified diff of two texts, addresses masked; empty where they are the same."""
    old, new = before.splitlines(), after.splitlines()
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    # Of 150,000 lines all but a few are the same: only what lies between is compared line by line.
    first, last = max(0, head - _CONTEXT), max(0, tail - _CONTEXT)
    lines = difflib.unified_diff(
        old[first : len(old) - last], new[first : len(new) - last], *names, n=_CONTEXT, lineterm=""
    )
    return "".join(masked(_shifted(line, first)) + "\n" for line in lines)


def changes(before: Registry, after: Registry) -> tuple[Change, ...]:
    """Every difference, in the order of the file's sections."""
    return tuple(change for section in SECTIONS for change in _section(section, before, after))


def counts(found: tuple[Change, ...]) -> dict[str, int]:
    """How many entries came, went and changed."""
    entries: dict[tuple[str, str | None], str] = {}
    for change in found:
        entries.setdefault((change.section, change.entry), change.what)
    by = Counter("changed" if what == "moved" else what for what in entries.values())
    return {"added": by["added"], "removed": by["removed"], "changed": by["changed"]}


def _section(section: str, before: Registry, after: Registry) -> Iterator[Change]:
    old, new = getattr(before, section), getattr(after, section)
    if old == new:
        return
    if not isinstance(old, tuple):
        whole = [as_json(part) if isinstance(part, BaseModel) else {section: part} for part in (old, new)]
        yield from _fields(section, None, whole[0], whole[1])
        return
    was, now = _entries(old, new)
    for name, entry in was.items():
        if name not in now:
            yield _change("removed", section, name, None, as_json(entry), None)
    for name, entry in now.items():
        if name not in was:
            yield _change("added", section, name, None, None, as_json(entry))
        elif was[name] != entry:
            yield from _fields(section, name, as_json(was[name]), as_json(entry))
    kept = [name for name in was if name in now]
    if kept != [name for name in now if name in was]:
        order = [name for name in now if name in was]
        first = next(name for name, other in zip(order, kept, strict=True) if name != other)
        yield _change("moved", section, first, None, kept.index(first) + 1, order.index(first) + 1)


def _entries(
    old: tuple[BaseModel, ...], new: tuple[BaseModel, ...]
) -> tuple[Mapping[str, BaseModel], Mapping[str, BaseModel]]:
    """Both lists by name. Entries without a name (routes, maintenance) are known by what they say, or by their place."""
    lists = (old, new)
    names = [[next((str(getattr(e, n)) for n in ("id", "key") if hasattr(e, n)), None) for e in each] for each in lists]
    if not any(None in each for each in names):
        return tuple(dict(zip(n, e, strict=True)) for n, e in zip(names, lists, strict=True))  # type: ignore[return-value]
    said = [[_short(as_json(entry)) for entry in each] for each in lists]
    if len(old) == len(new) and Counter(said[0]) != Counter(said[1]):
        return tuple({str(i + 1): e for i, e in enumerate(each)} for each in lists)  # type: ignore[return-value]
    return tuple(  # type: ignore[return-value]
        {
            words if words not in each[:i] else f"{words} ({each[: i + 1].count(words)})": entry
            for i, (words, entry) in enumerate(zip(each, entries, strict=True))
        }
        for each, entries in zip(said, lists, strict=True)
    )


def _fields(section: str, entry: str | None, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for field in [*old, *(name for name in new if name not in old)]:
        if old.get(field) != new.get(field):
            yield _change("changed", section, entry, field, old.get(field), new.get(field))


def _change(
    what: Literal["added", "removed", "changed", "moved"],
    section: str,
    entry: str | None,
    field: str | None,
    before: Any,
    after: Any,
) -> Change:
    zh, en = SECTIONS[section]
    who_zh, who_en = (f"{zh} {entry}", f"{en} {entry}") if entry is not None else (zh, en)
    if what == "added":
        sentences = f"新增{who_zh}", f"{who_en} added"
    elif what == "removed":
        sentences = f"删除{who_zh}", f"{who_en} removed"
    elif what == "moved":
        sentences = f"{who_zh} 由第 {before} 位移到第 {after} 位", f"{who_en} moved from place {before} to {after}"
    else:
        field_zh, field_en = field_names(section, field or "")
        was, now = _value(before), _value(after)
        sentences = (
            f"{who_zh}：{field_zh} 由 {was or '（无）'} 改为 {now or '（无）'}",
            f"{who_en}: {field_en} from {was or '(none)'} to {now or '(none)'}",
        )
    return Change(what, section, entry, field, before, after, *sentences)


def _value(value: Any) -> str:
    return "" if value is None else _short(value)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value) if "://" in value else value
    if isinstance(value, list):
        return [_masked(part) for part in value]
    if isinstance(value, dict):
        return {key: _masked(part) for key, part in value.items()}
    return value


def _common(old: list[str], new: list[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _shifted(line: str, by: int) -> str:
    """A hunk's head with the line numbers of the whole file."""
    if not line.startswith("@@") or not by:
        return line
    parts = line.split(" ")
    for place in (1, 2):
        start, _, length = parts[place][1:].partition(",")
        parts[place] = f"{parts[place][0]}{int(start) + by}" + (f",{length}" if length else "")
    return " ".join(parts)
