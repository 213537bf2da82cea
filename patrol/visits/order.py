"""What a worker is told to do: one look, as a value that crosses the process boundary."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from detectors import Kind, Zone


@dataclass(frozen=True, slots=True)
class VisitOrder:
    """One look to make.

    Attributes:
        id: unique id of the attempt (also the evidence folder's name).
        source: file path or stream URL; credentials already put in by the shell that made the order.
        dwell_s: seconds of media time to look at.
        extend_s: how much longer a camera is looked at, at once, where fireworks may be: they are over before a follow-up
            comes. 0: not at all; a file is never.
        glance: whether keyframes alone may settle the look.
        start_s: where in a file the look begins, seconds; 0 for a stream, always.
        detectors: what to look for.
        zones: zones of the camera (of the preset), possibly empty.
        exempt: kinds that are not forbidden here now, each with the sentence that says why (the rule's name and
            dates). A finding of such a kind is reported ``clear`` with that sentence; what was seen stays in its
            measurements.
        rods_allowed: rods one person may use where the rules allow leisure angling; None where all fishing is forbidden.
        local_time: county time that the rules saw, aware.
        evidence_dir: where to keep files; None keeps nothing. Kept for looks that are unusable, candidate or flagged;
            ``keep_all`` keeps every look's.
        reference: the camera's own reference picture (JPEG or PNG), None where there is none yet.
        adopt_reference: where a good look writes its picture (JPEG) when there is no reference yet, None: nowhere.
        last_picture: where an inspected look leaves a small picture (JPEG) in place of the look's before, None: nowhere. Its
            file time is the look's start.
        memory: where what this camera's looks taught of its road is kept; read before the look, written after a good one.
            None: nothing is known and nothing learnt.
        previous_fingerprint: picture hash of the look before, to catch a stale picture.
        networks: hosts that a stream may be opened at, as in the registry; None: any, for a look by hand.
        open_timeout_s, read_timeout_s: deadlines for opening and for each read.
        hard_limit_s: wall clock after which the supervisor kills the worker; covers capture and analysis.
    """

    id: str
    source: str
    dwell_s: float = 20.0
    extend_s: float = 0.0
    glance: bool = True
    start_s: float = 0.0
    detectors: tuple[Kind, ...] = (Kind.CONGESTION, Kind.FIREWORKS, Kind.FISHING)
    zones: tuple[Zone, ...] = ()
    exempt: dict[Kind, str] = field(default_factory=dict)
    rods_allowed: int | None = None
    camera: str | None = None
    preset: str | None = None
    category: str | None = None
    local_time: datetime | None = None
    evidence_dir: Path | None = None
    keep_all: bool = False
    reference: Path | None = None
    adopt_reference: Path | None = None
    last_picture: Path | None = None
    memory: Path | None = None
    previous_fingerprint: str | None = None
    networks: tuple[str, ...] | None = None
    open_timeout_s: float = 8.0
    read_timeout_s: float = 6.0
    hard_limit_s: float = 90.0
