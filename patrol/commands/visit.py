"""``patrol visit``: one look at a file, a stream or a registered camera, without a running service."""

from __future__ import annotations

import json
import os
import sys
import threading
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from detectors import Kind, Model, resolve
from patrol._looks import EXTEND_S, zones_of
from patrol.commands import _say
from patrol.commands._at import moment
from patrol.commands._looking import kinds, load_model
from patrol.registry import (
    CameraZone,
    CredentialError,
    LoadedRegistry,
    LookSpec,
    Registry,
    RegistryError,
    ad_hoc_spec,
    address,
    exemptions,
    look_specs,
    parse_duration,
    redact,
    rods_allowed,
)
from patrol.registry import load as load_registry
from patrol.visits import Cause, Cost, Outcome, VisitOrder, VisitReport, make_look

_DEFAULT_REGISTRY = Path("camera_registry.yaml")
_ALL = tuple(Kind)


@dataclass(frozen=True, slots=True)
class _Target:
    """What is looked at, and by which entry of the registry."""

    source: str
    spec: LookSpec | None
    registry: Registry | None


def visit(
    source: Annotated[
        str | None,
        typer.Argument(
            help="A file, an rtsp:// or http(s):// address, or a camera's id in the registry.", show_default=False
        ),
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(help="Look as this registered camera: its source (unless one is given), zones, rules, dwell."),
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="Look as a camera of this category: its dwell, detectors and rules.")
    ] = None,
    zones: Annotated[
        Path | None, typer.Option(help="JSON or YAML list of zones: name, kind, polygon of [x, y] in [0, 1].")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Local time the rules see, ISO 8601; without an offset it is county time.")
    ] = None,
    dwell: Annotated[str | None, typer.Option(help="How long to look, e.g. 20s; overrides the category's.")] = None,
    detectors: Annotated[str | None, typer.Option(help="Only these, e.g. congestion,fishing.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object (schema patrol.visit/1).")] = False,
    evidence: Annotated[Path | None, typer.Option(help="Keep clip, key frame and picture in this folder.")] = None,
    registry: Annotated[
        Path | None,
        typer.Option(envvar="PATROL_REGISTRY", help="Registry file; default camera_registry.yaml where it exists."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            envvar="PATROL_MODEL", help="Object model: .onnx, OpenVINO folder, .tflite, .pt …; none: use none."
        ),
    ] = None,
) -> None:
    """Make one look and say what it shows.

    Exit code 0: a look was made; 3: unreachable; 4: unusable; 2: wrong usage.
    """
    _say.set_up_logging(level=30)
    loaded = _load_registry(registry, needed=camera is not None or category is not None)
    target = _target(source, camera, category, loaded)
    resolved = resolve(model or (loaded.model if loaded else None))
    if model and resolved.path is None and resolved.origin == "configured":
        _say.stop(resolved.problem or f"{model}: no such model", _say.USAGE)
    order = _order(target, zones=zones, at=at, dwell=dwell, detectors=detectors, evidence=evidence)
    loaded_model, problem, load_s = load_model(resolved.path, resolved.problem)
    report = _look(order, loaded_model, problem, load_s)
    if as_json:
        _say.print_json(report.to_json())
    else:
        _print(report)
    code = {Outcome.UNREACHABLE: _say.UNREACHABLE, Outcome.UNUSABLE: _say.UNUSABLE}.get(report.outcome, _say.OK)
    if report.cause is Cause.OVERRUN:
        # The look's thread still hangs in C code that ignores every deadline; a normal exit would wait for it.
        sys.stdout.flush()
        os._exit(code)
    raise typer.Exit(code)


def _load_registry(path: Path | None, *, needed: bool) -> LoadedRegistry | None:
    if path is None:
        if not _DEFAULT_REGISTRY.is_file():
            if needed:
                _say.stop("--camera and --category need a registry: give one with --registry F", _say.USAGE)
            return None
        path = _DEFAULT_REGISTRY
        if not needed:
            # A bare source needs nothing of the registry, so a broken one in the current folder must not stand in the way.
            try:
                return load_registry(path)
            except RegistryError:
                return None
    try:
        return load_registry(path)
    except RegistryError as error:
        _say.stop(str(error), _say.USAGE)


def _target(source: str | None, camera: str | None, category: str | None, loaded: LoadedRegistry | None) -> _Target:
    if camera and category:
        _say.stop("give --camera or --category, not both", _say.USAGE)
    if loaded is not None:
        specs = {spec.key: spec for spec in look_specs(loaded.registry, include_disabled=True)}
        wanted = camera or (source if source in specs else None)
        if wanted is not None:
            spec = specs.get(wanted) or next((s for s in specs.values() if s.camera.id == wanted), None)
            if spec is None:
                _say.stop(f"no camera {wanted!r} in {loaded.file}", _say.USAGE)
            try:
                found = address(
                    spec.camera, spec.platform, spec.preset, base=loaded.file.parent if loaded.file else None
                )
            except CredentialError as error:
                _say.stop(str(error), _say.USAGE)
            return _Target(source if source and source != wanted else found, spec, loaded.registry)
    if source is None:
        _say.stop("give a file, an address or --camera ID", _say.USAGE)
    if category is not None and loaded is not None:
        try:
            return _Target(source, ad_hoc_spec(loaded.registry, category), loaded.registry)
        except KeyError:
            known = ", ".join(c.key for c in loaded.registry.categories)
            _say.stop(f"no category {category!r}; known: {known}", _say.USAGE)
    return _Target(source, None, loaded.registry if loaded else None)


def _order(
    target: _Target,
    *,
    zones: Path | None,
    at: str | None,
    dwell: str | None,
    detectors: str | None,
    evidence: Path | None,
) -> VisitOrder:
    spec, registry = target.spec, target.registry
    local = moment(at, registry.county.zone if registry else UTC)
    chosen: tuple[CameraZone, ...] = _read_zones(zones) if zones else (spec.zones if spec else ())
    wanted = kinds(detectors) if detectors else (tuple(Kind(k) for k in spec.detectors) if spec else _ALL)
    try:
        dwell_s = parse_duration(dwell).total_seconds() if dwell else (spec.dwell_s if spec else 20.0)
    except ValueError as error:
        _say.stop(f"--dwell: {error}", _say.USAGE)
    if dwell_s <= 0:
        _say.stop("--dwell: a look cannot last no time", _say.USAGE)
    exempt = {Kind(k): why for k, why in exemptions(registry, spec, local).items()} if spec and registry else {}
    registered = spec is not None and spec.camera.id != ""
    return VisitOrder(
        id=uuid.uuid4().hex,
        source=target.source,
        dwell_s=dwell_s,
        detectors=wanted,
        zones=zones_of(chosen),
        exempt=exempt,
        rods_allowed=rods_allowed(registry, spec, local) if spec and registry else None,
        camera=spec.camera.id if spec and registered else None,
        preset=spec.preset.id if spec and spec.preset else None,
        category=spec.category.key if spec else None,
        local_time=local,
        evidence_dir=evidence,
        keep_all=evidence is not None,
        open_timeout_s=spec.platform.open_timeout.total_seconds() if spec and registered else 8.0,
        read_timeout_s=spec.platform.read_timeout.total_seconds() if spec and registered else 6.0,
        extend_s=EXTEND_S,
        hard_limit_s=max(90.0, 4 * dwell_s + 30) + 2 * EXTEND_S,
    )


def _read_zones(path: Path) -> tuple[CameraZone, ...]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = path.read_text("utf-8")
        found: Any = json.loads(text) if path.suffix == ".json" else YAML(typ="safe").load(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, YAMLError) as error:
        _say.stop(f"--zones {path}: {error}", _say.USAGE)
    if isinstance(found, dict):
        found = found.get("zones")
    try:
        return TypeAdapter(tuple[CameraZone, ...]).validate_python(found)
    except ValidationError as error:
        lines = [f"{'.'.join(str(p) for p in e['loc']) or 'zones'}: {e['msg']}" for e in error.errors()]
        _say.stop(f"--zones {path}: " + "; ".join(lines), _say.USAGE)


def _look(order: VisitOrder, model: Model | None, problem: str | None, load_s: float) -> VisitReport:
    started = datetime.now(UTC)
    answer: list[VisitReport] = []
    thread = threading.Thread(target=lambda: answer.append(make_look(order, model, problem, load_s)), daemon=True)
    thread.start()
    thread.join(order.hard_limit_s)
    if answer:
        return answer[0]
    return VisitReport(
        source=redact(order.source),
        started_at=started,
        outcome=Outcome.UNREACHABLE,
        cause=Cause.OVERRUN,
        detail=f"the look did not end within its hard limit of {order.hard_limit_s:g} s",
        camera=order.camera,
        preset=order.preset,
        category=order.category,
        cost=replace(Cost(), wall_s=order.hard_limit_s, load_s=load_s),
    )


def _print(report: VisitReport) -> None:
    cause = f" ({report.cause.value})" if report.cause else ""
    typer.echo(
        f"{report.source}: {report.outcome.value}{cause}, {report.seconds:.1f} s, {report.decoded} frames decoded, {report.analysed} analysed"
    )
    if report.detail:
        typer.echo(f"  {report.detail}")
    for finding in report.findings:
        typer.echo(f"  {finding.kind.value:<11} {finding.verdict.value:<9} {finding.score:.2f}  {finding.reason}")
    for absent in report.not_run:
        typer.echo(f"  {absent.kind:<11} not run         {absent.reason}")
    for kept in report.evidence:
        typer.echo(f"  kept {kept.role}: {kept.path} (sha256 {kept.sha256[:16]}…)")
