"""``patrol eval``: looks at labelled clips and says how good the detectors are."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from detectors import Kind, resolve
from patrol import evaluation
from patrol.commands import _say
from patrol.commands._looking import kinds, load_model
from patrol.evaluation import Answer, Evaluation, ManifestError
from patrol.registry import parse_duration

_SHORTEST_S = 1.0


def evaluate(
    manifest: Annotated[
        Path,
        typer.Argument(help="Tab-separated list of labelled clips; columns file, kind, label, day_night, source."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object (schema patrol.eval/1).")] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write index.html and its pictures into this new or empty folder. It holds footage: treat it so.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            envvar="PATROL_MODEL", help="Object model: .onnx, OpenVINO folder, .tflite, .pt …; none: use none."
        ),
    ] = None,
    detectors: Annotated[str | None, typer.Option(help="Only these, e.g. congestion,fishing.")] = None,
    only: Annotated[str | None, typer.Option(help="Only clips whose path holds this text.")] = None,
    dwell: Annotated[str, typer.Option(help="How long a look at a clip that is not cut lasts at most.")] = "20s",
    cut: Annotated[
        str | None, typer.Option(help="Cut clips that show nothing into looks of this length, e.g. 10s.")
    ] = None,
) -> None:
    """Look at labelled clips; print recall, precision and false flags per 1,000 looks with 95 % intervals.

    Exit code 0: the looks were made, whatever the figures; 2: wrong usage or a wrong list.
    """
    _say.set_up_logging(level=30)
    dwell_s = _seconds("--dwell", dwell)
    cut_s = _seconds("--cut", cut) if cut is not None else None
    if cut_s is not None and cut_s > dwell_s:
        _say.stop("--cut: a piece cannot be longer than a look (--dwell)", _say.USAGE)
    wanted = kinds(detectors) if detectors is not None else tuple(Kind)
    if not wanted:
        _say.stop("--detectors: none is named", _say.USAGE)
    try:
        listed = evaluation.read_manifest(manifest)
    except ManifestError as error:
        _say.stop(str(error), _say.USAGE)
    clips = [clip for clip in listed.clips if only is None or only in clip.name]
    if not clips:
        _say.stop(f"--only: no clip of {manifest} has {only!r} in its path", _say.USAGE)
    resolved = resolve(model)
    loaded, problem, _ = load_model(resolved.path, resolved.problem)
    if model and loaded is None and resolved.origin != "none":
        _say.stop(f"--model: {problem or model}", _say.USAGE)
    if report is not None:
        _make_folder(report)
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress:
        started, begun = datetime.now(UTC), time.perf_counter()
        plan = evaluation.plan(
            ((clip, evaluation.length(clip) if cut_s is not None else None) for clip in clips),
            dwell_s=dwell_s,
            cut_s=cut_s,
        )
        task = progress.add_task("looks", total=len(plan.pieces))
        found: list[Answer] = []
        for answers in evaluation.look_at_all(plan.pieces, wanted, loaded, problem):
            found += answers
            progress.advance(task)
        made = Evaluation(
            manifest=listed,
            only=only,
            kinds=wanted,
            dwell_s=dwell_s,
            cut_s=cut_s,
            model=loaded.name if loaded is not None else None,
            model_problem=problem,
            plan=plan,
            answers=tuple(found),
            started_at=started,
            wall_s=time.perf_counter() - begun,
        )
        page, failed = _write(made, report, progress) if report is not None else (None, None)
    if as_json:
        _say.print_json(evaluation.as_json(made, page))
    else:
        typer.echo("\n".join(evaluation.lines(made)))
        if page is not None:
            typer.echo(f"report: {page}")
    if failed is not None:
        _say.stop(failed)


def _seconds(option: str, text: str) -> float:
    try:
        seconds = parse_duration(text).total_seconds()
    except ValueError as error:
        _say.stop(f"{option}: {error}", _say.USAGE)
    if seconds < _SHORTEST_S:
        _say.stop(f"{option}: a look lasts a second at least", _say.USAGE)
    return seconds


def _make_folder(folder: Path) -> None:
    """Make sure, before minutes of looking, that the report can be written and mixes with nothing that is there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            _say.stop(f"--report {folder}: not empty; give a new folder", _say.USAGE)
    except OSError as error:
        _say.stop(f"--report {folder}: {error.strerror or error}", _say.USAGE)


def _write(made: Evaluation, folder: Path, progress: Progress) -> tuple[Path | None, str | None]:
    """The page, or why it could not be written: the figures are told in either case."""
    task = progress.add_task("pictures", total=len(evaluation.explained(made)))
    try:
        return evaluation.write_report(made, folder, lambda: progress.advance(task)), None
    except OSError as error:
        return None, f"--report {error.filename or folder}: {error.strerror or error}"
