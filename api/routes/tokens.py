"""Tokens of machines: list, give, revoke."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException

from api import models
from api.callers import Address, asks
from api.deps import ReadSession, TheService
from api.routes.users import grants_of, known_unit, sight_of
from patrol import access, audit
from patrol.access import Caller
from patrol.store.tables import ApiToken

router = APIRouter(tags=["users"])
Admin = Annotated[Caller, Depends(asks("tokens.edit"))]


@router.get("/tokens")
def tokens(session: ReadSession, admin: Admin) -> list[models.Token]:  # noqa: ARG001 - the rule
    """Every token, revoked ones too, by name; never the secrets, which are not kept."""
    return [_token(row) for row in access.tokens(session)]


@router.get("/tokens/scopes")
def token_scopes(admin: Admin) -> dict[access.Role, list[str]]:  # noqa: ARG001 - the rule
    """What a token of each role may be allowed: the role's actions."""
    return {role: access.actions_of(Caller("", role)) for role in access.Role}


@router.post("/tokens", status_code=201)
def give_token(service: TheService, admin: Admin, address: Address, asked: models.NewToken) -> models.GivenToken:
    """Make a token. Its secret is in this answer and nowhere else."""
    known_unit(service, asked.unit)
    if asked.expires_at is not None and asked.expires_at.tzinfo is None:
        raise HTTPException(422, "expires_at: say the offset")
    now = service.clock.wall()
    try:
        with service.store.sessions.begin() as session:
            secret = access.new_token(
                session,
                asked.name,
                asked.role,
                asked.unit,
                now,
                scopes=asked.scopes,
                sight=sight_of(service, asked.sight),
                expires_at=asked.expires_at,
            )
            audit.write(
                session,
                admin,
                "token.give",
                now=now,
                kind="token",
                ref=asked.name,
                address=address,
                detail=asked.model_dump(mode="json"),
            )
            shown = _token(session.get_one(ApiToken, asked.name))
    except access.TokenError as error:
        raise HTTPException(409, str(error)) from error
    return models.GivenToken(token=shown, secret=secret)


@router.delete("/tokens/{name}", status_code=204)
def revoke_token(service: TheService, admin: Admin, address: Address, name: str) -> None:
    """Make a token worthless, within five seconds."""
    now = service.clock.wall()
    try:
        with service.store.sessions.begin() as session:
            access.revoke(session, name, now)
            audit.write(session, admin, "token.revoke", now=now, kind="token", ref=name, address=address)
    except access.TokenError as error:
        raise HTTPException(409 if "was revoked" in str(error) else 404, str(error)) from error


def _token(row: ApiToken) -> models.Token:
    return models.Token(
        name=row.name,
        role=access.Role(row.role),
        unit=row.unit,
        scopes=row.scopes,
        sight=grants_of(row.sight),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
