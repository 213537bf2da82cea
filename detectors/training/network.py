"""The network: the base as it came, and a second neck and head for rods on the same backbone."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detectors._decode import COCO
from detectors._ultralytics import _mend_torchvision
from detectors.training import KEPT

ROD = len(COCO)
"""The class number of ``rod`` in training pictures."""
BACKBONE = 11
"""Layers 0..10 stay as they came: every head reads their features."""
_ROD_BIAS = -8.0
"""A new class starts almost silent, so that the first steps do not pay for thousands of false rods."""


def load_base(file: Path) -> Any:
    """A ``.pt`` of the YOLO family as a float32 module that returns raw outputs (training mode), without gradients."""
    _mend_torchvision()
    from ultralytics import YOLO

    model: Any = YOLO(str(file), task="detect").model.float()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model.train()


def rod_branch(model: Any) -> Any:
    """Layers 11.. once more, free to learn, their head with the one class ``rod``.

    A branch of its own, because a neck that also learnt rods (or night and rain) lost vehicles: no still shows any.
    """
    import torch

    branch = torch.nn.ModuleList(copy.deepcopy(list(model.model)[BACKBONE:]))
    head = branch[-1]
    _with_rows(head, 1)
    for tower in head.cv3:
        tower[-1].weight.normal_(0.0, 0.01)
        tower[-1].bias.fill_(_ROD_BIAS)
    for name, parameter in branch.named_parameters():
        parameter.requires_grad_(".dfl." not in name)
    return branch.train()


def through(layers: Iterable[Any], seen: list[Any], x: Any) -> Any:
    """Run layers that may read earlier ones; ``seen`` grows by their outputs. Returns the last output."""
    for layer in layers:
        if layer.f != -1:
            x = seen[layer.f] if isinstance(layer.f, int) else [x if j == -1 else seen[j] for j in layer.f]
        x = layer(x)
        seen.append(x)
    return x


def narrow(model: Any) -> Any:
    """Keep the head's rows of :data:`~detectors.training.KEPT`; boxes and kept scores are the same numbers as before."""
    head = model.model[-1]
    rows = [COCO.index(name) for name in KEPT]
    old = [tower[-1] for tower in head.cv3]
    _with_rows(head, len(rows))
    for tower, before in zip(head.cv3, old, strict=True):
        tower[-1].weight.copy_(before.weight[rows])
        tower[-1].bias.copy_(before.bias[rows])
    return model


def _with_rows(head: Any, rows: int) -> None:
    import torch

    for tower in head.cv3:
        tower[-1] = torch.nn.Conv2d(tower[-1].in_channels, rows, 1).requires_grad_(False)
    head.nc = rows
    head.no = rows + 4 * head.reg_max
