"""``patrol registry``: its revisions, what is different between them, restoring one, and the cameras as a table."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from sqlalchemy.orm import Session

from patrol import _registry_revisions as history
from patrol import audit
from patrol._registry_desk import DeskError, Done, FileShelf, InvalidError, RegistryDesk
from patrol._registry_file import FileError
from patrol._registry_revisions import Also, Note
from patrol.access import Caller, Role
from patrol.commands import _say
from patrol.commands._registry import RegistryFile, county_of
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.registry import RegistryError, masked, parse
from patrol.registry.diff import changes, unified
from patrol.registry.edit import EditError
from patrol.registry.table import RowProblem, rows_of, rows_with, take
from patrol.registry.table_files import TableError, head, rows_from, to_csv, to_xlsx
from patrol.store import Store

app = typer.Typer(name="registry", help="The registry: revisions, diff, restore, export, import.", no_args_is_help=True)
By = Annotated[str | None, typer.Option(help="Who does it; left out: the user of this machine.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it stands in the history.")]
_FILE = Path("camera_registry.yaml")


@app.command("revisions")
def revisions_command(
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """List the registries that were in force, newest first: who changed what, when and why."""
    with opened(data, database) as store, store.reading() as session:
        rows = [
            {
                "revision": row.id,
                "at": row.loaded_at.isoformat(),
                "kind": edit.kind if edit else None,
                "who": edit.who if edit else None,
                "reason": edit.reason if edit else None,
                "cameras": row.cameras,
                "changes": f"+{edit.added} -{edit.removed} ~{edit.changed}" if edit else None,
                "sha256": row.sha256,
            }
            for row, edit in history.revisions(session, before=None, limit=limit)
        ]
    show(rows, ("revision", "at", "kind", "who", "reason", "cameras", "changes"), as_json)


@app.command("diff")
def diff_command(
    first: Annotated[int, typer.Argument(help="A revision.")],
    second: Annotated[int, typer.Argument(help="Another one.")],
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Say what is different in the second of two revisions."""
    with opened(data, database) as store, store.reading() as session:
        one, other = _text(session, first), _text(session, second)
    lines = unified(one, other, (f"revision {first}", f"revision {second}"))
    try:
        found = changes(parse(one, "registry").registry, parse(other, "registry").registry)
    except RegistryError:
        # An old one may not hold against today's checks; its lines can be compared all the same.
        found = None
    if as_json:
        said = None if found is None else [asdict(change) for change in found]
        _say.print_json({"schema": "patrol.registry_diff/1", "changes": said, "diff": lines})
        return
    for change in found or ():
        typer.echo(change.en)
    typer.echo(lines, nl=False)


@app.command("restore")
def restore_command(
    revision: Annotated[int, typer.Argument(help="The revision whose text is to be the registry again.")],
    reason: Why,
    by: By = None,
    registry: RegistryFile = _FILE,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make an old text the new one. It becomes a revision of its own."""
    with opened(data, database) as store, _refusals():
        desk, who = _desk(registry, store, data), by or getpass.getuser()
        also = _audited("registry.restore", who, reason, {"revision": revision})
        done = desk.restore(revision, desk.current().sha256, Note("restore", who, reason, also=also))
    _tell(done, as_json=as_json)


@app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(help="Where to; .csv or .xlsx.")],
    language: Annotated[Literal["zh", "en"], typer.Option(help="Of the heads.")] = "zh",
    registry: RegistryFile = _FILE,
) -> None:
    """Write the cameras as a table. Zones and presets are not in it."""
    write = {".csv": to_csv, ".xlsx": to_xlsx}.get(file.suffix.lower())
    if write is None:
        _say.stop(f"{file.name}: call it .csv or .xlsx", _say.USAGE)
    county = county_of(registry)
    try:
        file.write_bytes(write([head(language), *rows_of(county)]))
    except OSError as error:
        _say.stop(f"{file} cannot be written: {error.strerror or error}")
    typer.echo(f"{file}: {len(county.cameras)} cameras")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="A table, CSV or XLSX.")],
    apply: Annotated[bool, typer.Option("--apply", help="Write it; left out: only say what would change.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; needed with --apply.")] = None,
    by: By = None,
    registry: RegistryFile = _FILE,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Take in a table of cameras: rows are known by id, new ones are added, cameras without a row stay."""
    if apply and not reason:
        _say.stop("--reason: say why", _say.USAGE)
    try:
        content = file.read_bytes()
    except OSError as error:
        _say.stop(f"{file} cannot be read: {error.strerror or error}", _say.USAGE)
    with opened(data, database) as store, _refusals():
        desk, who = _desk(registry, store, data), by or getpass.getuser()
        now = desk.current()
        taken = take(now.registry, rows_from(content))
        if taken.problems:
            _stop_at(file, taken.problems)
        try:
            if apply:
                also = _audited("registry.import", who, reason or "", {"rows": taken.read})
                note = Note("import", who, reason, also=also)
                done = desk.edit(taken.operations, now.sha256, note)
            else:
                done = Done(desk.preview(taken.operations, now.sha256), None)
        except InvalidError as error:
            _stop_at(file, rows_with(error.problems, taken.rows))
    _tell(done, as_json=as_json)
    if not apply and not as_json:
        typer.echo("patrol: nothing was written; give --apply to do it", err=True)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (DeskError, EditError, TableError) as error:
        _say.stop(str(error), _say.USAGE)
    except FileError as error:
        _say.stop(str(error))


def _desk(registry: Path, store: Store, data: Path) -> RegistryDesk:
    return RegistryDesk(FileShelf(registry, store, lambda: datetime.now(UTC)), store, data)


def _text(session: Session, number: int) -> str:
    found = history.revision(session, number)
    if found is None:
        _say.stop(f"there is no revision {number}", _say.USAGE)
    return masked(found[0].text)


def _audited(action: str, who: str, reason: str, detail: dict[str, Any]) -> Also:
    """Writes the audit's row in the transaction that announces the edit."""

    def also(session: Session, _revision: int | None) -> None:
        caller = Caller("command-line", Role.ADMIN, shown=who)
        audit.write(
            session, caller, action, kind="registry", reason=reason, detail={**detail, "by": who}, now=datetime.now(UTC)
        )

    return also


def _stop_at(file: Path, problems: tuple[RowProblem, ...]) -> NoReturn:
    for problem in problems:
        place = f"row {problem.row}" + (f", column {problem.column}" if problem.column else "") if problem.row else "-"
        typer.echo(f"{file.name}: {place}: {problem.message}", err=True)
    _say.stop(f"{len(problems)} problem(s) in {file.name}; nothing was written", _say.USAGE)


def _tell(done: Done, *, as_json: bool) -> None:
    seen = done.preview
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.registry_edit/1",
                "sha256": seen.loaded.sha256,
                "changes": [asdict(change) for change in seen.changes],
                "diff": seen.diff,
            }
        )
        return
    for change in seen.changes:
        typer.echo(change.en)
    if not seen.changes:
        typer.echo("nothing is different")
