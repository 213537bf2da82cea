"""``patrol audit``: the trail of who did what, and its proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patrol import audit
from patrol.commands import _say
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.store import queries

app = typer.Typer(name="audit", help="The audit trail: list, verify.", no_args_is_help=True)


@app.command("list")
def list_command(
    who: Annotated[str | None, typer.Option(help="Only of this account or token.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action; all below it where it ends in a dot.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, newest first.")] = 50,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """List the trail, newest first."""
    with opened(data, database) as store, store.reading() as session:
        rows = [queries.row(found) for found in audit.rows(session, who=who, action=action, limit=limit)]
    show(rows, ("seq", "at", "who", "role", "action", "outcome", "kind", "ref", "reason"), as_json)


@app.command("verify")
def verify_command(data: Data = Path("data"), database: Database = None, as_json: Json = False) -> None:
    """Walk the whole trail: numbers without gaps, every hash right. Exit 1 where something was changed."""
    with opened(data, database) as store, store.still() as session:
        found = audit.verify(session)
    if as_json:
        _say.print_json(
            {"schema": "patrol.audit/1", "rows": found.rows, "hash": found.hash, "problems": list(found.problems)}
        )
    else:
        for problem in found.problems:
            typer.echo(problem)
        typer.echo(f"{found.rows} rows, last hash {found.hash}")
    if found.problems:
        _say.stop("the audit trail is not what was written")
