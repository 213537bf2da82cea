"""Live events for browsers: one bounded queue each, filled from the service's threads, read as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from api.deps import may_know
from patrol.access import Caller, Role, sees
from patrol.registry import Registry
from patrol.service import Service

_KEEP = 256
_BEAT_S = 10.0
"""A comment line this often keeps proxies from closing a quiet stream."""


async def stream(service: Service, caller: Caller, still: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """Events as they happen. A reader that is too slow loses the oldest and is told so; it asks the API again then.

    Args:
        service: whose.
        caller: who reads: events about what it may not see say only that something happened, or nothing.
        still: whether the reader is still signed in; asked at every beat.
    """
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

    end = service.board.listen(from_any_thread)
    try:
        yield b"retry: 2000\n\n"
        while True:
            try:
                event = await asyncio.wait_for(waiting.get(), _BEAT_S)
            except TimeoutError:
                if not await still():
                    return
                yield b": still here\n\n"
                continue
            if lost:
                lost = False
                yield b'event: lost\ndata: {"event": "lost"}\n\n'
            shown = visible(event, caller, service.loaded.registry)
            if shown is None:
                continue
            data = json.dumps(shown, ensure_ascii=False, default=str)
            yield f"event: {event['event']}\ndata: {data}\n\n".encode()
    finally:
        end()


_FOR_ALL = frozenset({"alert", "answer", "case", "escalation", "export", "lease", "lost"})
"""What anybody may be told has happened somewhere, so that its page asks again; what and where it does not say."""


def visible(event: dict[str, Any], caller: Caller, registry: Registry) -> dict[str, Any] | None:
    """As much of an event as a caller may know; None: nothing of it.

    Args:
        event: as the board tells it.
        caller: who reads.
        registry: in force.
    """
    department = caller.role is Role.DEPARTMENT
    if not department and caller.sight is None:
        return event
    if department and event.get("department") == caller.unit:
        return event
    named = event.get("camera") or str(event.get("look", "")).partition("/")[0]
    if not department and named:
        camera = registry.camera(named)
        return event if sees(caller, camera) else None
    if event["event"] in _FOR_ALL:
        return {"event": event["event"], "at": event.get("at")}
    told = not department and event["event"] == "problem" and may_know(caller, str(event.get("subject")))
    return event if told else None
