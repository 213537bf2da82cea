"""Keeps what a look saw: a clip by stream copy, the key frame with boxes and zones drawn, the picture as it came.

Files are written beside their place and moved there whole, so that a crash leaves no half file under a good name.
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from detectors import Finding, Image, Verdict, Zone
from patrol.visits.capture import decode_times
from patrol.visits.captured import Capture
from patrol.visits.report import Evidence

_LEAD_S = 4.0
"""Seconds of the clip before the moment a finding shows best; the copy begins at the keyframe before that."""
_MP4 = {"h264", "hevc", "mpeg4"}
_COLOURS = {
    "road": (255, 160, 0),
    "sky": (255, 255, 120),
    "water": (255, 120, 40),
    "bank": (80, 200, 255),
    "ignore": (128, 128, 128),
    "private": (128, 128, 128),
}
_BOX = (40, 40, 255)


def keep(
    folder: Path,
    got: Capture,
    picture: Image | None,
    *,
    moment: float | None,
    findings: tuple[Finding, ...],
    zones: tuple[Zone, ...],
) -> tuple[Evidence, ...]:
    """Write the evidence of one look.

    Args:
        folder: made if it is not there; one a look.
        got: the packets.
        picture: ``(H, W, 3)`` BGR, the frame at ``moment``; None when nothing could be decoded.
        moment: seconds into the look where it shows best; None: the clip holds the whole look.
        findings: those that are not clear are drawn.
        zones: drawn.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    clip, suffix, begins = _clip(got, None if moment is None else got.lead_s + moment - _LEAD_S)
    if clip:
        media = "video/mp4" if suffix == "mp4" else "video/x-matroska"
        written = _write(folder / f"clip.{suffix}", clip, "clip", media)
        kept.append(replace(written, from_s=begins - got.lead_s))
    if picture is not None:
        shown = drawn(picture, tuple(f for f in findings if f.verdict is not Verdict.CLEAR), zones)
        kept.append(_write(folder / "key_frame.jpg", jpeg(shown), "key_frame", "image/jpeg"))
        kept.append(_write(folder / "picture.jpg", jpeg(picture), "picture", "image/jpeg"))
    return tuple(kept)


def jpeg(picture: Image) -> bytes:
    """A picture as JPEG."""
    ok, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
    if not ok:
        raise OSError("the picture cannot be written as JPEG")
    return bytes(data)


def write_whole(file: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _write(file: Path, data: bytes, role: str, media_type: str) -> Evidence:
    write_whole(file, data)
    return Evidence(str(file), hashlib.sha256(data).hexdigest(), role, media_type, len(data))


def _clip(got: Capture, begin: float | None) -> tuple[bytes, str, float]:
    """The packets from the last keyframe at or before ``begin`` on, bit for bit; no picture is decoded or encoded.

    Returns:
        The file, its suffix, and the second of the packets at which it begins.
    """
    suffix, form = ("mp4", "mp4") if got.codec in _MP4 else ("mkv", "matroska")
    out = io.BytesIO()
    with av.open(io.BytesIO(got.data), "r", format="matroska") as source:
        stream = source.streams.video[0]
        packets: list[Any] = [p for p in source.demux(stream) if p.size and (p.pts is not None or p.dts is not None)]
        first = 0
        for index, packet in enumerate(packets):
            if packet.is_keyframe and (
                begin is None
                or float((packet.pts if packet.pts is not None else packet.dts) * packet.time_base) <= max(0.0, begin)
            ):
                first = index
                if begin is None:
                    break
        if not packets:
            return b"", suffix, 0.0
        chosen = packets[first:]
        shown = [p.pts if p.pts is not None else p.dts for p in chosen]
        # Pictures shown before the first keyframe lean on packets that are not in the clip.
        begins = float(shown[0] * (chosen[0].time_base or 0))
        kept = [(p, at - shown[0]) for p, at in zip(chosen, shown, strict=True) if at >= shown[0]]
        with av.open(out, "w", format=form) as target:
            copy = target.add_stream_from_template(stream)
            for (packet, pts), dts in zip(kept, decode_times([at for _, at in kept]), strict=True):
                packet.pts, packet.dts, packet.stream = pts, dts, copy
                target.mux(packet)
    return out.getvalue(), suffix, begins


def drawn(picture: Image, findings: tuple[Finding, ...], zones: tuple[Zone, ...]) -> Image:
    """A copy of a picture, ``(H, W, 3)`` BGR, with zones and the findings' boxes on it."""
    height, width = picture.shape[:2]
    thick = max(1, round(max(height, width) / 500))
    canvas = picture.copy()
    for zone in zones:
        corners = np.round(np.array(zone.polygon) * (width, height)).astype(np.int32)
        cv2.polylines(canvas, [corners], True, _COLOURS.get(zone.kind.value, (200, 200, 200)), thick)
    for finding in findings:
        if finding.box is None:
            continue
        left, top, right, bottom = (
            round(v * s) for v, s in zip(finding.box, (width, height, width, height), strict=True)
        )
        cv2.rectangle(canvas, (left, top), (right, bottom), _BOX, thick)
        label = f"{finding.kind.value} {finding.verdict.value} {finding.score:.2f}"
        cv2.putText(
            canvas, label, (left, max(14, top - 6)), cv2.FONT_HERSHEY_SIMPLEX, 0.5 * thick, _BOX, thick, cv2.LINE_AA
        )
    return canvas
