"""Object models through OpenVINO on the processor: one thread, one frame at a time (measured best on small machines)."""

from __future__ import annotations

import ast
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import yaml
from numpy.typing import NDArray

from detectors._decode import COCO, crop, input_size, letterbox, lit, objects_of, placed, unpadded, whole_pixels
from detectors._types import Box, Frame, Objects
from detectors.model import ModelError

_LONGEST = 640
_USUAL = (384, 640)
"""Input of a 16:9 picture."""
_LONGEST_PART = 416
"""Parts are small and seen at full resolution already: more pixels would only blur them, at twice the cost."""
_REMEMBERED = 16
"""Frames whose objects are remembered: several looks may take turns at one model."""
_FLOOR = 0.1
"""Weakest score that is kept; callers ask for more."""
_ALL: Box = (0.0, 0.0, 1.0, 1.0)
WATER, _OBJECTS = "water", "objects"


@dataclass(frozen=True, slots=True)
class _Seen:
    frame: Frame
    objects: Objects
    water: NDArray[np.float32] | None


class OpenVinoModel:
    """See :class:`detectors.Model`. YOLO layout: output ``(1, 4 + C, N)`` or its transpose. Two more outputs are used where a model has them:

    - ``water``, ``(1, 1, rows, columns)`` in [0, 1], computed with whole frames only;
    - ``objects``, ``(1, 4 + K, M)``, the first K classes alone: then whole frames are searched for those, and the classes behind them
      (rods, with a branch of the network to themselves) only in parts, at a third more of the cost.
    """

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
        self._names = self._names_of(file, model)
        self.name = f"{file.parent.name + '/' if file.suffix == '.xml' else ''}{file.name} (openvino {ov.__version__.split('-')[0]})"
        self.classes = frozenset(self._names)
        outputs = {name for output in model.outputs for name in output.get_names()}
        self._tells_water = WATER in outputs
        try:
            if _OBJECTS in outputs:
                self._whole = _Net(core, _only(model, {_OBJECTS, WATER}))
                self._part = _Net(core, _only(model.clone(), outputs - {_OBJECTS, WATER}))
            else:
                self._whole = self._part = _Net(core, model)
            # The first inference builds what the later ones use: it belongs to loading, not to a look.
            rows, columns = self._fixed or _USUAL
            blank = np.zeros((1, rows, columns, 3) if self._nhwc else (1, 3, rows, columns), np.float32)
            for net in {id(net): net for net in (self._whole, self._part)}.values():
                net.infer(blank)
        except RuntimeError as error:
            raise ModelError(f"{file.name}: cannot be compiled: {_last_line(error)}") from error
        self._seen: OrderedDict[tuple[int, Box | None], _Seen] = OrderedDict()

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        """See :meth:`detectors.Model.objects`."""
        return self._look(frame, within).objects.only(self.classes, min_score)

    def water(self, frame: Frame) -> NDArray[np.float32] | None:
        """See :meth:`detectors.Model.water`."""
        return self._look(frame, None).water if self._tells_water else None

    def _look(self, frame: Frame, within: Box | None) -> _Seen:
        key = (id(frame), within)
        known = self._seen.get(key)
        # The frame itself is kept beside its objects, so that its id cannot be given to another one meanwhile.
        seen = known if known is not None and known.frame is frame else self._infer(frame, within)
        self._seen[key] = seen
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return seen

    def _infer(self, frame: Frame, within: Box | None) -> _Seen:
        part = _ALL if within is None else whole_pixels(within, frame.height, frame.width)
        height, width = round((part[3] - part[1]) * frame.height), round((part[2] - part[0]) * frame.width)
        rows, columns = self._fixed or input_size(height, width, self._longest_of(within, height, width))
        picture = frame.bgr(self._longest) if within is None else crop(frame.bgr(), part)
        small = max(frame.height, frame.width) <= self._longest or within is not None
        tensor, fitted = letterbox(lit(picture, smooth=small), rows, columns)
        if self._nhwc:
            tensor = np.ascontiguousarray(tensor.transpose(0, 2, 3, 1))
        result, cells = (self._whole if within is None else self._part).infer(tensor)
        raw = result[0] if result.ndim == 3 else result
        known = 4 + len(self._names)
        if raw.shape[0] != known and (raw.shape[1] == known or raw.shape[0] > known):
            raw = raw.T
        if self._nhwc and raw.size and float(raw[:4].max()) <= 2.0:
            raw = np.concatenate([raw[:4] * np.array([[columns], [rows], [columns], [rows]], raw.dtype), raw[4:]])
        found = objects_of(np.asarray(raw, np.float32), fitted, self._names, _FLOOR)
        water = None
        if cells is not None and within is None:
            water = unpadded(np.asarray(cells, np.float32).squeeze(), fitted, rows, columns)
        return _Seen(frame, placed(found, part), water)

    def _longest_of(self, within: Box | None, height: int, width: int) -> int:
        """Pixels of the input's longer side: a part is enlarged where it is small, and a tile keeps its own size."""
        if within is None:
            return self._longest
        return min(self._longest, max(_LONGEST_PART, -(-max(height, width) // 32) * 32))

    def _names_of(self, file: Path, model: ov.Model) -> tuple[str, ...]:
        names = _metadata_names(file) or _embedded_names(model)
        output = next(o for o in model.outputs if not {WATER, _OBJECTS} & o.get_names())
        sizes = {d.get_length() for d in output.partial_shape if d.is_static}
        if names is None:
            if 4 + len(COCO) not in sizes:
                raise ModelError(f"{file.name}: it carries no class names and does not have COCO's 80 classes")
            return COCO
        if sizes and 4 + len(names) not in sizes:
            raise ModelError(f"{file.name}: {len(names)} class names, but its output is {output.partial_shape}")
        return names


class _Net:
    """A compiled network with one output of detections and perhaps one of water."""

    def __init__(self, core: ov.Core, model: ov.Model) -> None:
        how = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
        self._compiled = core.compile_model(model, "CPU", how)
        self._request = self._compiled.create_infer_request()
        self._water = next((o for o in self._compiled.outputs if WATER in o.get_names()), None)
        self._detections = next(o for o in self._compiled.outputs if WATER not in o.get_names())

    def infer(self, tensor: NDArray[np.float32]) -> tuple[Any, Any]:
        """Detections and water (None without that output)."""
        results: Any = self._request.infer([tensor])
        return results[self._detections], results[self._water] if self._water is not None else None


def _only(model: ov.Model, wanted: set[str]) -> ov.Model:
    """The model with some of its outputs; what only the others need is never computed."""
    kept = [o.node.input_value(0) for o in model.outputs if wanted & o.get_names()]
    return ov.Model(kept, model.get_parameters(), "part")


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
