"""How good a probe is on pictures whose source it has never seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.training.water.pictures import UNSURE, Picture
from detectors.training.water.probe import CELL, FINE, Cells


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
    said, known = answer > threshold, cells.truth != UNSURE
    wrong = said & known & (cells.truth == 0)
    count, pieces = cv2.connectedComponents(wrong.astype(np.uint8), connectivity=4)
    largest = max((int((pieces == n).sum()) for n in range(1, count)), default=0)
    water = cells.truth == 1
    hit, missed, false = int((said & water).sum()), int((~said & water).sum()), int(wrong.sum())
    times = CELL // FINE
    fine = said.repeat(times, 0).repeat(times, 1)
    both, either = fine & (cells.fine == 1), (fine & (cells.fine != UNSURE)) | (cells.fine == 1)
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
