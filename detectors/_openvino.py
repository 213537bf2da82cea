"""Object models through OpenVINO on the processor: one thread, one frame at a time (measured best on small machines)."""

from __future__ import annotations

import ast
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import yaml

from detectors._decode import COCO, input_size, letterbox, objects_of
from detectors._types import Frame, Objects
from detectors.model import ModelError

_LONGEST = 640
_REMEMBERED = 16
"""Frames whose objects are remembered: several looks may take turns at one model."""
_FLOOR = 0.1
"""Weakest score that is kept; callers ask for more."""


class OpenVinoModel:
    """See :class:`detectors.Model`. YOLO layout: output ``(1, 4 + C, N)`` or its transpose."""

    def __init__(self, file: Path, longest: int = _LONGEST) -> None:
        self._longest = longest
        core = ov.Core()
        try:
            model = core.read_model(str(file))
        except RuntimeError as error:
            raise ModelError(f"{file.name}: cannot be read: {_last_line(error)}") from error
        if len(model.inputs) != 1 or len(model.inputs[0].partial_shape) != 4:
            raise ModelError(f"{file.name}: one picture in is expected, (1, 3, H, W)")
        self._nhwc = _is_nhwc(model)
        self._fixed = _fixed_size(model, nhwc=self._nhwc)
        if self._fixed is not None:
            rows, columns = self._fixed
            model.reshape([1, rows, columns, 3] if self._nhwc else [1, 3, rows, columns])
        try:
            self._compiled = core.compile_model(
                model, "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
            )
        except RuntimeError as error:
            raise ModelError(f"{file.name}: cannot be compiled: {_last_line(error)}") from error
        self._request = self._compiled.create_infer_request()
        self._names = self._names_of(file, model)
        self.name = f"{file.parent.name + '/' if file.suffix == '.xml' else ''}{file.name} (openvino {ov.__version__.split('-')[0]})"
        self.classes = frozenset(self._names)
        self._seen: OrderedDict[int, tuple[Frame, Objects]] = OrderedDict()

    def objects(self, frame: Frame, min_score: float = 0.25) -> Objects:
        """See :meth:`detectors.Model.objects`."""
        known = self._seen.get(id(frame))
        # The frame itself is kept beside its objects, so that its id cannot be given to another one meanwhile.
        found = known[1] if known is not None and known[0] is frame else self._infer(frame)
        self._seen[id(frame)] = (frame, found)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return found.only(self.classes, min_score)

    def _infer(self, frame: Frame) -> Objects:
        rows, columns = self._fixed or input_size(frame.height, frame.width, self._longest)
        tensor, fitted = letterbox(frame.bgr(self._longest), rows, columns)
        if self._nhwc:
            tensor = np.ascontiguousarray(tensor.transpose(0, 2, 3, 1))
        result: Any = self._request.infer([tensor])[0]
        raw = result[0] if result.ndim == 3 else result
        if raw.shape[0] != 4 + len(self._names):
            raw = raw.T
        if self._nhwc and raw.size and float(raw[:4].max()) <= 2.0:
            raw = np.concatenate([raw[:4] * np.array([[columns], [rows], [columns], [rows]], raw.dtype), raw[4:]])
        return objects_of(np.asarray(raw, np.float32), fitted, self._names, _FLOOR)

    def _names_of(self, file: Path, model: ov.Model) -> tuple[str, ...]:
        names = _metadata_names(file) or _embedded_names(model)
        sizes = {d.get_length() for d in model.outputs[0].partial_shape if d.is_static}
        if names is None:
            if 4 + len(COCO) not in sizes:
                raise ModelError(f"{file.name}: it carries no class names and does not have COCO's 80 classes")
            return COCO
        if sizes and 4 + len(names) not in sizes:
            raise ModelError(
                f"{file.name}: {len(names)} class names, but its output is {model.outputs[0].partial_shape}"
            )
        return names


def _is_nhwc(model: ov.Model) -> bool:
    shape = model.inputs[0].partial_shape
    return bool(shape[3].is_static and shape[3].get_length() == 3)


def _fixed_size(model: ov.Model, *, nhwc: bool) -> tuple[int, int] | None:
    shape = model.inputs[0].partial_shape
    rows, columns = (shape[1], shape[2]) if nhwc else (shape[2], shape[3])
    if rows.is_static and columns.is_static:
        return rows.get_length(), columns.get_length()
    return None


def _metadata_names(file: Path) -> tuple[str, ...] | None:
    beside = file.parent / "metadata.yaml"
    if file.suffix != ".xml" or not beside.is_file():
        return None
    try:
        return _as_names(yaml.safe_load(beside.read_text("utf-8")).get("names"))
    except (yaml.YAMLError, AttributeError, UnicodeDecodeError) as error:
        raise ModelError(f"{beside.name}: no class names can be read from it") from error


def _embedded_names(model: ov.Model) -> tuple[str, ...] | None:
    """What exporters put into ONNX metadata, as OpenVINO hands it on."""
    try:
        text = model.get_rt_info(["framework", "names"]).astype(str)
    except RuntimeError:
        return None
    try:
        return _as_names(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return None


def _as_names(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, dict):
        return tuple(str(value[key]) for key in sorted(value))
    if isinstance(value, list | tuple):
        return tuple(str(name) for name in value)
    return None


def _last_line(error: Exception) -> str:
    return next((line for line in reversed(str(error).splitlines()) if line.strip()), "unknown reason").strip()
