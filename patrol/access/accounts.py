"""Accounts of people: made without a password, entered first by a one-time link, switched off rather than deleted."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from patrol.access.passwords import hash_password, password_fits, password_problems
from patrol.access.roles import CENTRE, Caller, Role
from patrol.access.sight import Sight
from patrol.store.tables import Account, AccountSession, ApiToken, OneTimeLink

LINK_LIFETIME = timedelta(hours=24)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
_LONGEST_SHOWN = 64
_RANDOM_BYTES = 32


class AccountError(Exception):
    """An account that cannot be made or changed; the message says what to do."""


class StaleAccountError(AccountError):
    """Somebody else changed the account meanwhile."""


def new_account(
    session: Session,
    name: str,
    role: Role,
    *,
    shown: str,
    unit: str | None = None,
    sight: Sight | None = None,
    by: str,
    now: datetime,
) -> Account:
    """Make an account without a password.

    Args:
        session: writes.
        name: 3 to 64 small letters, digits, dots, dashes; never given twice, because it stands in records.
        role: as what it asks.
        shown: what others read, e.g. a post.
        unit: of a department and of nobody else; that the registry knows it is checked by ``unit_problem``.
        sight: cameras it is limited to; None: every one.
        by: who makes it.
        now: aware.

    Raises:
        AccountError: the name is taken or cannot be used, or role and unit do not fit.
    """
    if _NAME.fullmatch(name) is None:
        raise AccountError("an account's name has 3 to 64 small letters, digits, dots and dashes")
    taken = session.get(Account, name) is not None or session.get(ApiToken, name) is not None
    if name == CENTRE.name or taken:
        raise AccountError(f"the name {name!r} was given before; names are not used twice")
    row = Account(
        name=name,
        shown=_shown(shown),
        role=role.value,
        unit=_unit(role, unit),
        sight=sight.to_json() if sight else None,
        enabled=True,
        created_at=now,
        created_by=by,
        version=1,
    )
    session.add(row)
    session.flush()
    return row


def change_account(
    session: Session,
    name: str,
    version: int,
    *,
    shown: str,
    role: Role,
    unit: str | None,
    sight: Sight | None,
    enabled: bool,
    now: datetime,
) -> Account:
    """Change an account. Whoever it lets do less is signed out, so that nothing goes on under the old rights.

    Raises:
        AccountError: no such account, role and unit do not fit, or it is the last admin that is switched off.
        StaleAccountError: its version is another by now.
    """
    row = _there(session, name)
    if row.version != version:
        raise StaleAccountError(f"{name} was changed meanwhile (version {row.version}); look at it again")
    was_admin = row.enabled and row.role == Role.ADMIN.value
    before = (row.role, row.unit, row.sight, row.enabled)
    row.shown, row.role, row.unit = _shown(shown), role.value, _unit(role, unit)
    row.sight, row.enabled = (sight.to_json() if sight else None), enabled
    row.version += 1
    session.flush()
    if was_admin and not (enabled and role is Role.ADMIN) and not _admins(session):
        raise AccountError("this is the last admin: make another one first")
    if before != (row.role, row.unit, row.sight, row.enabled):
        end_sessions(session, name, now)
    return row


def accounts(session: Session) -> Sequence[Account]:
    """All accounts, by name."""
    return session.scalars(select(Account).order_by(Account.name)).all()


def make_link(session: Session, name: str, by: str, now: datetime) -> str:
    """Make a one-time link for an account. Older ones of it are worth nothing from now on.

    Returns:
        The secret part, which is given back here and nowhere else.

    Raises:
        AccountError: no such account, or it is switched off.
    """
    row = _there(session, name)
    if not row.enabled:
        raise AccountError(f"{name} is switched off; switch it on first")
    session.execute(
        update(OneTimeLink).where(OneTimeLink.account == name, OneTimeLink.used_at.is_(None)).values(used_at=now)
    )
    secret = secrets.token_urlsafe(_RANDOM_BYTES)
    session.add(
        OneTimeLink(sha256=digest(secret), account=name, made_by=by, created_at=now, expires_at=now + LINK_LIFETIME)
    )
    session.flush()
    return secret


def account_outside(session: Session, outside: str, name: str | None) -> Account | None:
    """The account of somebody whom the county's identity provider has seen.

    Args:
        session: writes: the first time, the account of that name is bound to the person for good.
        outside: issuer and subject.
        name: what the provider calls the person by.

    Returns:
        None: there is none, it is switched off, or it belongs to another person or has a password.
    """
    row = session.scalar(select(Account).where(Account.outside == outside))
    if row is None and name is not None:
        row = session.get(Account, name, with_for_update=True)
        # An account with a password has an owner already: who merely bears its name at the provider is not he.
        if row is None or row.outside is not None or row.password is not None:
            return None
        if row.enabled:
            row.outside, row.version = outside, row.version + 1
    return row if row is not None and row.enabled else None


def first_admin_link(session: Session, now: datetime) -> str | None:
    """A one-time link for the first admin; None: somebody can sign in as one already.

    The account ``admin`` is made where there is none. Nothing has a password until its owner chooses one.
    """
    usable = select(func.count()).where(
        Account.role == Role.ADMIN.value,
        Account.enabled,
        (Account.password.is_not(None)) | (Account.outside.is_not(None)),
    )
    if session.scalar(usable):
        return None
    row = session.get(Account, "admin")
    if row is None:
        new_account(session, "admin", Role.ADMIN, shown="admin", by="service", now=now)
    elif not row.enabled or row.role != Role.ADMIN.value:
        row.enabled, row.role, row.version = True, Role.ADMIN.value, row.version + 1
    return make_link(session, "admin", "service", now)


def set_password(session: Session, name: str, old: str | None, new: str, now: datetime) -> Account:
    """Choose a password.

    Args:
        session: writes.
        name: whose.
        old: the one before; None: it came by a one-time link, which stands for it.
        new: as typed.
        now: aware.

    Raises:
        AccountError: the old one is wrong, or the new one is not taken; every reason is said.
    """
    row = _there(session, name)
    if old is not None and not password_fits(row.password, old):
        raise AccountError("the old password is not right")
    problems = password_problems(new, name=row.name, shown=row.shown)
    if old is not None and old == new:
        problems.append("it is the old one")
    if problems:
        raise AccountError("; ".join(problems))
    row.password, row.password_at = hash_password(new), now
    row.version += 1
    session.flush()
    return row


def end_sessions(session: Session, name: str, now: datetime, *, but: str | None = None) -> int:
    """Sign an account out everywhere.

    Args:
        session: writes.
        name: whose.
        now: aware.
        but: SHA-256 of the one session that stays.

    Returns:
        How many sessions were ended.
    """
    wanted = update(AccountSession).where(AccountSession.account == name, AccountSession.ended_at.is_(None))
    if but is not None:
        wanted = wanted.where(AccountSession.sha256 != but)
    return session.connection().execute(wanted.values(ended_at=now)).rowcount


def caller_of_account(row: Account) -> Caller:
    """The account as somebody who asks."""
    return Caller(row.name, Role(row.role), row.unit, sight=Sight.from_json(row.sight), shown=row.shown)


def digest(secret: str) -> str:
    """What is kept of a secret of 256 random bits: SHA-256 in hexadecimal; there is nothing to guess that a slower hash protects."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _admins(session: Session) -> int:
    return session.scalar(select(func.count()).where(Account.role == Role.ADMIN.value, Account.enabled)) or 0


def _there(session: Session, name: str) -> Account:
    row = session.get(Account, name, with_for_update=True)
    if row is None:
        raise AccountError(f"there is no account {name!r}")
    return row


def _shown(shown: str) -> str:
    if not shown.strip() or len(shown) > _LONGEST_SHOWN or not shown.isprintable():
        raise AccountError(f"what others read has 1 to {_LONGEST_SHOWN} visible characters")
    return shown.strip()


def _unit(role: Role, unit: str | None) -> str | None:
    if role is Role.DEPARTMENT and unit is None:
        raise AccountError("a department needs a unit: a department's id or a division code")
    if role is not Role.DEPARTMENT and unit is not None:
        raise AccountError(f"the role {role} has no unit")
    return unit
