"""How good the detectors are: labelled clips in, recall, precision and false flags out, with their intervals."""

from __future__ import annotations

from patrol.evaluation.as_json import as_json
from patrol.evaluation.looks import Piece, Plan, length, plan
from patrol.evaluation.manifest import Clip, Manifest, ManifestError, read_manifest
from patrol.evaluation.page import explained, write_report
from patrol.evaluation.run import Evaluation, answers, look_at_all
from patrol.evaluation.score import Answer, Figures, KindFigures, Share, figures, score, share
from patrol.evaluation.words import lines

__all__ = [
    "Answer",
    "Clip",
    "Evaluation",
    "Figures",
    "KindFigures",
    "Manifest",
    "ManifestError",
    "Piece",
    "Plan",
    "Share",
    "answers",
    "as_json",
    "explained",
    "figures",
    "length",
    "lines",
    "look_at_all",
    "plan",
    "read_manifest",
    "score",
    "share",
    "write_report",
]
