"""Pictures with hand-drawn water: stills and frames of clips, with polygons from ``labels.json``."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Image

LABELS = Path(__file__).parent / "labels.json"
UNSURE = 255
_FRAMES = 6

Shares = Sequence[Sequence[Sequence[float]]]
"""Polygons; each a list of ``(x, y)`` in [0, 1] of width and height."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A labelled picture.

    Attributes:
        name: file, and the second where it is a frame of a clip.
        source: camera or repository it comes from; pictures of one source are never on both sides of a split.
        image: ``(height, width, 3)`` BGR.
        truth: ``(height, width)`` uint8: 1 water, 0 none, 255 nobody can say.
        dry: whether there is no water in it for certain.
    """

    name: str
    source: str
    image: Image
    truth: NDArray[np.uint8]
    dry: bool


def pictures(footage: Path, labels: Path = LABELS) -> list[Picture]:
    """Every labelled picture under ``footage``: stills, frames of water clips, and frames of clips without water."""
    known = json.loads(labels.read_text("utf-8"))
    sources = _sources(footage)
    found: list[Picture] = []
    for entry in known["pictures"]:
        for file in [entry["file"], *entry.get("same_view", [])]:
            image = _frame(footage / file, entry["at_s"]) if "at_s" in entry else _still(footage / file)
            image = _small(image)
            truth = mask(entry, *image.shape[:2])
            name = f"{file}@{entry['at_s']}" if "at_s" in entry else file
            found.append(Picture(name, _source(file, sources), image, truth, not truth.any()))
    for file in known["dry_clips"]:
        for at, image in _spread(footage / file, _FRAMES):
            small = _small(image)
            found.append(
                Picture(f"{file}@{at}", _source(file, sources), small, np.zeros(small.shape[:2], np.uint8), dry=True)
            )
    return found


def mask(entry: dict[str, Any], height: int, width: int) -> NDArray[np.uint8]:
    """Polygons as a picture: 1 in ``water``, 0 elsewhere and in ``not_water``, 255 in ``unsure``; later kinds paint over earlier."""
    canvas = np.zeros((height, width), np.uint8)
    for kind, value in (("water", 1), ("not_water", 0), ("unsure", UNSURE)):
        shapes: Shares = entry.get(kind, [])
        for polygon in shapes:
            cv2.fillPoly(canvas, [np.round(np.array(polygon) * (width, height)).astype(np.int32)], value)
    return canvas


def _sources(footage: Path) -> dict[str, str]:
    with (footage / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        return {row["file"]: row["source"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


def _source(file: str, sources: dict[str, str]) -> str:
    """Live cameras one by one; London's traffic cameras together, whoever published them; else the repository."""
    name = Path(file).name
    if "shore_livecams" in file:
        return f"camera {name.split('_')[0]}"
    if "jamcam" in name:
        return "London traffic cameras"
    return sources[file]


def _still(file: Path) -> Image:
    image = cv2.imread(str(file))
    if image is None:
        raise FileNotFoundError(file)
    return image.astype(np.uint8, copy=False)


def _frame(file: Path, at_s: float) -> Image:
    import av

    with av.open(str(file)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= at_s:
                return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    raise ValueError(f"{file}: shorter than {at_s} s")


def _spread(file: Path, count: int) -> Iterator[tuple[float, Image]]:
    import av

    with av.open(str(file)) as container:
        seconds = float(container.duration or 0) / 1e6
        wanted = [seconds * (i + 0.5) / count for i in range(count)]
        for frame in container.decode(video=0):
            if wanted and frame.time is not None and frame.time >= wanted[0]:
                yield round(wanted.pop(0), 1), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _small(image: Image, longest: int = 1280) -> Image:
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    return cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA).astype(
        np.uint8
    )
