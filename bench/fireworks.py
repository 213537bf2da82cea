"""What the fireworks detector says of every clip: ``python -m bench.fireworks --footage DIR``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bench.clips import labelled, look_at
from detectors import Kind


def main() -> None:
    """Print one line a clip and the table of labels against verdicts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path, required=True)
    args = parser.parse_args()
    table: dict[str, dict[str, int]] = {}
    for clip, kind, _label in labelled(args.footage):
        begun = time.process_time()
        found = look_at(clip, Kind.FIREWORKS)
        m = found.measurements
        what = "fireworks" if kind == "fireworks" else "other"
        table.setdefault(what, {}).setdefault(found.verdict.value, 0)
        table[what][found.verdict.value] += 1
        if kind == "fireworks" or found.verdict.value != "clear" or float(m["scene_luma"]) < 90:
            print(f"{clip.stem:44} {found.verdict.value:9} {found.score:.2f} {m} cpu={time.process_time() - begun:.1f}")
    print("| clips | clear | candidate | flagged |\n|---|---|---|---|")
    for what, counts in table.items():
        print(f"| {what} | {counts.get('clear', 0)} | {counts.get('candidate', 0)} | {counts.get('flagged', 0)} |")


if __name__ == "__main__":
    main()
