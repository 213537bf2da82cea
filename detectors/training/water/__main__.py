"""``python -m detectors.training.water``: train and measure; ``python -m detectors.training --water`` exports."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detectors.training.water.disturb import disturbed
from detectors.training.water.figures import Score, folds, score, summary
from detectors.training.water.pictures import Picture, pictures
from detectors.training.water.probe import SHIPPED, VARIANTS, Backbone, Cells, Probe, Sample, Variant, sample, train


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and measure."""
    parser = argparse.ArgumentParser(prog="python -m detectors.training.water", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="a fused YOLO11n .pt; only layers 0 to 10 are used")
    parser.add_argument("--footage", type=Path, required=True, help="folder with MANIFEST.tsv, images/ and clips/")
    parser.add_argument("--out", type=Path, required=True, help="folder for water.npz and figures.json")
    parser.add_argument("--measure", action="store_true", help="leave sources out in turn and print figures")
    parser.add_argument("--copies", type=int, default=5, help="disturbed copies of each picture (default %(default)s)")
    parser.add_argument("--folds", type=int, default=10)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    _trained(options).save(options.out / "water.npz")


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
