"""The built console: one page for every address of its own, its code for ever, compressed as the browser takes it.

Files lie in ``api/static`` (``make console``): ``index.html``, ``assets/`` with a hash in every name, and what stood in
``console/public``.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Scope

from api.callers import open_to_all

STATIC = Path(__file__).parent / "static"

_NOT_ITS_OWN = frozenset({"api", "assets", "evidence", "answers", "a", "healthz", "readyz", "metrics"})
"""First parts of addresses that are the service's: what is wrong below them is an error, not a page of the console."""
_CODINGS = (("br", ".br"), ("gzip", ".gz"))
"""What ``console/scripts/compress.mjs`` writes beside a file, the smaller first."""

mimetypes.add_type("application/manifest+json", ".webmanifest")


class _Assets(StaticFiles):
    """Files that never change: a new build gives them new names."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, compressed where it lies so and the browser says that it takes it."""
        answer = await self._compressed(path, scope) or await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        answer.headers["Vary"] = "Accept-Encoding"
        return answer

    async def _compressed(self, path: str, scope: Scope) -> Response | None:
        takes = _taken(Headers(scope=scope).get("accept-encoding", ""))
        for coding, ending in _CODINGS:
            if coding not in takes:
                continue
            try:
                answer = await super().get_response(path + ending, scope)
            except StarletteHTTPException as error:
                if error.status_code != 404:
                    raise
                continue
            answer.headers["Content-Encoding"] = coding
            return answer
        return None


def is_page(path: str) -> bool:
    """Whether an address (``/review``) is one of the console: it answers with the page whatever stands there, to anybody."""
    parts = path.lstrip("/").split("/")
    return parts[0] not in _NOT_ITS_OWN and "." not in parts[-1]


def serve_console(app: FastAPI, static: Path = STATIC) -> None:
    """Answer with the console where no other route does: to be called after all other routes are there.

    Args:
        app: what gets the routes.
        static: where the built console lies; it may be missing.
    """
    index = static / "index.html"
    beside = {
        file.relative_to(static).as_posix(): file
        for file in sorted(static.rglob("*"))
        if file.is_file() and file != index and file.relative_to(static).parts[0] not in {"assets", ".vite"}
    }
    if (static / "assets").is_dir():
        app.mount("/assets", _Assets(directory=static / "assets"), name="assets")

    @app.get(
        "/{path:path}",
        include_in_schema=False,
        response_model=None,
        dependencies=[Depends(open_to_all("the console's own page, on which people sign in; it holds no data"))],
    )
    def console(path: str) -> Response:
        if path in beside:
            return FileResponse(beside[path], headers={"Cache-Control": "no-cache"})
        if not is_page(f"/{path}"):
            raise HTTPException(404)
        if index.is_file():
            return HTMLResponse(index.read_text("utf-8"), headers={"Cache-Control": "no-cache"})
        return PlainTextResponse("The console is not built: run `make console`. The API is at /api/v1/status.\n", 503)


def _taken(accepted: str) -> frozenset[str]:
    """Names of codings that an ``Accept-Encoding`` header takes: what has a weight of 0 is refused."""
    taken = set()
    for entry in accepted.split(","):
        coding, _, weight = entry.partition(";")
        if weight.replace(" ", "").rstrip("0") not in {"q=", "q=0."}:
            taken.add(coding.strip().lower())
    return frozenset(taken)
