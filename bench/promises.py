"""How close to full a small county may be before gaps break: ``python -m bench.promises [COUNTIES]``.

A hundred thousand cameras are kept at a load of 0.95 (``patrol simulate``); one stream with cameras of ten minutes is not.
Counties are those of the property tests: one to five streams, periods from ten minutes to two hours, looks of 8 to 28 s.
"""

from __future__ import annotations

import random
import sys

from tests.unit.rotation.counties import filled
from tests.unit.rotation.drill import Drill, never_twice

_HOURS, _FAILURE, _JITTER = 10, 0.02, 0.15


def worst_overrun(load: float, seed: int) -> tuple[float, bool]:
    """Seconds by which the worst gap of a county went past its period, below zero where none did; whether it was warned."""
    chance = random.Random(seed)  # noqa: S311 - a benchmark
    plans, limit = filled(chance, chance.randint(1, 5), chance.randint(1, 4), load)
    lengths = {p.key: p.expected_s for p in plans}
    answers = never_twice(chance, _FAILURE)
    drill = Drill.of(
        plans, limit, answers=answers, cost=lambda key: lengths[key] * chance.uniform(1 - _JITTER, 1 + _JITTER)
    )
    drill.run(_HOURS * 3600.0)
    return max(drill.worst(p.key) - p.period_s for p in plans), drill.first_warning is not None


def main() -> None:
    counties = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    print(f"{'load':>5} {'counties':>9} {'broken':>7} {'worst overrun s':>16} {'warned of':>10}")
    for load in (0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97):
        found = [worst_overrun(load, seed) for seed in range(counties)]
        broken = [warned for late, warned in found if late > 0]
        worst = max(0.0, *(late for late, _ in found))
        print(f"{load:>5} {counties:>9} {len(broken):>7} {worst:>16.0f} {sum(broken):>10}")


if __name__ == "__main__":
    main()
