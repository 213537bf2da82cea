"""What is wrong with a registry, in words that name the place: file, line, field.

All problems of a file are gathered and told at once, so that an admin mends it in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Loc = tuple[str | int, ...]
"""The way to an entry, as pydantic writes it: ``("cameras", 3, "platform")``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    Attributes:
        file: the file as the reader was given it.
        line: from 1; None when the problem has no line (a file that is not there).
        field: readable path such as ``cameras[3] (gate-12).platform``; empty when the file as a whole is meant.
        message: what is wrong and what to write instead. Never repeats a credential.
        column: from 1, for errors of YAML itself.
    """

    file: str
    line: int | None
    field: str
    message: str
    column: int | None = None

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class RegistryError(ValueError):
    """The registry is not usable. ``str()`` gives one line per problem, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def field_path(loc: Sequence[str | int], data: Any) -> str:
    """Write a place for people: list positions carry the entry's own id, key or name.

    Args:
        loc: where it is.
        data: the plain data of the whole file, as far as it could be read.
    """
    path = ""
    here: Any = data
    for step in loc:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and 0 <= step < len(here) else None
            path += f"[{step}]"
            label = _label(here)
            if label:
                path += f" ({label})"
        else:
            here = here.get(step) if isinstance(here, dict) else None
            path += f".{step}" if path else step
    return path


def _label(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    for name in ("id", "key", "name", "kind"):
        value = entry.get(name)
        if isinstance(value, str) and value:
            return value if len(value) <= 60 else value[:59] + "…"
    return None
