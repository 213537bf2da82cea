"""Tokens of those who ask: made once, shown once, kept as a hash, revoked for good.

A token is 256 random bits, so a plain SHA-256 is enough: there is nothing to guess that a slower hash would protect.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.access.accounts import digest
from patrol.access.permissions import ACTIONS
from patrol.access.roles import CENTRE, Caller, Role
from patrol.access.sight import Sight
from patrol.registry import Registry
from patrol.store.tables import Account, ApiToken

PREFIX = "pat_"
"""By this a token is recognised, e.g. by scanners that look for secrets in published files."""
_RANDOM_BYTES = 32
_LONGEST_NAME = 120


class TokenError(Exception):
    """A token that cannot be made or revoked; the message says what to do."""


def new_token(
    session: Session,
    name: str,
    role: Role,
    unit: str | None,
    now: datetime,
    *,
    scopes: Iterable[str] | None = None,
    sight: Sight | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a token. It is given back here and nowhere else.

    Args:
        session: writes.
        name: who will hold it, at most 120 characters; stands in the trail of cases, so it is never given twice.
        role: as what the holder asks.
        unit: department id or division code, of a department and of nobody else; that the registry knows it is checked by
            ``unit_problem``.
        now: aware.
        scopes: actions it is limited to; None: all of its role.
        sight: cameras it is limited to; None: every one.
        expires_at: when it ends by itself; None: never.

    Raises:
        TokenError: the name is taken or cannot be used, role and unit do not fit, there is no such action, or it ends before now.
    """
    if not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise TokenError(f"a name has 1 to {_LONGEST_NAME} visible characters and no space at its ends")
    if name == CENTRE.name:
        raise TokenError(f"the name {name!r} means who holds the service's own token; take another")
    if role is Role.DEPARTMENT and unit is None:
        raise TokenError("a department needs a unit: give --unit a department's id or a division code")
    if role is not Role.DEPARTMENT and unit is not None:
        raise TokenError(f"the role {role} has no unit; leave --unit out")
    wrong = sorted(set(scopes or ()) - ACTIONS)
    if wrong or (scopes is not None and not set(scopes)):
        raise TokenError(f"there is no action {wrong[0]!r}" if wrong else "a token without any scope is of no use")
    if expires_at is not None and expires_at <= now:
        raise TokenError("its last moment lies in the past")
    if session.get(ApiToken, name) is not None or session.get(Account, name) is not None:
        raise TokenError(f"the name {name!r} was given before; names are not used twice, also after they are revoked")
    token = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    session.add(
        ApiToken(
            name=name,
            role=role.value,
            unit=unit,
            scopes=sorted(set(scopes)) if scopes is not None else None,
            sight=sight.to_json() if sight else None,
            sha256=digest(token),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token


def unit_problem(registry: Registry, unit: str) -> str | None:
    """Why a unit is none of this registry; None: it is one."""
    known = {d.id for d in registry.departments} | {d.code for d in registry.cases.divisions} | {registry.county.code}
    return None if unit in known else f"the registry has no department and no division {unit!r}"


def tokens(session: Session) -> Sequence[ApiToken]:
    """All tokens, revoked ones too, by name."""
    return session.scalars(select(ApiToken).order_by(ApiToken.name)).all()


def revoke(session: Session, name: str, now: datetime) -> None:
    """Make a token worthless.

    Raises:
        TokenError: there is none of that name, or it is revoked already.
    """
    row = session.get(ApiToken, name)
    if row is None:
        raise TokenError(f"there is no token {name!r}; `patrol token list` names them")
    if row.revoked_at is not None:
        raise TokenError(f"the token {name!r} was revoked on {row.revoked_at:%Y-%m-%d %H:%M} UTC")
    row.revoked_at = now


def live(session: Session, now: datetime) -> Mapping[str, Caller]:
    """Whoever holds a token that is neither revoked nor over, by the token's SHA-256."""
    rows = session.scalars(
        select(ApiToken).where(
            ApiToken.revoked_at.is_(None), (ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > now)
        )
    )
    return {
        row.sha256: Caller(
            row.name,
            Role(row.role),
            row.unit,
            sight=Sight.from_json(row.sight),
            scopes=frozenset(row.scopes) if row.scopes is not None else None,
        )
        for row in rows
    }


def caller_by(token: str, among: Mapping[str, Caller]) -> Caller | None:
    """Who holds a token, None: nobody.

    Every hash is compared, each in constant time, so that how long it takes says nothing.
    """
    given, found = digest(token), None
    for sha256, caller in among.items():
        if hmac.compare_digest(sha256, given):
            found = caller
    return found
