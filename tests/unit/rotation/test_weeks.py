"""The largest county there is, for two weeks: slow proofs. What a decision costs is bench/planner.py's business."""

from __future__ import annotations

import pytest

from patrol.rotation import simulate

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

_CAMERAS = 100_000
_PERIOD = 7200.0


def test_two_weeks_of_a_hundred_thousand_cameras_at_95_percent_keep_every_gap() -> None:
    result = simulate(_CAMERAS, 336, 410, unreachable=0.02)
    print(result.to_json())  # noqa: T201 - the figures that docs/rotation.md quotes
    assert 0.945 < result.load < 0.955
    assert result.max_gap_s <= _PERIOD
    assert result.cameras_over_period == 0
    assert result.misses == {}
    assert result.inspected > 0.97 * _CAMERAS * 336 * 3600 / _PERIOD
    assert result.follow_ups_made == result.follow_ups > 0


def test_a_hundred_thousand_cameras_at_120_percent_are_warned_of_and_degrade_by_priority() -> None:
    result = simulate(_CAMERAS, 24, 324)
    print(result.to_json())  # noqa: T201
    assert result.load == pytest.approx(1.2, abs=0.005)
    assert result.first_warning_s is not None
    assert result.first_broken_gap_s is not None
    assert result.first_broken_gap_s - result.first_warning_s >= _PERIOD
    assert set(result.over_period_by_priority) == {"0"}, "the lowest alone"
    assert set(result.misses) == {"capacity"}
