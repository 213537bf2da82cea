"""``patrol report``: the patrol log of one county day as a workbook and a document, or as figures for machines."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from patrol import report as reports
from patrol.commands import _say
from patrol.ledger.day import DayError, DayReport, ledger_lines, read_day
from patrol.report import Lang, Words
from patrol.store import Store, StoreError, open_store

_SQLITE = "patrol.sqlite"


class Language(StrEnum):
    """Which languages are written."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


class Format(StrEnum):
    """Which files are written."""

    XLSX = "xlsx"
    PDF = "pdf"
    BOTH = "both"


def report(
    day: Annotated[str, typer.Option(help="County day, YYYY-MM-DD.")],
    lang: Annotated[Language, typer.Option(help="zh, en or both.")] = Language.BOTH,
    form: Annotated[Format, typer.Option("--format", help="xlsx, pdf or both.")] = Format.BOTH,
    out: Annotated[Path, typer.Option(help="Folder the files are written to; made if it is not there.")] = Path(),
    data: Annotated[Path, typer.Option(envvar="PATROL_DATA", help="The service's data folder.")] = Path("data"),
    database: Annotated[
        str | None, typer.Option(envvar="PATROL_DATABASE", help="Its database, where it is not in the data folder.")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the figures as one JSON object and write no files, unless --out is given."),
    ] = False,
) -> None:
    """Write the patrol log (巡查台账) of one county day."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        _say.stop(f"--day: {day!r} is not a day like 2026-11-24", _say.USAGE)
    langs = reports.LANGS if lang is Language.BOTH else tuple(each for each in reports.LANGS if each == lang.value)
    forms = ("xlsx", "pdf") if form is Format.BOTH else (form.value,)
    with _store(data, database) as store:
        try:
            # One transaction: the figures and the rows of the workbook are of the same moment.
            with store.reading() as session:
                found = read_day(session, wanted, datetime.now(UTC))

                def workbook(words: Words, file: Path) -> None:
                    reports.write_xlsx(found, ledger_lines(session, found.span), words, file)

                written = [] if as_json and out == Path() else _write(found, langs, forms, out, workbook)
        except DayError as error:
            _say.stop(str(error), _say.USAGE)
        except SQLAlchemyError as error:
            _say.stop(f"{store.name}: the store cannot be read: {getattr(error, 'orig', None) or error}", _say.USAGE)
        except OSError as error:
            _say.stop(f"{error.filename or out}: cannot be written: {error.strerror or error}", _say.USAGE)
    if as_json:
        _say.print_json({**reports.figures(found), "files": [str(file) for file in written]})
    else:
        for file in written:
            typer.echo(str(file))


def _write(
    found: DayReport,
    langs: tuple[Lang, ...],
    forms: tuple[str, ...],
    out: Path,
    workbook: Callable[[Words, Path], None],
) -> list[Path]:
    """Write all files beside their places, then put them there: nobody finds half a report."""
    out.mkdir(parents=True, exist_ok=True)
    ready: list[tuple[Path, Path]] = []
    with tempfile.TemporaryDirectory(prefix=".patrol-report-", dir=out) as folder:
        for lang in langs:
            words = Words(lang, found.span.zone)
            for form in forms:
                file = Path(folder) / f"patrol-{found.county_code}-{found.span.day}-{lang}.{form}"
                if form == "xlsx":
                    workbook(words, file)
                else:
                    reports.write_pdf(found, words, file)
                ready.append((file, out / file.name))
        for file, place in ready:
            file.replace(place)
    return [place for _, place in ready]


@contextmanager
def _store(data: Path, database: str | None) -> Iterator[Store]:
    if database is None and not (data / _SQLITE).is_file():
        # Opening it would make an empty one, and the report would say that nothing was ever patrolled.
        _say.stop(
            f"no database in {data}; name the service's data folder with --data or its database with --database",
            _say.USAGE,
        )
    if database is not None and database.startswith("sqlite:///") and not Path(database[10:]).is_file():
        _say.stop(f"no database {database[10:]}", _say.USAGE)
    try:
        store = open_store(database, data)
        store.upgrade()
    except StoreError as error:
        _say.stop(str(error), _say.USAGE)
    try:
        yield store
    finally:
        store.close()
