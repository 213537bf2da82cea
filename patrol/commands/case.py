"""``patrol case``: open, list, show and move cases, recompute provisional dates."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, get_args

import typer
from sqlalchemy.orm import Session

from patrol.cases import listing
from patrol.cases.book import NoCaseError, Opening, StaleError, move, open_case
from patrol.cases.desk import Desk
from patrol.cases.moves import Command, Move, MoveError, PlanStep
from patrol.cases.numbers import NumberError
from patrol.cases.recompute import preview, recompute
from patrol.cases.types import OPEN_STAGES, CaseKind, ClockName, Grade, Light, Severity, Stage
from patrol.cases.view import CaseWhole, case_view, case_whole
from patrol.commands import _say
from patrol.commands._at import moment
from patrol.commands._registry import RegistryFile, county_of
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.registry import Registry
from patrol.store import Store
from patrol.store.tables import CaseFile

Number = Annotated[str, typer.Argument(help="The case's number.")]
By = Annotated[str | None, typer.Option(help="Who does it, a post or a desk; left out: the name you are logged in by.")]

app = typer.Typer(name="case", help="Cases by 13710: open, follow, close, judge.", no_args_is_help=True)


@app.command("open")
def open_(
    title: Annotated[str, typer.Option(help="What it is about, one line.")],
    place: Annotated[str, typer.Option(help="Address, for the people who go there.")],
    division: Annotated[str | None, typer.Option(help="Division code; left out: the county.")] = None,
    text: Annotated[str, typer.Option(help="What is known.")] = "",
    kind: Annotated[str, typer.Option(help="congestion, fireworks, fishing or other.")] = "other",
    severity: Annotated[str, typer.Option(help="general or major.")] = "general",
    at: Annotated[str | None, typer.Option(help="When it happened, county time; left out: now.")] = None,
    by: By = None,
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Open a case that no alert has brought."""
    county = county_of(registry)
    _one_of("--kind", kind, get_args(CaseKind))
    _one_of("--severity", severity, get_args(Severity))
    opening = Opening(
        by=by or getpass.getuser(),
        source="operator",
        title=title,
        description=text,
        occurred_at=moment(at, county.county.zone).astimezone(UTC),
        division=division or county.county.code,
        address=place,
        kind=kind,  # type: ignore[arg-type]  # _one_of has seen it
        severity=severity,  # type: ignore[arg-type]
    )
    desk = Desk(county)
    with opened(data, database) as store, _writing(store) as session:
        row = open_case(session, desk, opening, datetime.now(UTC))
        whole = case_whole(session, row, desk, datetime.now(UTC))
    _print(whole, county, as_json)


@app.command("list")
def list_(
    stage: Annotated[list[str] | None, typer.Option(help="Only in these stages; left out: the open ones.")] = None,
    light: Annotated[list[str] | None, typer.Option(help="Only with these lights, e.g. red.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only with this unit.")] = None,
    division: Annotated[str | None, typer.Option(help="Only what lies in this division.")] = None,
    text: Annotated[str | None, typer.Option(help="Only with this in number, title or address.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """List cases, what is due first first."""
    for name, said, known in (("--stage", stage, tuple(Stage)), ("--light", light, tuple(Light))):
        for each in said or ():
            _one_of(name, each, known)
    desk = Desk(county_of(registry))
    wanted = listing.Filter(
        stages=tuple(map(Stage, stage or OPEN_STAGES)),
        lights=tuple(map(Light, light or ())),
        unit=unit,
        division=division,
        text=text,
    )
    with opened(data, database) as store, store.reading() as session:
        page = listing.page(session, wanted, limit=limit)
        rows = [case_view(row, desk).model_dump(mode="json") for row in page.cases]
    zone = desk.registry.county.zone
    lines = [
        {
            **row,
            "due": f"{datetime.fromisoformat(row['resolve_due']).astimezone(zone):%Y-%m-%d %H:%M}",
            "with": row["unit"]["name"] if row["unit"] else "",
        }
        for row in rows
    ]
    show(rows if as_json else lines, ("number", "light", "stage", "due", "with", "title"), as_json)
    if page.cursor is not None:
        typer.echo(f"and more; this is the first {limit}", err=True)


@app.command("show")
def show_(
    number: Number,
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show a case with its clocks, what was done, and what can be done now."""
    county = county_of(registry)
    with opened(data, database) as store, store.reading() as session:
        row = session.get(CaseFile, number)
        if row is None:
            _say.stop(f"no case {number}", _say.USAGE)
        whole = case_whole(session, row, Desk(county), datetime.now(UTC))
    _print(whole, county, as_json)


@app.command("move")
def move_(
    number: Number,
    what: Annotated[str, typer.Argument(help="The move, e.g. assign; `patrol case show` lists what is possible now.")],
    by: By = None,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    approver: Annotated[str | None, typer.Option(help="Who approved it, somebody else.")] = None,
    document: Annotated[str | None, typer.Option(help="The paper it stands on.")] = None,
    text: Annotated[str | None, typer.Option(help="What was done or found.")] = None,
    unit: Annotated[str | None, typer.Option(help="Whom it goes to: department id or division code.")] = None,
    co_unit: Annotated[list[str] | None, typer.Option(help="Who handles it as well; may be repeated.")] = None,
    clock: Annotated[str | None, typer.Option(help="Which clock is extended: feedback or resolve.")] = None,
    until: Annotated[str | None, typer.Option(help="To which day, YYYY-MM-DD.")] = None,
    severity: Annotated[str | None, typer.Option(help="general or major.")] = None,
    into: Annotated[str | None, typer.Option(help="Number of the case it is merged into.")] = None,
    step: Annotated[
        list[str] | None, typer.Option(help="Of a consultation's plan: `WHAT|UNIT|YYYY-MM-DD`; may be repeated.")
    ] = None,
    grade: Annotated[str | None, typer.Option(help="excellent, good, fair or poor.")] = None,
    satisfaction: Annotated[int | None, typer.Option(help="1 (not at all) to 5.")] = None,
    version: Annotated[int | None, typer.Option(help="Only if the case still has this version.")] = None,
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make a move in a case, or say why it is refused."""
    county = county_of(registry)
    _one_of("MOVE", what, tuple(Move))
    for name, said, known in (
        ("--clock", clock, tuple(ClockName)),
        ("--severity", severity, get_args(Severity)),
        ("--grade", grade, get_args(Grade)),
    ):
        if said is not None:
            _one_of(name, said, known)
    command = Command(
        move=Move(what),
        by=by or getpass.getuser(),
        at=datetime.now(UTC),
        reason=reason,
        approver=approver,
        document=document,
        text=text,
        unit=unit,
        co_units=tuple(co_unit or ()),
        clock=ClockName(clock) if clock else None,
        until=_day("--until", until) if until else None,
        severity=severity,  # type: ignore[arg-type]  # _one_of has seen it
        into=into,
        plan=tuple(map(_step, step or ())),
        grade=grade,  # type: ignore[arg-type]
        satisfaction=satisfaction,
    )
    desk = Desk(county)
    with opened(data, database) as store, _writing(store) as session:
        row = move(session, desk, number, command, seen=version)
        whole = case_whole(session, row, desk, command.at)
    _print(whole, county, as_json)


@app.command("recompute")
def recompute_(
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without this it is only shown.")] = False,
    by: By = None,
    reason: Annotated[str, typer.Option(help="Why, e.g. the notice's number.")] = "",
    registry: RegistryFile = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show which provisional dates are others by the calendar as it is known now; with --apply put them in force."""
    county = county_of(registry)
    if apply and not reason.strip():
        _say.stop("--reason: say why the dates are recomputed; it stands in each case's trail", _say.USAGE)
    desk, zone = Desk(county), county.county.zone
    done, changed = [], 0
    with opened(data, database) as store:
        for moved in preview(store, desk):
            if apply:
                try:
                    recompute(store, desk, moved, by=by or getpass.getuser(), reason=reason, now=datetime.now(UTC))
                except StaleError:
                    changed += 1
                    continue
            done.append(moved)
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.recompute/1",
                "applied": apply,
                "calendar": desk.calendar_version,
                "cases": [
                    {
                        "number": m.number,
                        "clocks": [
                            {
                                "name": was.name,
                                "due": was.due.isoformat(),
                                "due_now": now.due.isoformat(),
                                "provisional_now": now.provisional,
                            }
                            for was, now in m.clocks
                        ],
                    }
                    for m in done
                ],
                "changed_meanwhile": changed,
            }
        )
        return
    for m in done:
        for was, now in m.clocks:
            still = " (still provisional)" if now.provisional else ""
            typer.echo(
                f"{m.number}  {was.name:8}  {was.due.astimezone(zone):%Y-%m-%d %H:%M} → "
                f"{now.due.astimezone(zone):%Y-%m-%d %H:%M}{still}"
            )
    verb = "recomputed" if apply else "would be recomputed; --apply does it"
    typer.echo(f"{len(done)} cases {verb} by {desk.calendar_version}", err=True)
    if changed:
        typer.echo(f"{changed} cases were changed meanwhile and left; run it again", err=True)


@contextmanager
def _writing(store: Store) -> Iterator[Session]:
    """One transaction; what the book refuses ends the command with its sentence."""
    try:
        with store.sessions.begin() as session:
            yield session
    except (MoveError, StaleError, NoCaseError, NumberError) as error:
        _say.stop(str(error))


def _one_of(name: str, said: str, known: tuple[str, ...]) -> None:
    if said not in known:
        _say.stop(f"{name}: there is no {said!r}; there are {', '.join(known)}", _say.USAGE)


def _day(name: str, said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        _say.stop(f"{name}: {said!r} is not a day like 2026-11-24", _say.USAGE)


def _step(said: str) -> PlanStep:
    what, _, rest = said.partition("|")
    unit, _, by = rest.partition("|")
    return PlanStep(what.strip(), unit.strip(), _day("--step", by.strip()))


def _print(whole: CaseWhole, county: Registry, as_json: bool) -> None:
    if as_json:
        _say.print_json(whole.model_dump(mode="json"))
        return
    zone = county.county.zone

    def at(when: datetime | None) -> str:
        return "" if when is None else f"{when.astimezone(zone):%Y-%m-%d %H:%M}"

    held = f", {whole.unit.name}" if whole.unit else ""
    lines = [
        f"{whole.number}  {whole.title}",
        f"  {whole.stage}{' (suspended)' if whole.suspended else ''}, light {whole.light}{held}; version {whole.version}",
        f"  {whole.kind}, {whole.severity}, {whole.division.name} {whole.address}",
    ]
    lines += [
        f"  {c.name:8} {c.light:11} due {at(c.due)}"
        + (f" (first {at(c.original_due)})" if c.original_due != c.due else "")
        + (" provisional" if c.provisional else "")
        + (f", done {at(c.stopped_at)}" if c.stopped_at else "")
        for c in whole.clocks
    ]
    lines += [
        f"  {e.seq:3} {at(e.at)}  {e.move:10} {e.by}"
        + "".join(f"; {part}" for part in (e.said.get("text"), e.reason, e.approver, e.document) if part)
        for e in whole.events
    ]
    lines.append("  now: " + ", ".join(m.move + (f" ({', '.join(m.needs)})" if m.needs else "") for m in whole.moves))
    typer.echo("\n".join(lines))
