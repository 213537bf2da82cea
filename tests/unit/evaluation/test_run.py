"""From a look's report to answers: what is no answer is never taken for a clear."""

from __future__ import annotations

from datetime import UTC, datetime

from detectors import Finding, Kind, Verdict
from patrol.evaluation import Piece, answers
from patrol.visits import Cause, NotRunDetector, Outcome, VisitReport
from tests.unit.evaluation.answered import clip

NOW = datetime(2026, 11, 25, tzinfo=UTC)
PIECE = Piece(clip(), 0.0, 20.0)
CLEAR = Finding(Kind.FIREWORKS, Verdict.CLEAR, 0.0, None, None, "whole", "dark and still")


def test_a_detector_that_did_not_run_gives_no_answer_beside_one_that_did() -> None:
    report = VisitReport(
        "a.mp4", NOW, Outcome.INSPECTED, findings=(CLEAR,), not_run=(NotRunDetector("fishing", "no object model"),)
    )
    told = answers(PIECE, (Kind.FIREWORKS, Kind.FISHING, Kind.CONGESTION), report)
    assert [(a.kind, a.verdict, a.reason) for a in told] == [
        (Kind.FIREWORKS, Verdict.CLEAR, "dark and still"),
        (Kind.FISHING, None, "not run: no object model"),
        (Kind.CONGESTION, None, "not run: no finding was made"),
    ]
    assert all(a.inspected for a in told)


def test_a_look_that_was_none_gives_no_answer_even_if_a_finding_came_with_it() -> None:
    report = VisitReport("a.mp4", NOW, Outcome.UNUSABLE, Cause.DARK, "luma 4", seconds=9.0, findings=(CLEAR,))
    (told,) = answers(PIECE, (Kind.FIREWORKS,), report)
    assert (told.verdict, told.reason, told.inspected, told.seconds) == (None, "unusable (dark): luma 4", False, 9.0)
