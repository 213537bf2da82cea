"""What the fishing detector says of every clip: ``python -m bench.fishing --footage DIR --model MODEL``."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.clips import labelled, look_at
from detectors import Kind, load


def main() -> None:
    """Print one line a clip that is not clear or shows fishing, and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--model", required=True)
    args = parser.parse_args()
    model = load(args.model)
    table: dict[str, dict[str, int]] = {}
    for clip, kind, _label in labelled(args.footage):
        found = look_at(clip, Kind.FISHING, model=model)
        what = "fishing" if kind == "fishing" else "other"
        table.setdefault(what, {}).setdefault(found.verdict.value, 0)
        table[what][found.verdict.value] += 1
        if kind == "fishing" or found.verdict.value != "clear" or found.measurements["static_persons"]:
            print(f"{clip.stem:44} {found.verdict.value:9} {found.score:.2f} {found.reason} {dict(found.measurements)}")
    print("| clips | clear | candidate | flagged |\n|---|---|---|---|")
    for what, counts in table.items():
        print(f"| {what} | {counts.get('clear', 0)} | {counts.get('candidate', 0)} | {counts.get('flagged', 0)} |")


if __name__ == "__main__":
    main()
