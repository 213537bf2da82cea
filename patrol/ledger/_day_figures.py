"""From looks to figures: shares with both denominators, worst and 99th gap, the interval of the spot-checks. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median

from patrol.intervals import interval
from patrol.ledger._day_types import Check, Checks, Figures, Group, LookDay, Seen
from patrol.registry import Name

_OFF = {"paused", "disabled"}


def figures_of(looks: Iterable[LookDay]) -> Figures:
    """The measures over some looks; those that nobody asked for in the day are left out."""
    on = [look for look in looks if look.state not in _OFF]
    gaps = sorted(gap.seconds for look in on for gap in look.gaps)
    answered = sorted(gap.seconds for look in on for gap in look.gaps if not gap.away)
    seen = sum(look.windows_seen for look in on)
    windows = sum(look.windows for look in on)
    return Figures(
        looks=len(on),
        kept=sum(look.state == "kept" for look in on),
        answering=sum(look.state != "away" for look in on),
        windows=windows,
        windows_seen=seen,
        windows_answering=windows - sum(look.windows_away for look in on),
        gaps=len(gaps),
        worst_gap_s=gaps[-1] if gaps else None,
        p99_gap_s=percentile(gaps, 0.99),
        worst_answering_s=answered[-1] if answered else None,
        p99_answering_s=percentile(answered, 0.99),
        attempts=sum(look.attempts for look in on),
        inspected=sum(look.inspected for look in on),
        unusable=sum(look.unusable for look in on),
        unreachable=sum(look.unreachable for look in on),
        missed=sum(look.missed for look in on),
        late=sum(look.late for look in on),
        not_judged=sum(look.not_judged for look in on),
        over_s=sum(look.over_s for look in on),
    )


def groups_of(looks: Sequence[LookDay], by: str, names: dict[str, Name]) -> tuple[Group, ...]:
    """The figures by ``category`` or ``platform``, in the order in which the looks come; groups of nothing are left out."""
    found: dict[str, list[LookDay]] = {}
    for look in looks:
        if look.state not in _OFF:
            found.setdefault(look.category if by == "category" else look.platform, []).append(look)
    return tuple(
        Group(key, names.get(f"{by}:{key}") or Name(zh=key, en=key), figures_of(members))
        for key, members in found.items()
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that at least ``share`` of all do not exceed."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def checks_of(rows: Sequence[Check]) -> Checks:
    """Count the spot-checks and say how sure the share overlooked is."""
    answers = [row.answer for row in rows]
    clear, overlooked = answers.count("clear"), answers.count("overlooked")
    low, high = interval(overlooked, clear + overlooked)
    return Checks(tuple(rows), len(rows), clear, overlooked, answers.count("unclear"), low, high)


def review_median_s(incidents: Iterable[Seen]) -> float | None:
    """Median seconds from an incident's first sighting to its first review."""
    waits = [
        (min(review.at for review in each.reviews) - each.first_seen_at).total_seconds()
        for each in incidents
        if each.reviews
    ]
    return median(waits) if waits else None
