"""``patrol plan``: whether the cameras fit the streams, what the rotation will come to, and what it can see at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from patrol._looks import changes_ahead, limits_of, plans_at
from patrol.commands import _say
from patrol.commands._at import moment
from patrol.commands._store import Database, Json, opened
from patrol.registry import LookSpec, Registry, RegistryError, load, look_specs
from patrol.rotation import Forecast, LookPlan, Planner, forecast
from patrol.rotation.sight import INCIDENTS, mean_share
from patrol.store import queries

_MEASURED_OVER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a service's store tells: where each look stands, and the gaps it really had."""

    states: dict[str, tuple[datetime | None, datetime, int, float | None]]
    gaps: dict[str, list[float]]


def plan(
    registry: Annotated[Path, typer.Option(envvar="PATROL_REGISTRY", help="Registry file.")] = Path(
        "camera_registry.yaml"
    ),
    streams: Annotated[int, typer.Option(min=1, help="Streams the service may hold open in all.")] = 8,
    at: Annotated[
        str | None, typer.Option(help="County time the plan is made for, e.g. 2026-02-16T20:00; left out: now.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            envvar="PATROL_DATA",
            help="A service's data folder: its measured look lengths and its last looks are taken into account.",
        ),
    ] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Say what every category and platform asks for, whether it fits, the worst gap to come and what can be seen."""
    try:
        loaded = load(registry)
    except RegistryError as error:
        _say.stop(str(error), _say.USAGE)
    county = loaded.registry
    local = moment(at, county.county.zone)
    specs = {spec.key: spec for spec in look_specs(county)}
    known = _read(data or Path("data"), database, local) if data or database else _Known({}, {})
    planner, plans = _planner(county, specs, local, streams, known)
    horizon = 2 * max((p.period_s for p in plans), default=7200.0)
    coming = [
        (moment.timestamp(), later) for moment, later in changes_ahead(tuple(specs.values()), county, local, horizon)
    ]
    seen = forecast(planner, local.timestamp(), horizon, coming)
    result = _result(county, specs, plans, planner, local, streams, seen, known)
    if as_json:
        _say.print_json(result)
    else:
        _print(county, result)


def _read(data: Path, database: str | None, local: datetime) -> _Known:
    with opened(data, database) as store, store.reading() as session:
        states = {
            key: (state.last_inspected_at, state.added_at, state.failures, state.overhead_s)
            for key, state in queries.look_states(session).items()
            if state.active
        }
        gaps = queries.gaps(session, local.astimezone(UTC) - _MEASURED_OVER)
    return _Known(states, gaps)


def _planner(
    registry: Registry, specs: dict[str, LookSpec], local: datetime, streams: int, known: _Known
) -> tuple[Planner, list[LookPlan]]:
    """The planner as a service would have it now."""
    now = local.timestamp()
    planner = Planner(limits_of(registry, streams))
    plans = plans_at(specs.values(), registry, local)
    planner.set_plans(plans, now)
    for key, (inspected, added, failures, overhead_s) in known.states.items():
        planner.restore(
            key,
            last_inspected=inspected.timestamp() if inspected else None,
            next_due=None,
            failures=failures,
            away_since=None,
            added=min(now, added.timestamp()),
            recorded_until=now,
            overhead_s=overhead_s,
        )
    return planner, plans


def _result(
    registry: Registry,
    specs: dict[str, LookSpec],
    plans: list[LookPlan],
    planner: Planner,
    local: datetime,
    streams: int,
    seen: Forecast,
    known: _Known,
) -> dict[str, Any]:
    now = planner.snapshot(local.timestamp())
    needed = {row.key: planner.looks[row.key].cost / row.period_s for row in plans if row.hold is None}
    shares = {share.name: share for share in now.platforms}

    def grouped(of: Callable[[LookSpec], str]) -> dict[str, list[LookPlan]]:
        groups: dict[str, list[LookPlan]] = defaultdict(list)
        for entry in plans:
            groups[of(specs[entry.key])].append(entry)
        return groups

    def sum_of(entries: Sequence[LookPlan]) -> float:
        return round(sum(needed.get(e.key, 0.0) for e in entries), 4)

    first = seen.first
    return {
        "schema": "patrol.plan/1",
        "at": local.isoformat(),
        "looks": len(plans),
        "measured": sum(1 for key in needed if known.states.get(key, (None, None, 0, None))[3] is not None),
        "streams": streams,
        "streams_needed": round(sum(needed.values()), 2),
        "load": round(now.load, 3),
        "load_shortened": round(now.shortened, 3),
        "fits": seen.first is None and now.load <= 1 and all(s.load <= 1 for s in now.platforms),
        "warning": now.warning,
        "categories": [
            {
                "category": key,
                "looks": len(entries),
                "period_s": min(e.period_s for e in entries),
                "dwell_s": max(e.dwell_s for e in entries),
                "streams_needed": sum_of(entries),
            }
            for key, entries in grouped(lambda spec: spec.category.key).items()
        ],
        "platforms": [
            {
                "platform": key,
                "looks": len(entries),
                "streams_needed": sum_of(entries),
                "streams": shares[key].limit,
                "load": round(shares[key].load, 3),
            }
            for key, entries in grouped(lambda spec: spec.platform.id).items()
        ],
        "forecast": {
            "until": _iso(seen.until, registry),
            "worst_gap_s": None if seen.worst_gap_s is None else round(seen.worst_gap_s, 1),
            "worst_look": seen.worst_key,
            "first_broken": None if first is None else {"look": first.key, "at": _iso(first.deadline, registry)},
            "broken": seen.broken,
            "peak_load": round(seen.peak_load, 3),
            "peak_at": _iso(seen.peak_at, registry),
            "shortened": seen.shortened,
        },
        "sight": _sight(registry, specs, plans, local, known),
    }


def _sight(
    registry: Registry, specs: dict[str, LookSpec], plans: list[LookPlan], local: datetime, known: _Known
) -> list[dict[str, Any]]:
    """Share of incidents the coming day's plan can see, by kind and length, and what the last days' gaps could."""
    day_s = 86_400.0
    steps = [(local, plans), *changes_ahead(tuple(specs.values()), registry, local, day_s)]
    ends = [*(at for at, _ in steps[1:]), local + timedelta(seconds=day_s)]
    planned: dict[str, Counter[tuple[float, float]]] = defaultdict(Counter)
    for (start, entries), end in zip(steps, ends, strict=True):
        for entry in entries:
            if entry.hold is None:
                for wanted in specs[entry.key].detectors:
                    planned[wanted][entry.period_s, entry.dwell_s] += int((end - start).total_seconds())
    rows: list[dict[str, Any]] = []
    for kind, lengths in INCIDENTS.items():
        real = [
            (g, g, spec.dwell_s)
            for key, spec in specs.items()
            if kind in spec.detectors
            for g in known.gaps.get(key, ())
        ]
        coming = [(float(s), gap, dwell) for (gap, dwell), s in planned[kind].items()]
        rows += [
            {
                "kind": kind,
                "lasts_s": lasts,
                "planned": _rounded(mean_share(coming, lasts)),
                "measured": _rounded(mean_share(real, lasts)),
            }
            for lasts in lengths
        ]
    return rows


def _print(registry: Registry, result: dict[str, Any]) -> None:
    console = Console()
    names = {c.key: c.name.zh for c in registry.categories}
    table = Table(title=f"{registry.county.name.zh}: {result['looks']} looks at {result['at'][:16]}")
    for heading in ("category", "类别", "looks", "period", "dwell", "streams needed"):
        table.add_column(heading, justify="left" if heading in {"category", "类别"} else "right")
    for row in result["categories"]:
        table.add_row(
            row["category"],
            names.get(row["category"], ""),
            str(row["looks"]),
            f"{row['period_s'] / 60:g} min",
            f"{row['dwell_s']:g} s",
            _streams(row["streams_needed"]),
        )
    console.print(table)
    for row in result["platforms"]:
        mark = "" if row["load"] <= 1 else "  ← does not fit"
        console.print(f"  {row['platform']}: {_streams(row['streams_needed'])} of {row['streams']} streams{mark}")
    lengths = f"{result['measured']} of {result['looks']} looks by their measured length, the others by dwell and 4 s"
    console.print(f"In all {result['streams_needed']:.2f} of {result['streams']} streams ({lengths}).")
    ahead = result["forecast"]
    worst = "–" if ahead["worst_gap_s"] is None else f"{ahead['worst_gap_s'] / 60:.0f} min ({ahead['worst_look']})"
    console.print(
        f"Until {ahead['until'][:16]}: worst gap {worst}; load up to {ahead['peak_load']:.0%} at {ahead['peak_at'][11:16]}."
    )
    if ahead["first_broken"]:
        first = ahead["first_broken"]
        console.print(
            f"  [bold]{first['look']}[/bold] will be the first to go past its period, at {first['at'][:16]}; {ahead['broken']} in all."
        )
    else:
        console.print("  No gap will be broken.")
    if result["warning"]:
        console.print(f"  {result['warning']}")
    sight = Table(title="Share of incidents that begin at any time and can be seen (before any detector errs)")
    for heading in ("kind", "lasts", "by this plan", "by the last 7 days' gaps"):
        sight.add_column(heading, justify="left" if heading == "kind" else "right")
    for row in result["sight"]:
        sight.add_row(row["kind"], f"{row['lasts_s'] / 60:g} min", _percent(row["planned"]), _percent(row["measured"]))
    console.print(sight)


def _streams(needed: float) -> str:
    return f"{needed:.2f}" if needed >= 0.1 or not needed else f"{needed:.2g}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _iso(moment: float, registry: Registry) -> str:
    return datetime.fromtimestamp(moment, registry.county.zone).isoformat(timespec="seconds")
