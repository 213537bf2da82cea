"""What all entries of the registry share: strictness, keys, names in both languages, priorities."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_KEY = r"^[a-z][a-z0-9_]{0,62}$"
_CAMERA_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
Key = Annotated[str, Field(pattern=_KEY, description="Lower-case letters, digits and underscores.")]
CameraId = Annotated[
    str, Field(pattern=_CAMERA_ID, description="Letters, digits, - and _; stands in MQTT topics and URLs.")
]


class Entry(BaseModel):
    """What all entries share: unknown fields are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(Entry):
    """A name in both languages."""

    zh: str = Field(min_length=1, title="中文名", description="Name in Chinese.")
    en: str = Field(min_length=1, title="English name", description="Name in English.")


class Priority(StrEnum):
    """Which look is made first when not everything fits."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    HIGHEST = "highest"

    @property
    def rank(self) -> int:
        """0 (low) to 3 (highest)."""
        return _RANKS[self]


_RANKS = {priority: rank for rank, priority in enumerate(Priority)}
