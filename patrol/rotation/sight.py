"""How much of what happens a rotation can see at all: sampling bounds it, before any detector errs.

An incident that lasts D, at a camera looked at every G for d, is seen with probability min(1, (D + d) / G) when it begins
at any time alike (docs/rotation.md). Detector recall per look is another number; the service's recall is their product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

INCIDENTS: Mapping[str, tuple[float, ...]] = {
    "fireworks": (60.0, 300.0, 1200.0),
    "congestion": (1800.0, 3600.0),
    "fishing": (1800.0, 7200.0),
}
"""Lengths for which the share is told, seconds: a string of firecrackers, a family's and a feast's fireworks, jams of half
an hour and an hour, an angler's short and usual stay."""


def seen_share(gap_s: float, dwell_s: float, lasts_s: float) -> float:
    """Share of incidents of one length that a camera looked at every ``gap_s`` can see."""
    return min(1.0, (lasts_s + dwell_s) / gap_s)


def mean_share(parts: Iterable[tuple[float, float, float]], lasts_s: float) -> float | None:
    """The same over cameras and times of day, each weighted by its time.

    Args:
        parts: ``(seconds, gap_s, dwell_s)``: for so long a camera is looked at so often. Measured gaps go in as
            ``(gap, gap, dwell)``.
        lasts_s: of the incident.

    Returns:
        Share in [0, 1], None where there is no camera.
    """
    time = seen = 0.0
    for seconds, gap_s, dwell_s in parts:
        time += seconds
        seen += seconds * seen_share(gap_s, dwell_s, lasts_s)
    return seen / time if time else None
