"""Folds: the source that is judged has no say in the thresholds, and what is chosen lies in the middle of what is right."""

from __future__ import annotations

import pytest

from bench.folds import DEFAULTS, Example, fitted, folds, recorded
from detectors import Kind, Verdict
from detectors._jam_rule import Limits, Traffic

JAM = Kind.CONGESTION


def traffic(standing: float) -> Traffic:
    """Twenty vehicles on a packed road, so many of them standing, the rest rolling."""
    return Traffic(20, 0.4, standing, standing, 0.0, 0.04, 0, 0.5, 0.0, 0.0, 10.0)


def look(name: str, source: str, standing: float, *, jam: bool) -> Example:
    return Example(name, source, jam, (traffic(standing),))


OTHERS = [
    look("jam", "a", 0.95, jam=True),
    look("jam too", "b", 0.9, jam=True),
    look("rolls", "a", 0.4, jam=False),
    look("rolls too", "b", 0.35, jam=False),
]


def test_the_threshold_lies_between_what_jams_and_what_rolls_and_not_at_the_edge() -> None:
    stand = fitted(JAM, OTHERS).stand  # type: ignore[union-attr]
    assert 0.5 <= stand <= 0.8


def test_no_false_flag_comes_before_another_jam_found() -> None:
    crawls = look("a bus stop", "c", 0.92, jam=False)
    limits = fitted(JAM, [*OTHERS, crawls])
    assert not crawls.found(limits)
    assert OTHERS[0].found(limits)
    assert not OTHERS[1].found(limits), "the weaker jam is given up for it"


def test_the_source_that_is_judged_has_no_say() -> None:
    slow = look("half a jam", "c", 0.45, jam=True)
    assert slow.found(fitted(JAM, [*OTHERS, slow])), "with it in sight the threshold is set to suit it"
    rows = {row["source"]: row for row in folds(JAM, [*OTHERS, slow], [])}
    assert rows["c"]["positives"] == {"half a jam": "candidate"}, "left out, it is missed, and that is told"
    assert rows["c"]["limits"]["stand"] == pytest.approx(fitted(JAM, OTHERS).stand)  # type: ignore[union-attr]


def test_a_false_flag_of_a_held_out_source_is_named() -> None:
    rows = {row["source"]: row for row in folds(JAM, [*OTHERS, look("a bus stop", "c", 0.95, jam=False)], [])}
    assert rows["c"]["false_flags"] == ["a bus stop"]
    assert rows["a"]["false_flags"] == []


def test_a_look_that_a_glance_settled_is_clear_under_any_threshold() -> None:
    assert Example("plain", "a", False, ()).verdict(Limits(stand=0, barely=0, crowd=0)) is Verdict.CLEAR


def test_what_the_rule_is_given_is_kept_and_the_rule_is_put_back() -> None:
    before = Traffic.verdict
    with recorded(Traffic) as kept:
        assert traffic(0.9).verdict()[0] is Verdict.FLAGGED
    assert kept == [traffic(0.9)]
    assert Traffic.verdict is before
    assert DEFAULTS[JAM] == Limits(), "the folds compare with what is shipped"
