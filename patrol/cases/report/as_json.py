"""The report for machines: one JSON object, lengths in working seconds, shares in [0, 1], what is not known null."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from patrol.cases.figures import CaseFigures, Figures, Line
from patrol.cases.report.read import CaseReport
from patrol.clock import iso

SCHEMA = "patrol.case_report/1"


def as_json(report: CaseReport) -> dict[str, Any]:
    """The whole report, but for its list of cases."""
    found = report.figures
    return {
        "schema": SCHEMA,
        "county": report.county_code,
        "made_at": iso(report.made_at),
        **figures_json(found),
        "appraisal": {
            "terms": report.terms.model_dump(),
            "scores": [
                {**asdict(score), "formula": score.formula, "left_out": list(score.left_out)} for score in report.scores
            ],
        },
        "noticed": [key for key, _ in report.noticed],
    }


def figures_json(found: CaseFigures) -> dict[str, Any]:
    """The period and its figures."""
    period = found.period
    return {
        "period": period.label,
        "timezone": period.zone.key,
        "start": iso(period.start),
        "end": iso(period.end),
        "until": iso(period.until),
        "overall": _figures(found.overall),
        "units": [{**_line(line), "level": line.level} for line in found.units],
        "levels": [_line(line) for line in found.levels],
        "kinds": [_line(line) for line in found.kinds],
        "townships": [_line(line) for line in found.townships],
    }


def _line(line: Line) -> dict[str, Any]:
    return {"key": line.key, **_figures(line.figures)}


def _figures(f: Figures) -> dict[str, Any]:
    return {
        **asdict(f),
        "share": f.share,
        "returned_share": f.returned_share,
        "letters": list(f.letters),
        "grades": dict(f.grades),
        "clocks": {
            c.name.value: {**asdict(c), "name": c.name.value, "late": c.late, "share": c.share} for c in f.clocks
        },
    }
