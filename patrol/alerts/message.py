"""What every message of the contract is made of: times, hashes, links, and the form that all share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
_PLAUSIBLE = range(2000, 2100)
"""Years. A time outside is a sender's clock that was never set, and no database need keep it."""


def read_moment(text: str) -> datetime:
    """The UTC time that an RFC 3339 text with an offset says.

    Raises:
        ValueError: it says none, or one outside this century.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError("a time is written 2026-03-01T08:00:00Z, with its offset")
    moment = datetime.fromisoformat(text)
    if moment.year not in _PLAUSIBLE:
        raise ValueError("a time of another century")
    return moment.astimezone(UTC)


def _is_moment(text: str) -> str:
    read_moment(text)
    return text


Moment = Annotated[str, AfterValidator(_is_moment), Field(json_schema_extra={"format": "date-time"})]
"""RFC 3339 with an offset; kept as it was written."""
Stamp = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$")]
"""UTC with milliseconds and Z, exactly."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Link = Annotated[str, Field(pattern=r"^https?://", max_length=2048)]
"""Only what a browser may open safely: a department must not be able to put a script on an operator's screen."""
CaseNumber = Annotated[str, Field(max_length=64, pattern=r"^[^\s\x00-\x1f\x7f/+#][^\x00-\x1f\x7f/+#]*$")]
"""It stands in a topic, where `/`, `+` and `#` mean something else."""
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0)]


class Message(BaseModel):
    """What all share: exact types, unknown fields ignored, never changed after reading."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")
