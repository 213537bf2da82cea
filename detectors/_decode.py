"""Around the network: letterbox in, boxes out. Arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Box, Image, Objects

_GREY = 114
"""The padding colour the YOLO family is trained with."""
_IOU = 0.5
"""Overlap above which two boxes of a class are one thing. Lower than the usual 0.7: in a queue seen from above, doubles cost more than merges."""
_MOST = 300
_DARK, _LIT, _MOST_GAIN = 50.0, 80.0, 6.0
"""Median luma below which a picture is brightened, what it is brightened to, and by how much at most."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture was fitted into the network's input: ``input = picture * scale + (left, top)``, pixels."""

    scale: float
    left: int
    top: int
    width: int
    height: int


def input_size(height: int, width: int, longest: int, stride: int = 32) -> tuple[int, int]:
    """``(height, width)`` of a rectangular input: the longer side ``longest``, the other just enough, multiples of ``stride``."""
    scale = longest / max(height, width)
    rows = max(stride, -(-round(height * scale) // stride) * stride)
    columns = max(stride, -(-round(width * scale) // stride) * stride)
    return min(rows, longest), min(columns, longest)


def letterbox(picture: Image, rows: int, columns: int) -> tuple[NDArray[np.float32], Letterbox]:
    """``(height, width, 3)`` BGR to ``(1, 3, rows, columns)`` RGB in [0, 1], its shape kept, the rest grey."""
    height, width = picture.shape[:2]
    scale = min(rows / height, columns / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = picture if size == (width, height) else cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    canvas = np.full((rows, columns, 3), _GREY, np.uint8)
    left, top = (columns - size[0]) // 2, (rows - size[1]) // 2
    canvas[top : top + size[1], left : left + size[0]] = small
    tensor = cv2.dnn.blobFromImage(canvas, 1 / 255, swapRB=True)
    return tensor.astype(np.float32, copy=False), Letterbox(scale, left, top, width, height)


def lit(picture: Image, *, smooth: bool) -> Image:
    """A dark picture brightened as an eye would adapt: shadows lifted, lamps not burnt out. Others as they are.

    Own measurement on ten 352 × 288 clips darkened to a quarter with noise: of as many vehicles as by day 35 % were found
    dark as they were, 49 % brightened and smoothed (docs/detectors.md). Smoothing only helps where noise is not averaged away by
    shrinking.

    Args:
        picture: ``(height, width, 3)`` BGR.
        smooth: blur noise away, too.
    """
    level = float(np.median(picture[::8, ::8, 1]))
    if level >= _DARK:
        return picture
    gain = min(_MOST_GAIN, _LIT / max(level, 4.0))
    light = np.arange(256) / 255
    curve = np.clip(255 * (1 - np.exp(-gain * light)) / (1 - np.exp(-gain)), 0, 255).astype(np.uint8)
    return cv2.LUT(cv2.GaussianBlur(picture, (0, 0), 1.0) if smooth else picture, curve).astype(np.uint8, copy=False)


def objects_of(raw: NDArray[np.float32], fitted: Letterbox, names: tuple[str, ...], min_score: float) -> Objects:
    """The network's output as objects.

    Args:
        raw: ``(4 + C, N)``: centre x, y, width, height in input pixels, then a score in [0, 1] for each of C classes.
        fitted: how the picture was fitted in.
        names: C class names.
        min_score: weaker ones are dropped.
    """
    scores = raw[4:]
    best = scores.argmax(axis=0)
    strength = scores[best, np.arange(scores.shape[1])]
    keep = np.flatnonzero(strength >= min_score)
    if keep.size == 0:
        return Objects(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), ())
    strength, best = strength[keep], best[keep]
    x, y, w, h = raw[:4, keep]
    corners = np.stack([x - w / 2, y - h / 2, w, h], axis=1)
    # One pass for all classes: boxes of different classes are moved far apart, so that they never suppress each other.
    apart = corners.copy()
    apart[:, 0] += best * 4096.0
    chosen = np.asarray(cv2.dnn.NMSBoxes(apart.tolist(), strength.tolist(), min_score, _IOU), np.int64).reshape(-1)[
        :_MOST
    ]
    boxes = corners[chosen]
    left = (boxes[:, 0] - fitted.left) / fitted.scale / fitted.width
    top = (boxes[:, 1] - fitted.top) / fitted.scale / fitted.height
    right = left + boxes[:, 2] / fitted.scale / fitted.width
    bottom = top + boxes[:, 3] / fitted.scale / fitted.height
    shares = np.clip(np.stack([left, top, right, bottom], axis=1), 0.0, 1.0).astype(np.float32)
    return Objects(shares, strength[chosen].astype(np.float32), tuple(names[int(c)] for c in best[chosen]))


def whole_pixels(part: Box, height: int, width: int) -> Box:
    """A part of the picture moved out to whole pixels, at least one of each, still in shares."""
    left, top = min(int(max(0.0, part[0]) * width), width - 1), min(int(max(0.0, part[1]) * height), height - 1)
    right, bottom = int(np.ceil(min(1.0, part[2]) * width)), int(np.ceil(min(1.0, part[3]) * height))
    return left / width, top / height, max(right, left + 1) / width, max(bottom, top + 1) / height


def crop(picture: Image, part: Box) -> Image:
    """The part of a ``(height, width, 3)`` picture, a view; ``part`` as :func:`whole_pixels` gives it."""
    height, width = picture.shape[:2]
    return picture[round(part[1] * height) : round(part[3] * height), round(part[0] * width) : round(part[2] * width)]


def placed(found: Objects, part: Box) -> Objects:
    """What was found in a part, in shares of the whole picture."""
    left, top, right, bottom = part
    scale = np.array([right - left, bottom - top] * 2, np.float32)
    return Objects(found.boxes * scale + np.array([left, top] * 2, np.float32), found.scores, found.names)


def unpadded(cells: NDArray[np.float32], fitted: Letterbox, rows: int, columns: int) -> NDArray[np.float32]:
    """``(H, W)`` cells over the network's input without those over the padding: at least one row and column."""
    high, wide = cells.shape
    top, left = round(fitted.top / rows * high), round(fitted.left / columns * wide)
    bottom = round((fitted.top + fitted.height * fitted.scale) / rows * high)
    right = round((fitted.left + fitted.width * fitted.scale) / columns * wide)
    return np.ascontiguousarray(
        cells[min(top, high - 1) : max(bottom, top + 1), min(left, wide - 1) : max(right, left + 1)]
    )


COCO: tuple[str, ...] = (
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
)
"""The 80 classes of COCO in their order: what a model without names but with 80 classes was trained on."""
