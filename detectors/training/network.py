"""The network while it learns: the base with its 80 classes, and a small tower of its own for rods beside its head."""

from __future__ import annotations

import copy
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
_ROD_BIAS = -6.0
"""A new class starts almost silent, so that the first steps do not pay for thousands of false rods."""
_EDGE_BIAS = 1.0
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


def rod_tower(model: Any) -> Any:
    """A tower for each level: copies of the class convolutions before the last, then 64 edge channels and one score.

    Rods get their own boxes and scores, so that learning them cannot move the boxes of the other classes.
    """
    import torch

    towers = []
    for branch in model.model[-1].cv3:
        body = copy.deepcopy(branch[:-1])
        last = torch.nn.Conv2d(branch[-1].in_channels, _EDGES + 1, 1)
        with torch.no_grad():
            last.weight.normal_(0.0, 0.01)
            last.bias[:_EDGES] = _EDGE_BIAS
            last.bias[_EDGES] = _ROD_BIAS
        towers.append(torch.nn.Sequential(*body, last))
    return torch.nn.ModuleList(towers).requires_grad_(True)


def rods_of(towers: Any, features: list[Any]) -> dict[str, Any]:
    """Raw output of the rod towers in the form of a head's: ``boxes`` (B, 64, N), ``scores`` (B, 1, N), ``feats``."""
    import torch

    flat = torch.cat([tower(level).flatten(2) for tower, level in zip(towers, features, strict=True)], dim=2)
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
