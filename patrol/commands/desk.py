"""``patrol incidents``, ``review``, ``alerts`` and ``visits``: what an operator does until the console does it."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from patrol import _verdict, incidents
from patrol.access import Caller, Role
from patrol.commands import _say
from patrol.commands._store import Data, Database, Json, opened, show
from patrol.registry import RegistryError, parse
from patrol.store import queries

Limit = Annotated[int, typer.Option(min=1, max=1000, help="At most so many, newest first.")]


def list_incidents(
    data: Data = Path("data"),
    database: Database = None,
    state: Annotated[str | None, typer.Option(help="open or ended.")] = None,
    kind: Annotated[str | None, typer.Option(help="congestion, fireworks or fishing.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List incidents, newest first."""
    with opened(data, database) as store, store.reading() as session:
        rows = [queries.row(found) for found in queries.incidents(session, state=state, kind=kind, limit=limit)]
    show(rows, ("id", "camera", "kind", "verdict", "review", "state", "first_seen_at", "summary"), as_json)


def review(
    incident: Annotated[str, typer.Argument(help="The incident's id, or its first characters.")],
    verdict: Annotated[str, typer.Argument(help="confirmed, false_alarm, duplicate, unclear or exempt.")],
    reason: Annotated[str | None, typer.Option(help="Why; one line that stays with the incident.")] = None,
    code: Annotated[
        str | None, typer.Option(help="Of a false alarm: what it was, in a word that is counted, e.g. parked_row.")
    ] = None,
    reviewer: Annotated[str | None, typer.Option(help="Who judged; left out: the name of this login.")] = None,
    data: Data = Path("data"),
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Judge an incident. A confirmed one is pushed to its department by the running service."""
    now = datetime.now(UTC)
    with opened(data, database) as store:
        try:
            with store.sessions.begin() as session:
                loaded = queries.registry_in_force(session)
                if loaded is None:
                    _say.stop("no service has run on this data folder yet: there is nothing to review")
                registry = parse(loaded.text, "registry in force").registry
                full = queries.incident_id(session, incident)
                if full is None:
                    _say.stop(f"no incident {incident!r} (or more than one begins like that)", _say.USAGE)
                # Whoever reaches the data folder has the centre's rights; the name is what stands in the records.
                caller = Caller(reviewer or getpass.getuser(), Role.SHIFT_LEAD)
                judged = _verdict.judge(session, registry, caller, full, _verdict.Said(verdict, reason, code), now)
        except incidents.IncidentError as error:
            _say.stop(str(error), _say.USAGE)
        except RegistryError as error:
            _say.stop(f"the registry in force cannot be read: {error}")
    written, untold = judged.alerts, judged.problem
    result = {"incident": full, "verdict": verdict, "alerts": list(written), "problem": untold}
    if as_json:
        _say.print_json(result)
    else:
        typer.echo(f"{full}: {verdict}; " + (f"{len(written)} alert(s) queued" if written else "no alert to send"))
    if untold:
        _say.stop(f"the review is kept, but {untold}")


def list_alerts(
    data: Data = Path("data"),
    database: Database = None,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List alerts with what the departments answered, newest first."""
    with opened(data, database) as store, store.reading() as session:
        found = queries.alerts(session, department=department, limit=limit)
        rows = [{**queries.row(alert), "acks": [queries.row(ack) for ack in acks]} for alert, acks in found]
    show(rows, ("id", "department", "seq", "kind", "type", "state", "created_at", "received_at"), as_json)


def list_visits(
    data: Data = Path("data"),
    database: Database = None,
    camera: Annotated[str | None, typer.Option(help="Only of this camera.")] = None,
    outcome: Annotated[str | None, typer.Option(help="inspected, unusable, unreachable or missed.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List looks from the ledger, newest first."""
    with opened(data, database) as store, store.reading() as session:
        rows = [queries.row(found) for found in queries.visits(session, camera=camera, outcome=outcome, limit=limit)]
    show(rows, ("id", "look", "reason", "started_at", "outcome", "cause", "judged", "gap_s"), as_json)
