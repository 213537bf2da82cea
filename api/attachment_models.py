"""What the API answers about files of cases."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Removal(BaseModel):
    """That a file was removed."""

    at: datetime
    by: str
    because: str


class Attachment(BaseModel):
    """A photo or document of a case. Its bytes are asked for by its id."""

    id: str
    name: str = Field(description="As it was called.")
    media_type: str = Field(description="As its bytes say.")
    bytes: int
    sha256: str
    thumbnail: bool = Field(description="Whether there is a small picture of it: it is a photo.")
    lon: float | None = Field(description="Where a photo says it was taken, degrees, WGS84.")
    lat: float | None
    taken_at: str | None = Field(
        description="When a photo says it was taken, by the camera's own clock, as it says it."
    )
    unit: str | None = Field(description="Of who brought it; null: the command centre's, or a reporter's.")
    by: str
    at: datetime
    scan: Literal["clean", "not_checked"] = Field(description="What the virus scanner said.")
    removed: Removal | None
