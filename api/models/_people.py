"""Answers and questions about people: who asks, accounts, tokens, the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.models._rotation import County
from api.models._words import Name
from patrol.access import Role

Line = Annotated[str, Field(min_length=1, max_length=120)]
Password = Annotated[str, Field(min_length=1, max_length=1000)]


class Grants(BaseModel):
    """Cameras somebody is limited to; one is seen when any of these covers it."""

    model_config = ConfigDict(extra="forbid")

    cameras: list[Line] = Field([], max_length=10_000, description="Ids.")
    platforms: list[Line] = Field([], max_length=1_000, description="Ids.")
    categories: list[Line] = Field([], max_length=1_000, description="Keys.")
    divisions: list[Line] = Field([], max_length=1_000, description="Codes; each covers the divisions below it.")


class Me(BaseModel):
    """Who asks, and what it may do."""

    name: str
    shown: str
    role: Role
    unit: str | None
    unit_name: Name | None
    may: list[str] = Field(description="Actions; what pages show buttons by. The service checks each again.")
    sight: Grants | None = Field(description="Cameras it is limited to; null: every one.")
    county: County
    demo: bool
    synthetic: bool
    csrf: str | None = Field(description="To be sent as X-CSRF-Token with every change; null: a token asks.")
    password_due: bool = Field(description="Nothing else is answered before a password is chosen.")
    version: str


class Ways(BaseModel):
    """How people sign in here."""

    password: bool
    oidc: str | None = Field(description="What the button of the county's identity provider says; null: none.")
    demo_roles: list[Role] = Field(description="Of the demo: entered by a click; empty elsewhere.")


class SignInRequest(BaseModel):
    """Name and password."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Password


class DemoRequest(BaseModel):
    """Which of the demo's people."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    desk: Annotated[int, Field(ge=1, le=2)] = Field(1, description="Of two operators, which one.")


class LinkRequest(BaseModel):
    """The secret part of a one-time link."""

    model_config = ConfigDict(extra="forbid")

    link: Annotated[str, Field(min_length=10, max_length=200)]


class PasswordRequest(BaseModel):
    """A new password."""

    model_config = ConfigDict(extra="forbid")

    old: Password | None = Field(None, description="Left out only by whoever came by a one-time link.")
    new: Password


class User(BaseModel):
    """An account."""

    name: str
    shown: str
    role: Role
    unit: str | None
    sight: Grants | None
    enabled: bool
    has_password: bool
    created_at: datetime
    created_by: str
    version: int


class NewUser(BaseModel):
    """An account to be made. It has no password: a one-time link is given back with it."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    shown: Line
    role: Role
    unit: str | None = Field(None, max_length=64)
    sight: Grants | None = None


class UserChange(BaseModel):
    """An account as it is to be."""

    model_config = ConfigDict(extra="forbid")

    shown: Line
    role: Role
    unit: str | None = Field(None, max_length=64)
    sight: Grants | None = None
    enabled: bool


class UserLink(BaseModel):
    """A one-time link, shown this once."""

    user: User
    link: str = Field(description="Address to be given to the person; it works once and for a day.")
    expires_at: datetime


class Token(BaseModel):
    """A token, without the secret."""

    name: str
    role: Role
    unit: str | None
    scopes: list[str] | None
    sight: Grants | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewToken(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    role: Role
    unit: str | None = Field(None, max_length=64)
    scopes: list[Line] | None = Field(None, max_length=200, description="Actions; left out: all of its role.")
    sight: Grants | None = None
    expires_at: datetime | None = Field(None, description="With an offset; left out: never.")


class GivenToken(BaseModel):
    """A token with its secret, shown this once."""

    token: Token
    secret: str


class AuditEntry(BaseModel):
    """One row of the audit trail."""

    seq: int
    at: datetime
    who: str
    shown: str
    role: str
    unit: str | None
    action: str
    outcome: str
    kind: str | None
    ref: str | None
    camera: str | None
    reason: str | None
    address: str | None
    detail: dict[str, Any]
    hash: str


class AuditTrail(BaseModel):
    """What a walk over the whole trail found."""

    rows: int
    hash: str = Field(description="Of the last row: write it down elsewhere.")
    problems: list[str]
