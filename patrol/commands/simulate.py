"""``patrol simulate``: the real planner under a virtual clock."""

from __future__ import annotations

from typing import Annotated

import typer

from patrol.commands import _say
from patrol.commands._store import Json
from patrol.registry.durations import parse_duration
from patrol.rotation import simulate


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
    as_json: Json = False,
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
        typer.echo(f"{name:<28} {value}")
