"""When a clock is not believed, and what is said of a disk that fills up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from patrol.retention import clockwatch, space

NOW = datetime(2026, 11, 26, tzinfo=UTC)
GB = 10**9


def test_a_clock_before_the_last_purge_or_far_after_the_last_beat_is_not_believed() -> None:
    def said(run: timedelta | None, beat: timedelta | None) -> str | None:
        return clockwatch.problem(
            NOW, run_at=None if run is None else NOW + run, beat_at=None if beat is None else NOW + beat
        )

    assert said(None, None) is None
    assert said(timedelta(days=-1), timedelta(days=-7)) is None
    assert "before the last purge" in str(said(timedelta(seconds=1), None))
    assert "7 days after" in str(said(timedelta(days=-9), timedelta(days=-7, seconds=-1)))
    assert clockwatch.SURE in str(said(None, timedelta(days=-400)))


def test_a_disk_is_told_of_when_it_is_short_or_will_be_within_a_week() -> None:
    assert space.problem(space.outlook(100 * GB, 1.0 * GB), 10) is None
    assert space.problem(space.outlook(100 * GB, -5.0 * GB), 10) is None
    soon = space.problem(space.outlook(20 * GB, 3.0 * GB), 10)
    assert soon is not None
    assert "full in 6 days" in soon
    assert "Nothing is deleted before its day" in soon
    still = space.problem(space.outlook(9 * GB, 0.0), 10)
    assert still is not None
    assert "did not grow" in still
