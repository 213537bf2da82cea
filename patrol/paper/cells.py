"""The parts sheets are made of: columns, rows, and numbers that say how they want to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

Row = tuple[Any, ...]


class Share(float):
    """A share that is shown as per cent."""

    form: ClassVar[str] = "0.00%"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of its heading, its width in characters, its number format."""

    title: str
    width: float = 14
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the key of its title, its columns, its rows."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]


def minutes(seconds: float | None) -> float | None:
    """Seconds as minutes, to the second."""
    return None if seconds is None else round(seconds / 60, 3)


def share(value: float | None) -> Share | None:
    """A share that is shown as per cent."""
    return None if value is None else Share(value)
