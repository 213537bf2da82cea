"""An evaluation as one JSON object (schema ``patrol.eval/1``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from patrol.evaluation.run import Evaluation
from patrol.evaluation.score import Answer, Figures, KindFigures, Share
from patrol.evaluation.words import MEASURES


def as_json(evaluation: Evaluation, report: Path | None = None) -> dict[str, Any]:
    """The object that ``patrol eval --json`` prints. Shares in [0, 1] except ``…_per_1000``; seconds; UTC."""
    pieces = evaluation.plan.pieces
    clips = {piece.clip.name for piece in pieces}
    figures = evaluation.figures
    return {
        "schema": "patrol.eval/1",
        "manifest": str(evaluation.manifest.file),
        "started_at": evaluation.started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "only": evaluation.only,
        "detectors": [kind.value for kind in evaluation.kinds],
        "dwell_s": evaluation.dwell_s,
        "cut_s": evaluation.cut_s,
        "model": evaluation.model,
        "model_problem": evaluation.model_problem,
        "clips": len(clips),
        "looks": len(pieces),
        "sources": len({piece.clip.source for piece in pieces}),
        "figures": {
            name: {of.kind.value: _of_kind(of) for of in figures if of.synthetic is synthetic}
            for name, synthetic in (("real", False), ("synthetic", True))
        },
        "wrong": [_answer(answer) for answer in evaluation.wrong],
        "no_answer": [_answer(answer) for answer in evaluation.unanswered],
        "passed_over": {
            "rows_of_no_video": evaluation.manifest.passed_over,
            "clips_not_asked_for": len(evaluation.manifest.clips) - len(clips),
            "seconds_too_short_for_a_look": round(evaluation.plan.left_out_s, 3),
        },
        "report": str(report) if report else None,
        "cost": {"wall_s": round(evaluation.wall_s, 3)},
    }


def _of_kind(found: KindFigures) -> dict[str, Any]:
    return {
        "all": _figures(found.all),
        "by_day_night": {name: _figures(part) for name, part in found.by_day_night.items()},
        "by_source": {name: _figures(part) for name, part in found.by_source.items()},
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "looks": {
            "positive": figures.positive,
            "negative": figures.negative,
            "positive_without_answer": figures.positive_unanswered,
            "negative_without_answer": figures.negative_unanswered,
        },
        **{measure.key: _share(measure.of(figures), 1 if measure.per == 100 else measure.per) for measure in MEASURES},
    }


def _share(share: Share, per: int) -> dict[str, Any]:
    def told(value: float | None) -> float | None:
        return None if value is None else round(per * value, 4)

    return {
        "value": told(share.value),
        "low": told(share.low),
        "high": told(share.high),
        "hits": share.hits,
        "of": share.of,
        "sources": share.sources,
        "one_source_left_out": None if share.least is None else [told(share.least), told(share.most)],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    piece, found = answer.piece, answer.finding
    return {
        "file": piece.clip.name,
        "line": piece.clip.line,
        "piece": {
            "number": piece.number,
            "of": piece.of,
            "start_s": round(piece.start_s, 3),
            "seconds": round(answer.seconds, 3),
        },
        "label": f"{piece.clip.kind}/{piece.clip.label}",
        "day_night": piece.clip.day_night,
        "source": piece.clip.source,
        "synthetic": piece.clip.synthetic,
        "kind": answer.kind.value,
        "truth": "positive" if answer.positive else "negative",
        "verdict": answer.verdict.value if answer.verdict else None,
        "error": answer.error,
        "score": round(found.score, 3) if found else None,
        "at": round(found.at, 2) if found and found.at is not None else None,
        "box": [round(v, 4) for v in found.box] if found and found.box else None,
        "reason": answer.reason,
        "measurements": dict(found.measurements) if found else {},
    }
