"""What one look says, as frozen values and as the JSON of ``patrol visit`` (schema ``patrol.visit/1``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from detectors import Box, Finding, Mark
from patrol.visits.frames import Conversion


class Outcome(StrEnum):
    """How a look ended. Only INSPECTED restarts the two-hour clock."""

    INSPECTED = "inspected"
    UNUSABLE = "unusable"
    UNREACHABLE = "unreachable"
    MISSED = "missed"


class Cause(StrEnum):
    """Why a look was not ``inspected``."""

    # unreachable: no picture
    REFUSED = "refused"
    TIMEOUT = "timeout"
    """The source did not answer or stopped answering within its open or read deadline."""
    AUTH = "auth"
    NOT_FOUND = "not_found"
    NO_VIDEO = "no_video"
    """It answered, but with no video stream, or with no frame that could be decoded before the end."""
    DECODE_ERROR = "decode_error"
    """Corrupt or truncated data: packets came, and no two frames could be made of them."""
    OVERRUN = "overrun"
    """The hard wall clock struck: the worker was killed."""
    CRASHED = "crashed"
    """The worker died on this look, twice, alone."""
    BAD_SOURCE = "bad_source"
    """The address cannot be used at all: unknown scheme, missing credential."""
    # unusable: a picture, but no proof
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    BLURRED = "blurred"
    OCCLUDED = "occluded"
    FROZEN = "frozen"
    STALE = "stale"
    PLACEHOLDER = "placeholder"
    NO_SIGNAL = "no_signal"
    MOVED = "moved"
    # missed: no attempt before the deadline
    CAPACITY = "capacity"
    SERVICE_DOWN = "service_down"
    MAINTENANCE = "maintenance"
    PLATFORM_DOWN = "platform_down"
    """Its platform was away and was probed through other cameras."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What the picture is worth.

    Attributes:
        verdict: ``good``, ``bad`` or ``unknown`` (no picture).
        issues: the causes found, worst first, empty when good.
        luma: median over frames of the mean luma, 0..255.
        contrast: median over frames of the luma's standard deviation.
        sharpness: in [0, 1], higher is sharper; see ``quality.py`` for the formula.
    """

    verdict: str = "unknown"
    issues: tuple[Cause, ...] = ()
    luma: float | None = None
    contrast: float | None = None
    sharpness: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file kept of a look. ``role``: ``clip`` (stream copy), ``key_frame`` (with boxes and zones drawn), ``picture`` (as it came).

    ``from_s`` is of a clip: seconds into the look at which it begins, negative before its start.
    """

    path: str
    sha256: str
    role: str
    media_type: str
    bytes: int
    from_s: float | None = None


@dataclass(frozen=True, slots=True)
class NotRunDetector:
    """A detector that was asked for and did not run, with the reason."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What the look took.

    Attributes:
        wall_s, cpu_s: the look alone, wall and processor seconds of its thread.
        load_s: loading the model, beside it.
        stages: processor seconds of ``capture``, ``decode``, ``quality``, ``model``, each detector, ``evidence``; what is
            left of ``cpu_s`` lies between them.
        passes: which frames were decoded, one word a pass: ``keyframes``, ``sparing`` (those that others are made from), ``all``.
        asked: each inference: seconds of the frame, and the part of it, None for the whole.
        converted: each conversion of a frame, see :class:`patrol.visits.frames.Converters`.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    load_s: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)
    passes: tuple[str, ...] = ()
    asked: tuple[tuple[float, Box | None], ...] = ()
    converted: tuple[Conversion, ...] = ()

    @property
    def inferences(self) -> int:
        """On whole frames."""
        return sum(part is None for _, part in self.asked)

    @property
    def parts(self) -> int:
        """Inferences on parts of frames."""
        return len(self.asked) - self.inferences


@dataclass(frozen=True, slots=True)
class VisitReport:
    """One look, whole. Built by ``look.py``, stored in the ledger, printed by the CLI.

    Attributes:
        source: the address with credentials removed.
        camera: registry id, None for a bare source.
        preset: PTZ preset, None for a fixed camera.
        category: the category key whose rules were used, None where none was given.
        started_at: UTC start of the attempt.
        seconds: media time looked at.
        decoded, analysed: frames.
        model: name of the model used, None where none was to be had.
        not_run: detectors asked for that did not run. A look with any is not fully judged.
        detail: one line for a person: what exactly went wrong, no credentials.
        fingerprint: hash of the last picture, to catch a picture that never changes between looks; None without picture.
        glanced: keyframes alone settled it.
        extended_s: wall seconds that the look went on because sparks were seen.
    """

    source: str
    started_at: datetime
    outcome: Outcome
    cause: Cause | None = None
    detail: str | None = None
    camera: str | None = None
    preset: str | None = None
    category: str | None = None
    seconds: float = 0.0
    decoded: int = 0
    analysed: int = 0
    quality: Quality = field(default_factory=Quality)
    findings: tuple[Finding, ...] = ()
    not_run: tuple[NotRunDetector, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    cost: Cost = field(default_factory=Cost)
    model: str | None = None
    fingerprint: str | None = None
    glanced: bool = False
    extended_s: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The object of DESIGN.md part 6, with ``detail``, ``preset``, ``judged``, ``not_run`` and ``model`` beside it."""
        return {
            "schema": "patrol.visit/1",
            "source": self.source,
            "camera": self.camera,
            "preset": self.preset,
            "category": self.category,
            "started_at": self.started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "seconds": round(self.seconds, 3),
            "frames": {"decoded": self.decoded, "analysed": self.analysed, "keyframes_only": self.glanced},
            "outcome": self.outcome.value,
            "cause": self.cause.value if self.cause else None,
            "detail": self.detail,
            "quality": {
                "verdict": self.quality.verdict,
                "issues": [issue.value for issue in self.quality.issues],
                "luma": _rounded(self.quality.luma, 1),
                "contrast": _rounded(self.quality.contrast, 1),
                "sharpness": _rounded(self.quality.sharpness, 3),
            },
            "findings": [
                {
                    "kind": f.kind.value,
                    "verdict": f.verdict.value,
                    "score": round(f.score, 3),
                    "at": _rounded(f.at, 2),
                    "box": [round(v, 4) for v in f.box] if f.box else None,
                    "zone": f.zone,
                    "reason": f.reason,
                    "measurements": dict(f.measurements),
                    **({"marks": [mark_to_json(m) for m in f.marks]} if f.marks else {}),
                }
                for f in self.findings
            ],
            "judged": self.outcome is Outcome.INSPECTED and not self.not_run,
            "not_run": [{"kind": n.kind, "reason": n.reason} for n in self.not_run],
            "evidence": [
                {
                    "path": e.path,
                    "sha256": e.sha256,
                    "role": e.role,
                    "media_type": e.media_type,
                    "bytes": e.bytes,
                    **({"from_s": round(e.from_s, 2)} if e.from_s is not None else {}),
                }
                for e in self.evidence
            ],
            "model": self.model,
            "cost": {
                "wall_s": round(self.cost.wall_s, 3),
                "cpu_s": round(self.cost.cpu_s, 3),
                "load_s": round(self.cost.load_s, 3),
                "stages": {name: round(seconds, 4) for name, seconds in self.cost.stages.items()},
                "inferences": self.cost.inferences,
                "parts": self.cost.parts,
            },
        }


def mark_to_json(mark: Mark) -> dict[str, Any]:
    """A mark as it stands in reports and with sightings: seconds into the look, shares of the picture."""
    return {"at": round(mark.at, 2), "what": mark.what, "box": [round(v, 4) for v in mark.box], "track": mark.track}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
