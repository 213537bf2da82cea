"""The training loop: minutes, not epochs, because it was written for two processor cores."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from detectors.training.data import WEIGHTS, Picture, labelled
from detectors.training.network import BACKBONE, ROD, load_base, rod_branch, through
from detectors.training.scenes import Scenes
from detectors.training.weather import degraded

logger = logging.getLogger(__name__)

_SIZES = (320, 384, 448)
_BATCH = 6
_KEEP = 0.98
"""How much of the running mean of the weights stays at each step; the mean is what is shipped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast.

    Attributes:
        minutes: wall-clock time of the loop; the learning rate falls to nothing by its end.
        rate: learning rate (AdamW).
        seed: of everything that is drawn.
        threads: processor threads of torch.
        resume: weights of an earlier run to go on from.
    """

    minutes: float = 25.0
    rate: float = 4e-4
    seed: int = 7
    threads: int = 1
    resume: Path | None = None


def trained(footage: Path, out: Path, plan: Plan) -> tuple[Any, Any]:
    """Train; the base and its rod branch. The branch's weights go to ``out/state.pt`` on the way."""
    import torch

    torch.set_num_threads(plan.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(plan.seed)
    base = load_base(footage / WEIGHTS)
    rng = np.random.default_rng(plan.seed)
    scenes = Scenes(labelled(footage, base, out / "pseudo_labels.json"), rng)
    branch = rod_branch(base)
    if plan.resume is not None:
        branch.load_state_dict(torch.load(plan.resume, weights_only=True))
    learning = [parameter for parameter in branch.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learning, weight_decay=1e-4)
    mean = copy.deepcopy(branch)
    lessons = _lessons(branch)
    began, step, last = time.monotonic(), 0, 0.0
    seen: deque[float] = deque(maxlen=50)
    while (gone := (time.monotonic() - began) / 60) < plan.minutes:
        share = min(1.0, (step + 1) / 40) * (0.02 + 0.98 * (1 + math.cos(math.pi * gone / plan.minutes)) / 2)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * share
        pictures, targets = _batch(scenes, rng)
        layers: list[Any] = []
        with torch.no_grad():
            deep = through(list(base.model)[:BACKBONE], layers, pictures)
        loss = lessons(through(branch, layers, deep), targets)[0].sum() / _BATCH
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 10.0)
        optimiser.step()
        step += 1
        _follow(mean, branch, min(_KEEP, step / (step + 10)))
        seen.append(float(loss.detach()))
        if gone - last >= 1.0:
            last = gone
            torch.save(mean.state_dict(), out / "state.pt")
            logger.info("%.1f min, step %d: loss %.3f", gone, step, sum(seen) / len(seen))
    torch.save(mean.state_dict(), out / "state.pt")
    return base, mean


def restored(footage: Path, state: Path) -> tuple[Any, Any]:
    """The base and its rod branch with the weights of ``state.pt``."""
    import torch

    base = load_base(footage / WEIGHTS)
    branch = rod_branch(base)
    branch.load_state_dict(torch.load(state, weights_only=True))
    return base, branch


def _lessons(branch: Any) -> Any:
    """The YOLO family's own loss, for the one class."""
    import torch
    from ultralytics.utils.loss import v8DetectionLoss

    # The loss asks a model for these only.
    return v8DetectionLoss(
        SimpleNamespace(
            parameters=lambda: iter([torch.zeros(1)]),
            args=SimpleNamespace(box=3.0, cls=1.0, dfl=0.8),
            model=[branch[-1]],
            class_weights=None,
        )
    )


def _batch(scenes: Scenes, rng: np.random.Generator) -> tuple[Any, dict[str, Any]]:
    import torch

    size = int(rng.choice(_SIZES))
    drawn = [scenes.scene(size) for _ in range(_BATCH)]
    pictures = torch.from_numpy(_tensor([degraded(scene.image, rng) for scene in drawn]))
    rows = torch.from_numpy(np.concatenate([_rods(at, scene, size) for at, scene in enumerate(drawn)]))
    targets = {"batch_idx": rows[:, 0], "cls": torch.zeros(len(rows)), "bboxes": rows[:, 1:]}
    return pictures, targets


def _tensor(images: list[Any]) -> Any:
    return cv2.dnn.blobFromImages(images, 1 / 255, swapRB=True).astype(np.float32, copy=False)


def _rods(at: int, scene: Picture, size: int) -> Any:
    """``(M, 5)`` rods of a picture: its place in the batch, centre x, y, width, height as shares."""
    corners = scene.boxes[scene.classes == ROD] / size
    middle, sides = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
    return np.concatenate([np.full((len(corners), 1), at), middle, sides], axis=1).astype(np.float32)


def _follow(mean: Any, student: Any, keep: float) -> None:
    """Move the running mean of the weights towards the student."""
    import torch

    with torch.no_grad():
        for slow, fast in zip(mean.parameters(), student.parameters(), strict=True):
            if fast.requires_grad:
                slow.mul_(keep).add_(fast, alpha=1 - keep)
