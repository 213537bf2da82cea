"""Versions of what is edited, as HTTP says them: ETag and If-Match."""

from __future__ import annotations

from fastapi import HTTPException


def version_of(if_match: str | None) -> int:
    """The version that an ETag names.

    Raises:
        HTTPException: 428: there is none; 412: it is not one of ours.
    """
    if if_match is None:
        raise HTTPException(428, "If-Match is needed: send the ETag of what you have read")
    text = if_match.strip().removeprefix('"').removesuffix('"')
    if not text.isdecimal() or len(text) > 15:
        raise HTTPException(412, f"If-Match: {if_match[:80]} is no ETag of ours")
    return int(text)
