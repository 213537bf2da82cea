"""How early a look is started, when a failed one is tried again, how first looks are spread: pure numbers.

Shares of the period, so that a two-hour rotation and a thirty-second demo behave alike.
"""

from __future__ import annotations

SLACK, LEAST_SLACK = 0.15, 0.02
"""A look becomes due at 1 - SLACK of its period: 102 of 120 minutes. domain.md 2.3 asks for 100 to 105.

Looks made at 85 % of their period cost 1 / 0.85 of what the period asks for. Where that is more than there is, they become
due later: never later than at 1 - LEAST_SLACK, and always with time for a failed look and its retry.
"""

_USABLE = 0.97
"""Share of the streams that looks made early may take up; the rest is for retries."""

RETRIES = (1 / 60, 1 / 12, 1 / 4)
"""Wait after the first, second and third failure, as shares of the period: 2, 10 and 30 minutes of two hours."""

AWAY_AFTER = len(RETRIES) + 1
"""Failures in a row (the look and all its retries) after which a camera counts as away."""

_LAST_CHANCE = 1 / 240
"""Shortest wait before the last attempt that still fits into the window: 30 seconds of two hours."""

AWAY_EVERY, AWAY_OWED = 1 / 6, 1 / 4
"""Earliest and latest next attempt at an away camera, as shares of the period: early on streams nobody needs, late in its
turn. Four fit into a period, so a camera that has come back is seen within one even if a first look fails by chance."""

SPREAD = (0.25, 0.85)
"""First looks are spread over at least and at most these shares of the period."""

_SPREAD_PER_LOAD = 1.25
"""Spread over load: the first round then takes at most 1 / 1.25 of the streams, which leaves room for retries."""

CROWD = 8
"""So many looks that come together are spread apart again."""

_FLOOR_S = 1.0


def slack_share(load: float) -> float:
    """Share of the period by which looks are made early, where the streams are loaded to ``load``."""
    return min(SLACK, max(LEAST_SLACK, 1.0 - load / _USABLE))


def slack_s(period_s: float, expected_s: float, share: float = SLACK) -> float:
    """How long before its deadline a look becomes due: 15 % of the period, at least a failed look and its retry.

    Args:
        period_s: longest allowed gap, seconds.
        expected_s: of a look, seconds.
        share: of the period, less than 15 % under a high load (:func:`slack_share`).
    """
    return min(0.5 * period_s, max(share * period_s, expected_s + max(_FLOOR_S, RETRIES[0] * period_s)))


def urgent_s(period_s: float, longest_s: float, *, pressed: bool = False) -> float:
    """How long before its deadline a look goes ahead of everything that can wait, by priority.

    Short on purpose: the high priorities are then started just in time, not early, and leave what they do not need to
    the others. Long enough for a running look to end and free its stream; longer while the load does not fit
    (``pressed``), when many may become urgent together.
    """
    slack = slack_s(period_s, longest_s)
    if pressed:
        return min(slack, max(0.3 * slack, 4 * longest_s))
    return min(0.6 * slack, max(1.5 * longest_s, 0.02 * period_s))


def retry_at(now: float, deadline: float, period_s: float, expected_s: float, failures: int) -> float:
    """Earliest next attempt after the ``failures``-th failure in a row, which ended at ``now``.

    A back-off that would leave the window is shortened to one last attempt inside it.
    """
    if failures >= AWAY_AFTER:
        return now + max(_FLOOR_S, AWAY_EVERY * period_s)
    at = now + max(_FLOOR_S, RETRIES[max(0, failures - 1)] * period_s)
    last_chance = deadline - urgent_s(period_s, expected_s)
    if at > last_chance:
        sooner = max(last_chance, now + max(_FLOOR_S, _LAST_CHANCE * period_s))
        return min(at, sooner) if sooner < deadline else at
    return at


def first_spread(load: float) -> float:
    """Share of its period over which first looks are spread when the streams are loaded to ``load``."""
    low, high = SPREAD
    return min(high, max(low, _SPREAD_PER_LOAD * load))


def second_spread(width: float, place: float) -> float:
    """Share of the period after which a first look is followed by the second, so that these are spread over all of it.

    First looks come soon, for nothing is known of their cameras; were the second ones to follow a period later, the
    rotation would stay a crowd and a pause for ever.

    Args:
        width: share of the period over which the first looks are spread.
        place: of this one among them, 0 to 1.
    """
    return width + (1 - SLACK - width) * place
