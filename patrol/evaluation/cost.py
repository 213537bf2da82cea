"""What looks cost in core-seconds, beside the floor of the same work and beside a tracker on the same clips.

The floor of a look does what the look did and nothing else: it decodes the same frames, converts the same of them to the same sizes and
runs the same inferences on the same parts, in the same run. What a look costs above it is capture, quality, flow, sparks, lines: the patrol's own arithmetic.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from detectors import Box, Frame, Kind, Model, Verdict
from patrol.visits import Outcome, VisitOrder, VisitReport, make_look
from patrol.visits.capture import capture

TRACK = "track"
TRACK_5HZ = "track at 5 Hz"
_TIMEOUT_S = 6.0
_NEAR_S = 2e-3


@dataclass(frozen=True, slots=True)
class LookCost:
    """One look, and what it is compared with; core-seconds of one process, medians over rounds.

    Attributes:
        name: of the clip.
        seconds: media time.
        side: pixels of the longer side.
        look, floor: see the module.
        stages: of the look.
        verdicts: ``kind: verdict`` where it is not clear.
        passes, inferences, parts: what the look did.
        unlike: kinds whose verdict is another one when keyframes settle nothing.
        trackers: core-seconds by contender.
    """

    name: str
    seconds: float
    side: int
    look: float
    floor: float
    stages: dict[str, float]
    verdicts: dict[str, str]
    passes: tuple[str, ...]
    inferences: int
    parts: int
    unlike: tuple[str, ...]
    trackers: dict[str, float]

    def per_10_s(self, core_s: float) -> float:
        """Core-seconds per ten seconds of media time."""
        return core_s / self.seconds * 10


def measure(
    clip: Path, model: Model, *, dwell_s: float, rounds: int, trackers: Sequence[Tracker] = ()
) -> LookCost | None:
    """Look at a clip and at its floor by turns; None where it is no look.

    Args:
        clip: a file.
        model: loaded and warm.
        dwell_s: how much of it, from its start.
        rounds: of which the median is taken; trackers run once, they take minutes.
        trackers: processes with a tracker to compare with.
    """
    order = VisitOrder(id="bench", source=str(clip), dwell_s=dwell_s)
    looks: list[tuple[float, VisitReport]] = []
    floors: list[float] = []
    for _ in range(rounds):
        begun = time.process_time()
        report = make_look(order, model)
        looks.append((time.process_time() - begun, report))
        if report.outcome is not Outcome.INSPECTED or report.seconds <= 0:
            return None
        begun = time.process_time()
        side = _floor(clip, report, model, dwell_s)
        floors.append(time.process_time() - begun)
    report = looks[-1][1]
    full = make_look(VisitOrder(id="bench", source=str(clip), dwell_s=dwell_s, glance=False), model)
    return LookCost(
        name=clip.name,
        seconds=report.seconds,
        side=side,
        look=statistics.median(cpu for cpu, _ in looks),
        floor=statistics.median(floors),
        stages={k: statistics.median(r.cost.stages.get(k, 0.0) for _, r in looks) for k in report.cost.stages},
        verdicts={f.kind.value: f.verdict.value for f in report.findings if f.verdict is not Verdict.CLEAR},
        passes=report.cost.passes,
        inferences=report.cost.inferences,
        parts=report.cost.parts,
        unlike=_unlike(report, full),
        trackers={tracker.name: tracker.core_s(clip, dwell_s) for tracker in trackers},
    )


def _unlike(one: VisitReport, other: VisitReport) -> tuple[str, ...]:
    verdicts = [{f.kind: f.verdict for f in report.findings} for report in (one, other)]
    return tuple(kind.value for kind in Kind if verdicts[0].get(kind) is not verdicts[1].get(kind))


def _floor(clip: Path, report: VisitReport, model: Model, dwell_s: float) -> int:
    """Decode what the look decoded, convert what it converted, run its inferences."""
    got = capture(
        str(clip), dwell_s=dwell_s, open_timeout_s=_TIMEOUT_S, read_timeout_s=_TIMEOUT_S, deadline_s=10 * _TIMEOUT_S
    )
    waiting = list(report.cost.asked)
    wanted: defaultdict[float, list[tuple[str, int | None]]] = defaultdict(list)
    for at, form, shrunk in report.cost.converted:
        wanted[round(at, 3)].append((form, shrunk))
    side = 0
    for kind in report.cost.passes:
        frames: Iterable[Frame] = got.keyframes() if kind == "keyframes" else got.frames(sparing=kind == "sparing")
        for frame in frames:
            side = max(frame.height, frame.width)
            for form, shrunk in wanted.pop(round(frame.at, 3), ()):
                frame.gray(shrunk) if form == "gray" else frame.bgr(shrunk)
            for asked in [a for a in waiting if abs(a[0] - frame.at) <= _NEAR_S]:
                waiting.remove(asked)
                _infer(model, frame, asked[1])
    return side


def _infer(model: Model, frame: Frame, part: Box | None) -> None:
    model.objects(frame, 0.25, part)


class Tracker:
    """``ultralytics`` ``track`` in a process of its own, one thread wide, on every frame or on some of them.

    Raises:
        OSError: the process does not start, or its model does not load; the message says why.
    """

    def __init__(self, model: Path, every_s: float | None) -> None:
        self.name = TRACK if every_s is None else TRACK_5HZ
        self._process = subprocess.Popen(
            [sys.executable, "-m", "patrol.evaluation.tracker", str(model), str(every_s or 0)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")},
        )  # fmt: skip
        self._answer()

    def core_s(self, clip: Path, dwell_s: float) -> float:
        """Core-seconds that tracking the clip takes."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        print(json.dumps({"clip": str(clip), "dwell_s": dwell_s}), file=self._process.stdin, flush=True)
        return float(self._answer()["core_s"])

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.close()
        self._process.wait(10)

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None  # noqa: S101
        line = self._process.stdout.readline()
        if not line:
            raise OSError("the tracker does not answer; it needs the `ultralytics` extra, see its message above")
        answer: dict[str, float] = json.loads(line)
        return answer


def warm(model: Model) -> None:
    """Run the model once: its first inference allocates."""
    import numpy as np

    from detectors import ArrayFrame

    cv2.setNumThreads(1)
    model.objects(ArrayFrame(np.zeros((360, 640, 3), np.uint8)))


def peak_mib() -> float:
    """Most memory that this process has used, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
