"""What one look costs in core-seconds, beside the bare minimum of the same work and beside ``ultralytics`` ``track``.

``make bench`` or ``python -m bench.visit --clip CLIP --model MODEL.onnx [--track MODEL.pt] [--rounds 5]``. Every
contender runs in a process of its own, one thread wide, the rounds interleaved so that a noisy machine hurts all alike.
Start-up and the loading of the model are outside the figures. Core-seconds are user + system time of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_RATE_HZ = 2.5
"""Inferences a second that the detectors ask for, given to the bare minimum and to ``track`` too."""


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="what the lean runtime loads")
    parser.add_argument("--track", type=Path, help="the .pt of the same model for ultralytics; left out: not compared")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", choices=["decode", "bare", "look", "track", "track-all"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(_CONTENDERS[args.one](args)))
        return
    names = ["decode", "bare", "look"] + (["track", "track-all"] if args.track else [])
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(args.rounds):
        for name in names:
            done = subprocess.run(
                [sys.executable, "-m", "bench.visit", *sys.argv[1:], "--one", name],
                capture_output=True, text=True, check=False, env={**os.environ, **_ONE_THREAD},
            )  # fmt: skip
            if done.returncode:
                sys.exit(f"{name} failed:\n{done.stderr}")
            runs[name].append(json.loads(done.stdout.splitlines()[-1]))
    bare = statistics.median(r["cpu_s"] for r in runs["bare"])
    print(f"{args.clip.name}, {args.seconds:g} s, {args.rounds} rounds, medians (min–max)")
    print("| what | core-s | of bare | wall s | frames decoded | inferences |")
    print("|---|---|---|---|---|---|")
    for name in names:
        cpu = [r["cpu_s"] for r in runs[name]]
        wall = statistics.median(r["wall_s"] for r in runs[name])
        print(
            f"| {_LABELS[name]} | {statistics.median(cpu):.2f} ({min(cpu):.2f}–{max(cpu):.2f}) | {statistics.median(cpu) / bare:.2f} "
            f"| {wall:.2f} | {runs[name][0]['decoded']:g} | {runs[name][0]['inferences']:g} |"
        )


_LABELS = {
    "decode": "decode alone, every frame",
    "bare": f"bare minimum: decode + inference at {_RATE_HZ:g} Hz",
    "look": "one look of the patrol: capture, quality, three detectors",
    "track": "ultralytics track on the frames of the bare minimum",
    "track-all": "ultralytics track on every frame (its default)",
}


def _decoded(args: argparse.Namespace, infer: object) -> dict[str, float]:
    import av

    from detectors import ArrayFrame, load

    model = load(str(args.model)) if infer else None
    warm = _warm(model)
    begun, wall = time.process_time(), time.perf_counter()
    frames = inferences = 0
    with av.open(str(args.clip)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        due = 0.0
        for frame in container.decode(stream):
            at = float(frame.time or 0)
            if at >= args.seconds:
                break
            frames += 1
            if model is not None and at + 1e-6 >= due:
                due += 1 / _RATE_HZ
                picture = frame.reformat(
                    width=640, height=round(frame.height * 640 / frame.width), format="bgr24"
                ).to_ndarray()
                model.objects(ArrayFrame(picture, at))
                inferences += 1
    del warm
    return {
        "cpu_s": time.process_time() - begun,
        "wall_s": time.perf_counter() - wall,
        "decoded": frames,
        "inferences": inferences,
    }


def _warm(model: object) -> None:
    import numpy as np

    from detectors import ArrayFrame

    if model is not None:
        model.objects(ArrayFrame(np.zeros((360, 640, 3), np.uint8)))  # type: ignore[attr-defined]


def _look(args: argparse.Namespace) -> dict[str, float]:
    from detectors import load
    from patrol.visits import VisitOrder, make_look

    class Counted:
        def __init__(self, model: object) -> None:
            self._model, self.asked = model, set()

        def __getattr__(self, name: str) -> object:
            return getattr(self._model, name)

        def objects(self, frame: object, min_score: float = 0.25, within: object = None) -> object:
            self.asked.add((round(frame.at, 4), within))  # type: ignore[attr-defined]
            return self._model.objects(frame, min_score, within)  # type: ignore[attr-defined]

    model = load(str(args.model))
    _warm(model)
    counted = Counted(model)
    begun, wall = time.process_time(), time.perf_counter()
    report = make_look(VisitOrder(id="bench", source=str(args.clip), dwell_s=args.seconds), counted)  # type: ignore[arg-type]
    if report.outcome.value != "inspected":
        sys.exit(f"the look was {report.outcome.value}: {report.detail}")
    return {
        "cpu_s": time.process_time() - begun,
        "wall_s": time.perf_counter() - wall,
        "decoded": report.decoded,
        "inferences": len(counted.asked),
    }


def _track(args: argparse.Namespace) -> dict[str, float]:
    return _tracked(args, every=False)


def _track_all(args: argparse.Namespace) -> dict[str, float]:
    return _tracked(args, every=True)


def _tracked(args: argparse.Namespace, *, every: bool) -> dict[str, float]:
    import av
    import cv2
    import numpy as np
    import torch

    from detectors import load

    load(str(args.track))  # puts the missing torchvision operator in place before ultralytics is imported
    from ultralytics import YOLO

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    model = YOLO(str(args.track))
    model.track(np.zeros((720, 1280, 3), np.uint8), imgsz=640, device="cpu", verbose=False, persist=True)
    begun, wall = time.process_time(), time.perf_counter()
    frames = inferences = 0
    with av.open(str(args.clip)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        due = 0.0
        for frame in container.decode(stream):
            at = float(frame.time or 0)
            if at >= args.seconds:
                break
            frames += 1
            if every or at + 1e-6 >= due:
                due += 1 / _RATE_HZ
                model.track(frame.to_ndarray(format="bgr24"), imgsz=640, device="cpu", verbose=False, persist=True)
                inferences += 1
    return {
        "cpu_s": time.process_time() - begun,
        "wall_s": time.perf_counter() - wall,
        "decoded": frames,
        "inferences": inferences,
    }


_CONTENDERS = {
    "decode": lambda args: _decoded(args, None),
    "bare": lambda args: _decoded(args, True),
    "look": _look,
    "track": _track,
    "track-all": _track_all,
}


if __name__ == "__main__":
    main()
