"""Errors as RFC 9457 problem details (``application/problem+json``)."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

log = structlog.get_logger(__name__)

_MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """An error, RFC 9457."""

    type: str = Field("about:blank", description="URI of the kind of problem.")
    title: str = Field(description="The kind of problem.")
    status: int = Field(description="HTTP status.")
    detail: str | None = Field(None, description="What exactly, for a person.")
    errors: list[dict[str, Any]] | None = Field(None, description="One entry a wrong field.")


class RefusedError(HTTPException):
    """An answer that names more than one thing to mend.

    Args:
        status, detail: as of any problem.
        errors: one entry a wrong place.
        headers: of the answer.
    """

    def __init__(
        self, status: int, detail: str, errors: list[dict[str, Any]], headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)
        self.errors = errors


def problem(
    status: int, detail: str | None = None, *, headers: dict[str, str] | None = None, **extra: Any
) -> JSONResponse:
    """A problem response."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, **extra).model_dump(exclude_none=True)
    return JSONResponse(body, status, headers=headers, media_type=_MEDIA_TYPE)


def install(app: FastAPI, refused: Callable[[Request, str], None]) -> None:
    """Answer every error of ``app`` as a problem.

    Args:
        app: whose.
        refused: is told, in a thread, when somebody who is known asked for what it may not do.
    """

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        detail = error.detail if error.detail != HTTPStatus(error.status_code).phrase else None
        if error.status_code == HTTPStatus.FORBIDDEN:
            await run_in_threadpool(refused, request, str(error.detail))
        return problem(
            error.status_code,
            detail,
            headers=dict(error.headers) if error.headers else None,
            errors=error.errors if isinstance(error, RefusedError) else None,
        )

    @app.exception_handler(RequestValidationError)
    async def _wrong(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [{"field": ".".join(str(p) for p in e["loc"]), "message": e["msg"]} for e in error.errors()]
        return problem(422, "; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors)

    @app.exception_handler(DBAPIError)
    async def _store(request: Request, error: DBAPIError) -> JSONResponse:
        log.error("store away", path=request.url.path, error=str(error.orig))
        return problem(503, "the store does not answer", headers={"Retry-After": "5"})

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", path=request.url.path, exc_info=error)
        return problem(500, "an error of the service; its log says more")
