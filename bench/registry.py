"""How long a registry of N cameras takes to load and to edit, beside what PyYAML alone needs for the same text.

``python -m bench.registry [--cameras 10000] [--json]``
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from yaml.cyaml import CParser

from patrol._board import Board
from patrol._in_force import InForce
from patrol._looks import limits_of
from patrol._registry_desk import RegistryDesk, ServiceShelf
from patrol._registry_revisions import Note
from patrol.clock import Clock
from patrol.registry import LoadedRegistry, effective, exemptions, load, look_specs, parse
from patrol.registry._source import read
from patrol.registry.diff import changes, unified
from patrol.registry.edit import Operation, apply
from patrol.registry.load import parse_read
from patrol.registry.models import Registry
from patrol.registry.table import rows_of, take
from patrol.registry.table_files import head, rows_from, to_csv
from patrol.rotation import Planner
from patrol.store import open_store

_HEAD = Path(__file__).resolve().parents[1] / "camera_registry.yaml"
_CAMERA = """\
  - id: 4306240000132500{number:04d}
    name: 样例 {number}
    platform: {platform}
    source: rtsp://192.0.2.{host}/stream/{number}
    categories: [{categories}]
    place: {{division_code: "430624001", address: 文星街道 {number}, lon: 112.88, lat: 28.68}}
    zones:
      - {{name: near, kind: {kind}, polygon: [[0.0, 0.5], [1.0, 0.5{number:04d}], [1.0, 1.0], [0.0, 1.0]]}}
      - {{name: far, kind: {kind}, polygon: [[0.1, 0.2], [0.9, 0.2], [0.95, 0.4{number:04d}], [0.5, 0.3], [0.0, 0.4]]}}
"""
_PLACES = (
    ("police", "urban_schools, county_schools", "road"),
    ("traffic", "city_entry_checkpoints", "road"),
    ("fisheries", "key_no_fishing_dikes, key_flood_dikes", "water"),
    ("city_management", "public_squares", "sky"),
    ("emergency", "reservoirs", "water"),
)


def county(cameras: int) -> str:
    """The shipped registry with its samples followed by this many made-up cameras."""
    made = []
    for number in range(cameras):
        platform, categories, kind = _PLACES[number % len(_PLACES)]
        made.append(
            _CAMERA.format(number=number, host=number % 250 + 1, platform=platform, categories=categories, kind=kind)
        )
    return _HEAD.read_text("utf-8") + "".join(made)


def _best(runs: int, work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    times = []
    for _ in range(runs):
        begun = clock()
        work()
        times.append(clock() - begun)
    return min(times)


def _events(text: str) -> None:
    parser = CParser(text)
    while parser.get_event() is not None:
        pass


def measure(cameras: int, runs: int) -> dict[str, Any]:
    """Seconds of each step, best of ``runs``, and the ratio to the bare parse."""
    text = county(cameras)
    loaded: LoadedRegistry = parse(text, "bench.yaml")
    bare = _best(runs, lambda: _events(text))
    data = read(text, "bench.yaml").data
    whole = _best(runs, lambda: parse(text, "bench.yaml"))
    specs = look_specs(loaded.registry)
    evening = datetime(2026, 2, 16, 20, tzinfo=loaded.registry.county.zone)
    return {
        "cameras": len(loaded.registry.cameras),
        "mib": round(len(text.encode()) / 2**20, 2),
        "events_only_s": round(bare, 3),
        "read_s": round(_best(runs, lambda: read(text, "bench.yaml")), 3),
        "models_s": round(_best(runs, lambda: Registry.model_validate(data)), 3),
        "whole_s": round(whole, 3),
        "whole_to_events": round(whole / bare, 1),
        "safe_load_s": round(_best(1, lambda: yaml.load(text, yaml.CSafeLoader)), 3),
        "look_specs_s": round(_best(runs, lambda: look_specs(loaded.registry)), 3),
        "effective_all_s": round(_best(runs, lambda: [effective(spec, loaded.registry, evening) for spec in specs]), 3),
        "exemptions_all_s": round(
            _best(runs, lambda: [exemptions(loaded.registry, spec, evening) for spec in specs]), 3
        ),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def measure_edit(cameras: int, runs: int) -> dict[str, Any]:
    """Seconds of the steps of one edit of one camera, best of ``runs``; the whole of it with a store, the file and all."""
    text = county(cameras)
    source, loaded = read(text, "bench.yaml"), parse(text, "bench.yaml")
    name = loaded.registry.cameras[-1].id
    edited = apply(text, _moved(name, 113.0), source=source)
    after = parse_read(edited.source, edited.text, None)
    return {
        "edit_text_s": round(_best(runs, lambda: apply(text, _moved(name, 113.0), source=source)), 3),
        "edit_check_s": round(_best(runs, lambda: parse_read(edited.source, edited.text, None)), 3),
        "edit_changes_s": round(_best(runs, lambda: changes(loaded.registry, after.registry)), 3),
        "edit_diff_s": round(_best(runs, lambda: unified(text, edited.text, ("a", "b"))), 3),
        # Seconds of the processor beside those of the clock: on a busy machine they are what counts.
        "edit_whole_s": round(_whole_edit(text, name, runs, time.perf_counter), 3),
        "edit_whole_cpu_s": round(_whole_edit(text, name, runs, time.process_time), 3),
        "table_out_s": round(_best(runs, lambda: to_csv([head("en"), *rows_of(loaded.registry)])), 3),
        "table_in_s": round(_table_in(loaded, runs), 3),
    }


def _moved(name: str, lon: float) -> list[Operation]:
    return [Operation("set", ("cameras", name, "place", "lon"), lon)]


def _whole_edit(text: str, name: str, runs: int, clock: Callable[[], float]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file, data = Path(folder) / "registry.yaml", Path(folder) / "data"
        file.write_text(text, "utf-8")
        data.mkdir()
        store = open_store(None, data)
        store.upgrade()
        service, first = Clock(), load(file)
        planner = Planner(limits_of(first.registry, 8))
        in_force = InForce(first, store, planner, service, Board(service), 8)
        in_force.install()
        desk = RegistryDesk(ServiceShelf(in_force, threading.RLock()), store, data)
        lengths = iter(range(1130, 1131 + runs))

        def edit() -> None:
            desk.edit(_moved(name, next(lengths) / 10), in_force.loaded.sha256, Note("edit", "bench", "bench"))

        try:
            # The first one reads the text in force besides.
            edit()
            return _best(runs, edit, clock)
        finally:
            store.close()


def _table_in(loaded: LoadedRegistry, runs: int) -> float:
    content = to_csv([head("en"), *rows_of(loaded.registry)])
    return _best(runs, lambda: take(loaded.registry, rows_from(content)))


def main() -> None:
    """Print one row, as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    load(_HEAD)
    row = {**measure(given.cameras, given.runs), **measure_edit(given.cameras, given.runs)}
    print(json.dumps(row, indent=2) if given.json else "\n".join(f"{name:<18} {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
