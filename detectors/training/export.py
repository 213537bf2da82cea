"""From the trained network to what the lean runtime reads: OpenVINO IR with half-precision weights and class names beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from detectors.training import NAMES
from detectors.training.network import ROD_LAYERS, rods_of

FOLDER = "patrol_n"
_TRACED = (1, 3, 320, 416)
"""Shape of the example that is traced. Not square, so that a mixed-up height and width shows at once."""

ExtraHeads = Mapping[str, tuple[Sequence[int], Any]]
"""Output name to (layers it reads, a torch module called with their features in that order)."""


def export(
    model: Any, towers: Any, out: Path, extra_heads: ExtraHeads | None = None, names: Sequence[str] = NAMES
) -> Path:
    """Write ``patrol_n.xml``, ``.bin`` and ``metadata.yaml``.

    Args:
        model: the network, its head already narrowed.
        towers: the rod towers beside its head.
        out: the folder to write into; it is named by the caller, usually ``detectors/models/patrol_n``.
        extra_heads: further outputs of the same graph, e.g. ``{"water": ((4, 6, 10), head)}``. Layers 0..10 are the
            base model's own, so a head that was trained on their features fits any export.
        names: the classes in the order of the output.

    Returns:
        The ``.xml``. Input ``images`` (1, 3, H, W), RGB in [0, 1], H and W multiples of 32 of any size; ``output0``
        (1, 4 + C, 2 N): centre x, y, width, height in input pixels, then C scores in [0, 1]; then the extra outputs.
    """
    import openvino as ov
    import torch

    heads = dict(extra_heads or {})
    head = model.model[-1]
    model.eval()
    towers.eval()
    head.export, head.dynamic, head.format = True, True, "onnx"
    outputs = ["output0", *heads]
    with tempfile.TemporaryDirectory() as folder:
        middle = Path(folder) / "model.onnx"
        torch.onnx.export(
            _graph(model, towers, heads),
            (torch.zeros(_TRACED),),
            str(middle),
            input_names=["images"],
            output_names=outputs,
            dynamic_axes={"images": {2: "height", 3: "width"}},
            opset_version=17,
            dynamo=False,
        )
        converted = ov.convert_model(str(middle))
        converted.reshape([1, 3, -1, -1])
        for output, name in zip(converted.outputs, outputs, strict=True):
            output.get_tensor().set_names({name})
        # What the converter notes down there names the folders of this machine.
        for key in list(converted.rt_info):
            del converted.rt_info[key]
        out.mkdir(parents=True, exist_ok=True)
        file = out / f"{FOLDER}.xml"
        ov.save_model(converted, str(file), compress_to_fp16=True)
    about = {
        "description": "Object model of video-patrol; see the model card beside this folder",
        "task": "detect",
        "license": "AGPL-3.0",
        "base": "YOLO11n, COCO (Ultralytics, AGPL-3.0)",
        "stride": 32,
        "outputs": outputs,
        "names": dict(enumerate(names)),
    }
    (out / "metadata.yaml").write_text(yaml.safe_dump(about, sort_keys=False), "utf-8")
    return file


def _graph(model: Any, towers: Any, heads: Mapping[str, tuple[Sequence[int], Any]]) -> Any:
    """The network as one module whose outputs are the detections and what ``heads`` make of the layers they read."""
    import torch

    class Graph(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
        def __init__(self) -> None:
            super().__init__()
            self.layers = model.model
            self.towers = towers
            self.heads = torch.nn.ModuleDict({name: module for name, (_, module) in heads.items()})

        def forward(self, x: Any) -> Any:
            seen: list[Any] = []
            for layer in self.layers:
                if layer.f != -1:
                    x = seen[layer.f] if isinstance(layer.f, int) else [x if j == -1 else seen[j] for j in layer.f]
                x = layer(x)
                seen.append(x)
            found = self.with_rods(x, [torch.cat([seen[i] for i in layers], 1) for layers in ROD_LAYERS])
            extra = [self.heads[name](*(seen[i] for i in heads[name][0])) for name in heads]
            return (found, *extra) if extra else found

        def with_rods(self, found: Any, inputs: list[Any]) -> Any:
            """Rods as further columns: their own boxes, nothing in the other rows; and no rod in the columns before."""
            head = self.layers[-1]
            raw = rods_of(self.towers, inputs, [])
            # Of every cell's two columns one is a rod's: decoded with the cells that the head has just laid out.
            boxes = head.decode_bboxes(head.dfl(raw["boxes"]), head.anchors.unsqueeze(0)) * head.strides
            scores = raw["scores"].sigmoid()
            others = torch.zeros_like(found[:, 4:])
            before = torch.cat((found, torch.zeros_like(found[:, :1])), 1)
            return torch.cat((before, torch.cat((boxes, others, scores), 1)), 2)

    return Graph().eval()
