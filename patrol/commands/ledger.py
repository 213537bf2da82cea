"""``patrol ledger``: check the proof, print roots, sign off misses, answer spot-checks."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress

from patrol.commands import _say
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.ledger import roots, sign_off, spot_checks
from patrol.ledger.verify import verify
from patrol.registry import parse
from patrol.store import Store, queries
from patrol.store.tables import ChainHead

app = typer.Typer(
    name="ledger",
    help="The proof over the ledger: verify it, write down roots, sign off misses, answer spot-checks.",
    no_args_is_help=True,
)
By = Annotated[str | None, typer.Option("--by", help="Who; left out: the name of this login.")]
Day = Annotated[str | None, typer.Option(help="County day, YYYY-MM-DD; left out: today.")]


@app.command("verify")
def verify_command(
    data: Data = Path("data"),
    database: Database = None,
    kept: Annotated[Path | None, typer.Option("--roots", help="File of daily roots that were kept elsewhere.")] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="Read every kept file again.")] = False,
    as_json: Json = False,
) -> None:
    """Find any changed, removed, inserted or reordered row. Exit 0: everything is as it was sealed; 1: something is not."""
    try:
        written_down = roots.read_file(kept) if kept else ()
    except roots.RootsFileError as error:
        _say.stop(str(error), _say.USAGE)
    with opened(data, database) as store, store.still() as session, _progress() as progress:
        task = progress.add_task("links", total=None)
        verdict = verify(
            session,
            kept=written_down,
            evidence=data if evidence else None,
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.ledger_verify/1",
                "holds": not verdict.problems,
                "links": verdict.links,
                "visits": verdict.visits,
                "head": verdict.head,
                "roots": verdict.roots,
                "files": verdict.files,
                "problems": [
                    {"what": p.what, "position": p.position, "kind": p.kind, "ref": p.ref, "detail": p.detail}
                    for p in verdict.problems
                ],
            }
        )
    else:
        for problem in verdict.problems:
            typer.echo(str(problem))
        files = f", {verdict.files} files" if evidence else ""
        found = "everything is as it was sealed" if not verdict.problems else f"{len(verdict.problems)} problems"
        typer.echo(f"{verdict.links} links, {verdict.visits} looks, {verdict.roots} roots{files}: {found}")
        typer.echo(f"head {verdict.head}")
    raise typer.Exit(_say.FAILED if verdict.problems else _say.OK)


@app.command("root")
def root_command(
    data: Data = Path("data"),
    database: Database = None,
    day: Annotated[str | None, typer.Option(help="County day, YYYY-MM-DD; left out: all closed days.")] = None,
    as_json: Json = False,
) -> None:
    """Print daily roots, to be written down elsewhere, and where the chain ends now."""
    with opened(data, database) as store:
        zone = _zone(store)
        with store.sessions.begin() as session:
            roots.close_days(session, zone, datetime.now(UTC))
        with store.reading() as session:
            found = [r for r in roots.all_of(session) if day is None or r.day == day]
            head = session.get(ChainHead, 1)
    if day is not None and not found:
        _say.stop(f"there is no root of {day}: the day is not over, or the ledger has nothing of it", _say.USAGE)
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.ledger_roots/1",
                "roots": [
                    {
                        "day": r.day,
                        "first_position": r.first_position,
                        "last_position": r.last_position,
                        "last_hash": r.last_hash,
                        "root": r.root,
                    }
                    for r in found
                ],
                "head": {"position": head.position, "hash": head.hash} if head else None,
            }
        )
        return
    for row in found:
        typer.echo(roots.line_of(row))
    if day is None and head is not None:
        typer.echo(f"# head {head.position} {head.hash}")


@app.command("misses")
def misses_command(
    data: Data = Path("data"), database: Database = None, day: Day = None, as_json: Json = False
) -> None:
    """List the deadlines of a day that passed without an attempt, and who signed them off."""
    with opened(data, database) as store:
        since, until = _day(store, day)
        with store.reading() as session:
            rows = [
                {
                    "id": visit.id,
                    "look": visit.look,
                    "deadline": visit.due_at.isoformat(),
                    "cause": visit.cause,
                    "signed_off_by": signature.who if signature else None,
                    "note": signature.note if signature else None,
                }
                for visit, signature in sign_off.misses(session, since, until)
            ]
    show(rows, ("id", "look", "deadline", "cause", "signed_off_by", "note"), as_json)


@app.command("sign-off")
def sign_off_command(
    note: Annotated[str, typer.Option(help="Why it happened, or what was done.")],
    visits: Annotated[list[str] | None, typer.Argument(help="Ids of missed looks.")] = None,
    by: By = None,
    day: Annotated[str | None, typer.Option(help="With --all: the day's misses that nobody signed off.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of the day.")] = False,
    data: Data = Path("data"),
    database: Database = None,
) -> None:
    """Sign off misses, as the shift lead."""
    if bool(visits) == every:
        _say.stop("name looks by their ids, or give --all (and --day)", _say.USAGE)
    now = datetime.now(UTC)
    with opened(data, database) as store:
        since, until = _day(store, day)
        try:
            with store.sessions.begin() as session:
                ids = visits or [v.id for v, _ in sign_off.misses(session, since, until, signed=False)]
                made = sign_off.sign_off(session, ids, who=by or getpass.getuser(), note=note, now=now)
        except sign_off.SignOffError as error:
            _say.stop(str(error), _say.USAGE)
    typer.echo(f"{len(made)} signed off")


@app.command("spot-checks")
def spot_checks_command(
    data: Data = Path("data"),
    database: Database = None,
    days: Annotated[int, typer.Option(min=1, help="Figures of the last so many days.")] = 30,
    as_json: Json = False,
) -> None:
    """List clear looks that wait for a person, and what people found in those before."""
    now = datetime.now(UTC)
    with opened(data, database) as store, store.reading() as session:
        waiting = [
            {
                "id": check.id,
                "visit": visit.id,
                "look": visit.look,
                "at": visit.started_at.isoformat(),
                "evidence": [str(data / e["path"]) for e in visit.report.get("evidence", ())],
            }
            for check, visit in spot_checks.open_ones(session)
        ]
        found = spot_checks.figures_between(session, now - timedelta(days=days), now)
    if as_json:
        _say.print_json({"schema": "patrol.spot_checks/1", "waiting": waiting, "figures": asdict(found)})
        return
    show(waiting, ("id", "look", "at", "evidence"), False)
    share = "nobody has looked yet"
    if found.share is not None:
        share = f"overlooked {found.share:.1%} (95 %: {found.low:.1%} to {found.high:.1%}) of {found.answered} judged"
    typer.echo(f"last {days} days: {found.drawn} drawn, {found.unclear} unclear; {share}")


@app.command("check")
def check_command(
    check_id: Annotated[int, typer.Argument(metavar="ID", help="Of the spot-check.")],
    answer: Annotated[str, typer.Option(help="clear, overlooked or unclear.")],
    kind: Annotated[str | None, typer.Option(help="What was overlooked: congestion, fireworks or fishing.")] = None,
    note: Annotated[str, typer.Option(help="A remark.")] = "",
    by: By = None,
    data: Data = Path("data"),
    database: Database = None,
) -> None:
    """Answer a spot-check."""
    with opened(data, database) as store:
        try:
            with store.sessions.begin() as session:
                spot_checks.answer(
                    session, check_id, answer, who=by or getpass.getuser(), now=datetime.now(UTC), kind=kind, note=note
                )
        except spot_checks.SpotCheckError as error:
            _say.stop(str(error), _say.USAGE)
    typer.echo(f"spot-check {check_id}: {answer}")


def _zone(store: Store) -> ZoneInfo:
    with store.reading() as session:
        loaded = queries.registry_in_force(session)
    if loaded is None:
        _say.stop("no service has run on this data folder yet: its ledger is empty", _say.USAGE)
    return parse(loaded.text, "registry").registry.county.zone


def _day(store: Store, day: str | None) -> tuple[datetime, datetime]:
    zone = _zone(store)
    try:
        wanted = date.fromisoformat(day) if day else datetime.now(zone).date()
    except ValueError:
        _say.stop(f"--day: {day!r} is not a day like 2026-11-24", _say.USAGE)
    return (
        datetime.combine(wanted, datetime.min.time(), zone),
        datetime.combine(wanted + timedelta(days=1), datetime.min.time(), zone),
    )


def _progress() -> Progress:
    return Progress(console=Console(stderr=True), transient=True)
