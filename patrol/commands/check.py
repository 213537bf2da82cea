"""``patrol check``: is everything there that the patrol needs? And ``patrol schema``: the registry's JSON Schema for editors."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from detectors import ModelError, load, resolve
from detectors.model import NONE
from patrol import alerts
from patrol.commands import _say
from patrol.registry import (
    CredentialError,
    LoadedRegistry,
    LookSpec,
    RegistryError,
    address,
    json_schema,
    look_specs,
    redact,
)
from patrol.registry import load as load_registry
from patrol.store import StoreError, open_store
from patrol.visits.capture import CaptureFailed, capture

_PROBE_S = 1.0
"""Seconds of picture that prove a stream."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing looked at."""

    what: str
    ok: bool
    detail: str

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"what": self.what, "ok": self.ok, "detail": self.detail}


def check(
    registry: Annotated[Path, typer.Option(envvar="PATROL_REGISTRY", help="Registry file.")] = Path(
        "camera_registry.yaml"
    ),
    data: Annotated[
        Path, typer.Option(envvar="PATROL_DATA", help="The service's data folder; looked at only where it exists.")
    ] = Path("data"),
    database: Annotated[
        str | None, typer.Option(envvar="PATROL_DATABASE", help="postgresql://… or sqlite:///….")
    ] = None,
    mqtt: Annotated[str | None, typer.Option(envvar="PATROL_MQTT", help="mqtt:// or mqtts:// broker.")] = None,
    model: Annotated[str | None, typer.Option(envvar="PATROL_MODEL", help="Object model; none: use none.")] = None,
    streams: Annotated[bool, typer.Option(help="Open every camera's stream.")] = True,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="Streams opened at the same time.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check registry, model, database, broker and streams.

    Exit code 0: all is well; 1: something is not; 2: the registry is not valid.
    """
    _say.set_up_logging(level=40)
    try:
        loaded = load_registry(registry)
    except RegistryError as error:
        if as_json:
            problems = [
                {"file": p.file, "line": p.line, "field": p.field, "message": p.message} for p in error.problems
            ]
            _say.print_json({"schema": "patrol.check/1", "ok": False, "problems": problems, "results": []})
        else:
            for problem in error.problems:
                typer.echo(str(problem), err=True)
            typer.echo(f"patrol: {len(error.problems)} problem(s) in {registry}; nothing else was checked", err=True)
        raise typer.Exit(_say.USAGE) from None
    cameras = loaded.registry.cameras
    results = [
        Result("registry", True, f"{registry}: {len(cameras)} cameras, {len(look_specs(loaded.registry))} looks")
    ]
    results += [_model(model, loaded), _database(database, data)]
    if mqtt:
        results.append(_broker(mqtt))
    if streams:
        results += _streams(loaded, at_once, quiet=as_json)
    ok = all(r.ok for r in results)
    if as_json:
        _say.print_json(
            {"schema": "patrol.check/1", "ok": ok, "problems": [], "results": [r.to_json() for r in results]}
        )
    else:
        console = Console()
        for result in results:
            console.print(
                f"{'[green]ok[/]  ' if result.ok else '[red]bad[/] '} {result.what}: {result.detail}", highlight=False
            )
    raise typer.Exit(_say.OK if ok else _say.FAILED)


def schema() -> None:
    """Print the registry's JSON Schema, for editors."""
    typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


def _model(configured: str | None, loaded: LoadedRegistry) -> Result:
    wanted = configured or loaded.model
    found = resolve(wanted)
    if found.path is None:
        # Asked for, none is as it should be; the line still says what is not judged.
        return Result("model", wanted == NONE, found.problem or NONE)
    try:
        return Result("model", True, f"{load(found.path).name} ({found.origin})")
    except ModelError as error:
        return Result("model", False, str(error))


def _database(url: str | None, data: Path) -> Result:
    if url is None and not data.is_dir():
        return Result("database", True, f"SQLite in {data}, made at the first start")
    try:
        store = open_store(url, data)
        try:
            store.ping()
        finally:
            store.close()
    except StoreError as error:
        return Result("database", False, str(error))
    return Result("database", True, f"{store.engine.dialect.name} answers")


def _broker(url: str) -> Result:
    try:
        version = alerts.probe(url, timeout_s=8.0)
    except alerts.MqttError as error:
        return Result("broker", False, str(error))
    return Result("broker", True, f"answers, MQTT {version}")


def _streams(loaded: LoadedRegistry, at_once: int, *, quiet: bool) -> list[Result]:
    specs = look_specs(loaded.registry)
    limits = {p.id: threading.Semaphore(p.max_streams) for p in loaded.registry.platforms}
    base = loaded.file.parent if loaded.file else None

    def probe(spec: LookSpec) -> Result:
        with limits[spec.platform.id]:
            return _probe(spec, base, loaded.registry.network.streams)

    results = []
    with (
        Progress(console=Console(stderr=True), transient=True, disable=quiet) as progress,
        ThreadPoolExecutor(at_once) as pool,
    ):
        task = progress.add_task("streams", total=len(specs))
        waiting = {pool.submit(probe, spec): spec.key for spec in specs}
        for done in as_completed(waiting):
            results.append(done.result())
            progress.advance(task)
    return sorted(results, key=lambda r: (r.ok, r.what))


def _probe(spec: LookSpec, base: Path | None, networks: tuple[str, ...]) -> Result:
    what = f"camera {spec.key}"
    opening, reading = spec.platform.open_timeout.total_seconds(), spec.platform.read_timeout.total_seconds()
    try:
        source = address(spec.camera, spec.platform, spec.preset, base=base)
        got = capture(
            source,
            dwell_s=_PROBE_S,
            open_timeout_s=opening,
            read_timeout_s=reading,
            deadline_s=opening + reading + _PROBE_S,
            networks=networks,
        )
        frames = sum(1 for _ in got.frames())
    except CredentialError as error:
        return Result(what, False, str(error))
    except CaptureFailed as error:
        return Result(what, False, f"{redact(spec.camera.source)}: {error.cause.value}: {error.detail}")
    return Result(
        what,
        frames > 0,
        f"{got.width}x{got.height}, {frames} frames" if frames else "packets came, no frame could be decoded",
    )
