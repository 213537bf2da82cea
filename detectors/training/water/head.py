"""The probe as a module of the network, and both answers in one graph."""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import Any

import numpy as np

from detectors.training.water.probe import CHANNELS, Probe, detection_model


def water_head(probe: Probe) -> Any:
    """A ``torch.nn.Module``: ``forward(*features) -> (1, 1, rows, columns)`` in [0, 1] at stride 16; features in the order of ``.layers``.

    A 1×1 convolution and repeating (or averaging) cells can change places, so each layer is narrowed first and resized after.
    """
    torch: Any = importlib.import_module("torch")
    nn = torch.nn

    class WaterHead(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layers = probe.layers
            self.mix = nn.ModuleDict()
            start = 0
            for layer in probe.layers:
                conv = nn.Conv2d(CHANNELS[layer], len(probe.mix), 1, bias=layer == 6)
                part = probe.mix[:, start : start + CHANNELS[layer], None, None]
                conv.weight.data.copy_(torch.from_numpy(np.ascontiguousarray(part)))
                if layer == 6:
                    conv.bias.data.copy_(torch.from_numpy(probe.mix_bias))
                self.mix[str(layer)] = conv
                start += CHANNELS[layer]
            self.out = None
            if probe.out.size:
                self.out = nn.Conv2d(len(probe.mix), 1, 1)
                self.out.weight.data.copy_(torch.from_numpy(probe.out[None, :, None, None]))
                self.out.bias.data.copy_(torch.from_numpy(probe.out_bias))

        def forward(self, *seen: Any) -> Any:
            features = dict(zip(self.layers, seen, strict=True))
            total = self.mix["6"](features[6])
            if 4 in self.layers:
                total = total + self.mix["4"](nn.functional.avg_pool2d(features[4], 2))
            if 10 in self.layers:
                total = total + nn.functional.interpolate(
                    self.mix["10"](features[10]), scale_factor=2.0, mode="nearest"
                )
            if self.out is not None:
                total = self.out(nn.functional.relu(total))
            if probe.smooth > 1:
                total = nn.functional.avg_pool2d(total, probe.smooth, 1, probe.smooth // 2, count_include_pad=False)
            return torch.sigmoid(total)

    return WaterHead().eval()


def with_water(model: Any, head: Any) -> Any:
    """One module with two answers: ``(detections, water)``.

    Args:
        model: an ultralytics ``DetectionModel`` (``YOLO(file).model``) whose ``Detect`` is set up for export.
        head: what :func:`water_head` made.
    """
    torch: Any = importlib.import_module("torch")

    class WithWater(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.detector = model
            self.water = head

        def forward(self, x: Any) -> tuple[Any, Any]:
            made: list[Any] = []
            for layer in self.detector.model:
                if layer.f != -1:
                    x = made[layer.f] if isinstance(layer.f, int) else [x if n == -1 else made[n] for n in layer.f]
                x = layer(x)
                made.append(x)
            detections = x[0] if isinstance(x, tuple | list) else x
            return detections, self.water(*(made[n] for n in self.water.layers))

    return WithWater().eval()


def export(weights: Path, probe: Probe, folder: Path) -> None:
    """Write OpenVINO IR with both answers: any height and width in multiples of 32, half precision, class names beside it."""
    torch: Any = importlib.import_module("torch")
    ov: Any = importlib.import_module("openvino")
    yaml: Any = importlib.import_module("yaml")
    model = detection_model(weights)
    names = {int(k): str(v) for k, v in dict(model.names).items()}
    detect = model.model[-1]
    detect.export, detect.dynamic, detect.format = True, True, "openvino"
    both = with_water(model, water_head(probe))
    with torch.inference_mode():
        graph = ov.convert_model(both, example_input=torch.zeros(1, 3, 384, 640))
    graph.reshape([1, 3, -1, -1])
    for key in list(graph.rt_info):  # the converter notes folders of this machine there
        del graph.rt_info[key]
    graph.inputs[0].get_tensor().set_names({"images"})
    graph.outputs[0].get_tensor().set_names({"output0"})
    graph.outputs[1].get_tensor().set_names({"water"})
    folder.mkdir(parents=True, exist_ok=True)
    ov.save_model(graph, folder / f"{folder.name}.xml", compress_to_fp16=True)
    about = {"names": names, "stride": 32, "task": "detect", "outputs": ["output0", "water"], "license": "AGPL-3.0"}
    (folder / "metadata.yaml").write_text(yaml.safe_dump(about, sort_keys=False), "utf-8")


def cost(file: Path, height: int = 384, width: int = 640, rounds: int = 60) -> tuple[float, float]:
    """Milliseconds of processor for one picture without and with the water output: medians of runs taken in turn."""
    ov: Any = importlib.import_module("openvino")
    requests = []
    for wanted in (False, True):
        graph = ov.Core().read_model(str(file))
        if not wanted:
            graph.remove_result(next(r for r in graph.get_results() if "water" in r.output(0).get_names()))
        graph.reshape([1, 3, height, width])
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
        requests.append(ov.Core().compile_model(graph, "CPU", settings).create_infer_request())
    picture = np.random.default_rng(0).random((1, 3, height, width), np.float32)
    spent: list[list[float]] = [[], []]
    for _ in range(rounds):
        for request, times in zip(requests, spent, strict=True):
            start = time.process_time()
            request.infer([picture])
            times.append((time.process_time() - start) * 1000)
    return float(np.median(spent[0][5:])), float(np.median(spent[1][5:]))
