"""The picture that explains an answer: the frame the finding points at with its box, else the middle of the look."""

from __future__ import annotations

from dataclasses import dataclass

from detectors import Image
from patrol.evaluation.score import Answer
from patrol.visits.capture import CaptureFailed, capture
from patrol.visits.evidence import drawn

_SIDE = 960
_OPEN_S = 8.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame, ``(H, W, 3)`` BGR, and how many seconds into the look it comes."""

    picture: Image
    at: float


def picture_of(answer: Answer) -> Shown | None:
    """Decode the frame that explains an answer; None where no frame can be had."""
    piece, found = answer.piece, answer.finding
    wanted = found.at if found is not None and found.at is not None else answer.seconds / 2
    try:
        got = capture(
            str(piece.clip.file),
            dwell_s=piece.dwell_s,
            start_s=piece.start_s,
            open_timeout_s=_OPEN_S,
            read_timeout_s=_OPEN_S,
            deadline_s=2 * _OPEN_S + piece.dwell_s,
        )
        near = got.frame_near(wanted)
    except CaptureFailed:
        return None
    if near is None:
        return None
    picture = near.bgr(_SIDE)
    return Shown(drawn(picture, (found,), ()) if found is not None else picture, near.at)
