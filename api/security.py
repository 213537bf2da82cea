"""Who comes in: the right host name, a browser that is signed in or a token, and no page of another site.

The host check stops a page on the internet from reading the API of a browser's own machine by pointing its name at
127.0.0.1 (DNS rebinding); the origin check stops it from sending forms there.
"""

from __future__ import annotations

import asyncio
import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from api.tries import Tries
from patrol.access import CENTRE, PREFIX, Caller, SignedIn, caller_by
from patrol.store import plain

log = structlog.get_logger(__name__)

COOKIE = "patrol_session"
LIVE_S = 5.0
"""A revoked token may pass for so long: tokens are read from the store that often, not with every request."""
SESSION_S = 1.0
"""A session that was ended elsewhere may pass for so long."""
_NEW_S = 1.0
"""A token nobody knows is looked for again at most this often, so that a fresh one passes and a flood of wrong ones costs nothing."""
_MOST_SESSIONS = 2_000
CSRF = "x-csrf-token"
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


class LiveSessions:
    """Browser sessions, each read from the store at most ``SESSION_S`` ago, in a thread of their own.

    Args:
        read: a session by its cookie; notes that it was used.
        clock: monotonic, seconds.
    """

    def __init__(self, read: Callable[[str], SignedIn | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._known: OrderedDict[str, tuple[float, SignedIn | None]] = OrderedDict()

    async def signed_in(self, cookie: str) -> SignedIn | None:
        """The session of a cookie, None: none that lives.

        Raises:
            SQLAlchemyError: the store does not answer.
        """
        known = self._known.get(cookie)
        if known is not None and self._clock() - known[0] < SESSION_S:
            return known[1]
        begun = self._clock()
        found = await run_in_threadpool(self._read, cookie)
        self._known[cookie] = (begun, found)
        self._known.move_to_end(cookie)
        if len(self._known) > _MOST_SESSIONS:
            self._known.popitem(last=False)
        return found

    def forget(self) -> None:
        """Read every session anew: one was opened or ended here."""
        self._known.clear()


class Guard:
    """ASGI middleware: host names, origins, who asks, forgery, security headers. Who asks is in the request's state.

    What somebody may do is not decided here but by the rule that each route declares (``api.callers``).

    Args:
        app: what is guarded.
        hosts: names that may be asked for; None: any.
        token: the service's own; None: there is none.
        live: the tokens with a role.
        sessions: the browsers that are signed in.
        nobody: who asks without showing anything; None: nobody in particular.
        tries: counts the wrong ones.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str] | None,
        token: str | None,
        live: LiveTokens,
        sessions: LiveSessions,
        nobody: Caller | None = None,
        tries: Tries | None = None,
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts) if hosts is not None else None
        self._token = token
        self._live = live
        self._sessions = sessions
        self._nobody = nobody
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

        try:
            refusal = await self._refusal(scope, Headers(scope=scope))
        except SQLAlchemyError as error:
            log.error("store away", asked_for="who asks", error=plain(error))
            refusal = problem(503, "the store does not answer", headers={"Retry-After": "5"})
        await (refusal or self._app)(scope, receive, guarded)

    async def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Why not; None: whoever asks stands in the state, and the route's rule decides."""
        if self._hosts is not None and _name(headers.get("host", "")) not in self._hosts:
            return problem(421, "this service does not answer to that host name")
        changing = scope["method"] not in _READING
        if changing and _comes_from_elsewhere(headers):
            return problem(403, "the request comes from a page of another site")
        state = scope.setdefault("state", {})
        bearer = _bearer(headers)
        if bearer is not None:
            found = await self._holder(bearer, scope["client"][0] if scope.get("client") else None)
            if isinstance(found, Response):
                return found
            state["caller"] = found
            return None
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        signed_in = await self._sessions.signed_in(cookie) if cookie else None
        if signed_in is None:
            state["caller"] = self._nobody
            return None
        if changing and not hmac.compare_digest(_bytes(headers.get(CSRF, "")), _bytes(signed_in.csrf)):
            return problem(403, f"the {CSRF} header is missing or not this session's: GET /api/v1/me says it")
        state["caller"], state["signed_in"] = signed_in.caller, signed_in
        return None

    async def _holder(self, given: str, address: str | None) -> Caller | JSONResponse:
        wait = self._tries.wait_s(address)
        if wait is not None:
            # Not even looked at: else a guess that is right would still show.
            return problem(
                429,
                "too many wrong tokens from this address; try again in a minute",
                headers={"Retry-After": str(max(1, math.ceil(wait)))},
            )
        if self._token is not None and hmac.compare_digest(_bytes(given), _bytes(self._token)):
            return CENTRE
        caller = await self._live.caller(given) if given.startswith(PREFIX) else None
        if caller is not None:
            return caller
        self._tries.failed(address, given)
        return problem(401, "the token is not right, was revoked or is over", headers={"WWW-Authenticate": "Bearer"})


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
