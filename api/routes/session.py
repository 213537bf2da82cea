"""Signing in and out, and who asks."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import models, oidc
from api.callers import Address, asks, open_to_all, session_of
from api.deps import TheService, county
from api.oidc import OidcError, Provider
from api.security import COOKIE
from api.tries import Tries
from patrol import __version__, access, audit
from patrol.access import Caller, Role
from patrol.demo.people import PEOPLE, SECOND_OPERATOR
from patrol.evidence.rules import unit_names
from patrol.service import Service
from patrol.store.tables import Account

router = APIRouter(tags=["session"])
_OPEN = Depends(open_to_all("nobody has signed in yet"))
_WRONG = "name or password is not right"


@router.get("/session/ways", dependencies=[_OPEN])
def sign_in_ways(service: TheService) -> models.Ways:
    """How people sign in here."""
    return models.Ways(
        password=True,
        oidc=service.settings.oidc.name if service.settings.oidc else None,
        demo_roles=list(PEOPLE) if _by_click(service) else [],
    )


@router.post("/session", status_code=204, dependencies=[_OPEN])
def sign_in(
    service: TheService, request: Request, response: Response, address: Address, asked: models.SignInRequest
) -> None:
    """Sign in. 401: not right; 429: too many wrong ones in a row, with the seconds to wait, whether the name exists or not."""
    tries = _tries(request, address)
    now = service.clock.wall()
    with service.store.sessions.begin() as session:
        locked = access.begin_try(session, asked.name, now)
    if locked is not None:
        raise _waiting(locked.total_seconds())
    with service.store.reading() as session:
        row = access.check_password(session, asked.name, asked.password)
    if row is None:
        tries.failed(address, f"{asked.name}\n{asked.password}")
        with service.store.sessions.begin() as session:
            # A name that nobody has may be a password typed into the wrong field: it is not written down.
            known = session.get(Account, asked.name) is not None
            who = Caller(asked.name if known else "unknown", Role.AUDITOR)
            audit.write(session, who, "session.open", now=now, outcome="refused", address=address, reason=_WRONG)
        raise HTTPException(401, _WRONG)
    _enter(service, request, response, row, address, "password")


@router.post("/session/demo", status_code=204, dependencies=[_OPEN])
def enter_demo(
    service: TheService, request: Request, response: Response, address: Address, asked: models.DemoRequest
) -> None:
    """Become one of the demo's people. There are none but in the demo."""
    name = PEOPLE.get(asked.role) if _by_click(service) else None
    if asked.role is Role.OPERATOR and asked.desk == 2 and name is not None:
        name = SECOND_OPERATOR
    with service.store.reading() as session:
        row = session.get(Account, name) if name is not None else None
    if row is None:
        raise HTTPException(404, "there is no such person to become here")
    _enter(service, request, response, row, address, "demo")


@router.post("/session/link", status_code=204, dependencies=[_OPEN])
def enter_by_link(
    service: TheService, request: Request, response: Response, address: Address, asked: models.LinkRequest
) -> None:
    """Come in by a one-time link, to choose a password."""
    tries = _tries(request, address)
    with service.store.sessions.begin() as session:
        row = access.use_link(session, asked.link, service.clock.wall())
    if row is None:
        tries.failed(address, asked.link)
        raise HTTPException(401, "the link was used, is over or was replaced by a newer one; ask for a new one")
    _enter(service, request, response, row, address, "link", password_due=True)


@router.get("/session/oidc", status_code=303, response_class=RedirectResponse, dependencies=[_OPEN])
def leave_for_provider(request: Request) -> RedirectResponse:
    """Go to the county's identity provider."""
    try:
        address, cookie = _provider(request).leave()
    except OidcError as error:
        raise HTTPException(503, str(error), {"Retry-After": "10"}) from error
    answer = RedirectResponse(address, 303)
    # Lax: the provider sends the browser back from its own site.
    answer.set_cookie(
        oidc.COOKIE,
        cookie,
        max_age=oidc.LIFETIME_S,
        path="/api/v1/session/oidc",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/session/oidc/return", status_code=303, response_class=RedirectResponse, dependencies=[_OPEN])
def back_from_provider(
    service: TheService,
    request: Request,
    address: Address,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> RedirectResponse:
    """Come back from the identity provider, signed in if it knows the person and an account is there for it."""
    provider = _provider(request)
    try:
        person = provider.back(request.cookies.get(oidc.COOKIE, ""), state, code)
    except OidcError as error:
        raise HTTPException(401, str(error)) from error
    with service.store.sessions.begin() as session:
        row = access.account_outside(session, person.outside, person.name)
    if row is None:
        raise HTTPException(403, "the provider knows you, but there is no account for you here; ask an admin for one")
    answer = RedirectResponse("/", 303)
    _enter(service, request, answer, row, address, "oidc")
    answer.delete_cookie(oidc.COOKIE, path="/api/v1/session/oidc")
    return answer


@router.delete("/session", status_code=204)
def sign_out(
    service: TheService,
    request: Request,
    response: Response,
    address: Address,
    caller: Annotated[Caller, Depends(asks("self.read", also_while_password_due=True))],
) -> None:
    """Sign out."""
    signed_in = session_of(request)
    if signed_in is None:
        raise HTTPException(409, "a token is not signed in; revoke it instead")
    now = service.clock.wall()
    with service.store.sessions.begin() as session:
        access.end_session(session, signed_in.sha256, now)
        audit.write(session, caller, "session.close", now=now, address=address)
    request.app.state.sessions.forget()
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


@router.get("/me")
def me(
    service: TheService,
    request: Request,
    caller: Annotated[Caller, Depends(asks("self.read", also_while_password_due=True))],
) -> models.Me:
    """Who asks, what it may do, and where it is."""
    registry, signed_in = service.loaded.registry, session_of(request)
    unit = unit_names(registry).get(caller.unit or "")
    return models.Me(
        name=caller.name,
        shown=caller.shown or caller.name,
        role=caller.role,
        unit=caller.unit,
        unit_name=models.Name(zh=unit.zh, en=unit.en) if unit is not None else None,
        may=access.actions_of(caller),
        sight=models.Grants(**caller.sight.to_json()) if caller.sight else None,
        county=county(registry),
        demo=service.settings.demo,
        synthetic=service.settings.synthetic,
        csrf=signed_in.csrf if signed_in else None,
        password_due=signed_in.password_due if signed_in else False,
        version=__version__,
    )


@router.post("/me/password", status_code=204)
def choose_password(
    service: TheService,
    request: Request,
    response: Response,
    address: Address,
    caller: Annotated[Caller, Depends(asks("self.edit", also_while_password_due=True))],
    asked: models.PasswordRequest,
) -> None:
    """Choose a password. Every other session of the account ends; this one goes on as a new one."""
    signed_in, now = session_of(request), service.clock.wall()
    if signed_in is None:
        raise HTTPException(409, "a token has no password")
    if asked.old is None and not signed_in.password_due:
        raise HTTPException(422, "old: say the password that you have now")
    if asked.old is not None:
        with service.store.sessions.begin() as session:
            locked = access.begin_try(session, caller.name, now)
        if locked is not None:
            raise _waiting(locked.total_seconds())
    try:
        with service.store.sessions.begin() as session:
            row = access.set_password(session, caller.name, asked.old, asked.new, now)
            access.forget_tries(session, caller.name)
            access.end_sessions(session, caller.name, now)
            audit.write(session, caller, "session.password", now=now, address=address)
    except access.AccountError as error:
        raise HTTPException(422, f"new: {error}") from error
    _enter(service, request, response, row, address, "password chosen")


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise HTTPException(404, "there is no identity provider here")
    return provider


def _tries(request: Request, address: str | None) -> Tries:
    """The count of wrong tries, for an address that may try.

    Raises:
        HTTPException: 429: it has to wait.
    """
    tries: Tries = request.app.state.sign_in_tries
    wait = tries.wait_s(address)
    if wait is not None:
        raise _waiting(wait)
    return tries


def _by_click(service: Service) -> bool:
    return service.settings.demo and service.settings.loopback


def _enter(
    service: Service,
    request: Request,
    response: Response,
    row: Account,
    address: str | None,
    way: str,
    *,
    password_due: bool = False,
) -> None:
    """Open a session and give its cookie; the browser's session before, if any, ends."""
    now, before = service.clock.wall(), session_of(request)
    with service.store.sessions.begin() as session:
        if before is not None:
            access.end_session(session, before.sha256, now)
        if way == "password":
            access.forget_tries(session, row.name)
        opened = access.open_session(session, row, now, password_due=password_due)
        audit.write(session, opened.caller, "session.open", now=now, address=address, detail={"way": way})
    request.app.state.sessions.forget()
    response.set_cookie(
        COOKIE,
        opened.secret,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        max_age=int(access.LIFETIME.total_seconds()),
    )
    response.headers["Cache-Control"] = "no-store"


def _waiting(seconds: float) -> HTTPException:
    wait = max(1, math.ceil(seconds))
    return HTTPException(429, f"too many wrong tries; wait {wait} seconds", {"Retry-After": str(wait)})
