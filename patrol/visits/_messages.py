"""What pool and workers say to each other beside orders and reports."""

from __future__ import annotations

from dataclasses import dataclass

LOOK = "patrol.visits.look:make_look"
"""What a worker runs."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker's first word: it has its model, or says why not."""

    problem: str | None
    load_s: float
