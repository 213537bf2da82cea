"""Who may come in: accounts of people, their sessions and one-time links, tokens of machines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class Account(Base):
    """A person who signs in. Never deleted: its name stands in records; switched off instead."""

    __tablename__ = "account"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    shown: Mapped[str] = mapped_column(String(64))
    """What others read: a post or a name."""
    role: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str | None] = mapped_column(String(64))
    """Of a department: its id or division code."""
    sight: Mapped[dict[str, Any] | None]
    """Cameras, platforms, categories and divisions it is limited to; None: every camera."""
    password: Mapped[str | None] = mapped_column(Text)
    """argon2id in PHC form; None: none chosen yet, a one-time link is the only way in."""
    outside: Mapped[str | None] = mapped_column(String(300), unique=True)
    """Issuer and subject at the county's identity provider, where it signs in through one."""
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120))
    password_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class AccountSession(Base):
    """A browser that is signed in. Only the SHA-256 of its cookie is kept."""

    __tablename__ = "account_session"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    """What the browser's page sends along with every change."""
    password_due: Mapped[bool] = mapped_column(Boolean, default=False)
    """It came by a one-time link: it may do nothing but choose a password."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """Last request, to the minute."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """A way in that works once: for the first admin, a new person, a forgotten password. Only its SHA-256 is kept."""

    __tablename__ = "one_time_link"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)
    made_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """Used, or taken back because a newer one was made."""


class SignInTries(Base):
    """Wrong passwords in a row for one name, whether somebody has that name or not."""

    __tablename__ = "sign_in_tries"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    failed: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
    __table_args__ = (Index("ix_sign_in_tries_last_at", "last_at"),)


class KeptAnswer(Base):
    """The answer to a command, so that the same command sent again does nothing twice. Kept for a day."""

    __tablename__ = "kept_answer"
    ident: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 over caller, path and key."""
    asked: Mapped[str] = mapped_column(String(64))
    """SHA-256 over what was asked."""
    at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    """None while it is being answered."""
    headers: Mapped[dict[str, Any]]
    body: Mapped[str] = mapped_column(Text)


class ApiToken(Base):
    """A name, a role and a unit for who asks with a token. Only the token's hash is kept."""

    __tablename__ = "api_token"
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    """``operator``, ``shift_lead``, ``department``, ``admin``, ``auditor`` or ``reporter``."""
    unit: Mapped[str | None] = mapped_column(String(64))
    """Of a department or a division: its id or code."""
    scopes: Mapped[list[Any] | None]
    """Actions it is limited to; None: all of its role."""
    sight: Mapped[dict[str, Any] | None]
    """Cameras it is limited to, as of an account."""
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
