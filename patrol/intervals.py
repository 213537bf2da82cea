"""A share that was counted, with the interval in which the true one lies."""

from __future__ import annotations

import math

_Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def interval(hits: int, of: int) -> tuple[float | None, float | None]:
    """95 % interval of a share: Wilson's score interval (E. B. Wilson, JASA 22, 1927).

    With no hits it is 0 to 3 / n, the rule of three (Hanley and Lippman-Hand, JAMA 249, 1983).
    """
    if of == 0:
        return None, None
    if hits == 0:
        return 0.0, min(1.0, 3 / of)
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
