"""Teach the frozen backbone of the object model to say where water is, and put that beside its detections in one graph.

The head is a probe: one number per cell of 16 input pixels, from features that the network computes anyway. Nothing at run time imports
this; ``python -m detectors.training.water --help`` says what it does.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._decode import input_size, letterbox
from detectors._types import Image

LABELS = Path(__file__).parent / "water_labels.json"
CHANNELS = {4: 128, 6: 128, 10: 256}
"""Layers of YOLO11n whose features are read, with their channels: strides 8, 16 and 32."""
CELL = 16
"""Input pixels to a side of one cell of the answer."""
_LONGEST = 640
_UNSURE = 255
_FINE = 4
"""Every how many pixels of the input the truth is kept beside that of the cells."""
_SAMPLE = 90
"""Cells of each picture that are learned from."""
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


@dataclass(frozen=True, slots=True)
class Variant:
    """What is tried.

    Attributes:
        name: for tables.
        layers: whose features are read.
        hidden: channels between; 0 is a linear probe.
        smooth: side of the square of cells over which the answer is averaged, before the sigmoid; 1 leaves it as it is.
    """

    name: str
    layers: tuple[int, ...]
    hidden: int
    smooth: int


VARIANTS = (
    Variant("linear, 6+10", (6, 10), 0, 3),
    Variant("linear, 4+6+10", (4, 6, 10), 0, 3),
    Variant("hidden 32, 6+10", (6, 10), 32, 3),
    Variant("hidden 32, 4+6+10", (4, 6, 10), 32, 3),
    Variant("hidden 32, 4+6+10, not smoothed", (4, 6, 10), 32, 1),
)
SHIPPED = VARIANTS[3]


# ---------------------------------------------------------------------------------------------------------------- pictures


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
    for kind, value in (("water", 1), ("not_water", 0), ("unsure", _UNSURE)):
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


# ----------------------------------------------------------------------------------------------------------- disturbances


def disturbed(picture: Picture, random: np.random.Generator) -> Picture:
    """The same scene as another camera, hour or weather might show it: part of it, mirrored, dark, hazy, rainy, coarse, tinted."""
    image, truth = _part(picture.image, picture.truth, random)
    if random.random() < 0.5:
        image, truth = image[:, ::-1].copy(), truth[:, ::-1].copy()
    for chance, change in (
        (0.10 if picture.dry else 0.0, wet),
        (0.08 if picture.dry else 0.0, snow),
        (0.20, haze),
        (0.15, rain),
        (0.30, light),
        (0.15, night),
        (0.25, tint),
        (0.08, grey),
        (0.35, coarse),
    ):
        if random.random() < chance:
            image = change(image, random)
    return Picture(picture.name, picture.source, image, truth, picture.dry)


def _part(image: Image, truth: NDArray[np.uint8], random: np.random.Generator) -> tuple[Image, NDArray[np.uint8]]:
    if random.random() < 0.3:
        return image, truth
    height, width = image.shape[:2]
    share = random.uniform(0.45, 1.0)
    rows, columns = max(64, round(height * share)), max(64, round(width * share * random.uniform(0.85, 1.0)))
    rows, columns = min(rows, height), min(columns, width)
    top, left = int(random.integers(0, height - rows + 1)), int(random.integers(0, width - columns + 1))
    return image[top : top + rows, left : left + columns], truth[top : top + rows, left : left + columns]


def _bytes(values: NDArray[Any]) -> Image:
    return np.clip(values, 0, 255).astype(np.uint8)


def haze(image: Image, random: np.random.Generator) -> Image:
    """Grey-white veil, thicker towards the top."""
    strength = random.uniform(0.15, 0.6)
    veil = np.linspace(1.0, random.uniform(0.3, 1.0), image.shape[0])[:, None, None] * strength
    return _bytes(image * (1 - veil) + random.uniform(150, 225) * veil)


def rain(image: Image, random: np.random.Generator) -> Image:
    """Slanted light streaks over a flatter picture."""
    height, width = image.shape[:2]
    streaks = np.zeros((height, width), np.uint8)
    length, slant = max(6, height // 25), int(random.integers(-4, 5))
    for _ in range(int(random.integers(150, 600))):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        cv2.line(streaks, (x, y), (x + slant, y + length), 255, 1)
    soft = cv2.blur(streaks, (3, 3))[..., None].astype(np.float32) / 255
    flat = image * 0.8 + 25.0
    return _bytes(flat + soft * random.uniform(40, 110))


def light(image: Image, random: np.random.Generator) -> Image:
    """Another exposure."""
    return _bytes(255 * (image / 255.0) ** random.uniform(0.55, 1.7) * random.uniform(0.7, 1.25))


def night(image: Image, random: np.random.Generator) -> Image:
    """Dark, with the sensor's noise and the colour of lamps or of dusk."""
    dark = 255 * (image / 255.0) ** random.uniform(1.1, 1.8) * random.uniform(0.12, 0.45)
    cast = np.array([[1.25, 1.0, 0.8], [0.7, 0.95, 1.3], [1.0, 1.0, 1.0]])[int(random.integers(0, 3))]
    return _bytes(dark * cast + random.normal(0, random.uniform(2, 7), image.shape))


def tint(image: Image, random: np.random.Generator) -> Image:
    """A colour cast."""
    return _bytes(image * random.uniform(0.75, 1.25, 3))


def grey(image: Image, random: np.random.Generator) -> Image:
    """No colour, as from an infrared camera."""
    luma = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[..., None].repeat(3, axis=2)
    return _bytes(luma * random.uniform(0.8, 1.1))


def coarse(image: Image, random: np.random.Generator) -> Image:
    """Few pixels and a hard-pressed encoder."""
    height, width = image.shape[:2]
    scale = min(1.0, random.uniform(240, 640) / max(height, width))
    small = cv2.resize(
        image, (max(32, round(width * scale)), max(32, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    _, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(15, 70))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def wet(image: Image, random: np.random.Generator) -> Image:
    """Ground that mirrors what stands on it. Only ever laid over pictures without water."""
    height = image.shape[0]
    shore = int(height * random.uniform(0.35, 0.65))
    ground = image[shore:].astype(np.float32)
    above = image[max(0, 2 * shore - height) : shore][::-1]
    mirrored = cv2.resize(above, (image.shape[1], height - shore)).astype(np.float32)
    mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=2, sigmaY=random.uniform(3, 12))
    share = random.uniform(0.15, 0.5)
    result = image.astype(np.float32)
    result[shore:] = ground * (1 - share) * 0.85 + mirrored * share
    return _bytes(result)


def snow(image: Image, random: np.random.Generator) -> Image:
    """Ground gone white. Only ever laid over pictures without water."""
    height = image.shape[0]
    edge = int(height * random.uniform(0.3, 0.6))
    share = np.zeros((height, 1, 1))
    share[edge:] = random.uniform(0.4, 0.8)
    texture = cv2.GaussianBlur(random.normal(0, 30, image.shape[:2]), (0, 0), 3)[..., None]
    return _bytes(image * (1 - share) + (random.uniform(190, 240) + texture) * share)


# ----------------------------------------------------------------------------------------------------------------- features


@dataclass(frozen=True, slots=True)
class Cells:
    """What the probe sees of one picture and what it should say.

    Attributes:
        name: as of :class:`Picture`.
        source: likewise.
        features: ``(512, rows, columns)`` float16: layers 4 (averaged 2×2), 6 and 10 (repeated 2×2), one after the other.
        truth: ``(rows, columns)`` uint8: 1 water (half of the cell and more), 0 none, 255 padding or unsure.
        fine: ``(4 rows, 4 columns)`` uint8: the same for every fourth pixel.
        pure: ``(rows, columns)`` bool: cells that are nearly all of one kind; only those are learned from.
        dry: no water in the whole picture.
        count: cells of the whole picture, padding left out.
    """

    name: str
    source: str
    features: NDArray[np.float16]
    truth: NDArray[np.uint8]
    fine: NDArray[np.uint8]
    pure: NDArray[np.bool_]
    dry: bool
    count: int


class Backbone:
    """Layers 0 to 10 of a fused YOLO11n ``.pt``, frozen."""

    def __init__(self, weights: Path) -> None:
        self._torch = importlib.import_module("torch")
        self._torch.set_num_threads(1)
        self._layers = detection_model(weights).model[: max(CHANNELS) + 1]

    def cells(self, picture: Picture) -> Cells:
        """The picture as the network sees it at run time, with its truth per cell."""
        torch = self._torch
        height, width = picture.image.shape[:2]
        rows, columns = input_size(height, width, _LONGEST)
        shrink = min(1.0, _LONGEST / max(height, width))
        shown = picture.image
        if shrink < 1:
            size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
            shown = cv2.resize(shown, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        tensor, fitted = letterbox(shown, rows, columns)
        with torch.inference_mode():
            x = torch.from_numpy(tensor)
            kept = {}
            for number, layer in enumerate(self._layers):
                x = layer(x)
                if number in CHANNELS:
                    kept[number] = x
            pooled = torch.nn.functional.avg_pool2d(kept[4], 2)
            repeated = torch.nn.functional.interpolate(kept[10], scale_factor=2.0, mode="nearest")
            features = torch.cat([pooled, kept[6], repeated], 1)[0].half().numpy()
        size = (round(fitted.width * fitted.scale), round(fitted.height * fitted.scale))
        canvas = np.full((rows, columns), _UNSURE, np.uint8)
        small = cv2.resize(picture.truth, size, interpolation=cv2.INTER_NEAREST)
        canvas[fitted.top : fitted.top + size[1], fitted.left : fitted.left + size[0]] = small
        inside = np.zeros((rows, columns), np.uint8)
        inside[fitted.top : fitted.top + size[1], fitted.left : fitted.left + size[0]] = 1
        water, unsure, within = (_per_cell(part) for part in (canvas == 1, canvas == _UNSURE, inside == 1))
        truth = (water >= 0.5).astype(np.uint8)
        truth[unsure > 0.3] = _UNSURE
        pure = (unsure <= 0.05) & ((water <= 0.1) | (water >= 0.9))
        fine = canvas[_FINE // 2 :: _FINE, _FINE // 2 :: _FINE].copy()
        count = int((within >= 0.5).sum())
        return Cells(picture.name, picture.source, features, truth, fine, pure, picture.dry, count)


def _per_cell(part: NDArray[np.bool_]) -> NDArray[np.float32]:
    rows, columns = part.shape
    return part.reshape(rows // CELL, CELL, columns // CELL, CELL).mean((1, 3)).astype(np.float32)


def detection_model(weights: Path) -> Any:
    """The network inside a ``.pt`` of ultralytics, in float32, not for training."""
    mend = importlib.import_module("detectors._ultralytics")._mend_torchvision
    mend()
    return importlib.import_module("ultralytics").YOLO(str(weights), task="detect").model.float().eval()


# ---------------------------------------------------------------------------------------------------------------- the probe


@dataclass(frozen=True, slots=True)
class Probe:
    """A trained probe in plain arrays.

    Attributes:
        layers: whose features it reads.
        mix: ``(hidden or 1, channels of those layers)`` float32.
        mix_bias: ``(hidden or 1,)``.
        out: ``(hidden,)``, empty where the probe is linear.
        out_bias: ``(1,)``, likewise.
        smooth: as of :class:`Variant`.
    """

    layers: tuple[int, ...]
    mix: NDArray[np.float32]
    mix_bias: NDArray[np.float32]
    out: NDArray[np.float32]
    out_bias: NDArray[np.float32]
    smooth: int

    def save(self, file: Path) -> None:
        """As ``.npz``."""
        np.savez(
            file,
            layers=np.array(self.layers),
            mix=self.mix,
            mix_bias=self.mix_bias,
            out=self.out,
            out_bias=self.out_bias,
            smooth=np.array(self.smooth),
        )

    @classmethod
    def read(cls, file: Path) -> Probe:
        """What :meth:`save` wrote."""
        with np.load(file) as held:
            layers = tuple(int(n) for n in held["layers"])
            return cls(layers, held["mix"], held["mix_bias"], held["out"], held["out_bias"], int(held["smooth"]))

    @property
    def parameters(self) -> int:
        """How many numbers were learned."""
        return self.mix.size + self.mix_bias.size + self.out.size + self.out_bias.size

    def answer(self, features: NDArray[np.float16]) -> NDArray[np.float32]:
        """``(rows, columns)`` in [0, 1] from ``(512, rows, columns)``."""
        rows, columns = features.shape[1:]
        chosen = features[_channels(self.layers)].astype(np.float32).reshape(-1, rows * columns)
        mixed = self.mix @ chosen + self.mix_bias[:, None]
        logits = self.out @ np.maximum(mixed, 0.0) + self.out_bias if self.out.size else mixed[0]
        smooth = _averaged(logits.reshape(rows, columns), self.smooth)
        answer: NDArray[np.float32] = (1 / (1 + np.exp(-np.clip(smooth, -30, 30)))).astype(np.float32)
        return answer


def _averaged(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Over a square of cells; at the rim over those that are there."""
    if side == 1:
        return values
    total, there = (
        cv2.boxFilter(v, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
        for v in (values.astype(np.float32), np.ones_like(values, np.float32))
    )
    return np.asarray(total / there, np.float32)


def _channels(layers: tuple[int, ...]) -> NDArray[np.int64]:
    start, chosen = 0, []
    for layer, count in CHANNELS.items():
        if layer in layers:
            chosen.append(np.arange(start, start + count))
        start += count
    return np.concatenate(chosen).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Sample:
    """Cells to learn from.

    Attributes:
        features: ``(N, 512)`` float16.
        water: ``(N,)`` float32, 0 or 1.
        sources: ``(N,)``.
    """

    features: NDArray[np.float16]
    water: NDArray[np.float32]
    sources: NDArray[np.str_]


def sample(seen: Iterator[Cells], random: np.random.Generator) -> Sample:
    """Some cells of each picture, at random among those that are nearly all of one kind."""
    features, water, sources = [], [], []
    for cells in seen:
        where = np.flatnonzero(cells.pure & (cells.truth != _UNSURE))
        where = random.choice(where, min(_SAMPLE, len(where)), replace=False)
        features.append(cells.features.reshape(len(cells.features), -1)[:, where].T)
        water.append(cells.truth.reshape(-1)[where].astype(np.float32))
        sources += [cells.source] * len(where)
    return Sample(np.concatenate(features), np.concatenate(water), np.array(sources))


def train(
    data: Sample, variant: Variant, *, without: frozenset[str] = frozenset(), epochs: int = 4, seed: int = 0
) -> Probe:
    """Train one probe on all sources but those in ``without``.

    A source weighs as the square root of its cells; a cell wrongly called water costs three times one that was missed; a third of the
    channels is left out at each step. Smoothing is not trained for, it is laid over the answer.
    """
    torch: Any = importlib.import_module("torch")
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    random = np.random.default_rng(seed)
    use = np.flatnonzero(~np.isin(data.sources, sorted(without)))
    _, of, counts = np.unique(data.sources[use], return_inverse=True, return_counts=True)
    weights = (1 / np.sqrt(counts))[of]
    weights = torch.from_numpy((weights / weights.mean()).astype(np.float32))
    channels = _channels(variant.layers)
    some = data.features[use[::7]][:, channels].astype(np.float32)
    mean, spread = some.mean(0), some.std(0) + 1e-3
    nn = torch.nn
    first = nn.Linear(len(channels), variant.hidden or 1)
    last = nn.Linear(variant.hidden, 1) if variant.hidden else None
    batch, rate, kept = 1024, 3e-3, 0.7
    steps = epochs * (len(use) // batch)
    optimiser = torch.optim.AdamW([*first.parameters(), *(last.parameters() if last else ())], rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=max(1, steps), pct_start=0.1)
    for _ in range(epochs):
        order = random.permutation(len(use))
        for start in range(0, len(order) - batch + 1, batch):
            chosen = order[start : start + batch]
            x = (data.features[use[chosen]][:, channels].astype(np.float32) - mean) / spread
            y = torch.from_numpy(data.water[use[chosen]])
            channel = (torch.rand(len(channels)) < kept).float() / kept
            score = nn.functional.linear(torch.from_numpy(x), first.weight * channel, first.bias)
            if last is not None:
                score = last(nn.functional.relu(score))
            loss = nn.functional.binary_cross_entropy_with_logits(score[:, 0], y, reduction="none")
            cost = (loss * weights[chosen] * torch.where(y > 0, 1.0, 3.0)).mean()
            optimiser.zero_grad()
            cost.backward()
            optimiser.step()
            schedule.step()
    mix = (first.weight.detach().numpy() / spread).astype(np.float32)
    bias = (first.bias.detach().numpy() - mix @ mean).astype(np.float32)
    empty = np.zeros(0, np.float32)
    out, out_bias = (last.weight.detach().numpy()[0], last.bias.detach().numpy()) if last else (empty, empty)
    return Probe(variant.layers, mix, bias, out, out_bias, variant.smooth)


# ------------------------------------------------------------------------------------------------------------- measurement


@dataclass(frozen=True, slots=True)
class Score:
    """What one picture's answer is worth, at 0.5.

    Attributes:
        hit: water cells called water.
        missed: water cells not called so.
        false: cells without water called water.
        pixels: water pixels found, and water pixels or pixels called so, of every fourth.
        share: ``false`` as a share of the picture.
        region: the largest connected piece of such cells, as a share of the picture.
    """

    name: str
    source: str
    dry: bool
    hit: int
    missed: int
    false: int
    pixels: tuple[int, int]
    share: float
    region: float


def score(cells: Cells, answer: NDArray[np.float32], threshold: float = 0.5) -> Score:
    """Compare an answer with the truth; unsure cells and padding do not count."""
    said, known = answer > threshold, cells.truth != _UNSURE
    wrong = said & known & (cells.truth == 0)
    count, pieces = cv2.connectedComponents(wrong.astype(np.uint8), connectivity=4)
    largest = max((int((pieces == n).sum()) for n in range(1, count)), default=0)
    water = cells.truth == 1
    hit, missed, false = int((said & water).sum()), int((~said & water).sum()), int(wrong.sum())
    times = CELL // _FINE
    fine = said.repeat(times, 0).repeat(times, 1)
    both, either = fine & (cells.fine == 1), (fine & (cells.fine != _UNSURE)) | (cells.fine == 1)
    pixels = int(both.sum()), int(either.sum())
    share, region = false / cells.count, largest / cells.count
    return Score(cells.name, cells.source, cells.dry, hit, missed, false, pixels, share, region)


def summary(scores: Sequence[Score]) -> dict[str, float]:
    """Figures over many pictures. ``iou`` over pixels, recall and precision over cells, of pictures with water."""
    wet_ones, dry_ones = [s for s in scores if not s.dry], [s for s in scores if s.dry]
    hit, missed, false = (sum(getattr(s, n) for s in wet_ones) for n in ("hit", "missed", "false"))
    by_picture = [s.hit / (s.hit + s.missed) for s in wet_ones if s.hit + s.missed]
    return {
        "pictures_with": len(wet_ones),
        "iou": sum(s.pixels[0] for s in wet_ones) / max(1, sum(s.pixels[1] for s in wet_ones)),
        "recall": hit / max(1, hit + missed),
        "precision": hit / max(1, hit + false),
        "half_found": sum(r >= 0.5 for r in by_picture) / max(1, len(by_picture)),
        "pictures_without": len(dry_ones),
        "under_1_percent": sum(s.share < 0.01 for s in dry_ones) / max(1, len(dry_ones)),
        "worst_share": max((s.share for s in dry_ones), default=0.0),
        "worst_region": max((s.region for s in dry_ones), default=0.0),
        "region_over_4_percent": sum(s.region > 0.04 for s in dry_ones),
    }


def folds(found: Sequence[Picture], count: int) -> list[frozenset[str]]:
    """Sources dealt into ``count`` heaps of about as many pictures; sources with water and those without each evenly."""
    heaps: list[list[str]] = [[] for _ in range(count)]
    for dry in (False, True):
        sizes = Counter(p.source for p in found if p.dry == dry)
        for source, _ in sizes.most_common():
            if any(source in heap for heap in heaps):
                continue
            load = [sum(sizes[s] for s in heap) for heap in heaps]
            heaps[int(np.argmin(load))].append(source)
    return [frozenset(heap) for heap in heaps if heap]


# ------------------------------------------------------------------------------------------------------ attach and export


def water_head(probe: Probe) -> Any:
    """A ``torch.nn.Module``: ``forward(*features) -> (1, 1, rows, columns)`` in [0, 1] at stride 16; features in the order of ``.layers``.

    A 1×1 convolution and repeating (or averaging) cells can change places, so each layer is narrowed first and resized after.
    """
    torch: Any = importlib.import_module("torch")
    nn = torch.nn

    class WaterHead(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layers = probe.layers
            self.mix = nn.ModuleDict()
            start = 0
            for layer in probe.layers:
                conv = nn.Conv2d(CHANNELS[layer], len(probe.mix), 1, bias=layer == 6)
                part = probe.mix[:, start : start + CHANNELS[layer], None, None]
                conv.weight.data.copy_(torch.from_numpy(np.ascontiguousarray(part)))
                if layer == 6:
                    conv.bias.data.copy_(torch.from_numpy(probe.mix_bias))
                self.mix[str(layer)] = conv
                start += CHANNELS[layer]
            self.out = None
            if probe.out.size:
                self.out = nn.Conv2d(len(probe.mix), 1, 1)
                self.out.weight.data.copy_(torch.from_numpy(probe.out[None, :, None, None]))
                self.out.bias.data.copy_(torch.from_numpy(probe.out_bias))

        def forward(self, *seen: Any) -> Any:
            features = dict(zip(self.layers, seen, strict=True))
            total = self.mix["6"](features[6])
            if 4 in self.layers:
                total = total + self.mix["4"](nn.functional.avg_pool2d(features[4], 2))
            if 10 in self.layers:
                total = total + nn.functional.interpolate(
                    self.mix["10"](features[10]), scale_factor=2.0, mode="nearest"
                )
            if self.out is not None:
                total = self.out(nn.functional.relu(total))
            if probe.smooth > 1:
                total = nn.functional.avg_pool2d(total, probe.smooth, 1, probe.smooth // 2, count_include_pad=False)
            return torch.sigmoid(total)

    return WaterHead().eval()


def with_water(model: Any, head: Any) -> Any:
    """One module with two answers: ``(detections, water)``.

    Args:
        model: an ultralytics ``DetectionModel`` (``YOLO(file).model``) whose ``Detect`` is set up for export.
        head: what :func:`water_head` made.
    """
    torch: Any = importlib.import_module("torch")

    class WithWater(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.detector = model
            self.water = head

        def forward(self, x: Any) -> tuple[Any, Any]:
            made: list[Any] = []
            for layer in self.detector.model:
                if layer.f != -1:
                    x = made[layer.f] if isinstance(layer.f, int) else [x if n == -1 else made[n] for n in layer.f]
                x = layer(x)
                made.append(x)
            detections = x[0] if isinstance(x, tuple | list) else x
            return detections, self.water(*(made[n] for n in self.water.layers))

    return WithWater().eval()


def export(weights: Path, probe: Probe, folder: Path) -> None:
    """Write OpenVINO IR with both answers: any height and width in multiples of 32, half precision, class names beside it."""
    torch: Any = importlib.import_module("torch")
    ov: Any = importlib.import_module("openvino")
    yaml: Any = importlib.import_module("yaml")
    model = detection_model(weights)
    names = {int(k): str(v) for k, v in dict(model.names).items()}
    detect = model.model[-1]
    detect.export, detect.dynamic, detect.format = True, True, "openvino"
    both = with_water(model, water_head(probe))
    with torch.inference_mode():
        graph = ov.convert_model(both, example_input=torch.zeros(1, 3, 384, 640))
    graph.reshape([1, 3, -1, -1])
    for key in list(graph.rt_info):  # the converter notes folders of this machine there
        del graph.rt_info[key]
    graph.inputs[0].get_tensor().set_names({"images"})
    graph.outputs[0].get_tensor().set_names({"output0"})
    graph.outputs[1].get_tensor().set_names({"water"})
    folder.mkdir(parents=True, exist_ok=True)
    ov.save_model(graph, folder / f"{folder.name}.xml", compress_to_fp16=True)
    about = {"names": names, "stride": 32, "task": "detect", "outputs": ["output0", "water"], "license": "AGPL-3.0"}
    (folder / "metadata.yaml").write_text(yaml.safe_dump(about, sort_keys=False), "utf-8")


def cost(file: Path, height: int = 384, width: int = 640, rounds: int = 60) -> tuple[float, float]:
    """Milliseconds of processor for one picture without and with the water output: medians of runs taken in turn."""
    ov: Any = importlib.import_module("openvino")
    requests = []
    for wanted in (False, True):
        graph = ov.Core().read_model(str(file))
        if not wanted:
            graph.remove_result(next(r for r in graph.get_results() if "water" in r.output(0).get_names()))
        graph.reshape([1, 3, height, width])
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
        requests.append(ov.Core().compile_model(graph, "CPU", settings).create_infer_request())
    picture = np.random.default_rng(0).random((1, 3, height, width), np.float32)
    spent: list[list[float]] = [[], []]
    for _ in range(rounds):
        for request, times in zip(requests, spent, strict=True):
            start = time.process_time()
            request.infer([picture])
            times.append((time.process_time() - start) * 1000)
    return float(np.median(spent[0][5:])), float(np.median(spent[1][5:]))


# ------------------------------------------------------------------------------------------------------------ command line


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, export."""
    parser = argparse.ArgumentParser(prog="python -m detectors.training.water", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="a fused YOLO11n .pt; only layers 0 to 10 are used")
    parser.add_argument("--footage", type=Path, help="folder with MANIFEST.tsv, images/ and clips/")
    parser.add_argument("--out", type=Path, required=True, help="folder for water.npz, figures.json and the export")
    parser.add_argument("--measure", action="store_true", help="leave sources out in turn and print figures")
    parser.add_argument("--copies", type=int, default=5, help="disturbed copies of each picture (default %(default)s)")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--export", type=str, metavar="NAME", help="also write OUT/NAME/NAME.xml with both outputs")
    parser.add_argument("--probe", type=Path, help="export this water.npz instead of training one")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.probe is not None:
        probe = Probe.read(options.probe)
    else:
        if options.footage is None:
            parser.error("--footage is needed to train")
        probe = _trained(options)
        probe.save(options.out / "water.npz")
    if options.export:
        folder = options.out / options.export
        export(options.weights, probe, folder)
        without, both = cost(folder / f"{folder.name}.xml")
        _say(f"384x640: {without:.1f} ms without water, {both:.1f} ms with")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _trained(options: argparse.Namespace) -> Probe:
    start = time.monotonic()
    found = pictures(options.footage)
    backbone, random = Backbone(options.weights), np.random.default_rng(7)
    views: dict[str, list[Cells]] = {}
    if options.measure:
        views["plain"] = [backbone.cells(p) for p in found]
        views["disturbed"] = [backbone.cells(disturbed(p, random)) for p in found]
        views["upside down"] = [backbone.cells(_turned(p)) for p in found]

    def shown() -> Iterator[Cells]:
        for picture in found:
            yield backbone.cells(picture)
            for _ in range(options.copies):
                yield backbone.cells(disturbed(picture, random))

    data = sample(shown(), random)
    _say(f"{len(found)} pictures, {len(data.water)} cells, {time.monotonic() - start:.0f} s")
    if options.measure:
        figures = {v.name: _measured(v, data, folds(found, options.folds), views) for v in VARIANTS}
        (options.out / "figures.json").write_text(json.dumps(figures, indent=1), "utf-8")
    start = time.monotonic()
    probe = train(data, SHIPPED)
    _say(f"trained on all: {probe.parameters} numbers, {time.monotonic() - start:.0f} s")
    return probe


def _turned(picture: Picture) -> Picture:
    return Picture(picture.name, picture.source, picture.image[::-1].copy(), picture.truth[::-1].copy(), picture.dry)


def _measured(
    variant: Variant, data: Sample, held_out: Sequence[frozenset[str]], views: dict[str, list[Cells]]
) -> dict[str, Any]:
    scores: dict[str, list[Score]] = defaultdict(list)
    for number, held in enumerate(held_out):
        probe = train(data, variant, without=held, seed=number)
        for view, seen in views.items():
            for cells in seen:
                if cells.source in held:
                    answer = probe.answer(cells.features)
                    scores[view].append(score(cells, answer))
                    scores[f"{view}, at 0.4"].append(score(cells, answer, 0.4))
    result: dict[str, Any] = {view: summary(made) for view, made in scores.items()}
    for view, figures in result.items():
        _say(f"{variant.name:32s} {view:20s} " + " ".join(f"{k}={v:.3f}" for k, v in figures.items()))
    result["by source"] = {
        source: summary([s for s in scores["plain"] if s.source == source])
        for source in sorted({s.source for s in scores["plain"]})
    }
    result["worst"] = {
        view: [(s.name, s.share, s.region) for s in sorted(scores[view], key=lambda s: -s.share) if s.dry][:8]
        for view in ("plain", "disturbed")
    }
    return result


if __name__ == "__main__":
    main()
