"""A stretch of video that was got off a camera, in memory: decoding it, all or only its keyframes, and what came when."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from patrol.visits.frames import Converters, DecodedFrame

TICK_S = 1e-3
"""Matroska counts milliseconds: a frame may seem to come this much before its time."""


@dataclass(frozen=True, slots=True)
class PacketIndex:
    """What came when: ``(N,)`` each, in order of time.

    Attributes:
        at: float64, seconds since the first frame of the look; below zero before its start.
        size: int64, bytes.
        key: bool, keyframes.
    """

    at: NDArray[np.float64]
    size: NDArray[np.int64]
    key: NDArray[np.bool_]

    def keys(self) -> NDArray[np.float64]:
        """When keyframes come within the look, seconds."""
        return self.at[self.key & (self.at >= -TICK_S)]

    def rates(self, step_s: float) -> NDArray[np.float64]:
        """``(M,)`` bytes per second of the packets that are no keyframes, in whole steps of ``step_s`` over the look."""
        plain = ~self.key & (self.at >= -TICK_S)
        steps = max(1, int(self.at[-1] / step_s)) if len(self.at) else 1
        inside = np.clip(self.at[plain] / step_s, 0, None).astype(np.int64)
        total = np.bincount(inside, self.size[plain].astype(np.float64), minlength=steps)
        return np.asarray(total[:steps] / step_s, np.float64)


@dataclass(frozen=True, slots=True)
class Capture:
    """What one look got.

    Attributes:
        data: a Matroska file with one video stream, beginning at a keyframe.
        live: the source has no end of its own (a camera); False for a file, also one behind HTTP.
        seconds: media time from the first to the last packet, without the lead.
        packets: how many.
        width, height: pixels; 0 where the container does not say.
        codec: FFmpeg's name, ``h264`` …
        note: what was not as it should be (stalled near the end …), None when all went well.
        index: what came when, in order of time.
        lead_s: media time at the beginning that was not asked for: from the keyframe to the start of the look. It is
            needed to decode what follows, and no frame of it is given out.
        converters: what its frames convert themselves with; tells what was converted.
    """

    data: bytes
    live: bool
    seconds: float
    packets: int
    width: int
    height: int
    codec: str
    note: str | None
    index: PacketIndex
    lead_s: float = 0.0
    converters: Converters = field(default_factory=Converters, compare=False, repr=False)

    def frames(self, *, sparing: bool = False) -> Iterator[DecodedFrame]:
        """Decode from the beginning, one thread, damaged frames left out; times advance strictly from 0.

        Args:
            sparing: leave out frames that no other frame is made from, where the stream has such: a third cheaper.
        """
        yield from self._decoded("NONREF" if sparing else "DEFAULT")

    def keyframes(self) -> Iterator[DecodedFrame]:
        """The keyframes alone, decoded each by itself; times as in :meth:`frames`. A tenth of the cost of all frames."""
        yield from self._decoded("NONKEY")

    def _decoded(self, skipped: Literal["DEFAULT", "NONREF", "NONKEY"]) -> Iterator[DecodedFrame]:
        with av.open(io.BytesIO(self.data), "r", format="matroska") as container:
            stream = container.streams.video[0]
            stream.thread_count = 1
            context = stream.codec_context
            context.skip_frame = skipped
            begun: float | None = None
            first: float | None = None
            last = -1.0
            for packet in container.demux(stream):
                try:
                    decoded = context.decode(packet)
                except (av.error.InvalidDataError, av.error.EOFError):
                    continue
                for frame in decoded:
                    if frame.is_corrupt or frame.pts is None or frame.time_base is None:
                        continue
                    at = float(frame.pts * frame.time_base)
                    begun = at if begun is None else begun
                    if at - begun < self.lead_s - TICK_S:
                        continue
                    if first is None:
                        # Between the start of a look and its first keyframe lie frames that are not decoded here.
                        first = begun + self.lead_s if skipped == "NONKEY" else at
                    if at - first > last:
                        last = at - first
                        yield DecodedFrame(frame, last, self.converters)

    def frame_near(self, moment: float) -> DecodedFrame | None:
        """The frame shown at a moment of the look, the last one where the look ends before, None where there is none."""
        near: DecodedFrame | None = None
        for frame in self.frames():
            near = frame
            if frame.at + TICK_S >= moment:
                break
        return near
