"""Gets a stretch of video off a camera: packets only, into bounded memory, within hard deadlines. Nothing is decoded here.

While the stream is open the packets are copied into a Matroska file in memory (stream copy); then the connection is
closed, and quality, detectors and evidence read that file. See docs/adr/0001.
"""

from __future__ import annotations

import errno
import io
import socket
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import av.error
import numpy as np

from patrol.registry.network import NetworkError, addresses_of
from patrol.visits.captured import Capture, PacketIndex
from patrol.visits.report import Cause

MAX_BYTES = 96 * 1024 * 1024
"""Packets of one look: 30 s at 25 Mbit/s. A source that sends more in its dwell is cut off there."""
_ENOUGH = 0.5
"""Share of the dwell that a stream which stalls or trickles must have sent to be looked at all the same."""
_JUMP_S = 2.0
"""Times that go back by more are a jump, not the reordering of B-frames."""
_STREAMS = {"rtsp", "rtsps", "http", "https"}


class CaptureFailed(Exception):  # noqa: N818 - it is an outcome of a look
    """No picture could be had. ``cause`` goes into the ledger, ``detail`` is for a person and holds no credentials."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(f"{cause.value}: {detail}")
        self.cause = cause
        self.detail = detail


def capture(
    source: str,
    *,
    dwell_s: float,
    open_timeout_s: float,
    read_timeout_s: float,
    deadline_s: float,
    start_s: float = 0.0,
    networks: Sequence[str] | None = None,
) -> Capture:
    """Open a source, take ``dwell_s`` of its first video stream, close it.

    Args:
        source: file path, or rtsp(s):// (over TCP) or http(s):// address (MJPEG, FLV, HLS, MPEG-TS, files).
        dwell_s: seconds of media time; a shorter file is taken whole.
        open_timeout_s: for connecting, and again for finding out what is sent.
        read_timeout_s: for each read.
        deadline_s: wall clock for all of it.
        start_s: where in a file the look begins, to the frame; a stream begins now, always.
        networks: hosts that a stream may be opened at, as in the registry; None: any.

    Raises:
        CaptureFailed: no picture could be had, with the cause.
        ValueError: a stream was to be looked at from somewhere else than now.
    """
    if start_s and is_stream(source):
        raise ValueError("a stream cannot be looked at from an offset")
    begun = time.monotonic()
    if networks is not None and is_stream(source):
        _may_open(source, networks)
    container = _open(source, open_timeout_s, read_timeout_s, redirects=networks is None)
    try:
        return _take(container, source, dwell_s, begun + deadline_s, start_s)
    finally:
        container.close()


def is_stream(source: str) -> bool:
    """Whether a source is an address, not a file."""
    return "://" in source


def _may_open(source: str, networks: Sequence[str]) -> None:
    try:
        host = urlsplit(source).hostname
    except ValueError:
        return  # no address at all: the next step says so
    if not host:
        return
    try:
        addresses_of(host, networks)
    except NetworkError as error:
        raise CaptureFailed(Cause.BAD_SOURCE, str(error)) from None


def _open(source: str, open_timeout_s: float, read_timeout_s: float, *, redirects: bool) -> av.container.InputContainer:
    options = _options(source)
    if not redirects and "user_agent" in options:
        # A redirect would lead past the check of where a stream may be opened.
        options["max_redirects"] = "0"
    begun = time.monotonic()
    try:
        return av.open(
            source, "r", options=options, timeout=(open_timeout_s, read_timeout_s), metadata_errors="replace"
        )
    except av.error.FFmpegError as error:
        took = time.monotonic() - begun
        if took >= 0.95 * open_timeout_s and not isinstance(
            error, (av.error.HTTPClientError, av.error.HTTPServerError)
        ):
            # Interrupted at its deadline, FFmpeg's RTSP reader says "invalid data" and others say other things.
            raise CaptureFailed(Cause.TIMEOUT, f"no answer while opening ({took:.1f} s)") from None
        if isinstance(error, av.error.OSError) and error.errno == errno.EIO and _resolves(source):
            raise CaptureFailed(Cause.DECODE_ERROR, "the stream broke off while opening") from None
        raise _failed(error, "opening", took) from None
    except UnicodeDecodeError:
        raise CaptureFailed(Cause.DECODE_ERROR, "what was sent is no video") from None


def _resolves(source: str) -> bool:
    """Whether the host's name is known: FFmpeg says "input/output error" of an unknown name and of a broken stream alike."""
    try:
        socket.getaddrinfo(urlsplit(source).hostname, None)
    except (OSError, ValueError):
        return False
    return True


def _options(source: str) -> dict[str, str]:
    if not is_stream(source):
        file = Path(source)
        if not file.exists():
            raise CaptureFailed(Cause.NOT_FOUND, "no such file")
        if not file.is_file():
            raise CaptureFailed(Cause.BAD_SOURCE, "not a file")
        return {"protocol_whitelist": "file"}
    try:
        parts = urlsplit(source)
        usable = parts.scheme.lower() in _STREAMS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise CaptureFailed(
            Cause.BAD_SOURCE, "not an address of a known kind; there are rtsp, rtsps, http, https and files"
        )
    if parts.scheme.lower().startswith("rtsp"):
        # UDP would need ports open to us and loses packets; every camera speaks TCP.
        return {"rtsp_transport": "tcp", "allowed_media_types": "video", "protocol_whitelist": "rtsp,rtp,tcp,tls,udp"}
    # A playlist from outside must not make us read our own files: no `file` here.
    return {
        "protocol_whitelist": "http,https,httpproxy,tcp,tls,crypto",
        "probesize": "2000000",
        "user_agent": "video-patrol",
        "multiple_requests": "1",
    }


def _take(
    container: av.container.InputContainer, source: str, dwell_s: float, deadline: float, start_s: float
) -> Capture:
    if not container.streams.video:
        raise CaptureFailed(Cause.NO_VIDEO, "it answers, but sends no video stream")
    stream = container.streams.video[0]
    live = is_stream(source) and not (container.duration and container.duration > 0)
    taker = _Taker(stream, dwell_s, start_s)
    note: str | None = None
    try:
        for packet in container.demux(stream):
            if taker.take(packet):
                break
            if time.monotonic() > deadline:
                note = f"only {taker.seconds:.1f} s of picture came in time"
                break
            if taker.bytes > MAX_BYTES:
                note = f"cut off at {MAX_BYTES >> 20} MiB"
                break
    except av.error.FFmpegError as error:
        failed = _failed(error, f"reading, after {taker.seconds:.1f} s of picture", None)
        if not _worth(taker, dwell_s, failed.cause):
            raise failed from None
        note = failed.detail
    else:
        if note is not None and time.monotonic() > deadline and not _worth(taker, dwell_s, Cause.TIMEOUT):
            raise CaptureFailed(Cause.TIMEOUT, f"it trickles: {note}")
    if taker.packets == 0:
        raise CaptureFailed(Cause.NO_VIDEO, "it answers, but no keyframe came")
    index = taker.index()
    try:
        data = taker.file()
    except av.error.FFmpegError as error:
        raise CaptureFailed(
            Cause.DECODE_ERROR, f"the packets cannot be put in order ({error.strerror or error})"
        ) from None
    return Capture(
        data=data,
        live=live,
        seconds=taker.seconds,
        packets=taker.packets,
        width=stream.codec_context.width,
        height=stream.codec_context.height,
        codec=stream.codec_context.name,
        note=note,
        index=index,
        lead_s=taker.lead_s,
    )


def _worth(taker: _Taker, dwell_s: float, cause: Cause) -> bool:
    """Whether what came before a break is a look. Damaged data may be looked at as far as it goes; a stall must be near the end."""
    if cause is Cause.TIMEOUT:
        return taker.seconds >= _ENOUGH * dwell_s
    return taker.packets > 1


class _Taker:
    """Gathers packets from the last keyframe before the start on; their times begin at 0 and never jump.

    A file is read from its beginning whatever the start is: packets cost next to nothing, and seeking is exact in few
    containers.
    """

    def __init__(self, stream: Any, dwell_s: float, start_s: float) -> None:
        self.bytes = 0
        self._reached_s = 0.0
        self._first_s = 0.0
        self._stream = stream
        self._dwell_s = dwell_s
        self._start_s = start_s
        self._first = 0
        self._taken: list[tuple[Any, int]] = []
        self._zero: int | None = None
        self._begun = 0.0

    @property
    def packets(self) -> int:
        return len(self._taken)

    @property
    def seconds(self) -> float:
        return max(0.0, self._reached_s - self._start_s)

    @property
    def lead_s(self) -> float:
        return max(0.0, self._start_s - self._first_s)

    def take(self, packet: Any) -> bool:
        """Take one packet; True when there is enough."""
        if packet.size == 0 or packet.is_corrupt or (not self._taken and not packet.is_keyframe):
            return False
        base: Fraction = packet.time_base
        if self._zero is None:
            self._begun = time.monotonic()
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None:
            # MJPEG over HTTP may carry no time at all: the moment it came is the best there is.
            stamp = int((time.monotonic() - self._begun) / base) + (self._zero or 0)
        if self._zero is None:
            self._zero = stamp
        at = float((stamp - self._zero) * base)
        if at < self._reached_s - _JUMP_S or at > self._reached_s + _JUMP_S + self._dwell_s:
            # A loop, or a camera that set its clock: that is not time that was seen.
            self._zero = stamp - int(self._reached_s / base) - 1
            at = float((stamp - self._zero) * base)
        if packet.is_keyframe and 0 < at <= self._start_s + 1e-6:
            # Whatever is wanted can be decoded from here on.
            self._taken.clear()
            self.bytes = 0
            self._first, self._first_s = stamp - self._zero, at
        if stamp - self._zero < self._first:
            return False
        if at > self._start_s + self._dwell_s + 1e-6 and self.packets > 1:
            return True
        self._taken.append((packet, stamp - self._zero))
        self.bytes += packet.size
        self._reached_s = max(self._reached_s, at)
        return False

    def index(self) -> PacketIndex:
        """What came when."""
        base = self._taken[0][0].time_base
        shown = np.array([pts - self._first for _, pts in self._taken], np.float64) * float(base) - self.lead_s
        order = np.argsort(shown, kind="stable")
        size = np.array([packet.size for packet, _ in self._taken], np.int64)
        key = np.array([packet.is_keyframe for packet, _ in self._taken], bool)
        return PacketIndex(shown[order], size[order], key[order])

    def file(self) -> bytes:
        """The packets as a Matroska file."""
        memory = io.BytesIO()
        with av.open(memory, "w", format="matroska") as out:
            copy = out.add_stream_from_template(self._stream)
            shown = [pts - self._first for _, pts in self._taken]
            for (packet, _), pts, dts in zip(self._taken, shown, decode_times(shown), strict=True):
                packet.pts, packet.dts, packet.stream = pts, dts, copy
                out.mux(packet)
        return memory.getvalue()


def decode_times(shown: list[int]) -> list[int]:
    """Decoding times for packets that came in decoding order with only the times they are shown at.

    They rise strictly and are never later than what they belong to, as every container demands; where pictures are not
    reordered they are the same.
    """
    ordered = sorted(shown)
    for index in range(1, len(ordered)):
        ordered[index] = max(ordered[index], ordered[index - 1] + 1)
    delay = max((late - at for late, at in zip(ordered, shown, strict=True)), default=0)
    return [at - max(0, delay) for at in ordered]


def _failed(error: av.error.FFmpegError, when: str, took_s: float | None) -> CaptureFailed:
    text = (error.strerror or str(error)).strip()
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Cause, str], ...] = (
        ((av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError), Cause.AUTH, "the credential is refused"),
        (av.error.HTTPNotFoundError, Cause.NOT_FOUND, "no such stream on that host"),
        ((av.error.ExitError, av.error.TimeoutError), Cause.TIMEOUT, f"no answer while {when}"),
        (av.error.ConnectionRefusedError, Cause.REFUSED, "the host refuses the connection"),
        (
            (av.error.ConnectionResetError, av.error.BrokenPipeError, av.error.EOFError),
            Cause.DECODE_ERROR,
            f"the stream broke off while {when}",
        ),
        (av.error.InvalidDataError, Cause.DECODE_ERROR, f"damaged or no video, {when}"),
        (av.error.FileNotFoundError, Cause.NOT_FOUND, "no such stream"),
        ((av.error.HTTPClientError, av.error.HTTPServerError), Cause.REFUSED, f"the server answers {text}"),
        (
            (av.error.DecoderNotFoundError, av.error.DemuxerNotFoundError, av.error.PatchWelcomeError),
            Cause.DECODE_ERROR,
            text,
        ),
    )
    for kind, cause, detail in kinds:
        if isinstance(error, kind):
            took = f" ({took_s:.1f} s)" if took_s is not None and cause is Cause.TIMEOUT else ""
            return CaptureFailed(cause, detail + took)
    if took_s is None and isinstance(error, av.error.OSError) and error.errno == errno.EIO:
        return CaptureFailed(Cause.DECODE_ERROR, f"the stream broke off while {when}")
    if isinstance(error, av.error.OSError) or "resolve" in text.lower() or "i/o error" in text.lower():
        # Includes names that do not resolve and networks that are not there.
        return CaptureFailed(Cause.REFUSED, f"the host cannot be reached ({text})")
    return CaptureFailed(Cause.DECODE_ERROR, text)
