"""Edits a registry's text: operations on entries become the smallest change of lines, comments and spelling kept.

Pure: text and operations in, text out. What comes out is read again and must say exactly what was asked for; whether it is a valid
registry is for :func:`patrol.registry.parse`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from patrol.registry._draft import Draft, ValueRefusedError, identity, plain, same, settle
from patrol.registry._explain import field_order
from patrol.registry._references import REFERENCES, follow, users, word
from patrol.registry._rewrite import ByHandOnlyError, rewrite
from patrol.registry._source import Source, read
from patrol.registry.addresses import has_clear_credential
from patrol.registry.load import no_collector
from patrol.registry.problems import Loc, RegistryError

Path = tuple[str | int, ...]
"""The way to a value: a section, the id, key, code or name of an entry (or its place, from 0), a field, and so on."""

_MASK = "***"
_NAMED = 8
"""Users of an entry that a refusal names one by one."""


class EditError(ValueError):
    """An edit cannot be made. The message names the operation and says what to do.

    Attributes:
        operation: its place in the list, from 0; None when all of them together are meant.
        path: what it speaks of.
    """

    def __init__(self, message: str, operation: int | None = None, path: Path = ()) -> None:
        super().__init__(message)
        self.operation = operation
        self.path = path


@dataclass(frozen=True, slots=True)
class Operation:
    """One change.

    Attributes:
        op: ``set`` gives a value to a field or entry, ``add`` an entry to a list, ``remove`` takes a field or entry out,
            ``rename`` gives an entry another id, which whatever names it follows, ``move`` gives it another place.
        path: what it speaks of; of ``add`` the list.
        value: of ``set`` and ``add``: any JSON value; fields that are null are left out. Null itself: as ``remove``.
        to: of ``rename``: the new id.
        before: of ``add`` and ``move``: the entry it comes to stand before; None: at the end.
    """

    op: Literal["set", "add", "remove", "rename", "move"]
    path: Path
    value: Any = None
    to: str | None = None
    before: str | int | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """A text with its operations worked in.

    Attributes:
        text: the new one.
        source: the new one as it was read again.
        touched: sections and entries that are other than before, renames followed.
    """

    text: str
    source: Source
    touched: frozenset[Path]


def apply(text: str, operations: Iterable[Operation], *, source: Source | None = None) -> Edited:
    """Work operations into a text, one after the other.

    Args:
        text: of a readable registry.
        operations: what is to be changed.
        source: the text as it was read, where that is at hand.

    Raises:
        EditError: an operation speaks of what is not there, holds what cannot be written, takes away what is in use, or the
            text is written in a way that only people can change.
        RegistryError: the text is not readable.
    """
    with no_collector():
        return _applied(text, operations, source or read(text, "registry"))


def _applied(text: str, operations: Iterable[Operation], source: Source) -> Edited:
    draft = Draft(source.data)
    gone: list[tuple[int, Loc, str]] = []
    for number, operation in enumerate(operations):
        try:
            _work(draft, operation, number, gone)
        except ValueRefusedError as error:
            raise EditError(f"{_name(operation.path)}: {error}", number, operation.path) from None
    for number, where, name in gone:
        _unused(draft, number, where, name)
    new = _settled(source.data, draft.data)
    try:
        changed = rewrite(text, source.data, new, draft.origins)
    except ByHandOnlyError as error:
        raise EditError(str(error)) from None
    return Edited(changed, _proved(changed, new, source), _touched(source.data, new))


def _work(draft: Draft, operation: Operation, number: int, gone: list[tuple[int, Loc, str]]) -> None:
    path = operation.path
    if not path or not isinstance(path[0], str):
        raise EditError("path: begin with a section, e.g. cameras", number, path)
    if operation.op == "add":
        _add(draft, operation, number)
    elif operation.op == "set" and operation.value is not None:
        _set(draft, operation, number)
    else:
        loc = draft.find(path)
        if loc is None:
            raise EditError(f"there is no {_name(path)}", number, path)
        if operation.op == "rename":
            _rename(draft, operation, number, loc)
        elif operation.op == "move":
            _move(draft, operation, number, loc)
        else:
            _remove(draft, loc, number, gone)


def _add(draft: Draft, operation: Operation, number: int) -> None:
    path = operation.path
    value = plain(operation.value)
    _no_masked(value, operation, number)
    loc = draft.find(path)
    if loc is None:
        parent = draft.find(path[:-1])
        if parent is None or not isinstance(draft.at(parent), dict) or not isinstance(path[-1], str):
            raise EditError(f"there is no list {_name(path)}", number, path)
        _insert_field(draft, parent, path[-1], [])
        loc = (*parent, path[-1])
    there = draft.at(loc)
    if there is None:
        draft.put(loc, there := [])
    if not isinstance(there, list):
        raise EditError(f"{_name(path)} is no list; use set", number, path)
    name = identity(value)
    if name is not None and draft.find((*path, name)) is not None:
        raise EditError(f"{_name((*path, name))} is already there; use set, or another id", number, path)
    # A list that a draft opens keeps its identity: the place is found before it is opened.
    place = _before(draft, operation, number, loc)
    draft.open(loc).insert(place, value)


def _set(draft: Draft, operation: Operation, number: int) -> None:
    path = operation.path
    value = plain(operation.value)
    _no_masked(value, operation, number)
    loc = draft.find(path)
    if loc is not None:
        old = draft.at(loc)
        if not same(old, value):
            _keeps_identity(old, value, operation, number, loc)
            draft.put(loc, settle(old, value))
        return
    parent = draft.find(path[:-1])
    if parent is None or not isinstance(draft.at(parent), dict) or not isinstance(path[-1], str):
        raise EditError(f"there is no {_name(path if parent is not None else path[:-1])}", number, path)
    _insert_field(draft, parent, path[-1], value)


def _keeps_identity(old: Any, value: Any, operation: Operation, number: int, loc: Loc) -> None:
    if tuple(loc[:-2]) in REFERENCES and loc[-1] in {"id", "key"}:
        raise EditError(
            f"{_name(operation.path)}: use rename, so that whatever names it follows", number, operation.path
        )
    if tuple(loc[:-1]) in REFERENCES and identity(old) != identity(value):
        raise EditError(f"{_name(operation.path)}: use rename to give it another id", number, operation.path)


def _insert_field(draft: Draft, parent: Loc, key: str, value: Any) -> None:
    """A new field comes to stand where the models name it, so that entries look alike."""
    here = draft.open(parent)
    order = field_order(parent)
    rank = order.index(key) if key in order else len(order)
    names = list(here)
    places = [place for place, name in enumerate(names) if name not in order or order.index(name) < rank]
    later = {name: here.pop(name) for name in names[places[-1] + 1 if places else 0 :]}
    here[key] = value
    here.update(later)


def _rename(draft: Draft, operation: Operation, number: int, loc: Loc) -> None:
    entry, to = draft.at(loc), operation.to
    name = identity(entry)
    if name is None or not isinstance(loc[-1], int):
        raise EditError(f"{_name(operation.path)} has no id that could be changed", number, operation.path)
    if not to:
        raise EditError("to: give the new id", number, operation.path)
    if to == name:
        return
    if draft.find((*operation.path[:-1], to)) is not None:
        raise EditError(f"{_name((*operation.path[:-1], to))} is already there", number, operation.path)
    field = next(part for part in ("id", "key", "code", "name") if entry.get(part) == name)
    draft.put((*loc, field), plain(to))
    draft.open(loc[:-1])
    follow(draft, [str(step) for step in loc[:-1]], name, to)


def _move(draft: Draft, operation: Operation, number: int, loc: Loc) -> None:
    if not isinstance(loc[-1], int):
        raise EditError(f"{_name(operation.path)} is no entry of a list", number, operation.path)
    place = _before(draft, operation, number, loc[:-1])
    entries = draft.open(loc[:-1])
    entry = entries.pop(loc[-1])
    entries.insert(place - (place > loc[-1]), entry)


def _before(draft: Draft, operation: Operation, number: int, where: Loc) -> int:
    entries: list[Any] = draft.at(where)
    if operation.before is None:
        return len(entries)
    found = draft.find((*where, operation.before))
    if found is None:
        raise EditError(f"before: there is no {operation.before!r} in {_name(operation.path)}", number, operation.path)
    return int(found[-1])


def _remove(draft: Draft, loc: Loc, number: int, gone: list[tuple[int, Loc, str]]) -> None:
    name = identity(draft.at(loc))
    if name is not None and isinstance(loc[-1], int) and tuple(loc[:-1]) in REFERENCES:
        gone.append((number, loc[:-1], name))
    del draft.open(loc[:-1])[loc[-1]]


def _unused(draft: Draft, number: int, where: Loc, name: str) -> None:
    if draft.find((*where, name)) is not None:
        return
    found = list(dict.fromkeys(word(draft.data, loc) for loc in users(draft.data, [str(s) for s in where], name)))
    if found:
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise EditError(
            f"{_name((*where, name))} is still used by {', '.join(found[:_NAMED])}{more}; change them first",
            number,
            (*where, name),
        )


def _no_masked(value: Any, operation: Operation, number: int) -> None:
    """An address that is shown with a mask must not be written back, and no password may come in."""
    if isinstance(value, dict):
        for part in value.values():
            _no_masked(part, operation, number)
    elif isinstance(value, list):
        for part in value:
            _no_masked(part, operation, number)
    elif isinstance(value, str):
        if _MASK in value and "://" in value:
            raise EditError(
                f"{_name(operation.path)}: the address is shown masked (***); write the whole address, and credential: env:NAME or "
                "file:PATH beside it",
                number,
                operation.path,
            )
        if has_clear_credential(value):
            raise EditError(
                f"{_name(operation.path)}: holds a credential in clear text; write credential: env:NAME or file:PATH, and "
                "{credential} where it belongs",
                number,
                operation.path,
            )


def _settled(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What came back to what it was is the same object again."""
    settled = dict(new)
    for section, value in new.items():
        was = old.get(section)
        if value is was:
            continue
        if isinstance(value, list) and isinstance(was, list):
            places = {identity(entry): entry for entry in was}
            entries = [_as_before(entry, places.get(name)) if (name := identity(entry)) else entry for entry in value]
            settled[section] = was if len(entries) == len(was) and all(map(_is, entries, was)) else entries
        elif value == was:
            settled[section] = was
    return settled


def _as_before(entry: Any, was: Any) -> Any:
    return was if was is not entry and was == entry else entry


def _is(one: Any, other: Any) -> bool:
    return one is other


def _proved(text: str, wanted: dict[str, Any], before: Source) -> Source:
    """The new text says what was asked for, and nothing else.

    Raises:
        EditError: it does not: a value is shared by an anchor, or the text is written in an unusual way.
    """
    try:
        source = read(text, before.file)
    except RegistryError as error:
        raise EditError(
            f"the file is written in a way that only people can change here ({error.problems[0].message}); edit it by hand"
        ) from None
    if source.data == wanted:
        return source
    places = [_name(path) for path in sorted(_touched(wanted, source.data), key=str)]
    raise EditError(
        f"this would also change {', '.join(places[:_NAMED])}: a value there is shared by an anchor (&name, *name); give every entry "
        "that shares it the same value in one edit, or edit the file by hand"
    )


def _touched(old: dict[str, Any], new: dict[str, Any]) -> frozenset[Path]:
    touched: set[Path] = set()
    for section in old.keys() | new.keys():
        was, now = old.get(section), new.get(section)
        if was is now or was == now:
            continue
        names = (_names(was), _names(now))
        if names[0] is None or names[1] is None:
            touched.add((section,))
            continue
        for name in names[0].keys() | names[1].keys():
            if names[0].get(name) != names[1].get(name):
                touched.add((section, name))
        if [n for n in names[0] if n in names[1]] != [n for n in names[1] if n in names[0]]:
            touched.add((section,))
    return frozenset(touched)


def _names(entries: Any) -> dict[str, Any] | None:
    """The entries of a list by name; None where they have none."""
    if not isinstance(entries, list):
        return None
    found = {identity(entry): entry for entry in entries}
    return None if None in found or len(found) != len(entries) else {str(name): entry for name, entry in found.items()}


def _name(path: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f"{'.' if i else ''}{step}" for i, step in enumerate(path))
