"""How many answers change when the picture gets worse: each clip again, spoiled in one way, through the same look.

``python -m bench.robustness --manifest MANIFEST.tsv --work DIR [--model MODEL] [--only TEXT]``. ``DIR`` holds the spoiled copies,
footage like their originals; a copy that is there is used again.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Kind, Model, load, resolve
from patrol.evaluation import read_manifest
from patrol.visits import Outcome, VisitOrder, make_look

Picture = NDArray[np.uint8]
SECONDS = 10.0


def main() -> None:
    """Spoil, look, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    args.work.mkdir(parents=True, exist_ok=True)
    path = resolve(args.model).path
    model = load(path) if path else None
    clips = [c for c in read_manifest(args.manifest).clips if args.only in c.name]
    changed: dict[str, Counter[str]] = {name: Counter() for name in WAYS}
    listed = []
    for clip in clips:
        before = verdicts(clip.file, model)
        for name, (spoil, every, crf) in WAYS.items():
            copy = args.work / f"{clip.file.stem}.{name.replace(' ', '_')}.mp4"
            if not copy.exists():
                write(clip.file, copy, spoil, every_fps=every, crf=crf)
            after = verdicts(copy, model)
            for kind in before:
                if after.get(kind) != before[kind]:
                    wrongly = kind not in clip.shows and after.get(kind) == "flagged"
                    changed[name][f"{kind}: {before[kind]} to {after.get(kind)}"] += 1
                    changed[name]["all"] += 1
                    changed[name]["false flags"] += wrongly
                    listed.append(
                        (clip.file.name, name, kind, before[kind], after.get(kind), "FALSE FLAG" if wrongly else "")
                    )
    print(
        f"{len(clips)} clips, {len(Kind)} answers each, the first {SECONDS:g} s; {model.name if model else 'no model'}"
    )
    print("| spoiled by | answers changed | false flags | which |\n|---|---|---|---|")
    for name, count in changed.items():
        which = "; ".join(f"{what} ({n})" for what, n in sorted(count.items()) if what not in {"all", "false flags"})
        print(f"| {name} | {count['all']} of {len(clips) * len(Kind)} | {count['false flags']} | {which} |")
    for row in listed:
        print("\t".join(str(v) for v in row))


def verdicts(file: Path, model: Model | None) -> dict[str, str]:
    """The answers of one look by kind; the outcome in their place where it was no look."""
    report = make_look(VisitOrder(id="robustness", source=str(file), dwell_s=SECONDS), model)
    if report.outcome is not Outcome.INSPECTED:
        return {kind.value: f"{report.outcome.value} ({report.cause})" for kind in Kind}
    return {f.kind.value: f.verdict.value for f in report.findings}


def write(
    source: Path, copy: Path, spoil: Callable[[Picture, int], Picture], *, every_fps: float | None, crf: int
) -> None:
    """Encode the first seconds anew, each picture spoiled; at most ``every_fps`` frames a second where that is given."""
    fresh = copy.with_suffix(".part.mp4")
    with av.open(str(source)) as container, av.open(str(fresh), "w") as out:
        shown = container.streams.video[0]
        shown.thread_count = 1
        rate = every_fps or float(shown.average_rate or 25)
        stream = None
        due, number = 0.0, 0
        for frame in container.decode(shown):
            at = float(frame.time or 0)
            if at >= SECONDS:
                break
            if at + 1e-6 < due:
                continue
            due += 1 / every_fps if every_fps else 0.0
            picture = spoil(frame.to_ndarray(format="bgr24"), number)
            picture = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
            if stream is None:
                stream = out.add_stream(
                    "libx264", rate=round(rate), options={"preset": "ultrafast", "crf": str(crf), "g": "50"}
                )
                stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
                stream.thread_count = 1
            made = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            made.pts = number
            number += 1
            out.mux(stream.encode(made))
        if stream is not None:
            out.mux(stream.encode(None))
    fresh.replace(copy)


def _same(picture: Picture, number: int) -> Picture:  # noqa: ARG001
    return picture


def _half(picture: Picture, number: int) -> Picture:  # noqa: ARG001
    return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _night(picture: Picture, number: int) -> Picture:
    """A quarter of the light, and the noise of a sensor that has to amplify."""
    noise = np.random.default_rng(number).normal(0, 5, picture.shape)
    return np.clip(picture.astype(np.float32) * 0.25 + noise, 0, 255).astype(np.uint8)


def _shaken(picture: Picture, number: int) -> Picture:
    """A mast in the wind: up to 0.6 % of the picture's width to and fro, one to three times a second."""
    reach = 0.006 * picture.shape[1]
    x, y = reach * np.sin(number * 0.45), 0.6 * reach * np.sin(number * 0.71 + 1)
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return cv2.warpAffine(picture, matrix, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def _clock(picture: Picture, number: int) -> Picture:
    """What cameras write into the picture: date, running time, a name."""
    made = picture.copy()
    scale = picture.shape[0] / 480
    for text, x, y in ((f"2026-11-25 18:30:{number // 25 % 60:02d}", 0.02, 0.07), ("CAM 0123 DIKE", 0.60, 0.96)):
        spot = (int(x * picture.shape[1]), int(y * picture.shape[0]))
        cv2.putText(made, text, spot, cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), max(2, round(3 * scale)), cv2.LINE_AA)
        cv2.putText(
            made, text, spot, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), max(1, round(scale)), cv2.LINE_AA
        )
    return made


WAYS: dict[str, tuple[Callable[[Picture, int], Picture], float | None, int]] = {
    "half size": (_half, None, 23),
    "10 fps": (_same, 10.0, 23),
    "strong compression": (_same, None, 40),
    "darkened": (_night, None, 23),
    "shaken": (_shaken, None, 23),
    "clock written in": (_clock, None, 23),
}
"""How, at most so many frames a second, x264's constant rate factor."""


if __name__ == "__main__":
    main()
