"""The synthetic scenes of the demo county, each drawn by a seed and encoded once into a loop of MPEG-TS.

Every picture says SYNTHETIC: they are for trying the service out, never for measuring its detectors.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import structlog

from patrol.demo import _day, _night
from patrol.demo._canvas import HEIGHT, LOOP_S, WIDTH, Painter, Picture, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

_KEYFRAME_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One synthetic scene.

    Attributes:
        key: its name in code, and in the picture.
        painter: makes its painter from a seed.
        fps: frames a second; fireworks need 15 or more to be seen.
        frozen: every frame is the same, the clock included.
        seed: of its random numbers; the same seed draws the same loop.
    """

    key: str
    painter: Callable[[int], Painter] = field(repr=False)
    fps: Fraction = Fraction(25, 2)
    frozen: bool = False
    seed: int = 430_624


SCENES = {
    scene.key: scene
    for scene in (
        Scene("fireworks", _night.fireworks, fps=Fraction(25)),
        Scene("quiet_town", _night.quiet_town),
        Scene("queue", _day.queue),
        Scene("free_road", _day.free_road),
        Scene("school_gate", _day.school_gate),
        Scene("street", _day.street),
        Scene("river_bank", _day.river_bank),
        Scene("reservoir_night", _night.reservoir_night),
        Scene("covered", _night.covered),
        Scene("frozen", _night.frozen, frozen=True),
        Scene("dark", _night.dark),
    )
}
"""All scenes, in the order in which the demo makes them ready."""


def pictures(scene: Scene) -> list[Picture]:
    """The frames of one loop, ``(360, 640, 3)`` BGR each."""
    paint = scene.painter(scene.seed)
    times = [float(n / scene.fps) for n in range(int(LOOP_S * scene.fps))]
    label = scene.key.replace("_", " ").upper()
    return [stamp(paint(at), 0.0 if scene.frozen else at, label) for at in times]


def encode(scene: Scene) -> bytes:
    """One loop as H.264 in MPEG-TS, a keyframe every two seconds, no reordered frames."""
    target = io.BytesIO()
    with av.open(target, "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=scene.fps)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        # A constant quantiser: with it a frozen picture stays the same to the bit, keyframes included.
        stream.options = {
            "preset": "ultrafast",
            "qp": "26",
            "bf": "0",
            "g": str(round(_KEYFRAME_EVERY_S * scene.fps)),
            "keyint_min": str(round(_KEYFRAME_EVERY_S * scene.fps)),
            "sc_threshold": "0",
            "threads": "1",
        }
        for picture in pictures(scene):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    log.info("synthetic", scene=scene.key, seconds=LOOP_S, fps=float(scene.fps), bytes=target.tell())
    return target.getvalue()
