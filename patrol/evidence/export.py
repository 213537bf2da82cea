"""Makes the copy of a clip or a still that may leave the house: hidden what must be, the line burnt in, nothing else kept.

File in, file out; no database and no clock. Sound and all that a file says of itself are dropped. A clip is decoded twice: what is
hidden in a frame depends on the frames after it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import cv2
import numpy as np

from detectors import ArrayFrame, Image, Model
from patrol.evidence import masking
from patrol.evidence.footer import strip
from patrol.evidence.masking import Rules, Sighting, Thing

_TICKS = 90_000
"""Of a second, in the copy."""
_QUALITY = {"crf": "23", "preset": "veryfast", "threads": "1"}
"""One thread: the patrol goes on beside it on a machine of two cores, and the same copy is the same file."""
_JPEG = 88
_FOUND_SHARE = 0.6
"""Share of the work that is done when everything is found."""
CLIP, STILL = "video/mp4", "image/jpeg"
Progress = Callable[[float], None]


class ExportError(Exception):
    """A copy that cannot be made; the message names the file and says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """The copy.

    Attributes:
        sha256: of its bytes, in hexadecimal.
        bytes: how many.
        frames: pictures in it.
        hidden: frames in which something is hidden.
    """

    sha256: str
    bytes: int
    frames: int
    hidden: int


def copy_clip(
    source: Path, target: Path, *, model: Model | None, rules: Rules, line: str, progress: Progress = lambda _: None
) -> Made:
    """Copy a clip as H.264 in MP4, which every browser plays.

    Args:
        source: any video.
        target: replaced whole or not at all.
        model: finds what is hidden; None: an unmasked copy, in which only private zones are blacked.
        rules: of the camera.
        line: burnt in below the picture.
        progress: told shares of the work done, in [0, 1].

    Raises:
        ExportError: no picture can be decoded.
        OSError: a file cannot be read or written.
    """
    tracks = () if model is None else masking.tracks_of(sightings(source, model, rules, progress))
    begun = _FOUND_SHARE if model is not None else 0.0
    fresh = _beside(target)
    frames = hidden = 0
    try:
        with av.open(str(fresh), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
            made = None
            below = None
            for picture, at, share in _pictures(source):
                if made is None or below is None:
                    height, width = (side - side % 2 for side in picture.shape[:2])
                    below = strip(line, width)
                    made = out.add_stream("libx264", options=dict(_QUALITY))
                    made.width, made.height, made.pix_fmt = width, height + below.shape[0], "yuv420p"
                    made.codec_context.time_base = Fraction(1, _TICKS)
                covers = masking.covered_at(tracks, at)
                shown = masking.masked(picture, covers, rules)[: made.height - below.shape[0], : made.width]
                if shown.shape[:2] != (made.height - below.shape[0], made.width):
                    # The camera changed its picture in the middle; the copy goes on in the size it began with.
                    shown = _fitted(shown, made.height - below.shape[0], made.width)
                frame = av.VideoFrame.from_ndarray(np.vstack([shown, below]), format="bgr24")
                frame.pts, frame.time_base = round(at * _TICKS), Fraction(1, _TICKS)
                out.mux(made.encode(frame))
                frames, hidden = frames + 1, hidden + bool(covers)
                progress(begun + (1 - begun) * share)
            if made is None:
                raise ExportError(f"{source.name}: no picture can be decoded")
            out.mux(made.encode(None))
        return _done(fresh, target, frames, hidden)
    finally:
        fresh.unlink(missing_ok=True)


def copy_still(source: Path, target: Path, *, model: Model | None, rules: Rules, line: str) -> Made:
    """Copy a still as JPEG; arguments and errors as of :func:`copy_clip`. It is searched in smaller parts than a clip's frames."""
    picture = cv2.imdecode(np.frombuffer(source.read_bytes() or b"\0", np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ExportError(f"{source.name}: it is no picture that can be decoded")
    things = () if model is None else find(model, picture.astype(np.uint8), rules, fine=True)
    shown = masking.masked(picture.astype(np.uint8), [t.cover for t in things], rules)
    fits, data = cv2.imencode(
        ".jpg", np.vstack([shown, strip(line, shown.shape[1])]), [cv2.IMWRITE_JPEG_QUALITY, _JPEG]
    )
    if not fits:
        raise ExportError(f"{source.name}: it is too large for a JPEG")
    fresh = _beside(target)
    try:
        fresh.write_bytes(bytes(data))
        return _done(fresh, target, 1, int(bool(things)))
    finally:
        fresh.unlink(missing_ok=True)


def find(model: Model, picture: Image, rules: Rules, *, fine: bool = False) -> tuple[Thing, ...]:
    """What must be hidden in one picture, ``(H, W, 3)`` BGR: found in the whole and in its parts at full resolution."""
    frame = ArrayFrame(picture)
    height, width = picture.shape[:2]
    weakest = min(masking.MIN_SCORE.values())
    return tuple(
        thing
        for part in (None, *masking.parts(height, width, fine=fine))
        for thing in masking.things_of(model.objects(frame, weakest, part), rules, height, width)
    )


def sightings(source: Path, model: Model, rules: Rules, progress: Progress = lambda _: None) -> list[Sighting]:
    """What is found five times a second and in the last frame, so that nothing comes after the last look.

    Raises:
        ExportError: it is no video.
    """
    found: list[Sighting] = []
    last: tuple[Image, float] | None = None
    for picture, at, share in _pictures(source):
        last = None
        if found and at - found[-1].at < masking.EVERY_S - 1e-3:
            last = (picture, at)
            continue
        found.append(Sighting(at, find(model, picture, rules)))
        progress(_FOUND_SHARE * share)
    if last is not None:
        found.append(Sighting(last[1], find(model, last[0], rules)))
    return found


def _pictures(source: Path) -> Iterator[tuple[Image, float, float]]:
    """Every whole picture with its time from the first, seconds, and about which share of the file that is.

    Raises:
        ExportError: it is no video.
    """
    try:
        with av.open(str(source)) as container:
            if not container.streams.video:
                raise ExportError(f"{source.name}: there is no picture in it")
            stream = container.streams.video[0]
            stream.thread_count = 1
            length = float(container.duration / av.time_base) if container.duration else 0.0
            begun: float | None = None
            last = -1.0
            for packet in container.demux(stream):
                try:
                    decoded = stream.codec_context.decode(packet)
                except (av.error.InvalidDataError, av.error.EOFError):
                    continue
                for frame in decoded:
                    if frame.is_corrupt or frame.pts is None or frame.time_base is None:
                        continue
                    shown = float(frame.pts * frame.time_base)
                    begun = shown if begun is None else begun
                    if shown - begun > last:
                        last = shown - begun
                        yield (
                            np.asarray(frame.to_ndarray(format="bgr24"), np.uint8),
                            last,
                            min(1.0, last / length) if length else 0.0,
                        )
    except av.error.InvalidDataError as error:
        raise ExportError(f"{source.name}: it is no video that can be decoded") from error


def _fitted(picture: Image, height: int, width: int) -> Image:
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _beside(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.with_name(f".{target.name}.part")


def _done(fresh: Path, target: Path, frames: int, hidden: int) -> Made:
    """Move a finished file to its place, so that it is there whole or not at all."""
    with fresh.open("rb") as written:
        os.fsync(written.fileno())
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    size = fresh.stat().st_size
    fresh.replace(target)
    return Made(sha256, size, frames, hidden)
