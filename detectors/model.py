"""The door to object models: which one to use, and loading it. OpenVINO reads most; ``ultralytics`` the rest, where installed."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from detectors._types import Model

_SHIPPED = Path(__file__).parent / "models"
_LEAN = {".onnx", ".xml", ".tflite"}
_DOWNLOAD = "yolo11n.pt"
NONE = "none"
"""The word that means: use no object model, not even the shipped one."""
_UNWANTED = f"no object model is used, as configured (`{NONE}`); congestion and fishing are not judged"
_NONE = (
    "no object model: give one with --model, PATROL_MODEL or `model:` in the registry (ONNX, OpenVINO, TFLite); "
    "until then congestion and fishing are not judged"
)


class ModelError(Exception):
    """A model that cannot be loaded; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """Which model to use.

    Attributes:
        path: what :func:`load` takes; None where there is none.
        origin: where it comes from.
        problem: a sentence for people, None when there is a model.
    """

    path: str | None
    origin: Literal["configured", "shipped", "download", "none"]
    problem: str | None = None


def resolve(configured: str | None) -> ResolvedModel:
    """Find the model: the configured one, else the shipped one, else the toolchain's own download, else none.

    A configured model that is not there is a problem, never a reason to take another in silence. The download is tried
    only where the ``ultralytics`` extra is installed; PATROL_MODEL_DOWNLOAD=0 forbids it. :data:`NONE` means none of them.
    """
    if configured == NONE:
        return ResolvedModel(None, "none", _UNWANTED)
    if configured:
        if Path(configured).exists():
            return ResolvedModel(configured, "configured")
        return ResolvedModel(
            None, "configured", f"the object model {configured} is not there; congestion and fishing are not judged"
        )
    for candidate in sorted(_SHIPPED.glob("*")) if _SHIPPED.is_dir() else ():
        if candidate.suffix == ".onnx" or (candidate.is_dir() and any(candidate.glob("*.xml"))):
            return ResolvedModel(str(candidate), "shipped")
    if importlib.util.find_spec("ultralytics") is not None and os.environ.get("PATROL_MODEL_DOWNLOAD", "1") != "0":
        return _download()
    return ResolvedModel(None, "none", _NONE)


def load(path: str) -> Model:
    """Load a model for one process.

    Args:
        path: ``.onnx``, an OpenVINO ``.xml`` or its folder, ``.tflite``; anything else goes to ``ultralytics``.

    Raises:
        ModelError: it is not there, damaged, of no known layout, or needs the ``ultralytics`` extra.
    """
    file = Path(path)
    if not file.exists():
        raise ModelError(f"{path}: no such model")
    if file.is_dir():
        inside = sorted(file.glob("*.xml"))
        if len(inside) != 1:
            raise ModelError(f"{path}: an OpenVINO folder holds exactly one .xml, this one holds {len(inside)}")
        file = inside[0]
    if file.suffix.lower() in _LEAN:
        from detectors._openvino import OpenVinoModel

        return OpenVinoModel(file)
    from detectors._ultralytics import UltralyticsModel

    return UltralyticsModel(file)


def _download() -> ResolvedModel:
    from detectors._ultralytics import download

    try:
        return ResolvedModel(download(_DOWNLOAD), "download")
    except ModelError as error:
        return ResolvedModel(None, "none", f"{_NONE} (the toolchain's own download failed: {error})")
