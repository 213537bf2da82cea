"""A process that tracks clips with ``ultralytics``, to compare with: ``python -m patrol.evaluation.tracker MODEL.pt EVERY_S``.

Reads one JSON object a line, ``{"clip": …, "dwell_s": …}``, answers ``{"core_s": …}``. Decoding is part of it, starting up is not.
"""

from __future__ import annotations

import json
import sys
import time

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
        begun, due, known = time.process_time(), 0.0, False
        with av.open(wanted["clip"]) as container:
            stream = container.streams.video[0]
            stream.thread_count = 1
            for frame in container.decode(stream):
                at = float(frame.time or 0)
                if at >= wanted["dwell_s"]:
                    break
                if at + 1e-6 >= due:
                    due = at + every_s if every_s else 0.0
                    # A clip begins with a tracker of its own: its frames may have another size.
                    model.track(frame.to_ndarray(format="bgr24"), imgsz=640, device="cpu", verbose=False, persist=known)
                    known = True
        _say(time.process_time() - begun)


def _say(core_s: float) -> None:
    sys.stdout.write(json.dumps({"core_s": core_s}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
