"""How often a line at a person looks like a rod: every person that the model finds, one frame in 0.4 s, of each clip of a list.

``python -m bench.rods --manifest MANIFEST.tsv [--model MODEL]``. Nothing else of the fishing rule is in it: no water, nobody who stays.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2

from detectors import Kind, load, resolve
from detectors._people import boxes_of
from detectors._rods import rods_at
from detectors.fishing import PERSON_SCORE, rod_picture
from patrol.evaluation import read_manifest
from patrol.visits.capture import capture

SECONDS, EVERY_S, MOST = 10.0, 0.4, 6


def main() -> None:
    """Look, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--model")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    model = load(str(resolve(args.model).path))
    without, lines = 0, 0
    spent, asked = 0.0, 0
    print("| clip | shows fishing | persons | with a line |\n|---|---|---|---|")
    for clip in read_manifest(args.manifest).clips:
        got = capture(str(clip.file), dwell_s=SECONDS, open_timeout_s=6, read_timeout_s=6, deadline_s=60)
        due, persons, held = 0.0, 0, 0
        for frame in got.frames():
            if frame.at + 1e-3 < due:
                continue
            due = frame.at + EVERY_S
            for body in boxes_of(model.objects(frame, PERSON_SCORE).only({"person"}).boxes)[:MOST]:
                picture = rod_picture(frame, body)
                begun = time.thread_time()
                held += bool(rods_at(picture, body))
                spent, asked, persons = spent + time.thread_time() - begun, asked + 1, persons + 1
        if persons:
            print(f"| {clip.file.name} | {'yes' if Kind.FISHING in clip.shows else 'no'} | {persons} | {held} |")
        if Kind.FISHING not in clip.shows:
            without, lines = without + persons, lines + held
    share = lines / max(1, without)
    print(
        f"clips without fishing: a line at {lines} of {without} persons, {share:.1%}; {spent / max(1, asked) * 1e3:.1f} ms each"
    )


if __name__ == "__main__":
    main()
