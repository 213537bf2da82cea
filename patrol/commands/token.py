"""``patrol token``: give, list and revoke the tokens with which departments, reporters and the centre's people ask the API."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from patrol.access import Role, TokenError, new_token, revoke, tokens, unit_problem
from patrol.commands import _say
from patrol.commands._registry import RegistryFile, county_of
from patrol.commands._store import Data, Database, Json, opened, show

app = typer.Typer(name="token", help="Tokens for whoever asks the API: give, list, revoke.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Who holds it: a desk or an app, not a person.")]


@app.command("new")
def new_command(
    name: Name,
    role: Annotated[Role, typer.Option(help="As what the holder asks.")],
    unit: Annotated[str | None, typer.Option(help="Of a department: its id, or a division code.")] = None,
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it. It is kept as a hash and cannot be shown again."""
    if unit is not None:
        problem = unit_problem(county_of(registry), unit)
        if problem is not None:
            _say.stop(f"--unit: {problem}", _say.USAGE)
    try:
        with opened(data, database) as store, store.sessions.begin() as session:
            made = new_token(session, name, role, unit, datetime.now(UTC))
    except TokenError as error:
        _say.stop(str(error), _say.USAGE)
    if as_json:
        _say.print_json({"schema": "patrol.token/1", "name": name, "role": role.value, "unit": unit, "token": made})
    else:
        typer.echo(made)
        typer.echo("patrol: write it down now, it is not shown again", err=True)


@app.command("list")
def list_command(data: Data = Path("data"), database: Database = None, as_json: Json = False) -> None:
    """List who holds a token, as what, and which are revoked. The tokens themselves are not kept."""
    with opened(data, database) as store, store.reading() as session:
        rows = [
            {
                "name": row.name,
                "role": row.role,
                "unit": row.unit,
                "created_at": row.created_at.isoformat(),
                "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
            }
            for row in tokens(session)
        ]
    show(rows, ("name", "role", "unit", "created_at", "revoked_at"), as_json)


@app.command("revoke")
def revoke_command(name: Name, data: Data = Path("data"), database: Database = None) -> None:
    """Make a token worthless. A running service refuses it within 5 seconds."""
    try:
        with opened(data, database) as store, store.sessions.begin() as session:
            revoke(session, name, datetime.now(UTC))
    except TokenError as error:
        _say.stop(str(error), _say.USAGE)
    typer.echo(f"{name}: revoked")
