"""What the quality check says of every real picture and clip, of the same spoiled, and of frozen and live streams.

``python -m bench.quality --footage DIR [--every 12]``. Prints the tables of docs/quality.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.bad_pictures import SPOILED, encoded, lit, noisy, stamped
from bench.clips import labelled
from detectors import ArrayFrame, Frame, Image
from patrol.visits.capture import capture
from patrol.visits.captured import Capture
from patrol.visits.quality import QualityMeter
from patrol.visits.report import Quality

_CODERS: dict[str, dict[str, Any]] = {
    "crf 23, keyframe every 2 s": {},
    "crf 35, every 2 s": {"options": {"crf": "35"}},
    "crf 23, every 0.5 s": {"group": 12},
    "crf 23, every 10 s": {"group": 250},
    "crf 35, every 10 s": {"group": 250, "options": {"crf": "35"}},
    "ultrafast, every 1 s": {"group": 25, "options": {"preset": "ultrafast", "tune": "zerolatency"}},
    "800 kbit/s, every 2 s": {"bit_rate": 800_000},
    "120 kbit/s, every 2 s": {"bit_rate": 120_000},
    "constant 500 kbit/s": {
        "bit_rate": 500_000,
        "options": {
            "preset": "veryfast",
            "tune": "zerolatency",
            "x264-params": "nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=250",
        },
    },
}
"""640×360, 25 frames a second, 12 s."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--every", type=int, default=12, help="which of the pictures are spoiled")
    args = parser.parse_args()
    pictures = dict(_pictures(args.footage))
    _real(args.footage, pictures)
    clips = {clip.stem: _first(clip) for clip, _kind, _label in labelled(args.footage)}
    _spoiled([*clips.values(), *list(pictures.values())[:: args.every]])
    _still(pictures)


def judged(frames: Iterator[Frame]) -> Quality:
    """The quality of frames, given to the meter as a look gives them: on its grid, keyframes besides."""
    meter, due = QualityMeter(), 0.0
    rate = meter.rate_hz or 25.0
    for frame in frames:
        on_grid = frame.at + 1e-3 >= due
        if on_grid:
            due = (int((frame.at + 1e-3) * rate) + 1) / rate
        if on_grid or frame.key:
            meter.update(frame)
    return meter.finish(live=False, previous_fingerprint=None)[0]


def coded(pictures: list[Image], **how: Any) -> Capture:
    """A capture of pictures coded as H.264."""
    with tempfile.NamedTemporaryFile(suffix=".mkv") as file:
        file.write(encoded(pictures, **how))
        file.flush()
        return capture(file.name, dwell_s=60, open_timeout_s=5, read_timeout_s=5, deadline_s=60)


def _real(footage: Path, pictures: dict[str, Image]) -> None:
    print("| clip | verdict | luma | contrast | sharpness | processor ms per s of video |\n|---|---|---|---|---|---|")
    for clip, _kind, _label in labelled(footage):
        got = capture(str(clip), dwell_s=20, open_timeout_s=5, read_timeout_s=5, deadline_s=60)
        frames = list(got.frames())
        begun = time.thread_time()
        found = judged(iter(frames))
        cost = 1000 * (time.thread_time() - begun) / max(got.seconds, 0.1)
        print(
            f"| {clip.stem} | {_said(found)} | {found.luma:.0f} | {found.contrast:.0f} | {found.sharpness:.2f} | {cost:.0f} |"
        )
    verdicts = {name: judged(_two(picture)) for name, picture in pictures.items()}
    bad = {name: _said(found) for name, found in verdicts.items() if found.verdict != "good"}
    print(f"\nreal pictures as looks of two frames: {len(verdicts)}, judged bad: {len(bad)} {bad or ''}\n")


def _spoiled(sources: list[Image]) -> None:
    rng = np.random.default_rng(1)
    print(f"{len(sources)} real pictures spoiled; as they are, and every fourth through x264 at crf 32\n")
    print("| spoiled | bad | of them with the right cause | coded: bad | right cause |\n|---|---|---|---|---|")
    for name, (spoil, right) in SPOILED.items():
        cells = []
        for code in (False, True):
            found = []
            for source in sources[:: 4 if code else 1]:
                picture = spoil(_even(source), rng)
                frames = coded([picture] * 3, options={"crf": "32"}).frames() if code else _two(picture)
                found.append(judged(frames))
            bad = [q for q in found if q.verdict == "bad"]
            cells += [f"{len(bad)} / {len(found)}", str(sum(bool(right & set(q.issues)) for q in bad))]
        print(f"| {name} | {' | '.join(cells)} |")


def _still(pictures: dict[str, Image]) -> None:
    rng = np.random.default_rng(2)
    base = next(picture for name, picture in pictures.items() if "f1q161no" in name)
    day = cv2.resize(base, (640, 360), interpolation=cv2.INTER_AREA).astype(np.uint8)
    table: dict[str, Counter[str]] = {name: Counter() for name in _CODERS}
    for scene in (day, lit(day, 0.35, 0)):
        for sigma in (0.5, 1.5, 3.0):
            one = noisy(scene, sigma, rng)
            # Noise drawn anew for every picture: one used twice would be a picture that truly comes again.
            streams = {
                "frozen": [one] * 300,
                "frozen, clock runs": [stamped(one, n // 25) for n in range(300)],
                "live, nothing moves": [stamped(noisy(scene, sigma, rng), n // 25) for n in range(300)],
            }
            for name, how in _CODERS.items():
                for kind, frames in streams.items():
                    table[name][kind] += "frozen" in _said(judged(coded(frames, **how).frames()))
    print("\nOf 6 streams each (day and night; sensor noise of 0.5, 1.5, 3 luma) judged frozen\n")
    kinds = ("frozen", "frozen, clock runs", "live, nothing moves")
    print(f"| x264 | {' | '.join(kinds)} |\n|---|---|---|---|")
    for name, counts in table.items():
        print(f"| {name} | {' | '.join(str(counts[kind]) for kind in kinds)} |")


def _pictures(footage: Path) -> Iterator[tuple[str, Image]]:
    for file in sorted((footage / "images").rglob("*")):
        picture = cv2.imread(str(file)) if file.suffix.lower() in {".jpg", ".jpeg", ".png"} else None
        if picture is not None:
            yield file.stem, ArrayFrame(np.asarray(picture, np.uint8)).bgr(1280)


def _first(clip: Path) -> Image:
    got = capture(str(clip), dwell_s=1, open_timeout_s=5, read_timeout_s=5, deadline_s=60)
    return next(got.frames()).bgr(1280)


def _two(picture: Image) -> Iterator[Frame]:
    yield ArrayFrame(picture, 0.0)
    yield ArrayFrame(picture, 1.0)


def _even(picture: Image) -> Image:
    return picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]


def _said(found: Quality) -> str:
    return ", ".join(issue.value for issue in found.issues) or found.verdict


if __name__ == "__main__":
    main()
