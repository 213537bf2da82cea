"""Who may ask: the right host name, and the token where one is set. Sign-in and roles are a later room.

The host check stops a page on the internet from reading the API of a browser's own machine by pointing its name at
127.0.0.1 (DNS rebinding).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

COOKIE = "patrol_token"
_OPEN = ("/healthz", "/readyz", "/assets/", "/evidence/", "/a/")
"""Asked without a token: health, the console's own code, evidence and answers, whose links are signed."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """ASGI middleware: host names, token, security headers.

    Args:
        app: what is guarded.
        hosts: names that may be asked for; None: any (behind a token).
        token: None: none is needed.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str] | None, token: str | None) -> None:
        self._app = app
        self._hosts = frozenset(hosts) if hosts is not None else None
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through or answer it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answer.setdefault(name, value)
            await send(message)

        if self._hosts is not None and _name(headers.get("host", "")) not in self._hosts:
            await problem(421, "this service does not answer to that host name")(scope, receive, guarded)
            return
        if self._token is not None and not self._may_pass(scope["path"], headers):
            given = QueryParams(scope["query_string"]).get("token")
            if scope["method"] == "GET" and scope["path"] == "/" and given and self._is_token(given):
                await self._remember(scope, receive, guarded)
                return
            await problem(
                401,
                "a token is needed: send it as a Bearer token, or open /?token=… once in the browser",
                headers={"WWW-Authenticate": "Bearer"},
            )(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)

    def _may_pass(self, path: str, headers: Headers) -> bool:
        if any(path == p or (p.endswith("/") and path.startswith(p)) for p in _OPEN):
            return True
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(given.strip()):
            return True
        return self._is_token(cookie_parser(headers.get("cookie", "")).get(COOKIE, ""))

    def _is_token(self, given: str) -> bool:
        return self._token is not None and hmac.compare_digest(given.encode(), self._token.encode())

    async def _remember(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.responses import RedirectResponse

        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE,
            self._token or "",
            httponly=True,
            samesite="strict",
            secure=scope["scheme"] == "https",
            max_age=12 * 3600,
        )
        await answer(scope, receive, send)


def _name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
