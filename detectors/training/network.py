"""The network while it learns: the base with its 80 classes, and a small tower of its own for rods beside its head."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from detectors._decode import COCO
from detectors._ultralytics import _mend_torchvision
from detectors.training import KEPT

ROD = len(COCO)
"""The class number of ``rod`` in training pictures."""
BACKBONE = 11
"""Layers 0..10 stay as they came: other heads read their features."""
_ROD_BIAS = -5.0
"""A new class starts almost silent, so that the first steps do not pay for thousands of false rods."""
ROD_LAYERS: tuple[tuple[int, ...], ...] = ((16, 4), (19, 6), (22, 10))
"""What the rod towers of strides 8, 16 and 32 read: the neck's layer and the backbone's of the same size."""
_CHANNELS = (64 + 128, 128 + 128, 256 + 256)
_WIDTH = 64
_EDGES = 64
"""Four sides of 16 distances, as in the base's head."""


def load_base(file: Path) -> Any:
    """A ``.pt`` of the YOLO family as a float32 module that returns raw outputs (training mode), without gradients."""
    _mend_torchvision()
    from ultralytics import YOLO

    model: Any = YOLO(str(file), task="detect").model.float()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    # The file's own settings name folders of the machine that wrote it; the loss reads three gains only.
    model.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)
    return model.train()


def rod_towers() -> Any:
    """A tower for each level: the level's features to 64 edge channels and one score.

    Rods get their own boxes and scores, and read features that they do not change: whatever is learnt about rods, the
    other classes give the numbers of the base model. The backbone's features stand beside the neck's, because a
    line one pixel wide is gone after a few more layers.
    """
    import torch

    def conv(ins: int, outs: int, size: int = 1, groups: int = 1, apart: int = 1) -> Any:
        around = apart * (size // 2)
        return torch.nn.Sequential(
            torch.nn.Conv2d(ins, outs, size, padding=around, groups=groups, dilation=apart), torch.nn.SiLU()
        )

    towers = torch.nn.ModuleList()
    for channels in _CHANNELS:
        last = torch.nn.Conv2d(_WIDTH, _EDGES + 1, 1)
        with torch.no_grad():
            last.weight.normal_(0.0, 0.01)
            last.bias[:_EDGES] = 1.0
            last.bias[_EDGES] = _ROD_BIAS
        # Far-apart taps see along a rod that crosses many cells.
        steps = [
            layer for apart in (1, 2, 3) for layer in (conv(_WIDTH, _WIDTH, 3, _WIDTH, apart), conv(_WIDTH, _WIDTH))
        ]
        towers.append(torch.nn.Sequential(conv(channels, _WIDTH), *steps, conv(_WIDTH, _WIDTH, 3), last))
    return towers


def looked(model: Any, pictures: Any) -> tuple[dict[str, Any], list[Any]]:
    """The head's raw output (training mode), and what each rod tower reads."""
    import torch

    seen: list[Any] = []
    x = pictures
    for layer in model.model:
        if layer.f != -1:
            x = seen[layer.f] if isinstance(layer.f, int) else [x if j == -1 else seen[j] for j in layer.f]
        x = layer(x)
        seen.append(x)
    return x, [torch.cat([seen[i] for i in layers], 1) for layers in ROD_LAYERS]


def rods_of(towers: Any, inputs: list[Any], features: list[Any]) -> dict[str, Any]:
    """Raw output of the rod towers in the form of a head's: ``boxes`` (B, 64, N), ``scores`` (B, 1, N), ``feats``."""
    import torch

    flat = torch.cat([tower(level).flatten(2) for tower, level in zip(towers, inputs, strict=True)], dim=2)
    return {"boxes": flat[:, :_EDGES], "scores": flat[:, _EDGES:], "feats": features}


def learn_neck(model: Any) -> list[Any]:
    """Let the neck learn. The head stays: what it reads out of the features must go on meaning the same."""
    learning = []
    for layer in list(model.model)[BACKBONE:-1]:
        learning += list(layer.requires_grad_(True).parameters())
    return learning


def narrow(model: Any) -> Any:
    """Keep the head's rows of :data:`~detectors.training.KEPT`; boxes and the kept scores are the same numbers as before."""
    import torch

    rows = [COCO.index(name) for name in KEPT]
    head = model.model[-1]
    for branch in head.cv3:
        old = branch[-1]
        new = torch.nn.Conv2d(old.in_channels, len(rows), 1).requires_grad_(False)
        with torch.no_grad():
            new.weight.copy_(old.weight[rows])
            new.bias.copy_(old.bias[rows])
        branch[-1] = new
    head.nc = len(rows)
    head.no = head.nc + 4 * head.reg_max
    return model
