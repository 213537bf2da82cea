"""What a masked copy leaves in sight and what it costs: ``python -m bench.masking --footage DIR``.

Heads and plates against boxes drawn by eye; the plate region of every vehicle in the hand-made tracks of five JamCam clips; heads
against the base model on small parts, a stand-in for eyes that shares its weaknesses; seconds of work a second of clip.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from bench.object_model import tracked_boxes
from detectors import ArrayFrame, Box, Model, load, resolve
from patrol.evidence import masking
from patrol.evidence.export import copy_clip, sightings
from patrol.evidence.masking import Cover, Rules, Track

HEADS = Path(__file__).resolve().parents[1] / "tests" / "data" / "heads_by_eye.json"
_STAND_IN = (
    "negative/neg_vtest_campus_pedestrians.mp4",
    "negative/neg_shopping_street_people.mp4",
    "negative/neg_railway_crossing_people.mp4",
    "negative/neg_street_two_people_cross.mp4",
    "negative/neg_crowd_close_up.mp4",
    "negative/neg_dark_yard_person.mp4",
    "traffic/traffic_jamcam_tooley_free.mp4",
    "traffic/traffic_jamcam_piccadilly_circus_day.mp4",
)
_COSTED = (
    "traffic/traffic_jamcam_tooley_free.mp4",
    "negative/neg_vtest_campus_pedestrians.mp4",
    "traffic/traffic_uk_dual_carriageway_free.mp4",
)


@dataclass
class Count:
    """How much of each region is hidden."""

    shares: list[float] = field(default_factory=list)
    sides: list[float] = field(default_factory=list)

    def add(self, region: Box, covers: tuple[Cover, ...], height: int, width: int) -> None:
        """One region; the share of it that is hidden, and its longer side in pixels."""
        self.shares.append(hidden_share(region, covers))
        self.sides.append(max((region[2] - region[0]) * width, (region[3] - region[1]) * height))

    def line(self) -> str:
        """How many, hidden whole, in part (half and more), hardly; and the largest that is not whole."""
        shares, sides = np.array(self.shares), np.array(self.sides)
        whole, part = shares >= 0.95, (shares >= 0.5) & (shares < 0.95)
        left = sides[shares < 0.5]
        return (
            f"{len(shares)} regions: hidden {whole.mean():.1%}, half and more {part.mean():.1%}, "
            f"less {(shares < 0.5).mean():.1%}"
            + (f"; sides of these: median {np.median(left):.0f} px, largest {left.max():.0f} px" if len(left) else "")
        )


def hidden_share(region: Box, covers: tuple[Cover, ...]) -> float:
    """Share of a region that lies under covers, on a grid of 20 by 20 points."""
    xs, ys = np.meshgrid(np.linspace(region[0], region[2], 20), np.linspace(region[1], region[3], 20))
    under = np.zeros(xs.shape, bool)
    for cover in covers:
        left, top, right, bottom = cover.box
        under |= (xs >= left) & (xs <= right) & (ys >= top) & (ys <= bottom)
    return float(under.mean())


def frames(clip: Path, wanted: set[int]) -> Iterator[tuple[int, float, NDArray[np.uint8]]]:
    """Number, seconds from the first and picture of some frames."""
    with av.open(str(clip)) as opened:
        begun: float | None = None
        for number, frame in enumerate(opened.decode(video=0)):
            at = float(frame.pts * frame.time_base)
            begun = at if begun is None else begun
            if number in wanted:
                yield number, at - begun, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def heads_by_eye(clips: Path, model: Model) -> None:
    """Heads and plates that a person pointed at."""
    heads, plates = Count(), Count()
    known: dict[str, tuple[Track, ...]] = {}
    for told in json.loads(HEADS.read_text("utf-8"))["frames"]:
        clip = clips / told["clip"]
        if told["clip"] not in known:
            known[told["clip"]] = masking.tracks_of(sightings(clip, model, Rules()))
        for _, at, picture in frames(clip, {told["frame"]}):
            covers = masking.covered_at(known[told["clip"]], at)
            for count, name in ((heads, "heads"), (plates, "plates")):
                for box in told[name]:
                    count.add(tuple(box), covers, *picture.shape[:2])
    print(f"heads by eye: {heads.line()}")
    print(f"plates by eye: {plates.line()}")


def plates_of_tracks(footage: Path, model: Model) -> None:
    """The lower half of every vehicle that people tracked by hand, in every third frame."""
    count = Count()
    for clip, truth in tracked_boxes(footage):
        tracks = masking.tracks_of(sightings(clip, model, Rules()))
        for number, at, picture in frames(clip, set(range(1, 10_000, 3))):
            height, width = picture.shape[:2]
            for left, top, right, bottom in truth.get(number, []):
                if min(right - left, bottom - top) < 16:
                    continue
                inset = 0.15 * (right - left)
                region = ((left + inset) / width, (top + bottom) / 2 / height, (right - inset) / width, bottom / height)
                count.add(region, masking.covered_at(tracks, at), height, width)
    print(f"plate regions of hand-made tracks, vehicles of 16 px and more: {count.line()}")


def heads_by_stand_in(clips: Path, model: Model, other: Model) -> None:
    """The upper fifth of everybody whom another model finds at 0.5 on small parts, in frames not searched for the masks."""
    for name in _STAND_IN:
        clip, count = clips / name, Count()
        tracks = masking.tracks_of(sightings(clip, model, Rules()))
        for _, at, picture in frames(clip, set(range(7, 10_000, 37))):
            height, width = picture.shape[:2]
            frame = ArrayFrame(picture, at)
            for part in masking.parts(height, width, fine=True):
                for left, top, right, bottom in other.objects(frame, 0.5, part).only({"person"}, 0.5).boxes.tolist():
                    region = (left, top, right, top + 0.2 * (bottom - top))
                    count.add(region, masking.covered_at(tracks, at), height, width)
        print(f"heads by stand-in, {name}: {count.line() if count.shares else 'nobody'}")


def cost(clips: Path, model: Model) -> None:
    """Seconds a second of clip, decoding and encoding included: by the wall clock, which says more of a quiet machine, and of work."""
    with tempfile.TemporaryDirectory() as folder:
        for name in _COSTED:
            begun, worked = time.perf_counter(), time.process_time()
            copy_clip(
                clips / name, Path(folder) / "copy.mp4", model=model, rules=Rules(), line="EX-20261126-0001 · bench"
            )
            spent, cpu = time.perf_counter() - begun, time.process_time() - worked
            with av.open(str(clips / name)) as opened:
                seconds = float(opened.duration or 0) / av.time_base
                size = f"{opened.streams.video[0].width}x{opened.streams.video[0].height}"
            print(
                f"cost, {name} ({size}, {seconds:.1f} s): {spent / seconds:.2f} s, "
                f"{cpu / seconds:.2f} s of processor time a second of clip"
            )


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--only", choices=("eye", "tracks", "stand-in", "cost"))
    args = parser.parse_args()
    shipped = resolve(None)
    assert shipped.path is not None, shipped.problem
    model, clips = load(shipped.path), args.footage / "clips"
    if args.only in {None, "eye"}:
        heads_by_eye(clips, model)
    if args.only in {None, "tracks"}:
        plates_of_tracks(args.footage, model)
    if args.only in {None, "stand-in"}:
        heads_by_stand_in(clips, model, load(str(args.footage / "weights" / "yolo11n_from_int8.onnx")))
    if args.only in {None, "cost"}:
        cost(clips, model)


if __name__ == "__main__":
    main()
