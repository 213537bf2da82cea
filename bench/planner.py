"""What one decision of the rotation planner costs, beside the bare minimum of the same work: ``python -m bench.planner``.

The bare minimum is a heap of as many entries from which one is taken and to which one is added per look.
"""

from __future__ import annotations

import random
import sys
from heapq import heapify, heapreplace
from time import perf_counter

from patrol.rotation import simulate

PERIOD_S, LOOK_S, LOAD = 7200.0, 28.0, 0.8
"""Of the simulated county: two hours, 28 seconds a look, streams loaded to four fifths."""


def heap_rate(entries: int, rounds: int = 200_000) -> float:
    """Looks per second if a look were nothing but its place in a heap."""
    chance = random.Random(0)  # noqa: S311 - a benchmark
    heap = [(chance.random() * PERIOD_S, n) for n in range(entries)]
    heapify(heap)
    begun = perf_counter()
    for _ in range(rounds):
        at, number = heap[0]
        heapreplace(heap, (at + PERIOD_S, number))
    return rounds / (perf_counter() - begun)


def main() -> None:
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    print(
        f"{'cameras':>8} {'streams':>8} {'looks':>9} {'decisions/s':>12} {'bare heap/s':>12} {'ratio':>6} {'max gap s':>10} {'MiB':>6}"
    )
    for cameras in (1_000, 10_000, 100_000):
        streams = max(1, round(cameras * LOOK_S / PERIOD_S / LOAD))
        result = simulate(cameras, hours, streams, unreachable=0.05)
        bare = heap_rate(cameras)
        print(
            f"{cameras:>8} {streams:>8} {result.attempts:>9} {result.decisions_per_s:>12.0f} {bare:>12.0f}"
            f" {bare / result.decisions_per_s:>6.1f} {result.max_gap_s:>10.0f} {result.peak_mib:>6.0f}"
        )


if __name__ == "__main__":
    main()
