"""A process that tracks clips with ``ultralytics``, to compare with: ``python -m patrol.evaluation.tracker MODEL.pt EVERY_S``.

Reads one JSON object a line, ``{"clip": …, "dwell_s": …}``, answers ``{"core_s": …}``. Decoding is part of it, starting up is not.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import av
import cv2
import numpy as np

from detectors import load


def main() -> None:
    """Answer until there is nothing more to read."""
    name, every_s = sys.argv[1], float(sys.argv[2])
    load(name)  # puts a missing torchvision operator in place before ultralytics is imported
    import torch  # type: ignore[import-not-found, unused-ignore]
    from ultralytics import YOLO  # type: ignore[import-not-found, unused-ignore]

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    model = YOLO(name)
    model.track(np.zeros((720, 1280, 3), np.uint8), imgsz=640, device="cpu", verbose=False, persist=True)
    _say(0.0)
    for line in sys.stdin:
        wanted = json.loads(line)
        begun = time.process_time()
        for _ in tracked(model, wanted["clip"], wanted["dwell_s"], every_s):
            pass
        _say(time.process_time() - begun)


def tracked(model: Any, clip: str, dwell_s: float, every_s: float) -> Iterator[tuple[float, Any]]:
    """Track a clip from its start: seconds and what was found, for every frame or, with ``every_s`` above 0, one in so many seconds."""
    due, known = 0.0, False
    with av.open(clip) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        for frame in container.decode(stream):
            at = float(frame.time or 0)
            if at >= dwell_s:
                break
            if at + 1e-6 >= due:
                due = at + every_s if every_s else 0.0
                # A clip begins with a tracker of its own: its frames may have another size.
                picture = frame.to_ndarray(format="bgr24")
                yield at, model.track(picture, imgsz=640, device="cpu", verbose=False, persist=known)[0]
                known = True


def _say(core_s: float) -> None:
    sys.stdout.write(json.dumps({"core_s": core_s}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
