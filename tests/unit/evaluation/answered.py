"""Answers made by hand, for tests of the figures."""

from __future__ import annotations

from pathlib import Path

from detectors import Finding, Kind, Verdict
from patrol.evaluation import Answer, Clip, Piece


def clip(
    name: str = "a.mp4",
    *,
    shows: frozenset[Kind] = frozenset(),
    source: str = "one/place",
    day_night: str = "day",
    synthetic: bool = False,
) -> Clip:
    return Clip(
        name, Path(name), 2, "negative", "none", shows, day_night, source, synthetic, "a clip <made> for a test"
    )


def answer(
    verdict: Verdict | None,
    *,
    positive: bool,
    kind: Kind = Kind.FIREWORKS,
    source: str = "one/place",
    day_night: str = "day",
    synthetic: bool = False,
) -> Answer:
    of = clip(
        shows=frozenset({kind}) if positive else frozenset(), source=source, day_night=day_night, synthetic=synthetic
    )
    if verdict is None:
        return Answer(Piece(of, 0.0, 20.0), kind, None, "unusable (dark)", 4.0, inspected=False)
    return Answer(Piece(of, 0.0, 20.0), kind, Finding(kind, verdict, 0.5, 1.0, None, "whole", "sparks"), "", 4.0)
