"""Who may come in: the right host name, the service's own token or one with a role, and no page of another site.

The host check stops a page on the internet from reading the API of a browser's own machine by pointing its name at
127.0.0.1 (DNS rebinding); the origin check stops it from sending forms there.
"""

from __future__ import annotations

import asyncio
import hmac
import math
import time
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from api.tries import Tries
from patrol.access import CENTRE, PREFIX, Caller, caller_by
from patrol.store import plain

log = structlog.get_logger(__name__)

COOKIE = "patrol_token"
LIVE_S = 5.0
"""A revoked token may pass for so long: tokens are read from the store that often, not with every request."""
_NEW_S = 1.0
"""A token nobody knows is looked for again at most this often, so that a fresh one passes and a flood of wrong ones costs nothing."""
_OPEN = ("/healthz", "/readyz", "/assets/", "/evidence/", "/a/")
"""Asked without a token: health, the console's own code, evidence and answers, whose links are signed."""
_READING = ("GET", "HEAD", "OPTIONS")

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class LiveTokens:
    """The tokens with a role, read from the store at most ``LIVE_S`` ago, in a thread of their own.

    Args:
        read: reads them; may raise what the store raises.
        clock: monotonic, seconds.
    """

    def __init__(self, read: Callable[[], Mapping[str, Caller]], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._known: Mapping[str, Caller] = {}
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    async def caller(self, token: str) -> Caller | None:
        """Who holds a token, None: nobody.

        Raises:
            SQLAlchemyError: the store does not answer.
        """
        await self._not_older_than(LIVE_S)
        found = caller_by(token, self._known)
        if found is None:
            await self._not_older_than(_NEW_S)
            found = caller_by(token, self._known)
        return found

    async def _not_older_than(self, age_s: float) -> None:
        async with self._reading:
            if self._clock() - self._read_at < age_s:
                return
            begun = self._clock()
            self._known = await run_in_threadpool(self._read)
            self._read_at = begun


class Guard:
    """ASGI middleware: host names, origins, tokens, security headers. Whom it lets in is in the request's state.

    Args:
        app: what is guarded.
        hosts: names that may be asked for; None: any (behind a token).
        token: the service's own; None: none is needed.
        live: the tokens with a role.
        tries: counts the wrong ones.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str] | None,
        token: str | None,
        live: LiveTokens,
        tries: Tries | None = None,
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts) if hosts is not None else None
        self._token = token
        self._live = live
        self._tries = tries or Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through or answer it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answer.setdefault(name, value)
            await send(message)

        refusal = await self._refusal(scope, Headers(scope=scope))
        await (refusal or self._app)(scope, receive, guarded)

    async def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Why not, or the way in for a browser; None: whoever asks stands in the state and passes."""
        if self._hosts is not None and _name(headers.get("host", "")) not in self._hosts:
            return problem(421, "this service does not answer to that host name")
        if any(scope["path"] == p or (p.endswith("/") and scope["path"].startswith(p)) for p in _OPEN):
            return None
        if scope["method"] not in _READING and _comes_from_elsewhere(headers):
            return problem(403, "the request comes from a page of another site")
        opening = scope["method"] == "GET" and scope["path"] == "/"
        by_link = QueryParams(scope["query_string"]).get("token") if opening else None
        given = _bearer(headers) or by_link or cookie_parser(headers.get("cookie", "")).get(COOKIE) or ""
        found = await self._caller(given, scope["client"][0] if scope.get("client") else None)
        if isinstance(found, Response):
            return found
        if by_link and by_link == given and found == CENTRE and self._token is not None:
            return self._remembered(scope)
        scope.setdefault("state", {})["caller"] = found
        return None

    async def _caller(self, given: str, address: str | None) -> Caller | JSONResponse:
        if self._token is None and not given.startswith(PREFIX):
            return CENTRE
        wait = self._tries.wait_s(address) if given else None
        if wait is not None:
            # Not even looked at: else a guess that is right would still show.
            return problem(
                429,
                "too many wrong tokens from this address; try again in a minute",
                headers={"Retry-After": str(max(1, math.ceil(wait)))},
            )
        if self._token is not None and hmac.compare_digest(_bytes(given), _bytes(self._token)):
            return CENTRE
        try:
            caller = await self._live.caller(given) if given.startswith(PREFIX) else None
        except SQLAlchemyError as error:
            log.error("store away", asked_for="tokens", error=plain(error))
            return problem(503, "the store does not answer", headers={"Retry-After": "5"})
        if caller is not None:
            return caller
        if given:
            self._tries.failed(address, given)
        return problem(
            401,
            "a token is needed: send it as a Bearer token, or open /?token=… once in the browser",
            headers={"WWW-Authenticate": "Bearer"},
        )

    def _remembered(self, scope: Scope) -> Response:
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE,
            self._token or "",
            httponly=True,
            samesite="strict",
            secure=scope["scheme"] == "https",
            max_age=12 * 3600,
        )
        return answer


def _bearer(headers: Headers) -> str | None:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else None


def _comes_from_elsewhere(headers: Headers) -> bool:
    """By what browsers say; programs say nothing and carry their token themselves, which no foreign page can make them do."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
