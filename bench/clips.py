"""Labelled clips and one detector's look at a clip, for the benches."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from detectors import Finding, Kind, Model, Request, Zone, build
from patrol.visits.capture import capture


def labelled(footage: Path) -> Iterator[tuple[Path, str, str]]:
    """``(file, kind, label)`` of every clip that MANIFEST.tsv names and that is there."""
    with (footage / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            file = footage / row["file"]
            if row["file"].startswith("clips/") and file.suffix == ".mp4" and file.is_file():
                yield file, row["kind"], row["label"]


def look_at(
    clip: Path, kind: Kind, *, model: Model | None = None, zones: tuple[Zone, ...] = (), seconds: float = 20.0
) -> Finding:
    """One detector's finding on a clip, frames on the grid it asks for."""
    detector = build(kind, Request(zones, model, seconds))
    due = 0.0
    got = capture(str(clip), dwell_s=seconds, open_timeout_s=5, read_timeout_s=5, deadline_s=60)
    for frame in got.frames():
        if detector.rate_hz is None or frame.at + 1e-3 >= due:
            detector.update(frame)
            due = max(due + (1 / detector.rate_hz if detector.rate_hz else 0), frame.at)
    return detector.finish()
