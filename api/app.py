"""The application: routes, guards, the console's files."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from api import problems
from api.callers import address_of, asks, declare, rules
from api.console import serve_console
from api.idempotency import Idempotency
from api.oidc import Provider
from api.routes import (
    answer_link,
    attachments,
    audit,
    case_reports,
    cases,
    dispatch,
    evidence,
    evidence_calls,
    evidence_exports,
    figures,
    health,
    inbox,
    incidents,
    ledger,
    ledger_proof,
    letters,
    misses,
    registry,
    registry_aids,
    registry_tables,
    retention,
    review,
    rotation,
    rotation_board,
    session,
    tokens,
    users,
)
from api.security import Guard, LiveSessions, LiveTokens
from api.standing import Standing
from api.tries import Tries
from api.uploads import COMMAND_BYTES
from patrol import __version__, access
from patrol import audit as trail
from patrol.ledger.heat import Heat
from patrol.service import Service


def create_app(service: Service) -> FastAPI:
    """The application over a service. The service is in ``app.state.service``."""
    app = FastAPI(
        title="Video patrol",
        version=__version__,
        description="What is due, what was seen, what was told, who has not answered, and what belongs to a case.",
        # Its own route below, with a rule of its own like every other.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        max_body_size=COMMAND_BYTES,
        responses={"4XX": {"model": problems.Problem, "content": {"application/problem+json": {}}}},
    )
    app.state.service = service
    app.state.standing, app.state.heat = Standing(service), Heat()
    problems.install(app, _refused)
    app.state.sign_in_tries = Tries()
    app.state.provider = _provider(service)
    v1 = APIRouter(prefix="/api/v1")
    for room in (
        rotation,
        rotation_board,
        misses,
        incidents,
        review,
        dispatch,
        inbox,
        ledger,
        cases,
        letters,
        attachments,
        case_reports,
        session,
        users,
        tokens,
        audit,
        registry_tables,
        registry_aids,
        registry,
        retention,
        evidence_calls,
        evidence_exports,
        figures,
        ledger_proof,
    ):
        v1.include_router(room.router)
    app.include_router(v1)
    app.include_router(evidence.router)
    app.include_router(inbox.pictures)
    app.include_router(answer_link.router)
    app.include_router(health.router)

    @app.get("/api/v1/openapi.json", include_in_schema=False, dependencies=[Depends(asks("self.read"))])
    def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    serve_console(app)
    app.state.sessions = LiveSessions(lambda cookie: _session(service, cookie))
    app.state.rules = rules(app)
    declare(app, app.state.rules)
    app.add_middleware(Idempotency, store=lambda: service.store, now=lambda: service.clock.wall())  # noqa: PLW0108 - the clock comes later
    app.add_middleware(
        Guard,
        hosts=_hosts(service),
        token=service.settings.token,
        live=LiveTokens(lambda: _tokens(service)),
        sessions=app.state.sessions,
        nobody=None if service.settings.sign_in else access.CENTRE,
    )
    return app


def _provider(service: Service) -> Provider | None:
    settings = service.settings
    if settings.oidc is None:
        return None
    return Provider(settings.oidc, service.link_key, f"{settings.base_url}/api/v1/session/oidc/return")


def _tokens(service: Service) -> Mapping[str, access.Caller]:
    with service.store.reading() as session:
        return access.live(session, service.clock.wall())


def _session(service: Service, cookie: str) -> access.SignedIn | None:
    now = service.clock.wall()
    with service.store.reading() as session:
        found = access.session_by(session, cookie, now)
    if found is not None and now - found.seen_at >= access.SEEN_EVERY:
        with service.store.sessions.begin() as session:
            access.seen(session, found.sha256, now)
    return found


def _refused(request: Request, why: str) -> None:
    """Write down that somebody asked for what it may not do."""
    caller: access.Caller | None = getattr(request.state, "caller", None)
    action: str | None = getattr(request.state, "action", None)
    if caller is None or action is None:
        return
    service: Service = request.app.state.service
    with service.store.sessions.begin() as session:
        trail.write(
            session,
            caller,
            action,
            now=service.clock.wall(),
            kind="path",
            ref=request.url.path,
            reason=why,
            address=address_of(request),
            outcome="refused",
            detail={"method": request.method},
        )


def _operation_id(route: APIRoute) -> str:
    return route.name


def _hosts(service: Service) -> tuple[str, ...] | None:
    if not service.settings.loopback:
        return None
    public = urlsplit(service.settings.public_url or "").hostname
    return ("127.0.0.1", "localhost", "[::1]", *((public,) if public else ()))
