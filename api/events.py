"""Live events for browsers: one bounded queue each, filled from the service's threads, read as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from patrol.service import Service

_KEEP = 256
_BEAT_S = 10.0
"""A comment line this often keeps proxies from closing a quiet stream."""


async def stream(service: Service) -> AsyncIterator[bytes]:
    """Events as they happen. A reader that is too slow loses the oldest and is told so; it asks the API again then."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_KEEP)
    lost = False

    def put(event: dict[str, Any]) -> None:
        nonlocal lost
        if waiting.full():
            waiting.get_nowait()
            lost = True
        waiting.put_nowait(event)

    def from_any_thread(event: dict[str, Any]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(put, event)

    end = service.listen(from_any_thread)
    try:
        yield b"retry: 2000\n\n"
        while True:
            try:
                event = await asyncio.wait_for(waiting.get(), _BEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if lost:
                lost = False
                yield b'event: lost\ndata: {"event": "lost"}\n\n'
            data = json.dumps(event, ensure_ascii=False, default=str)
            yield f"event: {event['event']}\ndata: {data}\n\n".encode()
    finally:
        end()
