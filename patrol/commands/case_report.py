"""``patrol case report`` and ``patrol case figures``: a month or a year of cases as a file, or as figures for machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from patrol.cases import report as reports
from patrol.cases.figures import read_figures
from patrol.cases.period import Period, PeriodError, period_of
from patrol.commands import _say
from patrol.commands._store import Data, Database, opened
from patrol.commands.report import Language
from patrol.registry import Registry, RegistryError, parse
from patrol.store import plain, queries

Month = Annotated[str | None, typer.Option(help="County month, YYYY-MM.")]
Year = Annotated[str | None, typer.Option(help="County year, YYYY.")]
_FORMS = (".pdf", ".xlsx")


def report(
    out: Annotated[Path | None, typer.Option(help="File to write: its name ends in .pdf or .xlsx.")] = None,
    month: Month = None,
    year: Year = None,
    lang: Annotated[Language, typer.Option(help="zh or en.")] = Language.ZH,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as one JSON object; --out may be left out.")
    ] = False,
) -> None:
    """Write the report of a month or a year of cases: figures, appraisal, notice, definitions."""
    if out is None and not as_json:
        _say.stop("name a file with --out FILE.pdf or --out FILE.xlsx, or ask for --json", _say.USAGE)
    if out is not None and out.suffix.lower() not in _FORMS:
        _say.stop(f"--out: {out} must end in .pdf or .xlsx", _say.USAGE)
    if lang is Language.BOTH:
        _say.stop("--lang: one file has one language; zh or en", _say.USAGE)
    now = datetime.now(UTC)
    with _reading(data, database, month, year, now) as (session, registry, period):
        found = reports.read_report(session, period, registry, now)
        words = reports.Words("en" if lang is Language.EN else "zh", period.zone)
        if out is not None:
            try:
                reports.write(session, found, words, out)
            except OSError as error:
                _say.stop(f"{error.filename or out}: cannot be written: {error.strerror or error}", _say.USAGE)
    if as_json:
        _say.print_json({**reports.as_json(found), "files": [str(out)] if out else []})
    else:
        typer.echo(str(out))


def figures(
    month: Month = None,
    year: Year = None,
    lang: Annotated[Language, typer.Option(help="zh or en.")] = Language.ZH,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of them as one JSON object.")] = False,
) -> None:
    """Print the figures of a month or a year of cases."""
    now = datetime.now(UTC)
    with _reading(data, database, month, year, now) as (session, _, period):
        found = read_figures(session, period)
    if as_json:
        _say.print_json(reports.figures_json(found))
        return
    words = reports.Words("en" if lang is Language.EN else "zh", period.zone)
    for line in reports.summary_lines(found, words):
        typer.echo(line)


@contextmanager
def _reading(
    data: Path, database: str | None, month: str | None, year: str | None, now: datetime
) -> Iterator[tuple[Session, Registry, Period]]:
    """A reading session, the registry in force and the period asked for; what is wrong ends the command."""
    if (month is None) == (year is None):
        _say.stop("give either --month YYYY-MM or --year YYYY", _say.USAGE)
    with opened(data, database) as store:
        try:
            with store.reading() as session:
                revision = queries.registry_in_force(session)
                if revision is None:
                    _say.stop(f"{store.name}: no registry was ever in force here; start the service once", _say.USAGE)
                registry = parse(revision.text, f"registry revision {revision.id}").registry
                yield session, registry, _period(month, year, registry, now)
        except RegistryError as error:
            _say.stop(str(error))
        except SQLAlchemyError as error:
            _say.stop(f"{store.name}: the store cannot be read: {plain(error)}")


def _period(month: str | None, year: str | None, registry: Registry, now: datetime) -> Period:
    label = month or year or ""
    if ("-" in label) != (month is not None):
        _say.stop(f"{'--month' if month is not None else '--year'}: {label!r} is not one", _say.USAGE)
    try:
        return period_of(label, registry.county.zone, now)
    except PeriodError as error:
        _say.stop(str(error), _say.USAGE)
