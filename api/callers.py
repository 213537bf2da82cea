"""Who asks, as routes see it. A token with a role opens only routes that ask for a caller; everything else is the centre's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from patrol.access import CENTRE, Caller


def caller_of(request: Request) -> Caller:
    """Who asks; set by the guard in front of the application.

    Raises:
        HTTPException: 401: the guard let nobody in particular through.
    """
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        raise HTTPException(401, "a token is needed: send it as a Bearer token", {"WWW-Authenticate": "Bearer"})
    return caller


TheCaller = Annotated[Caller, Depends(caller_of)]


def only_where_asked(request: Request) -> None:
    """Keep whoever is not the centre away from routes that do not look at who asks. Stands before every route.

    Raises:
        HTTPException: 403.
    """
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None or caller == CENTRE:
        return
    if caller_of not in _calls(request.scope["route"].dependant):
        raise HTTPException(403, "this token opens cases only; the rest of the service is the command centre's")


def allow(verdict: str | None) -> None:
    """Pass, or refuse with the sentence that ``patrol.access.may`` gave.

    Raises:
        HTTPException: 403.
    """
    if verdict is not None:
        raise HTTPException(403, verdict)


def _calls(dependant: Any) -> Iterator[Callable[..., Any] | None]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from _calls(below)
