"""Which looks are made of the clips: positives whole, clips that show nothing cut into looks of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import av
import av.error

from patrol.evaluation.manifest import Clip

_TICK_S = 1e-6


@dataclass(frozen=True, slots=True)
class Piece:
    """One look to make of a clip.

    Attributes:
        clip: of which.
        start_s: where in the clip it begins.
        dwell_s: how long it lasts at most.
        number, of: which piece it is, from 1, of how many; 1 of 1 for a clip that is not cut.
    """

    clip: Clip
    start_s: float
    dwell_s: float
    number: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """The looks of an evaluation, in the order of the list; ``left_out_s`` is what no piece holds of clips that were cut."""

    pieces: tuple[Piece, ...]
    left_out_s: float


def plan(clips: Iterable[tuple[Clip, float | None]], *, dwell_s: float, cut_s: float | None) -> Plan:
    """Choose the looks.

    Args:
        clips: each with its length in seconds, None where that is not known (the look will say why).
        dwell_s: how long a look at a clip that is not cut lasts at most, from the clip's start.
        cut_s: length of the pieces into which a clip is cut that is a positive of nothing and longer than that; None:
            nothing is cut. A remainder of at least half of it is a piece too, a shorter one is left out.
    """
    pieces: list[Piece] = []
    left_out = 0.0
    for clip, seconds in clips:
        if cut_s is None or seconds is None or clip.shows or seconds <= cut_s + _TICK_S:
            pieces.append(Piece(clip, 0.0, dwell_s))
            continue
        whole = int((seconds + _TICK_S) / cut_s)
        rest = max(0.0, seconds - whole * cut_s)
        lengths = [cut_s] * whole
        if rest >= cut_s / 2:
            lengths.append(rest)
        else:
            left_out += rest
        pieces += [Piece(clip, n * cut_s, length, n + 1, len(lengths)) for n, length in enumerate(lengths)]
    return Plan(tuple(pieces), left_out)


def length(clip: Clip) -> float | None:
    """How long a clip is by its container, seconds; None where that does not say."""
    try:
        with av.open(str(clip.file), metadata_errors="replace") as container:
            stream = next(iter(container.streams.video), None)
            if stream is not None and stream.duration and stream.time_base:
                return float(stream.duration * stream.time_base)
            return container.duration / av.time_base if container.duration else None
    except (av.error.FFmpegError, OSError, UnicodeDecodeError):
        return None
