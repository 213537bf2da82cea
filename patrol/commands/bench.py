"""``patrol bench visit``: what looks cost on this machine, by stage, beside their floor and beside a tracker."""

from __future__ import annotations

import statistics
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from detectors import resolve
from patrol import evaluation
from patrol.commands import _say
from patrol.commands._looking import load_model
from patrol.evaluation.cost import LookCost, Tracker, measure, peak_mib, warm
from patrol.registry import parse_duration

app = typer.Typer(name="bench", help="What it costs on this machine.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """What it costs on this machine."""


@app.command("visit")
def visit(
    sources: Annotated[list[Path], typer.Argument(help="Clips, or a tab-separated list of them (as for patrol eval).")],
    model: Annotated[
        str | None, typer.Option(envvar="PATROL_MODEL", help="Object model: .onnx, OpenVINO folder, .tflite, .pt …")
    ] = None,
    dwell: Annotated[str, typer.Option(help="How much of each clip, from its start.")] = "10s",
    rounds: Annotated[int, typer.Option(min=1, help="Rounds, of which the median is taken.")] = 3,
    track: Annotated[
        Path | None, typer.Option(help="A .pt for `ultralytics` `track` on every frame and at five a second. Slow.")
    ] = None,
    only: Annotated[str | None, typer.Option(help="Only clips whose path holds this text.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object (schema patrol.bench.visit/1).")
    ] = False,
) -> None:
    """Core-seconds of a look per ten seconds, by stage, beside the floor: the same frames decoded, the same inferences, nothing else."""
    _say.set_up_logging(level=30)
    try:
        dwell_s = parse_duration(dwell).total_seconds()
    except ValueError as error:
        _say.stop(f"--dwell: {error}", _say.USAGE)
    clips = [clip for clip in _clips(sources) if only is None or only in str(clip)]
    if not clips:
        _say.stop("no clip to look at", _say.USAGE)
    resolved = resolve(model)
    loaded, problem, _ = load_model(resolved.path, resolved.problem)
    if loaded is None:
        _say.stop(f"--model: {problem}", _say.USAGE)
    warm(loaded)
    trackers: list[Tracker] = []
    try:
        if track is not None:
            trackers = [Tracker(track, None), Tracker(track, 0.2)]
        rows = []
        with Progress(console=Console(stderr=True), transient=True) as progress:
            for clip in progress.track(clips, description="looks"):
                row = measure(clip, loaded, dwell_s=dwell_s, rounds=rounds, trackers=trackers)
                if row is None:
                    typer.echo(f"{clip}: no look, left out", err=True)
                else:
                    rows.append(row)
    except OSError as error:
        _say.stop(f"--track: {error}", _say.USAGE)
    finally:
        for tracker in trackers:
            tracker.close()
    if not rows:
        _say.stop("no clip could be looked at", _say.USAGE)
    summary = _summary(rows)
    if as_json:
        _say.print_json(
            {
                "schema": "patrol.bench.visit/1",
                "model": loaded.name,
                "dwell_s": dwell_s,
                "rounds": rounds,
                "peak_mib": round(peak_mib()),
                "looks": [asdict(row) for row in rows],
                "summary": summary,
            }
        )
    else:
        _print(rows, summary, loaded.name)


def _clips(sources: list[Path]) -> list[Path]:
    clips: list[Path] = []
    for source in sources:
        if source.suffix == ".tsv":
            try:
                clips += [clip.file for clip in evaluation.read_manifest(source).clips]
            except evaluation.ManifestError as error:
                _say.stop(str(error), _say.USAGE)
        elif source.is_file():
            clips.append(source)
        else:
            _say.stop(f"{source}: no such file", _say.USAGE)
    return clips


def _summary(rows: list[LookCost]) -> dict[str, float | int]:
    """Means over looks, so that a short one counts like a long one, and shares of the whole."""
    stages = sorted({name for row in rows for name in row.stages})
    seconds = sum(row.seconds for row in rows)
    look, floor = sum(r.look for r in rows), sum(r.floor for r in rows)
    found: dict[str, float | int] = {
        "looks": len(rows),
        "seconds": round(seconds, 1),
        "look_per_10_s": round(statistics.mean(r.per_10_s(r.look) for r in rows), 3),
        "floor_per_10_s": round(statistics.mean(r.per_10_s(r.floor) for r in rows), 3),
        "look_of_floor": round(look / floor, 3),
        "settled_by_keyframes": sum(r.passes == ("keyframes",) for r in rows),
        "verdicts_changed_by_keyframes": sum(len(r.unlike) for r in rows),
        "inferences_per_10_s": round(sum(r.inferences + r.parts for r in rows) / seconds * 10, 2),
    }
    for name in stages:
        found[f"{name}_per_10_s"] = round(sum(r.stages.get(name, 0.0) for r in rows) / seconds * 10, 3)
    for name in rows[0].trackers:
        found[f"{name.replace(' ', '_')}_of_look"] = round(sum(r.trackers[name] for r in rows) / look, 1)
    return found


def _print(rows: list[LookCost], summary: dict[str, float | int], model: str) -> None:
    typer.echo(f"{model}; core-seconds per 10 s of media time, medians; peak memory {peak_mib():.0f} MiB")
    names = list(rows[0].trackers)
    typer.echo(
        "| clip | s | px | look | floor | ratio | decoded | inferences | not clear |"
        + "".join(f" {n} |" for n in names)
    )
    typer.echo("|---" * (9 + len(names)) + "|")
    for row in rows:
        told = ", ".join(f"{kind} {verdict}" for kind, verdict in row.verdicts.items())
        more = "".join(f" {row.per_10_s(row.trackers[name]):.1f} |" for name in names)
        typer.echo(
            f"| {row.name} | {row.seconds:.1f} | {row.side} | {row.per_10_s(row.look):.2f} | {row.per_10_s(row.floor):.2f} "
            f"| {row.look / row.floor:.2f} | {'+'.join(row.passes)} | {row.inferences}+{row.parts} | {told} |{more}"
        )
    for name, value in summary.items():
        typer.echo(f"{name}: {value:g}")
