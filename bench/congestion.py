"""What the congestion detector says of every clip: ``python -m bench.congestion --footage DIR --model MODEL``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bench.clips import labelled, look_at
from detectors import Kind, load


def main() -> None:
    """Print one line a clip and the table of labels against verdicts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    model = load(args.model)
    table: dict[str, dict[str, int]] = {}
    for clip, kind, label in labelled(args.footage):
        if args.only not in str(clip):
            continue
        begun = time.process_time()
        found = look_at(clip, Kind.CONGESTION, model=model)
        m = found.measurements
        what = label if kind == "traffic" else "not traffic"
        table.setdefault(what, {}).setdefault(found.verdict.value, 0)
        table[what][found.verdict.value] += 1
        print(
            f"{clip.stem:44} {what:12} {found.verdict.value:9} score {found.score:.2f} n={m['vehicles']} occ={m['occupancy']} stop={m['stopped_share']} v={m['speed_lengths_per_s']} cam={m['camera_motion']} cpu={time.process_time() - begun:.1f}"
        )
    for what, counts in table.items():
        print(f"| {what} | {counts.get('clear', 0)} | {counts.get('candidate', 0)} | {counts.get('flagged', 0)} |")


if __name__ == "__main__":
    main()
