"""``python -m detectors.training --footage DIR --out DIR``: labels, training and export in one go."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path


def main() -> None:
    """Train and export; prints where the model lies."""
    parser = argparse.ArgumentParser(prog="python -m detectors.training", description=__doc__)
    parser.add_argument("--footage", type=Path, required=True, help="folder with images/ and weights/")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for pseudo-labels, weights and the exported model"
    )
    parser.add_argument("--minutes", type=float, default=25.0, help="0 exports the base with silent rods")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="go on from these weights (a state.pt)")
    parser.add_argument("--state", type=Path, help="export these weights (a state.pt) and do not train")
    parser.add_argument("--water", type=Path, help="export this water probe (a water.npz) and do not train one")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.out.mkdir(parents=True, exist_ok=True)
    # Only here, so that the help can be read where torch is not installed.
    from detectors.training.data import WEIGHTS
    from detectors.training.export import FOLDER, export
    from detectors.training.network import load_base, narrow, rod_branch
    from detectors.training.train import Plan, restored, trained
    from detectors.training.water.__main__ import main as learn_water
    from detectors.training.water.head import water_head
    from detectors.training.water.probe import Probe

    if options.state:
        model, branch = restored(options.footage, options.state)
    elif options.minutes > 0:
        plan = Plan(options.minutes, seed=options.seed, threads=options.threads, resume=options.resume)
        model, branch = trained(options.footage, options.out, plan)
    else:
        model = load_base(options.footage / WEIGHTS)
        branch = rod_branch(model)
    water = options.water or options.out / "water.npz"
    if options.water is None:
        learn_water(
            ["--weights", str(options.footage / WEIGHTS), "--footage", str(options.footage), "--out", str(options.out)]
        )
    head = water_head(Probe.read(water))
    file = export(narrow(model), branch, options.out / FOLDER, extra_heads={"water": (head.layers, head)})
    logging.getLogger(__name__).info("%s", file)


if __name__ == "__main__":
    main()
