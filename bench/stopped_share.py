"""How far the share of standing vehicles that the detector reports is from hand-made tracks of the same clips.

``python -m bench.stopped_share --footage DIR [--model MODEL] [--track PT]``. The tracks (CVAT XML, every frame, ``stopped`` and ``parked`` by hand)
belong to JamCam clips whose source has the same time stamp in its name; the manifest says which. ``--track`` adds
what ``ultralytics`` ``track`` at five frames a second comes to by the same measure: lengths moved in two seconds, a vehicle and moment each.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from detectors import Kind, load, resolve
from detectors.congestion import STANDING, VEHICLES
from patrol.evaluation.tracker import tracked
from patrol.visits import VisitOrder, make_look

SECONDS, EVERY_S, LATER_S = 10.0, 0.2, 2.0


def main() -> None:
    """Look and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--model")
    parser.add_argument("--track", type=Path)
    args = parser.parse_args()
    path = resolve(args.model).path
    assert path is not None, "no model"
    model = load(path)
    with (args.footage / "MANIFEST.tsv").open(encoding="utf-8") as lines:
        clips = {
            Path(row["source_path"]).stem: row["file"]
            for row in csv.DictReader(lines, delimiter="\t")
            if row["file"].endswith(".mp4")
        }
    errors: list[float] = []
    of_tracker: list[float] = []
    print(
        f"{model.name}\n| clip | tracks | standing by hand | standing by the detector | difference | vehicles by hand | by the detector |"
    )
    print("|---|---|---|---|---|---|---|")
    for tracks in sorted((args.footage / "clips/traffic/annotations").glob("*.xml")):
        file = clips.get(tracks.stem.split("_", 1)[1])
        count, standing, vehicles = by_hand(tracks)
        if file is None or not count:
            print(f"| {tracks.name} | {count} | no clip of it, or no track in it | | | | |")
            continue
        order = VisitOrder(id="stopped", source=str(args.footage / file), detectors=(Kind.CONGESTION,), glance=False)
        (found,) = make_look(order, model).findings
        ours = float(found.measurements["stopped_share"])
        errors.append(ours - standing)
        if args.track is not None:
            of_tracker.append(by_tracker(args.track, args.footage / file) - standing)
        print(
            f"| {Path(file).name} | {count} | {standing:.2f} | {ours:.2f} | {ours - standing:+.2f} | {vehicles:.1f} | {found.measurements['vehicles']} |"
        )
    print(
        f"mean absolute difference {np.mean(np.abs(errors)):.3f}, mean {np.mean(errors):+.3f}, largest {np.max(np.abs(errors)):.2f}, {len(errors)} clips"
    )
    if of_tracker:
        told = ", ".join(f"{error:+.2f}" for error in of_tracker)
        print(f"`track` at 5 Hz: mean absolute difference {np.mean(np.abs(of_tracker)):.3f} ({told})")


def by_tracker(model: Path, clip: Path) -> float:
    """Share of vehicles that stand, from tracks: ``{id: [(seconds, x, y, size)]}``, pixels."""
    load(str(model))  # puts a missing torchvision operator in place before ultralytics is imported
    import torch  # type: ignore[import-not-found, unused-ignore]
    from ultralytics import YOLO  # type: ignore[import-not-found, unused-ignore]

    torch.set_num_threads(1)
    tracker = YOLO(str(model))
    tracks: dict[int, list[tuple[float, float, float, float]]] = {}
    for at, found in tracked(tracker, str(clip), SECONDS, EVERY_S):
        if found.boxes.id is None:
            continue
        numbers, kinds, boxes = (of.tolist() for of in (found.boxes.id, found.boxes.cls, found.boxes.xywh))
        for number, kind, (x, y, width, height) in zip(numbers, kinds, boxes, strict=True):
            if tracker.names[int(kind)] in VEHICLES:
                tracks.setdefault(int(number), []).append((at, x, y, float(np.sqrt(width * height))))
    stands = []
    for track in tracks.values():
        for one in track:
            later = next((other for other in track if other[0] >= one[0] + LATER_S), None)
            if later is not None:
                moved = float(np.hypot(later[1] - one[1], later[2] - one[2])) / one[3] / (later[0] - one[0])
                stands.append(moved < STANDING)
    return float(np.mean(stands)) if stands else 0.0


def by_hand(tracks: Path) -> tuple[int, float, float]:
    """Tracks, share of not parked vehicle-frames that stand, vehicles a frame."""
    frames: dict[int, list[bool]] = {}
    count = 0
    for track in ElementTree.parse(tracks).getroot().iter("track"):  # noqa: S314 - a file of our own
        count += 1
        for box in track.iter("box"):
            said = {a.get("name"): a.text for a in box.iter("attribute")}
            if box.get("outside") != "1" and said.get("parked") != "true":
                frames.setdefault(int(box.get("frame", 0)), []).append(said.get("stopped") == "true")
    every = [stopped for there in frames.values() for stopped in there]
    return (
        count,
        float(np.mean(every)) if every else 0.0,
        float(np.mean([len(v) for v in frames.values()])) if frames else 0.0,
    )


if __name__ == "__main__":
    main()
