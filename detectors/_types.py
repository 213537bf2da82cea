"""What travels between a look and its detectors: frames and zones in, findings out.

A detector knows pictures. It does not know the camera, the network, the database or the time of day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._road import RoadMemory

Image = NDArray[np.uint8]
"""``(height, width, 3)`` BGR or ``(height, width)`` grey, ``uint8``."""

Box = tuple[float, float, float, float]
"""``(x_min, y_min, x_max, y_max)`` as shares of the picture's width and height, each in [0, 1]."""


class Kind(StrEnum):
    """What can be found. The value is the word in JSON, in MQTT topics and in the registry."""

    CONGESTION = "congestion"
    FIREWORKS = "fireworks"
    FISHING = "fishing"


class Verdict(StrEnum):
    """What one detector says of one look, weakest first."""

    CLEAR = "clear"
    CANDIDATE = "candidate"
    FLAGGED = "flagged"

    @property
    def rank(self) -> int:
        """0 for the weakest."""
        return list(Verdict).index(self)


class ZoneKind(StrEnum):
    """What a zone shows."""

    ROAD = "road"
    SKY = "sky"
    WATER = "water"
    BANK = "bank"
    IGNORE = "ignore"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon in the picture.

    Attributes:
        name: what the registry calls it; findings name it.
        kind: what it shows.
        polygon: at least three ``(x, y)`` points, each in [0, 1] of width and height.
        signals: of a road: a light or a barrier holds vehicles here, so that one look can never tell a jam from a stop.
    """

    name: str
    kind: ZoneKind
    polygon: tuple[tuple[float, float], ...]
    signals: bool = False

    def mask(self, height: int, width: int) -> NDArray[np.bool_]:
        """The zone as a mask of shape ``(height, width)``, True inside."""
        points = np.round(np.array(self.polygon, np.float64) * (width, height)).astype(np.int32)
        canvas = np.zeros((height, width), np.uint8)
        cv2.fillPoly(canvas, [points], 1)
        return canvas.astype(bool)


class Frame(Protocol):
    """One decoded frame. Conversions are made when asked for, once each, so that a frame nobody looks at costs nothing."""

    @property
    def at(self) -> float:
        """Seconds of media time since the first frame of the look."""
        ...

    @property
    def height(self) -> int:
        """Pixels of the source."""
        ...

    @property
    def width(self) -> int:
        """Pixels of the source."""
        ...

    @property
    def key(self) -> bool:
        """Whether the encoder made it a keyframe."""
        ...

    def bgr(self, max_side: int | None = None) -> Image:
        """``(height, width, 3)`` BGR, shrunk (never enlarged) so that the longer side is at most ``max_side`` pixels."""
        ...

    def gray(self, max_side: int | None = None) -> Image:
        """``(height, width)`` luma in 0..255, shrunk (never enlarged) likewise."""
        ...


class ArrayFrame:
    """A frame that is already a BGR array: tests, stills, pictures from anywhere but a decoder."""

    def __init__(self, image: Image, at: float = 0.0, *, key: bool = True) -> None:
        self._image = image
        self.at = at
        self.key = key
        self.height, self.width = int(image.shape[0]), int(image.shape[1])

    def bgr(self, max_side: int | None = None) -> Image:
        """See :meth:`Frame.bgr`."""
        return _shrunk(self._image, max_side)

    def gray(self, max_side: int | None = None) -> Image:
        """See :meth:`Frame.gray`."""
        return cv2.cvtColor(self.bgr(max_side), cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def _shrunk(image: Image, max_side: int | None) -> Image:
    height, width = image.shape[:2]
    if max_side is None or max(height, width) <= max_side:
        return image
    scale = max_side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


@dataclass(frozen=True, slots=True)
class Objects:
    """What the model sees in one frame.

    Attributes:
        boxes: ``(N, 4)`` float32, ``(x_min, y_min, x_max, y_max)``, shares of the picture in [0, 1].
        scores: ``(N,)`` float32 in [0, 1].
        names: N class names of the model (``car``, ``person``, ``boat`` …).
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def only(self, wanted: Sequence[str] | AbstractSet[str], min_score: float = 0.0) -> Objects:
        """Those of the wanted classes with at least ``min_score``."""
        keep = [i for i, name in enumerate(self.names) if name in wanted and self.scores[i] >= min_score]
        return Objects(self.boxes[keep], self.scores[keep], tuple(self.names[i] for i in keep))


class Model(Protocol):
    """A loaded object model. One instance serves one thread at a time; it remembers what it saw in the last frames."""

    @property
    def name(self) -> str:
        """File name and version, for reports: ``yolo11n_from_int8.onnx (openvino 2026.4.1)``."""
        ...

    @property
    def classes(self) -> frozenset[str]:
        """The class names it can find."""
        ...

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        """Find objects in a frame. Two detectors asking for the same frame cost one inference.

        Args:
            frame: where.
            min_score: weaker ones are left out.
            within: look at this part only, at full resolution; the boxes are still shares of the whole picture.
        """
        ...

    def water(self, frame: Frame) -> NDArray[np.float32] | None:
        """Where water is: ``(rows, columns)`` in [0, 1] over the whole picture, coarse; None from a model that cannot tell.

        Comes with the same inference as ``objects`` of the whole frame.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something was at one moment: what a person sees drawn over the clip, to check the finding against.

    Attributes:
        at: seconds into the look.
        what: ``person``, ``boat``, ``standing`` or ``moving`` (a vehicle), ``sparks``.
        box: where.
        track: the same number for the same thing at other moments, from 0; None: nothing was followed.
    """

    at: float
    what: str
    box: Box
    track: int | None = None


MOST_MARKS = 240
"""Marks a finding carries at most: they are kept with every sighting."""


def thinned(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """At most ``MOST_MARKS`` of them in order of time: whole moments are left out, evenly, so that what stays is whole."""
    ordered = sorted(marks, key=lambda mark: mark.at)
    moments = list(dict.fromkeys(mark.at for mark in ordered))
    kept = set(moments[:: -(-len(ordered) // MOST_MARKS) or 1])
    return tuple(mark for mark in ordered if mark.at in kept)[:MOST_MARKS]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one detector says about one look.

    Attributes:
        kind: what was looked for.
        verdict: clear, candidate or flagged.
        score: in [0, 1], 0 nothing there, 1 sure.
        at: seconds into the look where it shows best; None when clear.
        box: where it shows best; None when clear or when it fills the picture.
        zone: the name of the zone judged, ``whole`` when nobody drew one.
        reason: one sentence a person can check against the clip.
        measurements: the numbers behind the verdict, flat; units in the names (``speed_lengths_per_s``).
        marks: what was seen where over time, in order of time; none when clear.
    """

    kind: Kind
    verdict: Verdict
    score: float
    at: float | None
    box: Box | None
    zone: str
    reason: str
    measurements: Mapping[str, float | int | str | bool] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What a look asks of its detectors.

    Attributes:
        zones: the zones of the camera (of the preset it stands at); empty: the whole picture is judged.
        model: the loaded model, or None where none is to be had.
        expected_s: how long the look is meant to last, seconds.
        road: what past looks of this camera taught of its road, None where there were none.
    """

    zones: tuple[Zone, ...] = ()
    model: Model | None = None
    expected_s: float = 20.0
    road: RoadMemory | None = None
    rods_allowed: int | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """What a glance saw: a few frames, decoded alone, and how much the encoder had to say between them.

    Attributes:
        frames: keyframes in order, at most a few seconds apart, three or more.
        rates: ``(N,)`` float64, bytes per second of the packets that are no keyframes, in steps of ``step_s``, over the
            whole look. A still scene has an even, low rate; whatever moves or flashes raises it. Zero where the encoder
            made keyframes only.
        step_s: seconds.
    """

    frames: tuple[Frame, ...]
    rates: NDArray[np.float64]
    step_s: float


class Detector(Protocol):
    """Shown a glance where there is one, then fed with frames in order, then asked. One instance serves one look.

    ``rate_hz`` is how many frames a second of media time it wants (the look picks the frames on a common
    grid, so that rates of 12.5, 5, 2.5 and 1 share frames); None means every frame.
    """

    kind: Kind
    rate_hz: float | None

    def glance(self, glance: Glance) -> Finding | None:
        """Judge what is plain from keyframes: a finding that is ``clear``, or None where only a full look can tell.

        Not called where keyframes are too far apart. After a finding nothing else is called.
        """
        ...

    def update(self, frame: Frame) -> None:
        """Take the next frame. Keep numbers and small pictures, never the frame itself."""
        ...

    def finish(self) -> Finding:
        """Judge what was seen. A look too short to judge is never ``flagged``, and says so."""
        ...


@runtime_checkable
class Learner(Protocol):
    """A detector that learns from look to look."""

    @property
    def learnt(self) -> RoadMemory:
        """What is known after this look, for the next one's :class:`Request`."""
        ...


class NotRun(Exception):  # noqa: N818 - it is an answer, not a failure
    """A detector that cannot run, with a reason for the person who reads the result (no model, class missing …)."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(f"{kind.value}: {reason}")
        self.kind = kind
        self.reason = reason
