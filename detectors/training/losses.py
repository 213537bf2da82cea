"""What the network is taught by: a frozen copy of the base for what it knows, drawn boxes for rods."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from detectors._decode import COCO
from detectors.training import KEPT

_KNOWN = [COCO.index(name) for name in KEPT]
_FEATURES = 0.5
"""How much the neck's own features are held to the base's. They keep vehicles alive, which no still shows."""
_QUIET = 0.05


def rod_lessons(model: Any) -> Any:
    """The YOLO family's own loss, for the one class ``rod``."""
    import torch
    from ultralytics.utils.loss import v8DetectionLoss

    head = model.model[-1]
    one = SimpleNamespace(nc=1, reg_max=head.reg_max, stride=head.stride)
    # The loss asks a model for four things only.
    return v8DetectionLoss(
        SimpleNamespace(
            parameters=lambda: iter([torch.zeros(1)]),
            args=SimpleNamespace(box=4.0, cls=1.0, dfl=1.0),
            model=[one],
            class_weights=None,
        )
    )


def teacher_lessons(student: dict[str, Any], teacher: dict[str, Any]) -> dict[str, Any]:
    """The base's opinion of the clean picture, asked of the student on the spoilt one.

    Args:
        student: raw output on the spoilt pictures: ``boxes`` (B, 64, N), ``scores`` (B, 80, N), ``feats``.
        teacher: the same of the base on the clean pictures.
    """
    import torch

    taught, said = teacher["scores"], student["scores"]
    sure = taught.sigmoid()
    apart = (sure - said.sigmoid()).abs().detach()
    wrong = torch.nn.functional.binary_cross_entropy_with_logits(said, sure, reduction="none")
    strength = sure[:, _KNOWN].amax(dim=1)
    total = strength.sum().clamp(min=1)
    # Only far off, disagreement below a score of one in a million is none.
    quiet = (said.clamp(min=-14) - taught.clamp(min=-14)).pow(2).mean()
    there = strength * strength.gt(0.1)
    shape = (taught.shape[0], 4, 16, -1)
    goal = teacher["boxes"].view(shape).log_softmax(2)
    given = student["boxes"].view(shape).log_softmax(2)
    edges = ((goal.exp() * (goal - given)).sum(2).mean(1) * there).sum() / there.sum().clamp(min=1)
    pairs = zip(student["feats"], teacher["feats"], strict=True)
    same = sum((ours - theirs).pow(2).mean() / theirs.var() for ours, theirs in pairs)
    return {
        "opinion": (wrong * apart).sum() / total,
        "quiet": _QUIET * quiet,
        "edges": edges,
        "features": _FEATURES * same,
    }
