"""Values as JSON columns hold them, and back: moments and days as ISO texts, tuples as lists, dataclasses as their set fields."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any


def plain(value: Any) -> Any:
    """A value as JSON; of a dataclass the fields that are not None."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        told = {f.name: getattr(value, f.name) for f in fields(value)}
        return {name: plain(each) for name, each in told.items() if each is not None}
    return value


def same(value: Any) -> Any:
    """What needs no reading."""
    return value


def moment(value: str | None) -> datetime | None:
    """The instant that a text says."""
    return None if value is None else datetime.fromisoformat(value)


def day(value: str | None) -> date | None:
    """The day that a text says."""
    return None if value is None else date.fromisoformat(value)
