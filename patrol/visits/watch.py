"""Looks at what was captured: a glance at keyframes first, then, for whoever it did not settle, every frame once.

A glance costs a tenth of decoding all frames and answers what is plain: an empty road, a shore without people, a calm
night. It is left out where keyframes are too far apart, and whatever it finds suspicious is looked at in full.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import structlog

from detectors import (
    Box,
    Detector,
    Finding,
    Frame,
    Glance,
    Kind,
    Learner,
    Model,
    NotRun,
    Request,
    RoadMemory,
    Verdict,
    build,
)
from patrol.visits._stages import Stages, TimedModel
from patrol.visits.captured import Capture
from patrol.visits.frames import DecodedFrame
from patrol.visits.order import VisitOrder
from patrol.visits.quality import QualityMeter
from patrol.visits.report import NotRunDetector, Quality

log = structlog.get_logger(__name__)

_GRID_S = 1e-3
_LEAST_FRAMES = 2
_GLANCE_GAP_S = 4.0
"""Keyframes further apart than this, or from an end of the look, are no glance: a walker crosses a picture meanwhile."""
_GLANCE_LEAST, _GLANCE_MOST = 3, 8
_GLANCE_EVERY_S = 2.0
_RATE_STEP_S = 0.4
_STILL_SHARE = 0.02
"""Bytes between keyframes, of all bytes, below which the picture may stand still: only all frames can tell."""
_SPARING_HZ = 5.0
"""Detectors that want no more frames a second than this can do without those that no other frame is made from."""


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
class Seen:
    """What one stretch of video showed.

    Attributes:
        decoded, analysed: frames.
        last_at: seconds of the last frame.
        pictures: the first frame and one near the middle, not converted yet: for evidence, and to tell where the view went.
        quality, fingerprint: see :class:`QualityMeter`.
        findings, not_run: one or the other for each detector asked for.
        glanced: settled by keyframes alone.
        learnt: what is known of the road now; None after a glance, for an empty road teaches nothing.
        passes: which frames were decoded, one word a pass: ``keyframes``, ``sparing``, ``all``.
        asked: see :attr:`TimedModel.asked`.
    """

    decoded: int = 0
    analysed: int = 0
    last_at: float = 0.0
    pictures: list[Frame] = field(default_factory=list)
    quality: Quality = field(default_factory=Quality)
    fingerprint: str | None = None
    findings: tuple[Finding, ...] = ()
    not_run: tuple[NotRunDetector, ...] = ()
    glanced: bool = False
    learnt: RoadMemory | None = None
    passes: tuple[str, ...] = ()
    asked: tuple[tuple[float, Box | None], ...] = ()


def watch(
    order: VisitOrder,
    got: Capture,
    model: Model | None,
    model_problem: str | None,
    stages: Stages,
    *,
    road: RoadMemory | None = None,
    glance: bool = True,
) -> Seen:
    """Judge a stretch of video.

    Args:
        order: what to look for.
        got: the stretch.
        model, model_problem: see :func:`patrol.visits.make_look`.
        stages: where the processor time is noted.
        road: what past looks taught.
        glance: whether keyframes alone may settle it.
    """
    timed = TimedModel(model, stages) if model is not None else None
    watchers, not_run = _detectors(order, timed, model_problem, road)
    seen = Seen()
    settled: dict[Kind, Finding] = {}
    frames: tuple[DecodedFrame, ...] = ()
    passes: tuple[str, ...] = ()
    if glance and (moments := _glance_moments(got)):
        passes = ("keyframes",)
        frames = _keyframes(got, moments, stages)
        settled = _glance(frames, got, watchers, not_run, stages)
        watchers = [watcher for watcher in watchers if watcher.kind not in settled]
        seen.glanced = not watchers and _quality(seen, frames, order, got, stages)
    if not seen.glanced:
        seen = Seen()
        _full(seen, frames, order, got, watchers, not_run, stages)
    seen.passes = (*passes, *seen.passes)
    if seen.decoded >= _LEAST_FRAMES and seen.quality.verdict == "good":
        # A picture that is no proof proves nothing: no verdict is made of it.
        seen.findings = _judge(order, watchers, settled, not_run, stages)
        seen.learnt = next((w.detector.learnt for w in watchers if isinstance(w.detector, Learner)), None)
    seen.not_run = tuple(not_run)
    if timed is not None:
        seen.asked = timed.asked
    return seen


def _glance_moments(got: Capture) -> list[float]:
    """Which keyframes a glance looks at, seconds; none where they are too few or too far apart."""
    keys = got.index.keys()
    if len(keys) < _GLANCE_LEAST:
        return []
    spaced = np.concatenate([[0.0], keys, [max(got.seconds, float(keys[-1]))]])
    if float(np.diff(spaced).max()) > _GLANCE_GAP_S:
        return []
    # The keyframes nearest to the moments at which a full look finds objects: what is seen in them need not be found twice.
    grid = np.arange(0.0, float(keys[-1]) + _GRID_S, _GLANCE_EVERY_S)
    chosen = np.unique(np.abs(keys[None] - grid[:, None]).argmin(1))
    spread = np.linspace(0, len(chosen) - 1, min(len(chosen), _GLANCE_MOST)).round().astype(int)
    return [float(at) for at in keys[chosen[spread]]]


def _keyframes(got: Capture, moments: list[float], stages: Stages) -> tuple[DecodedFrame, ...]:
    wanted = np.array(moments)
    return tuple(
        frame
        for frame in stages.drawn("decode", got.keyframes())
        if float(np.abs(wanted - frame.at).min()) < 2 * _GRID_S
    )


def _glance(
    frames: tuple[DecodedFrame, ...],
    got: Capture,
    watchers: list[_Watcher],
    not_run: list[NotRunDetector],
    stages: Stages,
) -> dict[Kind, Finding]:
    """What is plain from the keyframes."""
    if len(frames) < _GLANCE_LEAST:
        return {}
    shown = Glance(frames, got.index.rates(_RATE_STEP_S), _RATE_STEP_S)
    settled = {}
    for watcher in tuple(watchers):
        try:
            with stages(watcher.kind.value):
                finding = watcher.detector.glance(shown)
        except Exception as error:  # noqa: BLE001 - a detector that fails must not take the look with it
            watchers.remove(watcher)
            not_run.append(_broken(watcher.kind, error))
            continue
        if finding is not None:
            settled[watcher.kind] = finding
    return settled


def _quality(seen: Seen, frames: tuple[DecodedFrame, ...], order: VisitOrder, got: Capture, stages: Stages) -> bool:
    """Whether the keyframes alone prove that the picture is good. A bad one, or one that may stand still, needs all frames."""
    between = int(got.index.size[~got.index.key].sum())
    if not got.index.key.all() and between < _STILL_SHARE * int(got.index.size.sum()):
        return False
    meter = QualityMeter()
    for frame in frames:
        with stages("quality"):
            meter.update(frame)
        _keep_picture(seen, frame, order.dwell_s)
    seen.decoded = seen.analysed = len(frames)
    seen.last_at = max(frames[-1].at, got.seconds)
    with stages("quality"):
        seen.quality, seen.fingerprint = meter.finish(live=got.live, previous_fingerprint=order.previous_fingerprint)
    return seen.quality.verdict == "good"


def _full(
    seen: Seen,
    known: tuple[DecodedFrame, ...],
    order: VisitOrder,
    got: Capture,
    watchers: list[_Watcher],
    not_run: list[NotRunDetector],
    stages: Stages,
) -> None:
    """Decode once; give each frame to whoever wants it. Frames of the glance come again as themselves: the model remembers them."""
    meter = QualityMeter()
    meter_grid = _Grid(meter.rate_hz)
    sparing = all(w.detector.rate_hz is not None and w.detector.rate_hz <= _SPARING_HZ for w in watchers)
    seen.passes = ("sparing" if sparing else "all",)
    for frame in _with_known(stages.drawn("decode", got.frames(sparing=sparing)), known):
        seen.decoded += 1
        seen.last_at = frame.at
        wanted = False
        if meter_grid.wants(frame.at) or frame.key:
            with stages("quality"):
                meter.update(frame)
            wanted = True
        for watcher in tuple(watchers):
            if not watcher.grid.wants(frame.at):
                continue
            wanted = True
            try:
                with stages(watcher.kind.value):
                    watcher.detector.update(frame)
            except Exception as error:  # noqa: BLE001 - as above
                watchers.remove(watcher)
                not_run.append(_broken(watcher.kind, error))
        seen.analysed += wanted
        _keep_picture(seen, frame, order.dwell_s)
    with stages("quality"):
        seen.quality, seen.fingerprint = meter.finish(live=got.live, previous_fingerprint=order.previous_fingerprint)


def _with_known(frames: Iterable[DecodedFrame], known: tuple[DecodedFrame, ...]) -> Iterable[DecodedFrame]:
    waiting = list(known)
    for frame in frames:
        while waiting and waiting[0].at < frame.at - _GRID_S:
            waiting.pop(0)
        if waiting and abs(waiting[0].at - frame.at) <= _GRID_S:
            yield waiting.pop(0)
        else:
            yield frame


def _keep_picture(seen: Seen, frame: Frame, dwell_s: float) -> None:
    if not seen.pictures or (len(seen.pictures) == 1 and frame.at >= dwell_s / 2):
        seen.pictures.append(frame)


def _detectors(
    order: VisitOrder, model: Model | None, model_problem: str | None, road: RoadMemory | None
) -> tuple[list[_Watcher], list[NotRunDetector]]:
    watchers: list[_Watcher] = []
    not_run: list[NotRunDetector] = []
    for kind in order.detectors:
        try:
            detector = build(kind, Request(order.zones, model, order.dwell_s, road, order.rods_allowed))
            watchers.append(_Watcher(kind, detector, _Grid(detector.rate_hz)))
        except NotRun as absent:
            reason = model_problem if model is None and model_problem else absent.reason
            not_run.append(NotRunDetector(kind.value, reason))
    return watchers, not_run


def _judge(
    order: VisitOrder,
    watchers: list[_Watcher],
    settled: dict[Kind, Finding],
    not_run: list[NotRunDetector],
    stages: Stages,
) -> tuple[Finding, ...]:
    """One finding for each detector that ran, in the order they were asked for."""
    found = dict(settled)
    for watcher in watchers:
        try:
            with stages(watcher.kind.value):
                found[watcher.kind] = watcher.detector.finish()
        except Exception as error:  # noqa: BLE001 - as above
            not_run.append(_broken(watcher.kind, error))
    return tuple(_exempted(found[kind], order.exempt.get(kind)) for kind in order.detectors if kind in found)


def _exempted(finding: Finding, why: str | None) -> Finding:
    if why is None or finding.verdict is Verdict.CLEAR:
        return finding
    return replace(
        finding,
        verdict=Verdict.CLEAR,
        score=0.0,
        at=None,
        box=None,
        marks=(),
        reason=f"not forbidden here now: {why} (seen: {finding.reason})",
        measurements={
            **finding.measurements,
            "exempt": True,
            "seen": finding.verdict.value,
            "seen_score": finding.score,
        },
    )


def _broken(kind: Kind, error: Exception) -> NotRunDetector:
    log.exception("detector failed", kind=kind.value)
    return NotRunDetector(kind.value, f"internal error: {type(error).__name__}: {error}")
