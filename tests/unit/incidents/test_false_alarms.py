"""Counting people's verdicts on what detectors said."""

from __future__ import annotations

import pytest

from patrol.incidents.false_alarms import Judged, figures


def test_the_share_of_false_alarms_has_its_interval_and_its_reasons() -> None:
    rows = [
        Judged("c1", "congestion", "congestion / m1", "false_alarm", "red_light_queue", 6),
        Judged("c1", "congestion", "congestion / m1", "false_alarm", "parked_row", 2),
        Judged("c1", "congestion", "congestion / m1", "confirmed", None, 10),
        Judged("c1", "congestion", "congestion / m1", "exempt", "roadworks", 2),
        Judged("c1", "congestion", "congestion / m1", "unclear", None, 50),
        Judged("c1", "congestion", "congestion / m2", "confirmed", None, 4),
    ]
    first, second = figures(rows)
    assert (first.judged, first.false, first.share) == (20, 8, 0.4)
    # Wilson's interval of 8 in 20, as in its published tables.
    assert (first.low, first.high) == (pytest.approx(0.2188, abs=1e-4), pytest.approx(0.6134, abs=1e-4))
    assert first.reasons == (("red_light_queue", 6), ("parked_row", 2))
    assert (second.detector, second.false, second.low) == ("congestion / m2", 0, 0.0)


def test_where_nobody_could_tell_there_is_no_figure() -> None:
    assert figures([Judged("c1", "fishing", None, "unclear", None, 3)]) == ()
