"""Labelled clips, for benches and tests."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path


def labelled(footage: Path) -> Iterator[tuple[Path, str, str]]:
    """``(file, kind, label)`` of every clip that MANIFEST.tsv names and that is there."""
    with (footage / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            file = footage / row["file"]
            if row["file"].startswith("clips/") and file.suffix == ".mp4" and file.is_file():
                yield file, row["kind"], row["label"]
