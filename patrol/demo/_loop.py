"""One loop of video, sent for ever: packets copied into MPEG-TS at the pace of a camera, timestamps that never jump."""

from __future__ import annotations

import io
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.container.input import InputContainer

_TICK = Fraction(1, 90_000)
_LEAD_S = 0.4
"""A stream begins with so much of it at once, as a camera's buffer does."""


class FootageError(ValueError):
    """A clip that cannot be served; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What is sent again and again.

    Attributes:
        content: the bytes of a video file, or the path of one.
        seconds: length of one round.
        key_times: seconds of its keyframes from its start; a stream begins at one of them.
    """

    content: bytes | Path
    seconds: float
    key_times: tuple[float, ...]

    def open(self) -> InputContainer:
        """The file, opened anew."""
        if isinstance(self.content, Path):
            return av.open(str(self.content), "r")
        return av.open(io.BytesIO(self.content), "r")


def read_loop(content: bytes | Path) -> Loop:
    """Measure a video: its length and its keyframes.

    Raises:
        FootageError: no video in it that can go into MPEG-TS by copying.
    """
    name = content.name if isinstance(content, Path) else "scene"
    times: list[float] = []
    keys: list[float] = []
    try:
        with Loop(content, 0.0, ()).open() as container:
            if not container.streams.video:
                raise FootageError(f"{name}: there is no video in it")
            stream = container.streams.video[0]
            if stream.codec_context.name not in {"h264", "hevc", "mpeg2video", "mpeg4"}:
                raise FootageError(f"{name}: {stream.codec_context.name} cannot be sent as MPEG-TS; use H.264 or H.265")
            for packet in container.demux(stream):
                if packet.dts is None or packet.time_base is None:
                    continue
                times.append(float(packet.dts * packet.time_base))
                if packet.is_keyframe:
                    keys.append(times[-1])
    except av.error.FFmpegError as error:
        raise FootageError(f"{name}: {error.strerror}") from error
    if len(times) < 2 or not keys:
        raise FootageError(f"{name}: fewer than two pictures in it")
    # The last frame is shown as long as the others are on average.
    seconds = (times[-1] - times[0]) * len(times) / (len(times) - 1)
    return Loop(content, seconds, tuple(key - times[0] for key in keys))


class _Writer(io.RawIOBase):
    """The side of a stream that the muxer writes to.

    An error must not pass through the muxer, which would wrap it in one of its own: it is remembered, and the sender
    looks at it.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self.gone = False

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]  # what av hands over, and nothing else
        if not self.gone:
            try:
                self._send(bytes(data))
            except OSError:
                self.gone = True
        return len(data)


def send(loop: Loop, write: Callable[[bytes], None], stopped: threading.Event, *, begin: int = 0) -> None:
    """Send the loop for ever, as a camera would: until ``stopped``, or until ``write`` has raised OSError.

    Args:
        loop: what is sent.
        write: takes the next bytes.
        stopped: ends it.
        begin: which keyframe it begins at, counted round the loop. A stream that always began at the same one would show
            every look the same pictures, which is what a camera that hangs does.
    """
    started = time.monotonic()
    skip = loop.key_times[begin % len(loop.key_times)]
    length = round(Fraction(loop.seconds) / _TICK)
    writer = _Writer(write)
    output = None
    with av.open(writer, "w", format="mpegts", options={"flush_packets": "1"}) as target:
        for lap in itertools.count():
            with loop.open() as source:
                stream = source.streams.video[0]
                if output is None:
                    output = target.add_stream_from_template(stream)
                first: int | None = None
                for packet in source.demux(stream):
                    if packet.dts is None or packet.time_base is None:
                        continue
                    dts = round(packet.dts * packet.time_base / _TICK)
                    first = dts if first is None else first
                    at = float((dts - first) * _TICK)
                    if lap == 0 and at < skip - 1e-3:
                        continue
                    shown = packet.pts if packet.pts is not None else packet.dts
                    shift = lap * length - first
                    pts = round(shown * packet.time_base / _TICK) + shift
                    packet.time_base = _TICK
                    packet.dts, packet.pts, packet.stream = dts + shift, pts, output
                    due = started + lap * loop.seconds + at - skip - _LEAD_S
                    if stopped.wait(max(0.0, due - time.monotonic())):
                        return
                    target.mux(packet)
                    if writer.gone:
                        return
