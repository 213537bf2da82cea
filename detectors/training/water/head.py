"""The probe as a module of the network; ``detectors.training.export`` puts it beside the detections in one graph."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from detectors.training.water.probe import CHANNELS, Probe


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
