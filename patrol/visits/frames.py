"""A decoded frame that converts itself only when asked, once each: a frame nobody looks at costs its decoding alone."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from detectors import Image

_LUMA_FIRST = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"})
"""Formats whose first plane is 8-bit luma."""


Conversion = tuple[float, str, int | None]


class Converters:
    """One converter a form and size, for the frames of one stream: setting one up costs ten times what a conversion costs.

    Attributes:
        made: each conversion: seconds of the frame, ``gray`` or ``bgr24``, pixels of the longer side, None for as it was.
    """

    def __init__(self) -> None:
        self._kept: defaultdict[tuple[str, int | None], VideoReformatter] = defaultdict(VideoReformatter)
        self.made: list[Conversion] = []

    def convert(self, frame: av.VideoFrame, at: float, form: str, max_side: int | None) -> Image:
        """``frame`` as ``gray`` or ``bgr24``, its longer side shrunk to ``max_side`` pixels, None for as it is."""
        self.made.append((at, form, max_side))
        if max_side is None:
            width, height = frame.width, frame.height
        else:
            scale = max_side / max(frame.height, frame.width)
            width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        # "fast bilinear" and BICUBIC cost the same here; AREA averages, which keeps thin rods and small sparks alive.
        made = self._kept[form, max_side].reformat(
            frame,
            width=width,
            height=height,
            format=form,
            interpolation="AREA",
            dst_color_range="JPEG" if form == "gray" else None,
            threads=1,
        )
        return np.asarray(made.to_ndarray(), np.uint8)


class DecodedFrame:
    """See :class:`detectors.Frame`. ``at`` is seconds since the first frame of the look."""

    def __init__(self, frame: Any, at: float, converters: Converters | None = None) -> None:
        self._frame: av.VideoFrame = frame
        self._converters = converters if converters is not None else Converters()
        self.at = at
        self.height = int(frame.height)
        self.width = int(frame.width)
        self.key = bool(frame.key_frame)
        self._made: dict[tuple[str, int | None], Image] = {}

    def bgr(self, max_side: int | None = None) -> Image:
        """``(height, width, 3)`` BGR, shrunk so that the longer side is at most ``max_side`` pixels."""
        return self._get("bgr24", max_side)

    def gray(self, max_side: int | None = None) -> Image:
        """``(height, width)`` luma in 0..255, shrunk likewise."""
        return self._get("gray", max_side)

    def luma(self) -> Image:
        """The luma plane exactly as decoded, limited range not stretched: for telling two pictures apart bit by bit."""
        if self._frame.format.name not in _LUMA_FIRST:
            return self.gray()
        plane = self._frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: self.height, : self.width]

    def _get(self, form: str, max_side: int | None) -> Image:
        side = max(self.height, self.width)
        key = (form, max_side if max_side is not None and max_side < side else None)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._converters.convert(self._frame, self.at, form, key[1])
        return made
