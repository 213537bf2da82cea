"""``patrol route``, ``silence`` and ``dispatch``: who would be told, what is held back, who has not answered."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from patrol.alerts import silences
from patrol.alerts.acks import CallError, record_call
from patrol.alerts.dry_run import DryRun, dry_run
from patrol.alerts.route import Matter, RouteError, matter_of
from patrol.commands import _say
from patrol.commands._at import moment
from patrol.commands._registry import RegistryFile, county_of
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.registry import Registry, parse_duration
from patrol.store import queries

Kind = Annotated[str, typer.Option(help="congestion, fireworks or fishing.")]
At = Annotated[str | None, typer.Option(help="County time, e.g. 2026-02-16T20:00; left out: now.")]

silence = typer.Typer(name="silence", help="Hold alerts back for a time and a reason.", no_args_is_help=True)


def route(
    kind: Kind,
    camera: Annotated[str | None, typer.Option(help="Id of the camera.")] = None,
    category: Annotated[str | None, typer.Option(help="Category, where no camera is named.")] = None,
    rule: Annotated[str | None, typer.Option(help="Id of the rule that is broken.")] = None,
    place: Annotated[str | None, typer.Option(help="Division code, where no camera is named.")] = None,
    at: At = None,
    registry: RegistryFile = Path("camera_registry.yaml"),
    as_json: Json = False,
) -> None:
    """Say who would be told of an incident, by which route, and who after him if nobody answers. Sends nothing."""
    county = county_of(registry)
    matter = _matter(county, kind, camera, category, rule, place)
    try:
        found = dry_run(county, matter, moment(at, county.county.zone))
    except RouteError as error:
        _say.stop(str(error))
    if as_json:
        _say.print_json(as_dict(found))
    else:
        typer.echo("\n".join(_lines(found)))


def as_dict(found: DryRun) -> dict[str, Any]:
    """A dry run as JSON."""
    told = [
        {
            **asdict(t),
            "contacts": [{"name": c.name, "phone": c.phone, "channels": list(c.channels)} for c in t.contacts],
        }
        for t in found.told
    ]
    return {
        "schema": "patrol.route/1",
        "at": found.at.isoformat(),
        "matter": asdict(found.matter),
        "route": found.routed.route,
        "tried": [asdict(t) for t in found.routed.tried],
        "told": told,
        "fallback": found.routed.fallback,
        "later": [asdict(rung) for rung in found.later],
        "exempt": found.exempt or None,
    }


def _lines(found: DryRun) -> list[str]:
    lines = [f"{found.matter.kind} at {found.at:%Y-%m-%d %H:%M} county time"]
    if found.exempt:
        lines.append(f"  exempt now, so nothing is flagged: {found.exempt}")
    lines += [
        f"  {tried.name}: {f'no, {tried.why_not}' if tried.why_not else 'matches'}" for tried in found.routed.tried
    ]
    lines.append("told at once:")
    for told in found.told:
        contacts = ", ".join(f"{c.name} {c.phone or ''}".strip() for c in told.contacts) or "no contact in the registry"
        limits = ", ".join(f"{step} in {_span(s)}" for step, s in told.respond_s.items() if s is not None)
        lines.append(f"  {told.department} ({told.name}), {told.role}: {contacts}; {limits}")
    lines.append("then, while nobody answers:")
    for rung in found.later:
        whom = {"desk": "the people at the screen"}.get(rung.who, f"{rung.who} {rung.whom}")
        lines.append(f"  after {_span(rung.after_s)}: {whom} {rung.phone or ''}".rstrip())
    return lines


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return "".join(f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if n) or "0s"


def _matter(
    county: Registry, kind: str, camera: str | None, category: str | None, rule: str | None, place: str | None
) -> Matter:
    if kind not in {"congestion", "fireworks", "fishing"}:
        _say.stop(f"--kind: there is no {kind!r}; there are congestion, fireworks and fishing", _say.USAGE)
    if camera is not None and all(c.id != camera for c in county.cameras):
        _say.stop(f"--camera: there is no camera {camera!r}", _say.USAGE)
    if category is not None and all(c.key != category for c in county.categories):
        _say.stop(f"--category: there is no category {category!r}", _say.USAGE)
    if rule is not None and all(r.id != rule for r in county.rules):
        _say.stop(f"--rule: there is no rule {rule!r}", _say.USAGE)
    if camera is not None and (category or place):
        _say.stop("--camera says category and place already; give it alone", _say.USAGE)
    if camera is None:
        return Matter(kind, (category,) if category else (), None, rule, place)
    return matter_of(county, kind=kind, camera=camera, category=None, rule=rule)


def list_dispatch(
    data: Data = Path("data"),
    database: Database = None,
    everything: Annotated[bool, typer.Option("--all", help="Closed matters too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List what departments were told and have not dealt with, and who was called about it."""
    with opened(data, database) as store, store.reading() as session:
        found = queries.dispatches(session, closed=None if everything else False, limit=limit)
        rows = [{**queries.row(track), "escalations": [queries.row(e) for e in climbed]} for track, climbed in found]
    for row in rows:
        row["called"] = "; ".join(f"{e['who']} {e['whom']}".strip() for e in row["escalations"]) or None
    show(rows, ("incident", "department", "role", "state", "opened_at", "due_at", "called", "closed_because"), as_json)


def phone(
    alert: Annotated[str, typer.Argument(help="The alert's id, or its first characters.")],
    number: Annotated[str, typer.Option(help="That was called.")],
    outcome: Annotated[str, typer.Option(help="reached, no_answer, busy or wrong_number.")] = "reached",
    note: Annotated[str | None, typer.Option(help="What was said, one line.")] = None,
    by: Annotated[str | None, typer.Option(help="Who called; left out: the name of this login.")] = None,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Write down a telephone call about an alert. A call that reached somebody counts as accepted."""
    with opened(data, database) as store:
        try:
            with store.sessions.begin() as session:
                full = queries.alert_id(session, alert)
                if full is None:
                    _say.stop(f"no alert {alert!r} (or more than one begins like that)", _say.USAGE)
                made = queries.row(
                    record_call(
                        session, full, number=number, outcome=outcome, by=by or getpass.getuser(), note=note,
                        now=datetime.now(UTC),
                    )
                )  # fmt: skip
        except CallError as error:
            _say.stop(str(error), _say.USAGE)
    if as_json:
        _say.print_json(made)
    else:
        typer.echo(f"{made['department']}: {made['problem'] or 'phoned'}")


@silence.command("add")
def add_silence(
    reason: Annotated[str, typer.Option(help="Why; stays with it.")],
    kind: Annotated[str | None, typer.Option(help="congestion, fireworks or fishing.")] = None,
    category: Annotated[str | None, typer.Option(help="Cameras of this category.")] = None,
    camera: Annotated[str | None, typer.Option(help="This camera.")] = None,
    place: Annotated[str | None, typer.Option(help="Division code: what lies in it.")] = None,
    lasts: Annotated[str, typer.Option("--for", help="How long, e.g. 2h.")] = "2h",
    by: Annotated[str | None, typer.Option(help="Who asks for it; left out: the name of this login.")] = None,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Tell nobody of what matches, from now on. What it holds back and is still there is told when it ends."""
    now = datetime.now(UTC)
    try:
        length = parse_duration(lasts)
    except ValueError as error:
        _say.stop(f"--for: {error}", _say.USAGE)
    with opened(data, database) as store:
        try:
            with store.sessions.begin() as session:
                row = silences.add(
                    session, reason=reason, by=by or getpass.getuser(), starts_at=now, ends_at=now + length, now=now,
                    kind=kind, category=category, camera=camera, place=place,
                )  # fmt: skip
                made = queries.row(row)
        except silences.SilenceError as error:
            _say.stop(str(error), _say.USAGE)
    if as_json:
        _say.print_json(made)
    else:
        typer.echo(f"silence {made['id']} until {made['ends_at']}")


@silence.command("end")
def end_silence(
    number: Annotated[int, typer.Argument(help="The silence's number.")],
    by: Annotated[str | None, typer.Option(help="Who ends it; left out: the name of this login.")] = None,
    data: Data = Path("data"),
    database: Database = None,
) -> None:
    """End a silence before its time."""
    with opened(data, database) as store:
        try:
            with store.sessions.begin() as session:
                silences.end(session, number, by or getpass.getuser(), datetime.now(UTC))
        except silences.SilenceError as error:
            _say.stop(str(error), _say.USAGE)
    typer.echo(f"silence {number} is over; what it held and is still there is told now")


@silence.command("list")
def list_silences(
    data: Data = Path("data"),
    database: Database = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    as_json: Json = False,
) -> None:
    """List silences, and how many incidents each holds back."""
    with opened(data, database) as store, store.reading() as session:
        found = queries.silences(session, since=None if everything else datetime.now(UTC))
        rows = [{**queries.row(row), "holds": holds} for row, holds in found]
    show(rows, ("id", "kind", "category", "camera", "place", "reason", "by", "ends_at", "holds"), as_json)
