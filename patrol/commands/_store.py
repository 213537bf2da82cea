"""How commands open the store of a service and show rows of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from patrol.commands import _say
from patrol.store import Store, StoreError, open_store

Data = Annotated[Path, typer.Option(envvar="PATROL_DATA", help="The service's data folder.")]
Database = Annotated[
    str | None, typer.Option(envvar="PATROL_DATABASE", help="Its database, where it is not in the data folder.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON array or object.")]


@contextmanager
def opened(data: Path, database: str | None) -> Iterator[Store]:
    """The store of a data folder or at an address; what is wrong with it ends the command with a sentence."""
    with reached(data, database) as store:
        try:
            store.upgrade()
        except StoreError as error:
            _say.stop(str(error))
        yield store


@contextmanager
def reached(data: Path, database: str | None) -> Iterator[Store]:
    """The same, with its schema as it is."""
    if database is None and not data.is_dir():
        _say.stop(f"no data folder {data}; name the service's with --data", _say.USAGE)
    try:
        store = open_store(database, data)
    except StoreError as error:
        _say.stop(str(error))
    try:
        yield store
    finally:
        store.close()


def show(rows: list[dict[str, Any]], columns: tuple[str, ...], as_json: bool) -> None:
    """Print rows as a table of some columns, or all of them as JSON."""
    if as_json:
        _say.print_json(rows)
        return
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if row[c] is None else str(row[c])[:80] for c in columns))
    Console().print(table)
