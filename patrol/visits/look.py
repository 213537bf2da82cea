"""One look, from its order to its report: capture, quality, detectors, evidence. Never raises."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import av.error
import cv2
import numpy as np
import structlog

from detectors import Detector, Finding, Image, Kind, Model, NotRun, Request, Verdict, build
from patrol.registry import redact
from patrol.visits import evidence
from patrol.visits.capture import Capture, CaptureFailed, capture
from patrol.visits.order import VisitOrder
from patrol.visits.quality import QualityMeter
from patrol.visits.report import Cause, Cost, NotRunDetector, Outcome, Quality, VisitReport
from patrol.visits.scene import view_moved

log = structlog.get_logger(__name__)

_GRID_S = 1e-3
_LEAST_FRAMES = 2
_PICTURES_EVERY_S = 2.0
"""How often a picture is kept at hand for evidence until it is known which moment matters."""
_PICTURE_SIDE = 1920


@dataclass(slots=True)
class _Grid:
    """Picks frames at a rate from a grid that all share: rates that divide each other pick the same frames."""

    rate_hz: float | None
    due: float = 0.0

    def wants(self, at: float) -> bool:
        if self.rate_hz is None:
            return True
        if at + _GRID_S < self.due:
            return False
        self.due = (int((at + _GRID_S) * self.rate_hz) + 1) / self.rate_hz
        return True


@dataclass(slots=True)
class _Watcher:
    kind: Kind
    detector: Detector
    grid: _Grid


@dataclass(slots=True)
class _Seen:
    decoded: int = 0
    analysed: int = 0
    last_at: float = 0.0
    pictures: list[tuple[float, Image]] = field(default_factory=list)
    quality: Quality = field(default_factory=Quality)
    fingerprint: str | None = None
    findings: tuple[Finding, ...] = ()
    not_run: tuple[NotRunDetector, ...] = ()


def make_look(
    order: VisitOrder, model: Model | None, model_problem: str | None = None, load_s: float = 0.0
) -> VisitReport:
    """Make one look.

    Args:
        order: what to do.
        model: the loaded model of this thread, or None.
        model_problem: why there is none, for ``not_run``.
        load_s: seconds that loading the model took, reported beside the cost.

    Returns:
        The report, also when the look failed.
    """
    started = datetime.now(UTC)
    wall, cpu = time.perf_counter(), time.thread_time()
    try:
        report = _look(order, model, model_problem, started)
    except CaptureFailed as failed:
        report = _report(order, started, Outcome.UNREACHABLE, failed.cause, failed.detail, None, _Seen())
    except Exception as error:
        log.exception("look failed", camera=order.camera, source=redact(order.source))
        detail = f"internal error: {type(error).__name__}: {error}"
        report = _report(order, started, Outcome.UNREACHABLE, Cause.DECODE_ERROR, detail, None, _Seen())
    cost = Cost(time.perf_counter() - wall, time.thread_time() - cpu, load_s)
    return replace(report, cost=cost, model=model.name if model is not None else None)


def _look(order: VisitOrder, model: Model | None, model_problem: str | None, started: datetime) -> VisitReport:
    got = capture(
        order.source,
        dwell_s=order.dwell_s,
        open_timeout_s=order.open_timeout_s,
        read_timeout_s=order.read_timeout_s,
        deadline_s=order.open_timeout_s + order.read_timeout_s + 1.25 * order.dwell_s,
        start_s=order.start_s,
    )
    seen = _watch(order, got, model, model_problem)
    if seen.decoded < _LEAST_FRAMES:
        detail = f"{got.packets} packets came, {seen.decoded} frame(s) could be made of them"
        if got.note:
            detail = f"{detail}; {got.note}"
        return _report(order, started, Outcome.UNREACHABLE, Cause.DECODE_ERROR, detail, got, seen)
    if seen.quality.verdict == "bad":
        return _unusable(order, started, got, seen, seen.quality.issues[0], got.note)
    moved = _moved(order, seen)
    if moved is not None:
        seen.quality = Quality("bad", (Cause.MOVED,), seen.quality.luma, seen.quality.contrast, seen.quality.sharpness)
        return _unusable(order, started, got, seen, Cause.MOVED, moved)
    report = _report(order, started, Outcome.INSPECTED, None, got.note, got, seen)
    if order.adopt_reference is not None and not order.adopt_reference.exists() and seen.pictures:
        _adopt(order.adopt_reference, seen.pictures[0][1])
    if order.keep_all or any(f.verdict is not Verdict.CLEAR for f in seen.findings):
        report = _with_evidence(order, report, got, seen)
    return report


def _watch(order: VisitOrder, got: Capture, model: Model | None, model_problem: str | None) -> _Seen:
    """Decode once; give each frame to whoever wants it."""
    seen = _Seen()
    meter = QualityMeter()
    meter_grid = _Grid(meter.rate_hz)
    watchers, not_run = _detectors(order, model, model_problem)
    next_picture = 0.0
    for frame in got.frames():
        seen.decoded += 1
        seen.last_at = frame.at
        wanted = False
        if meter_grid.wants(frame.at) or frame.key:
            meter.update(frame)
            wanted = True
        for watcher in tuple(watchers):
            if not watcher.grid.wants(frame.at):
                continue
            wanted = True
            try:
                watcher.detector.update(frame)
            except Exception as error:  # noqa: BLE001 - a detector that fails must not take the look with it
                watchers.remove(watcher)
                not_run.append(_broken(watcher.kind, error))
        seen.analysed += wanted
        if frame.at + _GRID_S >= next_picture:
            next_picture = frame.at + _PICTURES_EVERY_S
            seen.pictures.append((frame.at, frame.bgr(_PICTURE_SIDE)))
    seen.quality, seen.fingerprint = meter.finish(live=got.live, previous_fingerprint=order.previous_fingerprint)
    if seen.decoded >= _LEAST_FRAMES and seen.quality.verdict == "good":
        # A picture that is no proof proves nothing: no verdict is made of it.
        seen.findings = _judge(order, watchers, not_run)
    seen.not_run = tuple(not_run)
    return seen


def _detectors(
    order: VisitOrder, model: Model | None, model_problem: str | None
) -> tuple[list[_Watcher], list[NotRunDetector]]:
    watchers: list[_Watcher] = []
    not_run: list[NotRunDetector] = []
    for kind in order.detectors:
        try:
            detector = build(kind, Request(order.zones, model, order.dwell_s))
            watchers.append(_Watcher(kind, detector, _Grid(detector.rate_hz)))
        except NotRun as absent:
            reason = model_problem if model is None and model_problem else absent.reason
            not_run.append(NotRunDetector(kind.value, reason))
    return watchers, not_run


def _judge(order: VisitOrder, watchers: list[_Watcher], not_run: list[NotRunDetector]) -> tuple[Finding, ...]:
    findings = []
    for watcher in watchers:
        try:
            finding = watcher.detector.finish()
        except Exception as error:  # noqa: BLE001 - as above
            not_run.append(_broken(watcher.kind, error))
            continue
        findings.append(_exempted(finding, order.exempt.get(finding.kind)))
    return tuple(findings)


def _exempted(finding: Finding, why: str | None) -> Finding:
    if why is None or finding.verdict is Verdict.CLEAR:
        return finding
    measured = {**finding.measurements, "exempt": True, "seen": finding.verdict.value, "seen_score": finding.score}
    return Finding(
        finding.kind,
        Verdict.CLEAR,
        0.0,
        None,
        None,
        finding.zone,
        f"not forbidden here now: {why} (seen: {finding.reason})",
        measured,
    )


def _broken(kind: Kind, error: Exception) -> NotRunDetector:
    log.exception("detector failed", kind=kind.value)
    return NotRunDetector(kind.value, f"internal error: {type(error).__name__}: {error}")


def _moved(order: VisitOrder, seen: _Seen) -> str | None:
    """Why the view is not the reference's, None when it is or cannot be told."""
    if order.reference is None or not seen.pictures:
        return None
    raw = np.fromfile(order.reference, np.uint8) if order.reference.is_file() else np.zeros(0, np.uint8)
    reference = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
    if reference is None:
        log.warning("reference picture cannot be read; the view is not checked", file=str(order.reference))
        return None
    match = view_moved(seen.pictures[len(seen.pictures) // 2][1], np.asarray(reference, np.uint8))
    return match.reason if match.moved else None


def _adopt(file: Path, picture: Image) -> None:
    try:
        evidence.write_whole(file, evidence.jpeg(picture))
    except OSError as error:
        log.error("reference picture cannot be kept", file=str(file), error=str(error))


def _unusable(
    order: VisitOrder, started: datetime, got: Capture, seen: _Seen, cause: Cause, detail: str | None
) -> VisitReport:
    seen.findings = ()
    return _with_evidence(order, _report(order, started, Outcome.UNUSABLE, cause, detail, got, seen), got, seen)


def _with_evidence(order: VisitOrder, report: VisitReport, got: Capture, seen: _Seen) -> VisitReport:
    if order.evidence_dir is None:
        return report
    told = [f for f in report.findings if f.verdict is not Verdict.CLEAR]
    best = max(told, key=lambda f: f.score, default=None)
    moment = best.at if best is not None else None
    near = got.frame_near(moment) if moment is not None else None
    picture = near.bgr(_PICTURE_SIDE) if near is not None else None
    if picture is None and seen.pictures:
        picture = seen.pictures[0][1]
    folder = order.evidence_dir / order.id
    try:
        kept = evidence.keep(folder, got, picture, moment=moment, findings=report.findings, zones=order.zones)
    except (OSError, av.error.FFmpegError) as error:
        log.error("evidence cannot be kept", folder=str(folder), error=str(error))
        return replace(
            report,
            detail=f"{report.detail + '; ' if report.detail else ''}evidence could not be kept: {error.strerror or error}",
        )
    return replace(report, evidence=kept)


def _report(
    order: VisitOrder,
    started: datetime,
    outcome: Outcome,
    cause: Cause | None,
    detail: str | None,
    got: Capture | None,
    seen: _Seen,
) -> VisitReport:
    return VisitReport(
        source=redact(order.source),
        started_at=started,
        outcome=outcome,
        cause=cause,
        detail=detail,
        camera=order.camera,
        preset=order.preset,
        category=order.category,
        seconds=seen.last_at if got is not None else 0.0,
        decoded=seen.decoded,
        analysed=seen.analysed,
        quality=seen.quality,
        findings=seen.findings,
        not_run=seen.not_run if outcome is Outcome.INSPECTED else (),
        fingerprint=seen.fingerprint,
    )
