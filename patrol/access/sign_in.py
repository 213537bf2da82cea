"""Signing in: a password or a one-time link becomes a session; wrong passwords in a row make their name wait."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from patrol.access.accounts import caller_of_account, digest
from patrol.access.passwords import password_fits
from patrol.access.roles import Caller
from patrol.store.tables import Account, AccountSession, OneTimeLink, SignInTries

LIFETIME = timedelta(hours=12)
"""A shift and its handover; after that everybody signs in again."""
IDLE = timedelta(hours=2)
"""A session nothing was asked with for so long has ended."""
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use is written down."""
_FREE_TRIES = 5
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)
"""Longer would let a stranger keep a desk from its work by guessing at its name."""
_FORGOTTEN_AFTER = timedelta(days=1)
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened.

    Attributes:
        secret: the cookie's value, given back here and nowhere else.
        caller: who it is.
        password_due: it may do nothing but choose a password.
    """

    secret: str
    caller: Caller
    password_due: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session as requests meet it.

    Attributes:
        sha256: of its cookie.
        caller: who it is.
        csrf: what must come along with every change.
        password_due: it may do nothing but choose a password.
        expires_at: when it ends at the latest.
        seen_at: when it was used last, to the minute.
    """

    sha256: str
    caller: Caller
    csrf: str
    password_due: bool
    expires_at: datetime
    seen_at: datetime


def begin_try(session: Session, name: str, now: datetime) -> timedelta | None:
    """Count a try of a password for a name before it is looked at, so that many at once are no way round the waiting.

    Whoever has no such name is treated alike.

    Returns:
        None: try; else how long nobody may.
    """
    key = name[:_LONGEST_NAME]
    tries = session.get(SignInTries, key, with_for_update=True)
    if tries is not None and tries.locked_until is not None and tries.locked_until > now:
        return tries.locked_until - now
    if tries is None or now - tries.last_at > _FORGOTTEN_AFTER:
        session.execute(delete(SignInTries).where(SignInTries.last_at < now - _FORGOTTEN_AFTER))
        tries = session.merge(SignInTries(name=key, failed=0, last_at=now, locked_until=None))
    tries.failed += 1
    tries.last_at = now
    beyond = tries.failed - _FREE_TRIES
    if beyond >= 0:
        tries.locked_until = now + min(_FIRST_WAIT * 2 ** min(beyond, 16), _LONGEST_WAIT)
    session.flush()
    return None


def check_password(session: Session, name: str, password: str) -> Account | None:
    """The account, if name and password are right. Takes as long where nobody has that name. Holds no lock."""
    row = session.get(Account, name[:_LONGEST_NAME])
    kept = row.password if row is not None and row.enabled else None
    return row if password_fits(kept, password) else None


def forget_tries(session: Session, name: str) -> None:
    """The tries for a name ended well."""
    session.execute(delete(SignInTries).where(SignInTries.name == name))


def use_link(session: Session, secret: str, now: datetime) -> Account | None:
    """The account a one-time link belongs to, the first time and within its time; None: worth nothing (any more)."""
    link = session.get(OneTimeLink, digest(secret), with_for_update=True)
    if link is None or link.used_at is not None or link.expires_at <= now:
        return None
    row = session.get(Account, link.account)
    if row is None or not row.enabled:
        return None
    link.used_at = now
    forget_tries(session, row.name)
    return row


def open_session(session: Session, row: Account, now: datetime, *, password_due: bool = False) -> Opened:
    """Open a session for an account that has shown who it is."""
    secret = secrets.token_urlsafe(32)
    session.add(
        AccountSession(
            sha256=digest(secret),
            account=row.name,
            csrf=secrets.token_urlsafe(24),
            password_due=password_due,
            created_at=now,
            seen_at=now,
            expires_at=now + LIFETIME,
        )
    )
    session.flush()
    return Opened(secret, caller_of_account(row), password_due)


def session_by(session: Session, secret: str, now: datetime) -> SignedIn | None:
    """The session of a cookie; None: there is none, or it has ended."""
    found = session.execute(
        select(AccountSession, Account)
        .join(Account, Account.name == AccountSession.account)
        .where(AccountSession.sha256 == digest(secret))
    ).first()
    if found is None:
        return None
    kept, account = found
    ended = kept.ended_at is not None or kept.expires_at <= now or now - kept.seen_at > IDLE
    if ended or not account.enabled:
        return None
    return SignedIn(
        kept.sha256, caller_of_account(account), kept.csrf, kept.password_due, kept.expires_at, kept.seen_at
    )


def seen(session: Session, sha256: str, now: datetime) -> None:
    """Write down that a session was used; to the minute, so that reading does not write each time."""
    row = session.get(AccountSession, sha256)
    if row is not None and now - row.seen_at >= SEEN_EVERY:
        row.seen_at = now


def end_session(session: Session, sha256: str, now: datetime) -> None:
    """Sign out."""
    row = session.get(AccountSession, sha256)
    if row is not None and row.ended_at is None:
        row.ended_at = now
