"""Fireworks on the real clips as ``patrol eval --cut 10s`` looks at them."""

from __future__ import annotations

import pytest

from detectors import Kind, Verdict
from patrol.evaluation.looks import length, plan
from patrol.evaluation.manifest import read_manifest
from patrol.evaluation.run import look_at_all
from tests.support.footage import ROOT


@pytest.mark.footage
def test_no_clip_that_shows_none_is_flagged_whole_or_in_pieces_and_few_are_candidates() -> None:
    clips = [c for c in read_manifest(ROOT / "MANIFEST.tsv").clips if Kind.FIREWORKS not in c.shows]
    pieces = plan([(c, length(c)) for c in clips], dwell_s=20.0, cut_s=10.0).pieces
    answers = [answer for looked in look_at_all(pieces, (Kind.FIREWORKS,), None, None) for answer in looked]
    assert len(answers) >= 48
    verdicts = {f"{a.piece.clip.name} {a.piece.number}": a.verdict for a in answers}
    assert None not in verdicts.values()
    assert [name for name, verdict in verdicts.items() if verdict is Verdict.FLAGGED] == []
    assert sum(verdict is Verdict.CANDIDATE for verdict in verdicts.values()) <= 1
