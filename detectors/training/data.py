"""The pictures learnt from, and what the base model sees in them at a larger size. Clips and test folders are never read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._decode import COCO, input_size, letterbox, objects_of
from detectors._types import Image
from detectors.training import KEPT

WEIGHTS = Path("weights/yolo11n_from_int8.pt")
_FOLDERS = ("images/shore_livecams/images/train", "images/springwood_lake")
_NO_ROD_IN_SIGHT = ("13b45_ocean", "212d1_boat", "45a2f_gallery4", "62fc6_1-4", "6986c_gallery2", "9a93a_gallery_16")
"""From ``images/talltails_fishing``: pictures without any rod. Those with one are the test, and would teach 'not a rod' here."""
_LARGE = 1280
_SURE = 0.4
"""Weakest object of the base model that is taught as true."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One still and the things in it.

    Attributes:
        image: ``(H, W, 3)`` BGR.
        boxes: ``(N, 4)`` ``(x_min, y_min, x_max, y_max)``, pixels.
        classes: ``(N,)`` rows in COCO's order.
    """

    image: Image
    boxes: NDArray[np.float32]
    classes: NDArray[np.int64]


def pictures(footage: Path) -> list[Path]:
    """The stills that may be learnt from, in a fixed order."""
    found = [file for folder in _FOLDERS for file in sorted((footage / folder).glob("*.jp*g"))]
    boats = sorted((footage / "images/talltails_fishing").glob("*.jpg"))
    found += [file for file in boats if file.stem.startswith(_NO_ROD_IN_SIGHT)]
    if not found:
        raise FileNotFoundError(f"{footage}: none of the training pictures is there")
    return found


def labelled(footage: Path, base: Any, cache: Path) -> list[Picture]:
    """The pictures with pseudo-labels, computed once and kept in ``cache`` (JSON)."""
    known: dict[str, list[list[float]]] = json.loads(cache.read_text("utf-8")) if cache.is_file() else {}
    result = []
    for file in pictures(footage):
        image = cv2.imread(str(file))
        if image is None:
            continue
        if max(image.shape[:2]) > _LARGE:
            scale = _LARGE / max(image.shape[:2])
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        name = file.relative_to(footage).as_posix()
        if name not in known:
            known[name] = _seen(base, image)
        rows = np.array(known[name], np.float32).reshape(-1, 5)
        result.append(Picture(image, rows[:, :4], rows[:, 4].astype(np.int64)))
    cache.write_text(json.dumps(known), "utf-8")
    return result


def _seen(base: Any, image: Image) -> list[list[float]]:
    import torch

    height, width = image.shape[:2]
    tensor, fitted = letterbox(image, *input_size(height, width, _LARGE))
    base.eval()
    with torch.no_grad():
        raw = base(torch.from_numpy(tensor))[0][0].numpy()
    base.train()
    objects = objects_of(raw, fitted, COCO, _SURE)
    sides = np.array([width, height, width, height], np.float32)
    return [
        [*(round(float(v), 1) for v in box * sides), COCO.index(label)]
        for box, label in zip(objects.boxes, objects.names, strict=True)
        if label in KEPT
    ]
