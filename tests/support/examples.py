"""How many examples hypothesis makes up: the same few at every run, or many new ones with ``PATROL_SEARCH=1``.

A run that decides whether work lands must not depend on luck; `make test-long` searches.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SEARCHING = bool(os.environ.get("PATROL_SEARCH"))
_MORE = 10


def examples(count: int) -> settings:
    """Settings for a property test of ``count`` examples, ten times as many where it is a search."""
    return settings(
        max_examples=count * (_MORE if SEARCHING else 1),
        derandomize=not SEARCHING,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
