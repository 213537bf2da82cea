"""Accounts: list, make, change, a new one-time link, sign out everywhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from sqlalchemy.orm import Session

from api import models
from api.callers import Address, asks
from api.deps import ReadSession, TheService
from api.versions import version_of
from patrol import access, audit
from patrol.access import Caller, Sight
from patrol.access.accounts import LINK_LIFETIME
from patrol.service import Service
from patrol.store.tables import Account

router = APIRouter(tags=["users"])
Admin = Annotated[Caller, Depends(asks("users.edit"))]
IfMatch = Annotated[str | None, Header(description="The ETag of the account as it was read.")]


@router.get("/users")
def users(session: ReadSession, admin: Admin) -> list[models.User]:  # noqa: ARG001 - the rule
    """Every account, by name."""
    return [_user(row) for row in access.accounts(session)]


@router.post("/users", status_code=201)
def new_user(service: TheService, admin: Admin, address: Address, asked: models.NewUser) -> models.UserLink:
    """Make an account; the one-time link that comes back is how its owner enters first."""
    sight, now = _checked(service, asked.unit, asked.sight), service.clock.wall()
    try:
        with service.store.sessions.begin() as session:
            row = access.new_account(
                session, asked.name, asked.role, shown=asked.shown, unit=asked.unit, sight=sight, by=admin.name, now=now
            )
            made = _link(service, session, admin, row, address)
    except access.AccountError as error:
        raise HTTPException(409, str(error)) from error
    return made


@router.get("/users/{name}")
def user(session: ReadSession, admin: Admin, name: str, response: Response) -> models.User:  # noqa: ARG001 - the rule
    """One account."""
    row = _there(session, name)
    response.headers["ETag"] = f'"{row.version}"'
    return _user(row)


@router.put("/users/{name}")
def change_user(
    service: TheService,
    request: Request,
    admin: Admin,
    address: Address,
    name: str,
    asked: models.UserChange,
    response: Response,
    if_match: IfMatch = None,
) -> models.User:
    """Change an account. Whoever may do less afterwards is signed out. 412: somebody else changed it since it was read."""
    version, now = version_of(if_match), service.clock.wall()
    sight = _checked(service, asked.unit, asked.sight)
    try:
        with service.store.sessions.begin() as session:
            before = _user(_there(session, name)).model_dump(mode="json")
            row = access.change_account(
                session,
                name,
                version,
                shown=asked.shown,
                role=asked.role,
                unit=asked.unit,
                sight=sight,
                enabled=asked.enabled,
                now=now,
            )
            after = _user(row).model_dump(mode="json")
            changed = {
                key: [before[key], after[key]] for key in after if before[key] != after[key] and key != "version"
            }
            audit.write(
                session,
                admin,
                "user.edit",
                now=now,
                kind="account",
                ref=name,
                address=address,
                detail={"changed": changed},
            )
    except access.StaleAccountError as error:
        raise HTTPException(412, str(error)) from error
    except access.AccountError as error:
        raise HTTPException(409, str(error)) from error
    request.app.state.sessions.forget()
    response.headers["ETag"] = f'"{row.version}"'
    return _user(row)


@router.post("/users/{name}/link", status_code=201)
def user_link(service: TheService, admin: Admin, address: Address, name: str) -> models.UserLink:
    """A new one-time link, e.g. for a forgotten password. Older ones are worth nothing from now on."""
    try:
        with service.store.sessions.begin() as session:
            return _link(service, session, admin, _there(session, name), address)
    except access.AccountError as error:
        raise HTTPException(409, str(error)) from error


@router.delete("/users/{name}/sessions", status_code=204)
def sign_user_out(service: TheService, request: Request, admin: Admin, address: Address, name: str) -> None:
    """Sign an account out everywhere."""
    now = service.clock.wall()
    with service.store.sessions.begin() as session:
        _there(session, name)
        ended = access.end_sessions(session, name, now)
        audit.write(
            session,
            admin,
            "user.sign_out",
            now=now,
            kind="account",
            ref=name,
            address=address,
            detail={"sessions": ended},
        )
    request.app.state.sessions.forget()


def grants_of(kept: dict[str, list[str]] | None) -> models.Grants | None:
    """Grants as they are kept, as an answer has them."""
    return models.Grants(**kept) if kept is not None else None


def sight_of(service: Service, grants: models.Grants | None) -> Sight | None:
    """Grants as they are asked for, checked against the registry.

    Raises:
        HTTPException: 422: one names nothing of it.
    """
    if grants is None:
        return None
    sight = Sight(**{name: frozenset(given) for name, given in grants.model_dump().items()})
    problems = access.sight_problems(service.loaded.registry, sight)
    if problems:
        raise HTTPException(422, f"sight: {'; '.join(problems)}")
    return sight


def known_unit(service: Service, unit: str | None) -> None:
    """Pass where the registry knows a unit, or none is named.

    Raises:
        HTTPException: 422.
    """
    problem = access.unit_problem(service.loaded.registry, unit) if unit is not None else None
    if problem is not None:
        raise HTTPException(422, f"unit: {problem}")


def _checked(service: Service, unit: str | None, grants: models.Grants | None) -> Sight | None:
    known_unit(service, unit)
    return sight_of(service, grants)


def _link(service: Service, session: Session, admin: Caller, row: Account, address: str | None) -> models.UserLink:
    now = service.clock.wall()
    secret = access.make_link(session, row.name, admin.name, now)
    audit.write(session, admin, "user.link", now=now, kind="account", ref=row.name, address=address)
    return models.UserLink(
        user=_user(row), link=f"{service.settings.base_url}/enter#{secret}", expires_at=now + LINK_LIFETIME
    )


def _there(session: Session, name: str) -> Account:
    row = session.get(Account, name)
    if row is None:
        raise HTTPException(404, f"no account {name!r}")
    return row


def _user(row: Account) -> models.User:
    return models.User(
        name=row.name,
        shown=row.shown,
        role=access.Role(row.role),
        unit=row.unit,
        sight=grants_of(row.sight),
        enabled=row.enabled,
        has_password=row.password is not None,
        created_at=row.created_at,
        created_by=row.created_by,
        version=row.version,
    )
