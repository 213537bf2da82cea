"""The probe: features of the frozen backbone in cells, what is learnt from them, and how it is measured."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._decode import input_size, letterbox
from detectors.training.water.pictures import UNSURE, Picture

CHANNELS = {4: 128, 6: 128, 10: 256}
"""Layers of YOLO11n whose features are read, with their channels: strides 8, 16 and 32."""
CELL = 16
"""Input pixels to a side of one cell of the answer."""
_LONGEST = 640
FINE = 4
"""Every how many pixels of the input the truth is kept beside that of the cells."""
_SAMPLE = 90
"""Cells of each picture that are learned from."""


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
        canvas = np.full((rows, columns), UNSURE, np.uint8)
        small = cv2.resize(picture.truth, size, interpolation=cv2.INTER_NEAREST)
        canvas[fitted.top : fitted.top + size[1], fitted.left : fitted.left + size[0]] = small
        inside = np.zeros((rows, columns), np.uint8)
        inside[fitted.top : fitted.top + size[1], fitted.left : fitted.left + size[0]] = 1
        water, unsure, within = (_per_cell(part) for part in (canvas == 1, canvas == UNSURE, inside == 1))
        truth = (water >= 0.5).astype(np.uint8)
        truth[unsure > 0.3] = UNSURE
        pure = (unsure <= 0.05) & ((water <= 0.1) | (water >= 0.9))
        fine = canvas[FINE // 2 :: FINE, FINE // 2 :: FINE].copy()
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
        where = np.flatnonzero(cells.pure & (cells.truth != UNSURE))
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
