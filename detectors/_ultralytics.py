"""Object models through ``ultralytics``: ``.pt`` files and whatever else its toolchain reads. Needs the extra of that name."""

from __future__ import annotations

import importlib
import importlib.util
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

from detectors._decode import crop, placed, whole_pixels
from detectors._types import Box, Frame, Objects
from detectors.model import ModelError

_REMEMBERED = 16
"""Frames whose objects are remembered: several looks may take turns at one model."""
_FLOOR = 0.1


class UltralyticsModel:
    """See :class:`detectors.Model`."""

    def __init__(self, file: Path) -> None:
        toolchain = _import(file.name)
        try:
            self._yolo = toolchain.YOLO(str(file), task="detect")
            self._names = {int(k): str(v) for k, v in dict(self._yolo.names).items()}
        except Exception as error:
            # The toolchain raises whatever its many readers raise; for us each of them means: not a usable model.
            raise ModelError(
                f"{file.name}: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
            ) from error
        self.name = f"{file.name} (ultralytics {toolchain.__version__})"
        self.classes = frozenset(self._names.values())
        self._seen: OrderedDict[tuple[int, Box | None], tuple[Frame, Objects]] = OrderedDict()

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        """See :meth:`detectors.Model.objects`."""
        key = (id(frame), within)
        known = self._seen.get(key)
        found = known[1] if known is not None and known[0] is frame else self._infer(frame, within)
        self._seen[key] = (frame, found)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return found.only(self.classes, min_score)

    def water(self, frame: Frame) -> None:  # noqa: ARG002 - a model of the toolchain's says nothing of it
        """See :meth:`detectors.Model.water`."""
        return

    def _infer(self, frame: Frame, within: Box | None) -> Objects:
        part = (0.0, 0.0, 1.0, 1.0) if within is None else whole_pixels(within, frame.height, frame.width)
        picture = frame.bgr(1280) if within is None else np.ascontiguousarray(crop(frame.bgr(), part))
        result: Any = self._yolo.predict(picture, imgsz=640, conf=_FLOOR, iou=0.5, verbose=False)[0]
        boxes = result.boxes
        found = Objects(
            np.asarray(boxes.xyxyn.cpu().numpy(), np.float32).reshape(-1, 4),
            np.asarray(boxes.conf.cpu().numpy(), np.float32).reshape(-1),
            tuple(self._names[int(c)] for c in boxes.cls.cpu().numpy()),
        )
        return placed(found, part)


def download(name: str) -> str:
    """Have the toolchain fetch one of its own models; the path.

    Raises:
        ModelError: it could not.
    """
    toolchain = _import(name)
    try:
        model = toolchain.YOLO(name)
    except Exception as error:  # as above
        raise ModelError(f"{name}: {str(error).splitlines()[0] if str(error) else type(error).__name__}") from error
    return str(Path(str(model.ckpt_path or name)).resolve())


def _import(wanted: str) -> Any:
    if importlib.util.find_spec("ultralytics") is None:
        raise ModelError(
            f"{wanted}: this format needs the `ultralytics` extra: pip install 'video-patrol[ultralytics]'"
        )
    _mend_torchvision()
    return importlib.import_module("ultralytics")


def _mend_torchvision() -> None:
    """Define ``torchvision::nms`` where its compiled operators do not load (CPU torch from another build), else importing fails."""
    torch = importlib.import_module("torch")
    missing = [name for name in ("nms", "qnms") if not hasattr(torch.ops.torchvision, name)]
    if not missing:
        return
    library = torch.library.Library("torchvision", "FRAGMENT")

    def nms(dets: Any, scores: Any, iou_threshold: float) -> Any:
        import cv2

        corners = dets.detach().cpu().numpy()
        sides = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
        kept = cv2.dnn.NMSBoxes(sides.tolist(), scores.detach().cpu().tolist(), 0.0, iou_threshold)
        return torch.as_tensor(np.asarray(kept).reshape(-1).copy(), dtype=torch.int64)

    for name in missing:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.impl(name, nms, "CompositeExplicitAutograd")
    _KEPT.append(library)
    # Its own check asks whether the compiled file was loaded, not whether the operator is there.
    extension: Any = importlib.import_module("torchvision.extension")
    extension._has_ops = lambda: True


_KEPT: list[Any] = []
"""A torch library undefines its operators when it is collected."""
