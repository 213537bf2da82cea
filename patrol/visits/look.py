"""One look, from its order to its report: capture, quality, detectors, evidence. Never raises."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av.error
import cv2
import numpy as np
import structlog

from detectors import Finding, Image, Kind, Model, RoadMemory, Verdict
from patrol.registry import redact
from patrol.visits import evidence
from patrol.visits._stages import Stages
from patrol.visits.capture import CaptureFailed, capture
from patrol.visits.captured import Capture
from patrol.visits.order import VisitOrder
from patrol.visits.report import Cause, Cost, Outcome, Quality, VisitReport
from patrol.visits.scene import view_moved
from patrol.visits.watch import Seen, watch

log = structlog.get_logger(__name__)

_LEAST_FRAMES = 2
_PICTURE_SIDE = 1920
_LAST_SIDE = 480
"""Pixels of the longer side of the last picture: enough to see whether a camera shows what it should."""


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
    wall, cpu, stages = time.perf_counter(), time.thread_time(), Stages()
    try:
        report = _look(order, model, model_problem, started, stages)
    except CaptureFailed as failed:
        report = _report(order, started, Outcome.UNREACHABLE, failed.cause, failed.detail, None, Seen())
    except Exception as error:
        log.exception("look failed", camera=order.camera, source=redact(order.source))
        detail = f"internal error: {type(error).__name__}: {error}"
        report = _report(order, started, Outcome.UNREACHABLE, Cause.DECODE_ERROR, detail, None, Seen())
    cost = replace(
        report.cost,
        wall_s=time.perf_counter() - wall,
        cpu_s=time.thread_time() - cpu,
        load_s=load_s,
        stages=dict(stages.seconds),
    )
    return replace(report, cost=cost, model=model.name if model is not None else None)


def _look(
    order: VisitOrder, model: Model | None, model_problem: str | None, started: datetime, stages: Stages
) -> VisitReport:
    with stages("capture"):
        got = _captured(order, order.dwell_s)
    road = _remembered(order.memory)
    seen = watch(order, got, model, model_problem, stages, road=road, glance=order.glance)
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
    begun = time.perf_counter()
    seen.findings, best, offset, note = _extended(order, got, seen, stages)
    extended_s = time.perf_counter() - begun
    report = _report(
        order, started, Outcome.INSPECTED, None, "; ".join(n for n in (got.note, note) if n) or None, got, seen
    )
    report = replace(report, extended_s=extended_s)
    if order.adopt_reference is not None and not order.adopt_reference.exists() and seen.pictures:
        _adopt(order.adopt_reference, seen.pictures[0].bgr(_PICTURE_SIDE))
    if order.last_picture is not None and seen.pictures:
        _leave(order.last_picture, seen.pictures[-1].bgr(_LAST_SIDE), started)
    if order.memory is not None and seen.learnt is not None and seen.learnt is not road:
        _remember(order.memory, seen.learnt)
    if order.keep_all or any(f.verdict is not Verdict.CLEAR for f in seen.findings):
        with stages("evidence"):
            report = _with_evidence(order, report, best, offset)
    return report


def _extended(
    order: VisitOrder, got: Capture, seen: Seen, stages: Stages
) -> tuple[tuple[Finding, ...], Capture, float, str | None]:
    """Go on looking where sparks were seen: in two minutes they are over, and a look later comes too late.

    Returns:
        The findings; the stretch that shows them best; seconds to take off their ``at`` for that stretch; a note.
    """
    first = next((f for f in seen.findings if f.kind is Kind.FIREWORKS and f.verdict is not Verdict.CLEAR), None)
    if first is None or not got.live or order.extend_s <= 0:
        return seen.findings, got, 0.0, None
    try:
        with stages("capture"):
            more = _captured(order, order.extend_s)
    except CaptureFailed as failed:
        return seen.findings, got, 0.0, f"the look could not be extended: {failed.detail}"
    only = replace(order, detectors=(Kind.FIREWORKS,), dwell_s=order.extend_s)
    longer = watch(only, more, None, None, stages, glance=False)
    offset = seen.last_at
    seen.decoded += longer.decoded
    seen.analysed += longer.analysed
    seen.last_at += longer.last_at
    second = next(iter(longer.findings), None)
    if second is None:
        return seen.findings, got, 0.0, "the picture of the extended look is no proof"
    better = (second.verdict.rank, second.score) > (first.verdict.rank, first.score)
    best = second if better else first
    at = best.at + offset if better and best.at is not None else best.at
    what = f"looked on for {longer.last_at:.0f} s: {second.verdict.value}"
    best = replace(
        best,
        at=at,
        marks=tuple(replace(mark, at=mark.at + offset) for mark in best.marks) if better else best.marks,
        reason=f"{best.reason}; {what}"
        if not better
        else f"{best.reason} (in the {longer.last_at:.0f} s after the look)",
        measurements={
            **best.measurements,
            "extended_s": round(longer.last_at, 1),
            "first_verdict": first.verdict.value,
            "extended_verdict": second.verdict.value,
        },
    )
    findings = tuple(best if f.kind is Kind.FIREWORKS else f for f in seen.findings)
    return findings, more if better else got, offset if better else 0.0, None


def _captured(order: VisitOrder, dwell_s: float) -> Capture:
    return capture(
        order.source,
        dwell_s=dwell_s,
        open_timeout_s=order.open_timeout_s,
        read_timeout_s=order.read_timeout_s,
        deadline_s=order.open_timeout_s + order.read_timeout_s + 1.25 * dwell_s,
        start_s=order.start_s,
        networks=order.networks,
    )


def _moved(order: VisitOrder, seen: Seen) -> str | None:
    """Why the view is not the reference's, None when it is or cannot be told."""
    if order.reference is None or not seen.pictures:
        return None
    raw = np.fromfile(order.reference, np.uint8) if order.reference.is_file() else np.zeros(0, np.uint8)
    reference = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
    if reference is None:
        log.warning("reference picture cannot be read; the view is not checked", file=str(order.reference))
        return None
    reason = None
    for picture in seen.pictures:
        match = view_moved(picture.bgr(_PICTURE_SIDE), np.asarray(reference, np.uint8))
        if not match.moved:
            # Somebody before the lens, or a gust, changes one moment; a camera that was turned shows another view in all.
            return None
        reason = match.reason
    return reason


def _remembered(file: Path | None) -> RoadMemory | None:
    """What past looks taught. A file that is damaged is forgotten: it will be learnt again."""
    if file is None or not file.is_file():
        return None
    try:
        return RoadMemory.load(file.read_bytes())
    except (OSError, ValueError) as error:
        log.warning("the memory of the road cannot be read; it is learnt anew", file=str(file), error=str(error))
        return None


def _remember(file: Path, learnt: RoadMemory) -> None:
    try:
        evidence.write_whole(file, learnt.dump())
    except OSError as error:
        log.error("the memory of the road cannot be kept", file=str(file), error=str(error))


def _adopt(file: Path, picture: Image) -> None:
    try:
        evidence.write_whole(file, evidence.jpeg(picture))
    except OSError as error:
        log.error("reference picture cannot be kept", file=str(file), error=str(error))


def _leave(file: Path, picture: Image, started: datetime) -> None:
    try:
        evidence.write_whole(file, evidence.jpeg(picture))
        os.utime(file, (started.timestamp(), started.timestamp()))
    except OSError as error:
        log.error("the last picture cannot be kept", file=str(file), error=str(error))


def _unusable(
    order: VisitOrder, started: datetime, got: Capture, seen: Seen, cause: Cause, detail: str | None
) -> VisitReport:
    seen.findings = ()
    return _with_evidence(order, _report(order, started, Outcome.UNUSABLE, cause, detail, got, seen), got)


def _with_evidence(order: VisitOrder, report: VisitReport, got: Capture, offset: float = 0.0) -> VisitReport:
    if order.evidence_dir is None:
        return report
    told = [f for f in report.findings if f.verdict is not Verdict.CLEAR]
    best = max(told, key=lambda f: f.score, default=None)
    moment = max(0.0, best.at - offset) if best is not None and best.at is not None else None
    near = got.frame_near(moment or 0.0)
    picture = near.bgr(_PICTURE_SIDE) if near is not None else None
    folder = order.evidence_dir / order.id
    try:
        kept = evidence.keep(folder, got, picture, moment=moment, findings=report.findings, zones=order.zones)
    except (OSError, av.error.FFmpegError) as error:
        log.error("evidence cannot be kept", folder=str(folder), error=str(error))
        return replace(
            report,
            detail=f"{report.detail + '; ' if report.detail else ''}evidence could not be kept: {error.strerror or error}",
        )
    in_look = (replace(e, from_s=e.from_s + offset) if e.from_s is not None else e for e in kept)
    return replace(report, evidence=tuple(in_look))


def _report(
    order: VisitOrder,
    started: datetime,
    outcome: Outcome,
    cause: Cause | None,
    detail: str | None,
    got: Capture | None,
    seen: Seen,
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
        glanced=seen.glanced,
        cost=Cost(
            passes=seen.passes,
            asked=seen.asked,
            converted=tuple(got.converters.made) if got is not None else (),
        ),
    )
