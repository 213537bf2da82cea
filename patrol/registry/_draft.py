"""A registry's plain data while it is changed: only what an operation touches is copied, all else stays the same object."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from patrol.registry._emit import Bare
from patrol.registry.durations import parse_duration
from patrol.registry.problems import Loc

IDENTITIES = ("id", "key", "code", "name")
"""Fields by which an entry of a list is known, the first it has."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,17})?(?:[eE][-+]?\d{1,3})?")
_DURATION = re.compile(r"(?=\d)(?:\d{1,3}d)?(?:\d{1,4}h)?(?:\d{1,5}m)?(?:\d{1,7}s)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00")
_HOUR = re.compile(r"\d:\d\d")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_DEEPEST = 20


class ValueRefusedError(ValueError):
    """A value that cannot stand in a registry."""


def identity(entry: Any) -> str | None:
    """What an entry of a list is called; None where it has no name of its own."""
    if not isinstance(entry, dict):
        return None
    return next((entry[name] for name in IDENTITIES if isinstance(entry.get(name), str)), None)


def plain(value: Any, depth: int = 0) -> Any:
    """A JSON value as the reader would give it: scalars are text, fields without a value are left out.

    Raises:
        ValueRefusedError: it is no JSON value, or holds what a registry cannot hold.
    """
    if depth > _DEEPEST:
        raise ValueRefusedError(f"is nested more than {_DEEPEST} deep")
    if isinstance(value, bool):
        return Bare("true" if value else "false")
    if isinstance(value, int):
        return Bare(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueRefusedError("holds a number that is none")
        return Bare(repr(value))
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise ValueRefusedError("holds a control character; remove it")
        return value
    if isinstance(value, list | tuple):
        return [plain(part, depth + 1) for part in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) and not _FORBIDDEN.search(key) for key in value):
            raise ValueRefusedError("holds a key that is no word")
        return {key: plain(part, depth + 1) for key, part in value.items() if part is not None}
    if value is None:
        return None
    raise ValueRefusedError(f"{type(value).__name__} is no value of a registry")


def same(one: Any, other: Any) -> bool:
    """Whether two plain values say the same: ``1`` and ``1.0`` do, ``90m`` and ``1h30m`` too."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(part, other[key]) for key, part in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(_word(one) == _word(other))


def settle(old: Any, new: Any) -> Any:
    """``new``, with every part that says the same as in ``old`` taken from there, spelling and all."""
    if same(old, new):
        return old
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: settle(old[key], part) if key in old else part for key, part in new.items()}
    if isinstance(old, list) and isinstance(new, list):
        settled = list(new)
        for i, k in matches(old, new):
            settled[k] = settle(old[i], new[k])
        return settled
    return new


def matches(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int, int]]:
    """Which item of a list has become which: by name where all have one, else by likeness, in rising order of ``new``."""
    if old and new:
        known = _by_identity(old)
        wanted = _by_identity(new)
        if known is not None and wanted is not None:
            return [(known[name], k) for name, k in wanted.items() if name in known]
    pairs = []
    matcher = SequenceMatcher(None, [_word(item) for item in old], [_word(item) for item in new], autojunk=False)
    for tag, i1, i2, k1, k2 in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == k2 - k1):
            pairs += list(zip(range(i1, i2), range(k1, k2), strict=True))
    return pairs


def _by_identity(items: Sequence[Any]) -> dict[str, int] | None:
    places: dict[str, int] = {}
    for place, item in enumerate(items):
        name = identity(item)
        if name is None or name in places:
            return None
        places[name] = place
    return places


def _word(value: Any) -> Any:
    """Equal for what says the same, and hashable."""
    if isinstance(value, str):
        return _text_word(value)
    if isinstance(value, list):
        return tuple(map(_word, value))
    if isinstance(value, dict):
        return frozenset((key, _word(part)) for key, part in value.items())
    return value


def _text_word(value: str) -> Any:
    if _NUMBER.fullmatch(value):
        return float(value)
    if _DURATION.fullmatch(value):
        return parse_duration(value)
    if _MOMENT.fullmatch(value):
        return value[:16]
    return "0" + value if _HOUR.fullmatch(value) else str(value)


class Draft:
    """Plain data that can be changed without changing what it was made from.

    Args:
        data: of the whole file; stays as it is.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.data: dict[str, Any] = dict(data)
        self._own: dict[int, Any] = {id(self.data): self.data}
        self.origins: dict[int, Any] = {}
        """What each copy was made of, by the identity of the copy: an entry keeps its lines when its id changes."""
        self._places: dict[int, dict[str, int]] = {}

    def find(self, path: Sequence[str | int]) -> Loc | None:
        """A path with names of entries as a place: positions in lists. None where there is nothing."""
        here: Any = self.data
        loc: list[str | int] = []
        for step in path:
            found = self._step(here, step)
            if found is None:
                return None
            loc.append(found)
            here = here[found]
        return tuple(loc)

    def at(self, loc: Loc) -> Any:
        """What stands at a place."""
        here: Any = self.data
        for step in loc:
            here = here[step]
        return here

    def open(self, loc: Loc) -> Any:
        """The mapping or list at a place, copied if it is not yet, to be changed. Forget nothing of it afterwards."""
        here: Any = self.data
        for step in loc:
            part = here[step]
            if id(part) not in self._own:
                copy = dict(part) if isinstance(part, dict) else list(part)
                self._own[id(copy)], self.origins[id(copy)] = copy, part
                here[step] = part = copy
            here = part
        self._places.pop(id(here), None)
        return here

    def put(self, loc: Loc, value: Any) -> None:
        """Give a field or item another value."""
        self.open(loc[:-1])[loc[-1]] = value

    def _step(self, here: Any, step: str | int) -> str | int | None:
        if isinstance(here, dict):
            return step if isinstance(step, str) and step in here else None
        if not isinstance(here, list):
            return None
        if isinstance(step, int):
            return step if 0 <= step < len(here) else None
        places = self._places.get(id(here))
        if places is None:
            places = {}
            for place, item in enumerate(here):
                name = identity(item)
                if name is not None:
                    places.setdefault(name, place)
            self._places[id(here)] = places
        found = places.get(step)
        # A list may have been replaced by one that took its address.
        return found if found is not None and found < len(here) and identity(here[found]) == step else None
