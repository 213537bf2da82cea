"""Folds: each source judged by thresholds that were set without it, by a fixed procedure and nobody's eye.

``python -m bench.folds --manifest MANIFEST.tsv [--model MODEL] [--together A,B ...] [--seeds N] [--json FILE]``. ``--together`` makes several sources
of the list one (clips of one camera network that came by two ways). Every look is made once, as ``patrol eval --cut 10s`` makes it, and
what the rule was given is kept. Then, for every source:

1. On the looks of all *other* sources (for fireworks also on the drawn scenes, which are nobody's source) each way to a flag is tried with
   every combination of its thresholds on a grid, the other ways shut.
2. Of the combinations with the fewest false flags those with the most true ones are kept; of these the one nearest to their median.
   (Of fishing, who stays is set by candidates, rods by flags.)
3. The source left out is judged with what came out.

What this does not hold out: the measures themselves, the list of ways, and what rules a flag out (rain, arcs, signs; a camera in motion) were
made with these clips in sight. Where water is, the shipped model says here (docs/evaluation.md has folds of that).
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detectors import ArrayFrame, Kind, Request, Verdict, build, load, resolve
from detectors._angler_rule import Bank
from detectors._jam_rule import Limits as JamLimits
from detectors._jam_rule import Traffic
from detectors._people import Limits as AnglerLimits
from detectors._spark_rule import Limits as SparkLimits
from detectors._spark_rule import Look
from patrol.evaluation import read_manifest
from patrol.evaluation.looks import length, plan
from patrol.evaluation.run import look_at_all
from tests.support.sparks import FPS, SCENES, pictures

DWELL_S, CUT_S, DRAWN_S = 20.0, 10.0, 8.0
DRAWN = "drawn"
NEVER = float("inf")
Judged = Look | Traffic | Bank
Limits = SparkLimits | JamLimits | AnglerLimits
Grid = dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Way:
    """One way to a flag.

    Attributes:
        grid: the values tried for each of its thresholds, loosest first.
        shut: values with which nothing is flagged this way.
        least: the verdict that counts as found.
    """

    grid: Grid
    shut: dict[str, float] = field(default_factory=dict)
    least: Verdict = Verdict.FLAGGED


def _steps(loosest: float, strictest: float, count: int) -> tuple[float, ...]:
    return tuple(round(float(v), 4) for v in np.linspace(loosest, strictest, count))


WAYS: dict[Kind, dict[str, Way]] = {
    Kind.CONGESTION: {
        "jam": Way(
            {"stand": _steps(0.3, 0.95, 14), "barely": _steps(0.4, 1.0, 7), "flows": _steps(0.4, 0.0, 5), "crowd": _steps(0.4, 2.2, 10)},
            {"stand": NEVER, "barely": NEVER},
        )
    },
    Kind.FIREWORKS: {
        "train": Way(
            {"train_s": _steps(0.4, 2.0, 9), "train_flicker": _steps(0.05, 0.4, 8), "train_spread": _steps(0.5, 5.0, 10)},
            {"train_s": NEVER},
        ),
        "bursts": Way(
            {"bursts_s": _steps(0.2, 1.6, 8), "burst_flat": _steps(0.1, 0.8, 8), "burst_darkens": _steps(0.8, 0.1, 8)},
            {"bursts_s": NEVER},
        ),
        "sparks": Way(
            {"sparks_s": _steps(0.4, 2.0, 9), "sparks_flicker": _steps(0.01, 0.08, 8), "strong_s": _steps(0.2, 1.2, 6), "strong_light": _steps(2.0, 10.0, 5)},
            {"sparks_s": NEVER, "strong_s": NEVER},
        ),
        "crowd": Way(
            {"crowded_s": _steps(0.4, 2.0, 5), "crowd_size": _steps(40.0, 5.0, 8), "crowd_light": _steps(0.5, 4.0, 8), "crowd_darkens": _steps(0.6, 0.1, 6), "crowd_alternates": _steps(0.4, 0.05, 8)},
            {"crowded_s": NEVER},
        ),
    },
    Kind.FISHING: {
        "stays": Way({"stays": _steps(1.0, 0.2, 9), "grows": _steps(2.0, 1.1, 10), "present": _steps(0.3, 0.9, 7)}, least=Verdict.CANDIDATE),
        "rod": Way({"rod_frames": _steps(0.05, 0.5, 10), "sure": _steps(0.4, 0.9, 6)}),
    },
}  # fmt: skip
DEFAULTS: dict[Kind, Limits] = {
    Kind.CONGESTION: JamLimits(),
    Kind.FIREWORKS: SparkLimits(),
    Kind.FISHING: AnglerLimits(),
}
RULES: dict[Kind, type[Judged]] = {Kind.CONGESTION: Traffic, Kind.FIREWORKS: Look, Kind.FISHING: Bank}


@dataclass(frozen=True, eq=False)
class Example:
    """One look: what it shows, and what the rule was given; nothing where a glance had settled it."""

    name: str
    source: str
    shows: bool
    judged: tuple[Judged, ...]

    def verdict(self, limits: Limits) -> Verdict:
        """Its verdict under other thresholds."""
        told = [replace(judged, limits=limits).verdict() for judged in self.judged]  # type: ignore[arg-type]
        every = [answer[0] if isinstance(answer, tuple) else answer.verdict for answer in told]
        return max(every, key=lambda verdict: verdict.rank, default=Verdict.CLEAR)

    def found(self, limits: Limits, least: Verdict = Verdict.FLAGGED) -> bool:
        """Whether its verdict is that at least."""
        return self.verdict(limits).rank >= least.rank


def main() -> None:
    """Look once, then fit and judge source by source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--model")
    parser.add_argument("--together", action="append", default=[], metavar="A,B")
    parser.add_argument("--seeds", type=int, default=3, help="drawings of each scene")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    one = {name: " + ".join(names.split(",")) for names in args.together for name in names.split(",")}
    filmed = looked_at(args.manifest, args.model, one)
    drawn = {Kind.FIREWORKS: drawings(args.seeds)}
    told: dict[str, Any] = {}
    for kind in WAYS:
        told[kind.value] = folds(kind, filmed[kind], drawn.get(kind, []))
    if args.json is not None:
        args.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def folds(kind: Kind, filmed: list[Example], drawn: list[Example]) -> list[dict[str, Any]]:
    """Judge every source by thresholds set without it; print and return them."""
    shipped = DEFAULTS[kind]
    print(
        f"\n## {kind.value}: {len(filmed)} looks of {len({e.source for e in filmed})} sources, {sum(e.shows for e in filmed)} show it"
        + (f"; {len(drawn)} drawn looks, {sum(e.shows for e in drawn)} show it" if drawn else "")
    )
    rows, differ = [], []
    for source in sorted({e.source for e in filmed}):
        others = [e for e in filmed if e.source != source] + drawn
        limits = fitted(kind, others)
        out = [e for e in filmed if e.source == source]
        differ += [e.name for e in out if e.verdict(limits) is not e.verdict(shipped)]
        rows.append(
            {
                "source": source,
                "trained_on": {"positives": sum(e.shows for e in others), "negatives": sum(not e.shows for e in others)},
                "positives": {e.name: e.verdict(limits).value for e in out if e.shows},
                "negatives": sum(not e.shows for e in out),
                "false_flags": [e.name for e in out if not e.shows and e.found(limits)],
                "false_candidates": [e.name for e in out if not e.shows and e.verdict(limits) is Verdict.CANDIDATE],
                "limits": {name: getattr(limits, name) for way in WAYS[kind].values() for name in way.grid},
            }
        )  # fmt: skip
    print("| source left out | what shows it | looks that do not: flagged, candidate, of |\n|---|---|---|")
    for row in rows:
        shown = "; ".join(f"{name}: {verdict}" for name, verdict in row["positives"].items()) or "–"
        negatives = f"{len(row['false_flags'])}, {len(row['false_candidates'])}, {row['negatives']}"
        print(f"| {row['source']} | {shown} | {negatives} |")
    every = [verdict for row in rows for verdict in row["positives"].values()]
    print(
        f"held out: {every.count('flagged')} of {len(every)} that show it flagged, {len(every) - every.count('clear')} at least candidates; "
        f"{sum(len(row['false_flags']) for row in rows)} of {sum(row['negatives'] for row in rows)} others flagged, "
        f"{sum(len(row['false_candidates']) for row in rows)} candidates. "
        f"Other than with the shipped thresholds: {', '.join(differ) or 'none'}"
    )
    print("| threshold | shipped | least and most of the folds |\n|---|---|---|")
    for way in WAYS[kind].values():
        for name in way.grid:
            values = sorted(row["limits"][name] for row in rows)
            print(f"| {name} | {getattr(shipped, name):g} | {values[0]:g} to {values[-1]:g} |")
    return rows


def fitted(kind: Kind, examples: Sequence[Example]) -> Limits:
    """Thresholds set on these looks alone."""
    chosen: dict[str, float] = {}
    ways = WAYS[kind]
    for name, way in ways.items():
        others = {key: value for other, shut in ways.items() if other != name for key, value in shut.shut.items()}
        base = replace(DEFAULTS[kind], **{**chosen, **others})  # type: ignore[arg-type]
        loosest = replace(base, **{key: values[0] for key, values in way.grid.items()})  # type: ignore[arg-type]
        # What the loosest thresholds do not flag, none does.
        chosen |= _best(base, way, frozenset(e for e in examples if e.found(loosest, way.least)))
    return replace(DEFAULTS[kind], **chosen)  # type: ignore[arg-type]


_found: dict[tuple[int, Limits, frozenset[Example]], dict[str, float]] = {}


def _best(base: Limits, way: Way, examples: frozenset[Example]) -> dict[str, float]:
    key = (id(way), base, examples)
    if key not in _found:
        least: tuple[int, int] | None = None
        kept: list[tuple[int, ...]] = []
        for at in itertools.product(*(range(len(values)) for values in way.grid.values())):
            limits = replace(base, **_values(way, at))  # type: ignore[arg-type]
            flagged = [e.shows for e in examples if e.found(limits, way.least)]
            errors = (flagged.count(False), -flagged.count(True))
            if least is None or errors < least:
                least, kept = errors, []
            if errors == least:
                kept.append(at)
        places = np.array(kept)
        middle = np.median(places, axis=0)
        # The first of the nearest, in the order of the grid: loosest first.
        _found[key] = _values(way, kept[int(np.abs(places - middle).sum(1).argmin())])
    return _found[key]


def _values(way: Way, at: Sequence[int]) -> dict[str, float]:
    return {name: values[index] for (name, values), index in zip(way.grid.items(), at, strict=True)}


# --- looking ----------------------------------------------------------------------------------------------------------


def looked_at(manifest: Path, wanted: str | None, one: dict[str, str]) -> dict[Kind, list[Example]]:
    """Every clip of the list through every detector, with what its rule was given."""
    path = resolve(wanted).path
    if path is None:
        raise SystemExit("folds: no object model, congestion cannot be looked at")
    clips = [c for c in read_manifest(manifest).clips if not c.synthetic]
    pieces = plan(((c, length(c)) for c in clips), dwell_s=DWELL_S, cut_s=CUT_S).pieces
    examples: dict[Kind, list[Example]] = {kind: [] for kind in WAYS}
    with ExitStack() as stack:
        kept = {kind: stack.enter_context(recorded(rule)) for kind, rule in RULES.items()}
        for piece, answers in zip(pieces, look_at_all(pieces, tuple(WAYS), load(path), None), strict=True):
            for answer in answers:
                if answer.verdict is None:
                    raise SystemExit(f"folds: {piece.clip.name} has no answer for {answer.kind.value}")
                name = Path(piece.clip.name).stem + (f" {piece.number}/{piece.of}" if piece.of > 1 else "")
                example = Example(
                    name,
                    one.get(piece.clip.source, piece.clip.source),
                    answer.kind in piece.clip.shows,
                    tuple(kept[answer.kind]),
                )
                if example.verdict(DEFAULTS[answer.kind]) is not answer.verdict:
                    raise SystemExit(
                        f"folds: {name}: the rule by itself says other than the look, {answer.verdict.value}"
                    )
                examples[answer.kind].append(example)
            for judged in kept.values():
                judged.clear()
    return examples


def drawings(seeds: int) -> list[Example]:
    """The drawn scenes, by the fireworks detector."""
    examples = []
    with recorded(Look) as kept:
        for (name, scene), seed in itertools.product(SCENES.items(), range(1, seeds + 1)):
            detector = build(Kind.FIREWORKS, Request())
            for step, picture in enumerate(pictures(name, seed, DRAWN_S)):
                detector.update(ArrayFrame(picture, step / FPS))
            detector.finish()
            examples.append(Example(f"{name} {seed}", DRAWN, scene.shows, tuple(kept)))
            kept.clear()
    return examples


@contextmanager
def recorded(rule: type[Judged]) -> Iterator[list[Judged]]:
    """All that a rule is given from here on."""
    kept: list[Judged] = []
    verdict: Callable[[Any], Any] = rule.verdict

    @functools.wraps(verdict)
    def keeping(judged: Judged) -> Any:
        kept.append(judged)
        return verdict(judged)

    rule.verdict = keeping  # type: ignore[assignment, method-assign]
    try:
        yield kept
    finally:
        rule.verdict = verdict  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
