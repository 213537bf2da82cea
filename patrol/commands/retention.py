"""``patrol retention``: what is due and what stays, a purge by hand, holds, and whether files, rows and proofs agree."""

from __future__ import annotations

import getpass
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select

from patrol import retention
from patrol.access import Caller, Role
from patrol.commands import _say
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.registry import Retention, parse
from patrol.retention import holds
from patrol.retention.clockwatch import SURE
from patrol.store import Store, queries
from patrol.store.tables import RetentionRun

app = typer.Typer(name="retention", help="What is kept how long: plan, purge, holds, proof.", no_args_is_help=True)
By = Annotated[str | None, typer.Option(help="Who says so; left out: the user of this machine.")]
_SHOWN = 20


@app.command("plan")
def plan_command(data: Data = Path("data"), database: Database = None, as_json: Json = False) -> None:
    """Say what a purge would take now, and what is due and stays and why. Changes nothing."""
    now = datetime.now(UTC)
    with opened(data, database) as store:
        terms = _terms(store)
        try:
            with store.reading() as session:
                found = retention.plan(retention.everything(session, terms, now), terms, now)
        except retention.FloorError as error:
            _say.stop(str(error))
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.retention_plan/1",
                "now": now.isoformat(),
                "due": [_kept(one.kept, one.due_at) | {"reason": one.reason} for one in found.due],
                "held": [_kept(one.kept, one.due_at) | {"why": list(one.why)} for one in found.held],
            }
        )
        return
    counts = Counter(one.kept.class_.value for one in found.due)
    size = Counter[str]()
    for one in found.due:
        size[one.kept.class_.value] += one.kept.bytes
    rows = [{"class": c, "due": n, "MB": f"{size[c] / 1e6:.1f}"} for c, n in sorted(counts.items())]
    show(rows, ("class", "due", "MB"), False)
    for held in found.held[:_SHOWN]:
        typer.echo(f"stays: {held.kept.path or held.kept.kind + ' ' + held.kept.ref}: {'; '.join(held.why)}")
    if len(found.held) > _SHOWN:
        typer.echo(f"stays: and {len(found.held) - _SHOWN} more; --json names them all")
    typer.echo(f"{len(found.due)} due, {len(found.held)} due and held")


@app.command("run")
def run_command(
    data: Data = Path("data"),
    database: Database = None,
    by: By = None,
    most: Annotated[int, typer.Option(min=1, help="Take at most so many things.")] = 1_000_000,
    sure: Annotated[
        bool, typer.Option(SURE, help="You have looked at the clock, although it may have jumped.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Purge now what has been kept long enough. The service does it once a day by itself."""
    with opened(data, database) as store:
        try:
            report = retention.run(
                store,
                data,
                _terms(store),
                by=_caller(by),
                wall=lambda: datetime.now(UTC),
                sure_of_clock=sure,
                most=most,
            )
        except (retention.FloorError, retention.ClockError, retention.BusyError) as error:
            _say.stop(str(error))
        except OSError as error:
            _say.stop(f"the purge was cut off: {error}; the next one ends it")
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.retention_run/1",
                "run": report.run,
                "position": report.position,
                "hash": report.hash,
                "record": report.record,
            }
        )
        return
    for class_, one in sorted(report.record["classes"].items()):
        typer.echo(
            f"{class_}: {one['deleted']} deleted ({one['bytes'] / 1e6:.1f} MB, {one['first']} to {one['last']}), "
            f"{one['missing']} were gone before"
        )
    for sentence in report.record["problems"]:
        typer.echo(sentence)
    held = report.record["held"]["items"]
    more = ", more is due" if report.record["left"] else ""
    typer.echo(f"run {report.run}: {report.record['items']} taken, {held} due and held{more}; proof {report.hash}")


@app.command("verify")
def verify_command(
    data: Data = Path("data"),
    database: Database = None,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the files that are read and hashed; 1: all.")
    ] = 0.01,
    seed: Annotated[int | None, typer.Option(help="Of the choice; left out: another one each time.")] = None,
    as_json: Json = False,
) -> None:
    """Hold files, rows and the purge's proofs against each other, and say where they differ."""
    chosen = random.SystemRandom().randrange(2**32) if seed is None else seed
    with opened(data, database) as store, store.reading() as session:
        verdict = retention.verify(session, data, datetime.now(UTC), share=share, seed=chosen)
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.retention_verify/1",
                "holds": not verdict.differences,
                "kept": verdict.kept,
                "gone": verdict.gone,
                "read": verdict.read,
                "seed": chosen,
                "runs": verdict.runs,
                "unfinished": verdict.unfinished,
                "head": verdict.head,
                "differences": [{"what": d.what, "sentence": d.sentence} for d in verdict.differences],
            }
        )
    else:
        for difference in verdict.differences:
            typer.echo(difference.sentence)
        found = "everything agrees" if not verdict.differences else f"{len(verdict.differences)} differences"
        typer.echo(
            f"{verdict.kept} files kept ({verdict.read} read, seed {chosen}), {verdict.gone} purged, {verdict.runs} runs: {found}"
        )
        typer.echo(f"head {verdict.head}")
    raise typer.Exit(_say.FAILED if verdict.differences else _say.OK)


@app.command("hold")
def hold_command(
    kind: Annotated[str, typer.Argument(help="incident, case or file.")],
    ref: Annotated[str, typer.Argument(help="Id of the incident, number of the case, path of the file.")],
    reason: Annotated[str, typer.Option(help="Why it must stay.")],
    by: By = None,
    data: Data = Path("data"),
    database: Database = None,
) -> None:
    """Keep something beyond its day, until the hold is lifted."""
    with opened(data, database) as store:
        try:
            with store.sessions.begin() as session:
                if kind == holds.INCIDENT:
                    ref = queries.incident_id(session, ref) or ref
                row = retention.put(session, kind, ref, reason=reason, by=_caller(by), now=datetime.now(UTC))
                number = row.id
        except retention.HoldError as error:
            _say.stop(str(error), _say.USAGE)
    typer.echo(f"hold {number} on the {kind} {ref}")


@app.command("lift")
def lift_command(
    hold: Annotated[int, typer.Argument(help="Number of the hold.")],
    because: Annotated[str, typer.Option(help="Why it may go now.")],
    by: By = None,
    data: Data = Path("data"),
    database: Database = None,
) -> None:
    """Lift a hold."""
    with opened(data, database) as store:
        try:
            with store.sessions.begin() as session:
                retention.lift(session, hold, because=because, by=_caller(by), now=datetime.now(UTC))
        except retention.HoldError as error:
            _say.stop(str(error), _say.USAGE)
    typer.echo(f"hold {hold} is lifted")


@app.command("list")
def list_command(
    data: Data = Path("data"),
    database: Database = None,
    lifted: Annotated[bool, typer.Option("--all", help="Lifted ones, too.")] = False,
    as_json: Json = False,
) -> None:
    """List holds, and the last runs of the purge."""
    with opened(data, database) as store, store.reading() as session:
        rows: list[dict[str, Any]] = [
            {
                "id": row.id,
                "kind": row.kind,
                "ref": row.ref,
                "reason": row.reason,
                "by": row.by,
                "at": row.at.isoformat(),
                "lifted_at": row.lifted_at.isoformat() if row.lifted_at else None,
                "lifted_by": row.lifted_by,
                "lifted_because": row.lifted_because,
            }
            for row in holds.all_of(session, lifted=lifted)
        ]
        runs: list[dict[str, Any]] = [
            {
                "run": run.id,
                "by": run.by,
                "ended_at": run.ended_at,
                "items": (run.record or {}).get("items"),
                "hash": run.hash,
            }
            for run in session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(_SHOWN))
        ]
    if as_json:
        _say.print_json({"schema": "patrol.retention_list/1", "holds": rows, "runs": runs})
        return
    show(rows, ("id", "kind", "ref", "reason", "by", "at", "lifted_at"), False)
    show(runs, ("run", "by", "ended_at", "items", "hash"), False)


def _caller(by: str | None) -> Caller:
    """Whoever may run commands on the service's machine may do everything on it; the trail says by whose hand."""
    return Caller("command-line", Role.ADMIN, shown=by or getpass.getuser())


def _terms(store: Store) -> Retention:
    """As the registry in force has them."""
    with store.reading() as session:
        loaded = queries.registry_in_force(session)
    if loaded is None:
        _say.stop("no service has run on this data folder yet: nothing is kept", _say.USAGE)
    return parse(loaded.text, "registry").registry.retention


def _kept(kept: retention.Kept, due_at: datetime) -> dict[str, Any]:
    return {
        "kind": kept.kind,
        "ref": kept.ref,
        "path": kept.path,
        "class": kept.class_.value,
        "since": kept.since.isoformat(),
        "due_at": due_at.isoformat(),
        "bytes": kept.bytes,
    }
