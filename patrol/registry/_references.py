"""Which fields of a registry speak of which entries: what must be followed by a new name, and stands in the way of a removal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from patrol.registry._draft import Draft, identity
from patrol.registry.problems import Loc

REFERENCES: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {
    ("platforms",): (("cameras", "*", "platform"), ("maintenance", "*", "platforms", "*")),
    ("categories",): (
        ("cameras", "*", "categories", "*"),
        ("rules", "*", "categories", "*"),
        ("routes", "*", "categories", "*"),
        ("maintenance", "*", "categories", "*"),
    ),
    ("departments",): (
        ("routes", "*", "to"),
        ("routes", "*", "copy_to", "*"),
        ("routes", "*", "fallback"),
        ("dispatch", "county"),
        ("cases", "department"),
    ),
    ("cameras",): (
        ("rules", "*", "cameras", "*"),
        ("routes", "*", "cameras", "*"),
        ("maintenance", "*", "cameras", "*"),
    ),
    ("rules",): (("routes", "*", "rules", "*"),),
    ("dispatch", "channels"): (
        ("departments", "*", "contacts", "*", "channels", "*"),
        ("dispatch", "shift_lead", "*", "channels", "*"),
    ),
}
"""By the list an entry stands in: the fields that name one of its entries. ``*`` is any item of a list."""


def users(data: Any, where: Sequence[str], name: str) -> list[Loc]:
    """Every place that names an entry.

    Args:
        data: plain data of the whole file.
        where: the list the entry stands in.
        name: its id or key.
    """
    return [loc for pattern in REFERENCES.get(tuple(where), ()) for loc in _places(data, pattern, name, ())]


def follow(draft: Draft, where: Sequence[str], name: str, to: str) -> list[Loc]:
    """Give an entry's new name to whatever names it; the places that were changed."""
    found = users(draft.data, where, name)
    for loc in found:
        draft.put(loc, to)
    return found


def word(data: Any, loc: Loc) -> str:
    """An entry that uses another, for people: ``camera gate-12``, ``route 3``."""
    section = str(loc[0])
    if len(loc) < 2 or not isinstance(loc[1], int):
        return ".".join(str(step) for step in loc)
    name = identity(data[section][loc[1]])
    return f"{SINGULAR.get(section, section)} {name if name is not None else loc[1] + 1}"


SINGULAR = {
    "platforms": "platform",
    "categories": "category",
    "departments": "department",
    "routes": "route",
    "rules": "rule",
    "cameras": "camera",
    "maintenance": "maintenance",
}


def _places(here: Any, pattern: tuple[str, ...], name: str, loc: Loc) -> Iterator[Loc]:
    if not pattern:
        if here == name:
            yield loc
        return
    step, rest = pattern[0], pattern[1:]
    if step == "*":
        if isinstance(here, list):
            for place, item in enumerate(here):
                yield from _places(item, rest, name, (*loc, place))
    elif isinstance(here, dict) and step in here:
        yield from _places(here[step], rest, name, (*loc, step))
