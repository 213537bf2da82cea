"""What several answers are made of: pages, names, kept files."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some of many, newest first."""

    items: list[Item]
    next: str | None = Field(None, description="Give it as `cursor` for the page after this one; null on the last.")


class Name(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class File(BaseModel):
    """A kept file of a look."""

    id: int = Field(description="What a copy of it is asked for by.")
    role: str = Field(description="clip, key_frame or picture.")
    media_type: str
    sha256: str
    bytes: int
    url: str | None = Field(
        description="Signed and short-lived; null: whoever asks may not see pictures, or it was purged."
    )
    purged_at: datetime | None = Field(None, description="When it had been kept long enough and was deleted.")
