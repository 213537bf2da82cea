"""``patrol user``: accounts of the people who sign in, and the one-time links by which they enter first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from patrol import access, audit
from patrol.access import AccountError, Caller, Role, Sight
from patrol.access.accounts import LINK_LIFETIME
from patrol.commands import _say
from patrol.commands._registry import RegistryFile, county_of
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.store.tables import Account

app = typer.Typer(name="user", help="Accounts: add, list, link, enable, disable.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the account.")]
Base = Annotated[
    str,
    typer.Option(
        envvar="PATROL_PUBLIC_URL", help="Address under which the console is reached; the link starts with it."
    ),
]
_BY = Caller("command-line", Role.ADMIN)
"""Whoever may run commands on the service's machine is an admin of it."""


@app.command("add")
def add_command(
    name: Name,
    role: Annotated[Role, typer.Option(help="As what it asks.")],
    shown: Annotated[str | None, typer.Option(help="What others read, e.g. a post; left out: the name.")] = None,
    unit: Annotated[str | None, typer.Option(help="Of a department: its id, or a division code.")] = None,
    camera: Annotated[list[str] | None, typer.Option(help="Limit it to this camera; may be repeated.")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="Limit it to this platform's cameras.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Limit it to cameras of this category.")] = None,
    division: Annotated[list[str] | None, typer.Option(help="Limit it to cameras in this division.")] = None,
    base: Base = "http://127.0.0.1:8800",
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make an account and print the one-time link by which its owner enters and chooses a password."""
    county = county_of(registry)
    if unit is not None and (problem := access.unit_problem(county, unit)) is not None:
        _say.stop(f"--unit: {problem}", _say.USAGE)
    given = (camera, platform, category, division)
    sight = Sight(*(frozenset(grants or ()) for grants in given)) if any(given) else None
    if sight is not None and (problems := access.sight_problems(county, sight)):
        _say.stop("; ".join(problems), _say.USAGE)
    now = datetime.now(UTC)
    try:
        with opened(data, database) as store, store.sessions.begin() as session:
            access.new_account(session, name, role, shown=shown or name, unit=unit, sight=sight, by=_BY.name, now=now)
            link = access.make_link(session, name, _BY.name, now)
            audit.write(session, _BY, "user.link", now=now, kind="account", ref=name, detail={"new": True})
    except AccountError as error:
        _say.stop(str(error), _say.USAGE)
    _print_link(name, base, link, now, as_json=as_json)


@app.command("link")
def link_command(
    name: Name,
    base: Base = "http://127.0.0.1:8800",
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Print a new one-time link, e.g. for a forgotten password. Older ones are worth nothing from now on."""
    now = datetime.now(UTC)
    try:
        with opened(data, database) as store, store.sessions.begin() as session:
            link = access.make_link(session, name, _BY.name, now)
            audit.write(session, _BY, "user.link", now=now, kind="account", ref=name)
    except AccountError as error:
        _say.stop(str(error), _say.USAGE)
    _print_link(name, base, link, now, as_json=as_json)


@app.command("list")
def list_command(data: Data = Path("data"), database: Database = None, as_json: Json = False) -> None:
    """List accounts. Passwords are kept as argon2id and cannot be shown."""
    with opened(data, database) as store, store.reading() as session:
        rows = [
            {
                "name": row.name,
                "shown": row.shown,
                "role": row.role,
                "unit": row.unit,
                "sight": row.sight,
                "enabled": row.enabled,
                "password": "chosen" if row.password else "none yet",
            }
            for row in access.accounts(session)
        ]
    show(rows, ("name", "shown", "role", "unit", "enabled", "password"), as_json)


@app.command("enable")
def enable_command(name: Name, data: Data = Path("data"), database: Database = None) -> None:
    """Switch an account on again."""
    _switch(name, data, database, enabled=True)


@app.command("disable")
def disable_command(name: Name, data: Data = Path("data"), database: Database = None) -> None:
    """Switch an account off and sign it out everywhere. It stays: its name stands in records."""
    _switch(name, data, database, enabled=False)


def _switch(name: str, data: Path, database: str | None, *, enabled: bool) -> None:
    now = datetime.now(UTC)
    try:
        with opened(data, database) as store, store.sessions.begin() as session:
            row = session.get(Account, name)
            if row is None:
                _say.stop(f"there is no account {name!r}; `patrol user list` names them", _say.USAGE)
            access.change_account(
                session,
                name,
                row.version,
                shown=row.shown,
                role=Role(row.role),
                unit=row.unit,
                sight=Sight.from_json(row.sight),
                enabled=enabled,
                now=now,
            )
            audit.write(
                session, _BY, "user.edit", now=now, kind="account", ref=name, detail={"changed": {"enabled": enabled}}
            )
    except AccountError as error:
        _say.stop(str(error), _say.USAGE)
    typer.echo(f"{name}: {'on' if enabled else 'off'}")


def _print_link(name: str, base: str, link: str, now: datetime, *, as_json: bool) -> None:
    address, over = f"{base.rstrip('/')}/enter#{link}", now + LINK_LIFETIME
    if as_json:
        _say.print_json({"schema": "patrol.user/1", "name": name, "link": address, "expires_at": over.isoformat()})
    else:
        typer.echo(address)
        typer.echo(f"patrol: it works once, until {over:%Y-%m-%d %H:%M} UTC, and is not shown again", err=True)
