"""How far the share of standing vehicles that the detector reports is from hand-made tracks of the same clips.

``python -m bench.stopped_share --footage DIR [--model MODEL]``. The tracks (CVAT XML, every frame, ``stopped`` and ``parked`` by hand)
belong to JamCam clips whose source has the same time stamp in its name; the manifest says which.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from detectors import Kind, load, resolve
from patrol.visits import VisitOrder, make_look


def main() -> None:
    """Look and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--model")
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
    errors = []
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
        print(
            f"| {Path(file).name} | {count} | {standing:.2f} | {ours:.2f} | {ours - standing:+.2f} | {vehicles:.1f} | {found.measurements['vehicles']} |"
        )
    print(
        f"mean absolute difference {np.mean(np.abs(errors)):.3f}, mean {np.mean(errors):+.3f}, largest {np.max(np.abs(errors)):.2f}, {len(errors)} clips"
    )


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
