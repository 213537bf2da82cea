"""Who asks, as routes see it, and the rule that each route declares. A route without one keeps the application from starting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount

from patrol.access import ACTIONS, Caller, SignedIn, can


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route declares.

    Attributes:
        actions: of which whoever asks must be allowed one; none: it is open to all.
        why_open: why, where it is.
    """

    actions: tuple[str, ...]
    why_open: str | None = None


_FILES = "assets"
"""The one mount: the console's own code, which holds no data."""


class RuleError(Exception):
    """A route that declares no rule."""


def asks(*actions: str, also_while_password_due: bool = False) -> Callable[[Request], Caller]:
    """A dependency that lets through who may do one of ``actions``, and gives who that is.

    Args:
        actions: of ``patrol.access.ACTIONS``; of several the route decides which one it is when it knows more.
        also_while_password_due: also who came by a one-time link and has not chosen a password yet.

    Raises:
        ValueError: no such action.
    """
    if not actions or not ACTIONS.issuperset(actions):
        raise ValueError(f"no such action among {actions}")

    def asker(request: Request) -> Caller:
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:
            raise HTTPException(401, "sign in, or send a token as a Bearer token", {"WWW-Authenticate": "Bearer"})
        request.state.action = actions[0]
        signed_in: SignedIn | None = getattr(request.state, "signed_in", None)
        if signed_in is not None and signed_in.password_due and not also_while_password_due:
            raise HTTPException(403, "choose a password first")
        verdicts = [can(caller, action) for action in actions]
        if None not in verdicts:
            allow(verdicts[0])
        return caller

    asker.rule = Rule(actions)  # type: ignore[attr-defined]
    return asker


def open_to_all(why: str) -> Callable[[], None]:
    """A dependency that says that a route is open to all, and why."""

    def nobody_in_particular() -> None:
        return None

    nobody_in_particular.rule = Rule((), why)  # type: ignore[attr-defined]
    return nobody_in_particular


def allow(verdict: str | None) -> None:
    """Pass, or refuse with the sentence that ``patrol.access`` gave.

    Raises:
        HTTPException: 403.
    """
    if verdict is not None:
        raise HTTPException(403, verdict)


def session_of(request: Request) -> SignedIn | None:
    """The browser session that asks; None: a token does."""
    found: SignedIn | None = getattr(request.state, "signed_in", None)
    return found


def address_of(request: Request) -> str | None:
    """Where the request came from."""
    return request.client.host if request.client else None


Address = Annotated[str | None, Depends(address_of)]


def rules(app: FastAPI) -> dict[tuple[str, str], Rule]:
    """The rule of every route, by method and path.

    Raises:
        RuleError: one declares none.
    """
    found: dict[tuple[str, str], Rule] = {}
    for route in iter_route_contexts(app.routes):
        original = route.original_route
        if isinstance(original, Mount) and original.name == _FILES:
            continue
        if not isinstance(original, APIRoute):
            raise RuleError(f"{route.path or original} is no route that could declare who may ask")
        rule = _declared(route.dependant)
        if rule is None:
            raise RuleError(f"{sorted(route.methods or ())} {route.path} declares neither asks(…) nor open_to_all(…)")
        for method in route.methods or ():
            found[(method, route.path_format or "")] = rule
    return found


def declare(app: FastAPI, declared: Mapping[tuple[str, str], Rule]) -> None:
    """Say in the OpenAPI document what each route asks for, and by which ways whoever asks shows who it is."""
    schemes = {
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "patrol_session",
            "description": "A browser that signed in.",
        },
        "token": {"type": "http", "scheme": "bearer", "description": "A token: `pat_…`."},
    }
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        document.setdefault("components", {})["securitySchemes"] = schemes
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                rule = declared[(method.upper(), path)]
                operation["security"] = [{name: []} for name in schemes] if rule.actions else []
                operation["x-asks"] = list(rule.actions)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _declared(dependant: Any) -> Rule | None:
    rule = getattr(dependant.call, "rule", None)
    if rule is not None:
        return rule
    return next((found for below in dependant.dependencies if (found := _declared(below)) is not None), None)
