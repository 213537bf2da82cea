"""What a browser says that it holds already."""

from __future__ import annotations

from fastapi import Request


def held(request: Request) -> set[str]:
    """The tags of If-None-Match, compared weakly (RFC 9110 part 13.1.2)."""
    return {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
