"""The application: routes, guards, the console's files."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from api import problems
from api.callers import only_where_asked
from api.routes import (
    answer_link,
    attachments,
    case_reports,
    cases,
    dispatch,
    evidence,
    health,
    incidents,
    ledger,
    letters,
    rotation,
)
from api.security import Guard, LiveTokens
from patrol import __version__, access
from patrol.service import Service

_STATIC = Path(__file__).parent / "static"


def create_app(service: Service) -> FastAPI:
    """The application over a service. The service is in ``app.state.service``."""
    app = FastAPI(
        title="Video patrol",
        version=__version__,
        description="What is due, what was seen, what was told, who has not answered, and what belongs to a case.",
        # Its own route below: all that is answered here stands behind `only_where_asked`, this document too.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        dependencies=[Depends(only_where_asked)],
        responses={"4XX": {"model": problems.Problem, "content": {"application/problem+json": {}}}},
    )
    app.state.service = service
    problems.install(app)
    v1 = APIRouter(prefix="/api/v1")
    for room in (rotation, incidents, dispatch, ledger, cases, letters, attachments, case_reports):
        v1.include_router(room.router)
    app.include_router(v1)
    app.include_router(evidence.router)
    app.include_router(answer_link.router)
    app.include_router(health.router)
    _serve_console(app)

    @app.get("/api/v1/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    def live() -> Mapping[str, access.Caller]:
        with service.store.reading() as session:
            return access.live(session)

    app.add_middleware(Guard, hosts=_hosts(service), token=service.settings.token, live=LiveTokens(live))
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _hosts(service: Service) -> tuple[str, ...] | None:
    host = service.settings.host
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        return None
    public = urlsplit(service.settings.public_url or "").hostname
    return ("127.0.0.1", "localhost", "[::1]", *((public,) if public else ()))


def _serve_console(app: FastAPI) -> None:
    index = _STATIC / "index.html"
    if (_STATIC / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=_STATIC / "assets"), name="assets")

    @app.get("/", include_in_schema=False, response_model=None)
    def console() -> HTMLResponse | PlainTextResponse:
        if index.is_file():
            return HTMLResponse(index.read_text("utf-8"), headers={"Cache-Control": "no-cache"})
        return PlainTextResponse("The console is not built: run `make console`. The API is at /api/v1/status.\n", 503)
