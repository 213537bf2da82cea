"""``patrol plan`` says whether the registry's cameras fit the machine; ``patrol simulate`` runs the real planner under a virtual clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from patrol._looks import plan_of
from patrol.commands import _say
from patrol.registry import LookSpec, RegistryError, load, look_specs
from patrol.registry.durations import parse_duration
from patrol.rotation import LookPlan, simulate


def plan(
    registry: Annotated[Path, typer.Option(envvar="PATROL_REGISTRY", help="Registry file.")] = Path(
        "camera_registry.yaml"
    ),
    streams: Annotated[int, typer.Option(min=1, help="Streams the service may hold open in all.")] = 8,
    at: Annotated[
        str | None, typer.Option(help="County time the risk windows are read at, e.g. 2026-02-16T20:00.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what every category asks of the rotation, and whether it all fits."""
    try:
        loaded = load(registry)
    except RegistryError as error:
        _say.stop(str(error), _say.USAGE)
    zone = loaded.registry.county.zone
    try:
        local = datetime.fromisoformat(at).replace(tzinfo=zone) if at else datetime.now(zone)
    except ValueError:
        _say.stop(f"--at: {at!r} is not an ISO 8601 time like 2026-02-16T20:00", _say.USAGE)
    specs = look_specs(loaded.registry)
    plans = [(spec, plan_of(spec, loaded.registry, local)) for spec in specs]
    by_category = _group(plans, lambda spec: spec.category.key)
    by_platform = _group(plans, lambda spec: spec.platform.id)
    limits = {p.id: min(p.max_streams, streams) for p in loaded.registry.platforms}
    total = sum(_streams(p) for _, p in plans)
    result: dict[str, Any] = {
        "schema": "patrol.plan/1",
        "at": local.isoformat(),
        "looks": len(plans),
        "streams": streams,
        "streams_needed": round(total, 2),
        "load": round(total / streams, 3),
        "fits": total <= streams and all(sum(_streams(p) for _, p in v) <= limits[k] for k, v in by_platform.items()),
        "categories": [
            {
                "category": key,
                "looks": len(entries),
                "period_s": min(p.period_s for _, p in entries),
                "dwell_s": max(p.dwell_s for _, p in entries),
                "streams_needed": round(sum(_streams(p) for _, p in entries), 2),
            }
            for key, entries in by_category.items()
        ],
        "platforms": [
            {
                "platform": key,
                "looks": len(entries),
                "streams_needed": round(sum(_streams(p) for _, p in entries), 2),
                "streams": limits[key],
            }
            for key, entries in by_platform.items()
        ],
    }
    if as_json:
        _say.print_json(result)
        return
    names = {c.key: c.name.zh for c in loaded.registry.categories}
    table = Table(title=f"{loaded.registry.county.name.zh}: {len(plans)} looks at {local:%Y-%m-%d %H:%M}")
    for heading in ("category", "类别", "looks", "period", "dwell", "streams needed"):
        table.add_column(heading, justify="left" if heading in {"category", "类别"} else "right")
    for row in result["categories"]:
        table.add_row(
            row["category"],
            names.get(row["category"], ""),
            str(row["looks"]),
            f"{row['period_s'] / 60:g} min",
            f"{row['dwell_s']:g} s",
            f"{row['streams_needed']:.2f}",
        )
    console = Console()
    console.print(table)
    for row in result["platforms"]:
        mark = "" if row["streams_needed"] <= row["streams"] else "  ← does not fit"
        console.print(f"  {row['platform']}: {row['streams_needed']:.2f} of {row['streams']} streams{mark}")
    console.print(
        f"In all {total:.2f} of {streams} streams: "
        + ("it fits." if result["fits"] else "it does NOT fit; gaps will be broken.")
    )


def simulate_command(
    cameras: Annotated[int, typer.Option(min=1, help="Cameras.")],
    hours: Annotated[float, typer.Option(min=0.01, help="Hours of virtual time.")],
    streams: Annotated[int, typer.Option(min=1, help="Streams open at the same time.")],
    unreachable: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of cameras that do not answer.")] = 0.0,
    outage: Annotated[
        list[str] | None, typer.Option(help="A platform away, see docs/rotation.md; may be given more than once.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 0,
    shortest_dwell: Annotated[
        str | None, typer.Option(help="What a look of 20 s may be shortened to, e.g. 10s; left out: never shortened.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run the real planner under a virtual clock and say what gaps it keeps."""
    try:
        result = simulate(
            cameras,
            hours,
            streams,
            unreachable=unreachable,
            outage=tuple(outage or ()),
            seed=seed,
            shortest_dwell_s=parse_duration(shortest_dwell).total_seconds() if shortest_dwell else None,
        ).to_json()
    except ValueError as error:
        _say.stop(str(error), _say.USAGE)
    if as_json:
        _say.print_json(result)
        return
    for name, value in result.items():
        typer.echo(f"{name:<24} {value}")


def _group(
    plans: list[tuple[LookSpec, LookPlan]], key: Callable[[LookSpec], str]
) -> dict[str, list[tuple[LookSpec, LookPlan]]]:
    groups: dict[str, list[tuple[LookSpec, LookPlan]]] = defaultdict(list)
    for spec, entry in plans:
        groups[key(spec)].append((spec, entry))
    return dict(groups)


def _streams(entry: LookPlan) -> float:
    return entry.expected_s / entry.period_s
