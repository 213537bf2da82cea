"""The training loop: minutes, not epochs, because it was written for two processor cores."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detectors.training.data import WEIGHTS, Picture, labelled
from detectors.training.losses import rod_lessons, teacher_lessons
from detectors.training.network import ROD, learn_neck, load_base, looked, rod_towers, rods_of
from detectors.training.scenes import Scenes
from detectors.training.weather import degraded

logger = logging.getLogger(__name__)

_SIZES = (320, 384, 448)
_BATCH = 6
_KEEP = 0.98
"""How much of the running mean of the weights stays at each step; the mean is what is shipped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how fast, and what learns.

    Attributes:
        minutes: wall-clock time of the loop; the learning rate falls to nothing by its end.
        neck: whether the neck learns too, to see through night and rain (a loser: see the model card).
        rod_rate: learning rate of the rod towers, which start from nothing (AdamW).
        neck_rate: that of the neck.
        seed: of everything that is drawn.
        threads: processor threads of torch.
    """

    minutes: float = 20.0
    neck: bool = False
    rod_rate: float = 2e-3
    neck_rate: float = 2.5e-4
    seed: int = 7
    threads: int = 1


def trained(footage: Path, out: Path, plan: Plan) -> tuple[Any, Any]:
    """Train; the network (80 classes) and its rod towers. Weights go to ``out/state.pt`` on the way."""
    import torch

    torch.set_num_threads(plan.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(plan.seed)
    teacher = load_base(footage / WEIGHTS)
    rng = np.random.default_rng(plan.seed)
    scenes = Scenes(labelled(footage, teacher, out / "pseudo_labels.json"), rng)
    both = torch.nn.ModuleList([copy.deepcopy(teacher), rod_towers()])
    student, towers = both
    groups = [{"params": list(towers.parameters()), "most": plan.rod_rate}]
    if plan.neck:
        groups.append({"params": learn_neck(student), "most": plan.neck_rate})
    optimiser = torch.optim.AdamW(groups, weight_decay=1e-4)
    mean = copy.deepcopy(both)
    rod_loss = rod_lessons(student)
    began, step, last = time.monotonic(), 0, 0.0
    seen: deque[dict[str, float]] = deque(maxlen=50)
    while (gone := (time.monotonic() - began) / 60) < plan.minutes:
        share = min(1.0, (step + 1) / 40) * (0.02 + 0.98 * (1 + math.cos(math.pi * gone / plan.minutes)) / 2)
        for group in optimiser.param_groups:
            group["lr"] = group["most"] * share
        clean, bad, targets = _batch(scenes, rng)
        with torch.set_grad_enabled(plan.neck):
            said, inputs = looked(student, bad)
        drawn, _ = rod_loss(rods_of(towers, [level.detach() for level in inputs], said["feats"]), targets)
        parts = {"rods": drawn.sum() / _BATCH}
        if plan.neck:
            with torch.no_grad():
                taught = teacher(clean)
            parts |= teacher_lessons(said, taught)
        optimiser.zero_grad()
        sum(parts.values()).backward()
        for group in optimiser.param_groups:
            torch.nn.utils.clip_grad_norm_(group["params"], 10.0)
        optimiser.step()
        step += 1
        _follow(mean, both, min(_KEEP, step / (step + 10)))
        seen.append({name: float(value.detach()) for name, value in parts.items()})
        if gone - last >= 1.0:
            last = gone
            torch.save(mean.state_dict(), out / "state.pt")
            average = {name: round(sum(row[name] for row in seen) / len(seen), 3) for name in parts}
            logger.info("%.1f min, step %d: %s", gone, step, average)
    torch.save(mean.state_dict(), out / "state.pt")
    return mean[0], mean[1]


def restored(footage: Path, state: Path) -> tuple[Any, Any]:
    """The network and its rod towers with the weights of ``state.pt``."""
    import torch

    model = load_base(footage / WEIGHTS)
    both = torch.nn.ModuleList([model, rod_towers()])
    both.load_state_dict(torch.load(state, weights_only=True))
    return both[0], both[1]


def _batch(scenes: Scenes, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    import torch

    size = int(rng.choice(_SIZES))
    drawn = [scenes.scene(size) for _ in range(_BATCH)]
    clean = torch.from_numpy(_tensor([scene.image for scene in drawn]))
    bad = torch.from_numpy(_tensor([degraded(scene.image, rng) for scene in drawn]))
    rows = torch.from_numpy(np.concatenate([_rods(at, scene, size) for at, scene in enumerate(drawn)]))
    targets = {"batch_idx": rows[:, 0], "cls": torch.zeros(len(rows)), "bboxes": rows[:, 1:]}
    return clean, bad, targets


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
