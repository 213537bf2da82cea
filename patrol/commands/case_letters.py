"""``patrol case letters`` and ``patrol case letter``: the register, a draft read, issued or dropped, the register as a workbook."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from patrol.cases.desk import Desk
from patrol.cases.letters import register
from patrol.cases.letters.book import write_register
from patrol.cases.letters.fields import LetterError
from patrol.cases.moves import MoveError
from patrol.cases.view import letter_view, letter_whole
from patrol.commands import _say
from patrol.commands._registry import RegistryFile, county_of
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.commands.case import By
from patrol.store.tables import CaseLetter

_STATES = ("draft", "issued", "dropped")


def letters(
    state: Annotated[str | None, typer.Option(help="draft, issued or dropped.")] = None,
    year: Annotated[int | None, typer.Option(help="Numbered in this year; needed for --out.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the year's register (登记簿) as a workbook.")] = None,
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """List supervision letters (督办函), newest first, or write the register of a year."""
    if state is not None and state not in _STATES:
        _say.stop(f"--state: there is no {state!r}; there are {', '.join(_STATES)}", _say.USAGE)
    if out is not None and (year is None or out.suffix != ".xlsx"):
        _say.stop("--out: name a file that ends in .xlsx, and the year with --year", _say.USAGE)
    county = county_of(registry)
    with opened(data, database) as store, store.reading() as session:
        if out is not None and year is not None:
            write_register(session, year, county.county.zone, out)
            typer.echo(str(out))
            return
        desk = Desk(county)
        rows = [
            letter_view(row, desk).model_dump(mode="json")
            for row in register.letters(session, state=state, year=year, limit=1000)
        ]
    columns = ("id", "state", "doc_no", "case", "clock", "step", "to_name", "drafted_at", "decided_by")
    show([{**row, "to_name": row["to"]["name"]} for row in rows], columns, as_json)


def letter(
    letter_id: Annotated[int, typer.Argument(help="Id of the letter, as `patrol case letters` lists it.")],
    issue: Annotated[bool, typer.Option("--issue", help="Issue the draft: number, files, no more changes.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Drop the draft, with --reason.")] = False,
    by: By = None,
    reason: Annotated[str, typer.Option(help="Why it is dropped.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write it to a file that ends in .pdf or .docx.")] = None,
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show a letter, issue or drop its draft, write it to a file."""
    if issue and drop:
        _say.stop("either --issue or --drop", _say.USAGE)
    if out is not None and out.suffix[1:] not in register.FORMS:
        _say.stop("--out: name a file that ends in .pdf or .docx", _say.USAGE)
    desk, now, who = Desk(county_of(registry)), datetime.now(UTC), by or getpass.getuser()
    with opened(data, database) as store:
        try:
            with store.sessions.begin() as session:
                row = session.get(CaseLetter, letter_id)
                if row is None:
                    raise register.NoLetterError(f"no letter {letter_id}")
                if issue:
                    row = register.issue(session, desk, row.id, row.version, by=who, data_folder=data, now=now)
                elif drop:
                    row = register.drop(session, desk, row.id, row.version, by=who, reason=reason, now=now)
                whole = letter_whole(row, desk)
                if out is not None:
                    out.write_bytes(register.file_of(row, out.suffix[1:], desk, data))
        except (register.NoLetterError, register.StaleLetterError, LetterError, MoveError) as error:
            _say.stop(str(error))
        except OSError as error:
            _say.stop(f"{error.filename or out}: cannot be written: {error.strerror or error}")
    said = whole.model_dump(mode="json")
    if as_json:
        _say.print_json(said)
        return
    typer.echo(
        f"{whole.id}  {whole.state}  {whole.doc_no or '(no number)'}  case {whole.case}, {whole.clock} clock → {whole.to.name}"
    )
    for name in ("event_title", "requirement", "new_due", "consequences"):
        typer.echo(f"  {name}: {said['fields'].get(name)}")
