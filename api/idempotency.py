"""Commands that may be sent again: the same ``Idempotency-Key`` of the same caller gets the answer of the first time.

A browser that lost its network in the middle of a push must not push twice. What carries a secret in its answer (sign-in, one-time
links, tokens) is never kept; uploads are known by their content; opening a case has its own, kept for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from api.uploads import COMMAND_BYTES
from patrol.store import Store
from patrol.store.tables import KeptAnswer

KEPT = timedelta(hours=24)
_RUNNING = timedelta(minutes=2)
"""A request that has no answer after so long was lost with its process."""
_LONGEST_KEY = 64
_MOST_ANSWER = 500_000
_NOT = ("/api/v1/session", "/api/v1/me/", "/api/v1/users", "/api/v1/tokens")
_OWN = "/api/v1/cases"
_JSON = "application/json"
_HEADERS = ("content-type", "etag", "location")


class Idempotency:
    """ASGI middleware behind the guard.

    Args:
        app: what is asked.
        store: gives the store; it is opened after the application is made.
        now: wall clock, aware.
    """

    def __init__(self, app: ASGIApp, store: Callable[[], Store], now: Callable[[], datetime]) -> None:
        self._app, self._store, self._now = app, store, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer again what was answered before, or let the request through and keep its answer."""
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        if len(key) > _LONGEST_KEY:
            await problem(422, f"Idempotency-Key: at most {_LONGEST_KEY} characters")(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            await problem(413, "the request is larger than a command can be")(scope, receive, send)
            return
        caller = scope["state"]["caller"].name
        ident = hashlib.sha256(f"{caller}\n{scope['path']}\n{key}".encode()).hexdigest()
        asked = hashlib.sha256(scope["query_string"] + b"\n" + body).hexdigest()
        before = await run_in_threadpool(self._begin, ident, asked)
        if before is not None:
            await before(scope, receive, send)
            return
        await self._answer_and_keep(scope, body, send, ident)

    def _key(self, scope: Scope) -> str | None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope.get("state", {}).get("caller") is None:
            return None
        path, headers = scope["path"], Headers(scope=scope)
        upload = headers.get("content-type", _JSON).split(";")[0].strip() != _JSON
        return None if upload or path == _OWN or path.startswith(_NOT) else headers.get("idempotency-key")

    async def _answer_and_keep(self, scope: Scope, body: bytes, send: Send, ident: str) -> None:
        status, headers, parts = 500, Headers(), bytearray()

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def kept(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], Headers(raw=message["headers"])
            elif len(parts) <= _MOST_ANSWER:
                parts.extend(message.get("body", b""))
            await send(message)

        done = False
        try:
            await self._app(scope, again, kept)
            done = status < 500 and len(parts) <= _MOST_ANSWER
        finally:
            shown = {name: headers[name] for name in _HEADERS if name in headers}
            await run_in_threadpool(self._end, ident, (status, shown, bytes(parts)) if done else None)

    def _begin(self, ident: str, asked: str) -> Response | None:
        """Note that a request is being answered; else what to answer in its place."""
        now = self._now()
        try:
            with self._store().sessions.begin() as session:
                row = session.get(KeptAnswer, ident, with_for_update=True)
                if row is not None and (now - row.at > KEPT or (row.status is None and now - row.at > _RUNNING)):
                    session.delete(row)
                    session.flush()
                    row = None
                if row is None:
                    session.execute(delete(KeptAnswer).where(KeptAnswer.at < now - KEPT))
                    session.add(KeptAnswer(ident=ident, asked=asked, at=now, status=None, headers={}, body=""))
                    return None
                if row.asked != asked:
                    return problem(422, "Idempotency-Key: this key was used for another request")
                if row.status is None:
                    return problem(409, "the same request is being answered", headers={"Retry-After": "1"})
                return Response(row.body, row.status, {**row.headers, "Idempotent-Replayed": "true"})
        except IntegrityError:
            # Two of the same request at the same moment.
            return problem(409, "the same request is being answered", headers={"Retry-After": "1"})

    def _end(self, ident: str, answer: tuple[int, dict[str, str], bytes] | None) -> None:
        with self._store().sessions.begin() as session:
            row = session.get(KeptAnswer, ident)
            if row is None:
                return
            if answer is None:
                session.delete(row)
            else:
                row.status, row.headers, row.body = answer[0], answer[1], answer[2].decode("utf-8", "replace")


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None: it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body.extend(message.get("body", b""))
        if len(body) > COMMAND_BYTES:
            return None
        if not message.get("more_body"):
            return bytes(body)
