"""Starts the RTSP server and makes what it serves: any H.264 clip as a long loop, by stream copy."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import av
import numpy as np

_INSTALL = "no RTSP server; Debian: apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad (make test does it)"


class RtspServer:
    """Serves ``mounts`` (name: H.264 MPEG-TS file) on a free port of 127.0.0.1."""

    def __init__(self, mounts: dict[str, Path], *, credential: str = "") -> None:
        script = Path(__file__).with_name("_gst_rtsp.py")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self._process = subprocess.Popen(
            ["/usr/bin/python3", str(script), json.dumps({n: str(p) for n, p in mounts.items()}), credential],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line.isdecimal(), _INSTALL
        self.port = int(line)

    def url(self, name: str) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()


def loop(clip: Path, out: Path, seconds: float = 60.0) -> Path:
    """``clip`` again and again as MPEG-TS, timestamps going on, by stream copy: what a camera that never ends sends."""
    with av.open(str(clip)) as first:
        stream = first.streams.video[0]
        assert stream.codec_context.name == "h264", f"{clip.name} is {stream.codec_context.name}, not H.264"
        with av.open(str(out), "w", format="mpegts") as target:
            copy = target.add_stream_from_template(stream)
            offset, done = 0, 0.0
            while done < seconds:
                end = 0
                with av.open(str(clip)) as source:
                    for packet in source.demux(source.streams.video[0]):
                        if packet.dts is None or packet.pts is None:
                            continue
                        end = max(end, packet.pts + (packet.duration or 1))
                        packet.pts += offset
                        packet.dts += offset
                        packet.stream = copy
                        target.mux(packet)
                offset += end
                done = float(offset * stream.time_base) if stream.time_base else seconds
    return out


def picture_clip(
    out: Path, picture: np.ndarray, *, seconds: float = 8.0, fps: int = 12, noise: float = 0.0, seed: int = 1
) -> Path:
    """A made clip (H.264 in MPEG-TS) of one picture, with sensor noise of that standard deviation on every frame."""
    random = np.random.default_rng(seed)
    with av.open(str(out), "w", format="mpegts") as target:
        stream = target.add_stream(
            "libx264", rate=fps, options={"g": str(2 * fps), "preset": "veryfast", "tune": "zerolatency"}
        )
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for _ in range(round(seconds * fps)):
            shown = picture.astype(np.float32)
            if noise:
                shown = shown + random.normal(0, noise, picture.shape[:2])[..., None]
            frame = av.VideoFrame.from_ndarray(np.clip(shown, 0, 255).astype(np.uint8), format="bgr24")
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return out


def covered_lens() -> np.ndarray:
    """What a hand over a lens looks like: brownish dark, soft, with nothing in it."""
    rows, columns = np.mgrid[0:360, 0:640]
    glow = 46 + 10 * np.exp(-(((columns - 420) / 260) ** 2) - ((rows - 120) / 200) ** 2)
    return np.stack([glow * 0.55, glow * 0.8, glow * 1.15], axis=-1).astype(np.uint8)
