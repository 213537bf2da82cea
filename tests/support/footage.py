"""Where the real clips are: beside the checkout, or where PATROL_FOOTAGE points."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("PATROL_FOOTAGE") or Path(__file__).resolve().parents[2].parent / "shared" / "footage")
CLIPS = ROOT / "clips"
WEIGHTS = ROOT / "weights"
ONNX = WEIGHTS / "yolo11n_from_int8.onnx"


def present() -> bool:
    """Whether the clips are there."""
    return (ROOT / "MANIFEST.tsv").is_file()
