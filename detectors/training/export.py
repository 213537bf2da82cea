"""From the trained network to what the lean runtime reads: OpenVINO IR with half-precision weights and class names beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from detectors.training import NAMES
from detectors.training.network import BACKBONE, through

FOLDER = "patrol_n"
_TRACED = (1, 3, 320, 416)
"""Shape of the example that is traced. Not square, so that a mixed-up height and width shows at once."""

ExtraHeads = Mapping[str, tuple[Sequence[int], Any]]
"""Output name to (layers it reads, a torch module called with their features in that order)."""


def export(
    model: Any, branch: Any, out: Path, extra_heads: ExtraHeads | None = None, names: Sequence[str] = NAMES
) -> Path:
    """Write ``patrol_n.xml``, ``.bin`` and ``metadata.yaml``.

    Args:
        model: the network, its head already narrowed.
        branch: its rod branch.
        out: the folder to write into; it is named by the caller, usually ``detectors/models/patrol_n``.
        extra_heads: further outputs of the same graph, e.g. ``{"water": ((4, 6, 10), head)}``. Layers 0..10 are the
            base model's own, so a head that was trained on their features fits any export.
        names: the classes in the order of the output.

    Returns:
        The ``.xml``. Input ``images`` (1, 3, H, W), RGB in [0, 1], H and W multiples of 32 of any size; ``output0``
        (1, 4 + C, 2 N): centre x, y, width, height in input pixels, then C scores in [0, 1]; ``objects`` (1, 4 + C - 1, N), the
        same without the rods, for which their branch need not be computed; then the extra outputs.
    """
    import openvino as ov
    import torch

    heads = dict(extra_heads or {})
    model.eval()
    branch.eval()
    for head in (model.model[-1], branch[-1]):
        head.export, head.dynamic, head.format = True, True, "onnx"
    outputs = ["output0", "objects", *heads]
    with tempfile.TemporaryDirectory() as folder:
        middle = Path(folder) / "model.onnx"
        torch.onnx.export(
            _graph(model, branch, heads),
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


def _graph(model: Any, branch: Any, heads: Mapping[str, tuple[Sequence[int], Any]]) -> Any:
    """The network as one module whose outputs are the detections and what ``heads`` make of the layers they read."""
    import torch

    class Graph(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
        def __init__(self) -> None:
            super().__init__()
            self.layers = model.model
            self.branch = branch
            self.heads = torch.nn.ModuleDict({name: module for name, (_, module) in heads.items()})

        def forward(self, x: Any) -> Any:
            seen: list[Any] = []
            x = through(list(self.layers)[:BACKBONE], seen, x)
            rods = through(self.branch, list(seen), x)
            found = through(list(self.layers)[BACKBONE:], seen, x)
            # Rods are further columns with boxes of their own: in each half the other's scores are nothing.
            nothing = torch.zeros_like(found[:, 4:])
            rows = torch.cat(
                (torch.cat((found, nothing[:, :1]), 1), torch.cat((rods[:, :4], nothing, rods[:, 4:]), 1)), 2
            )
            extra = [self.heads[name](*(seen[i] for i in heads[name][0])) for name in heads]
            return (rows, found, *extra)

    return Graph().eval()
