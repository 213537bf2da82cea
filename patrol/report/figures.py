"""The report's figures as one object for machines, schema ``patrol.report/1``: seconds, shares in [0, 1], UTC times."""

from __future__ import annotations

from typing import Any

from patrol.clock import iso
from patrol.ledger.day import Away, DayReport, Figures, Group, Miss, Seen

SCHEMA = "patrol.report/1"


def figures(report: DayReport) -> dict[str, Any]:
    """The day as JSON values; single looks and visits are in the workbook."""
    span, checks = report.span, report.checks
    return {
        "schema": SCHEMA,
        "county": {"code": report.county_code, "zh": report.county.zh, "en": report.county.en},
        "day": span.day.isoformat(),
        "zone": span.zone.key,
        "start": iso(span.start),
        "end": iso(span.end),
        "known_until": iso(span.until),
        "made_at": iso(report.made_at),
        "window_s": report.window.total_seconds(),
        "looks_disabled": report.disabled,
        "looks_paused": report.paused,
        "overall": _figures(report.overall),
        "categories": [_group(group) for group in report.categories],
        "platforms": [_group(group) for group in report.platforms],
        "over": [
            {
                "look": look.key,
                "worst_gap_s": look.worst_gap_s,
                "over_s": round(look.over_s, 3),
                "period_s": look.period_s,
            }
            for look in report.looks
            if look.state == "over"
        ],
        "misses": [_miss(miss) for miss in report.misses],
        "outages": [_outage(each) for each in report.outages],
        "findings": [{"kind": f.kind, "candidate": f.candidate, "flagged": f.flagged} for f in report.found],
        "incidents": [_incident(each) for each in report.incidents],
        "review_median_s": report.review_median_s,
        "spot_checks": {
            "drawn": checks.drawn,
            "clear": checks.clear,
            "overlooked": checks.overlooked,
            "unclear": checks.unclear,
            "share": checks.share,
            "low": checks.low,
            "high": checks.high,
        },
        "revisions": [
            {"id": r.id, "sha256": r.sha256, "since": iso(r.since), "until": iso(r.until) if r.until else None}
            for r in report.revisions
        ],
        "root": report.root.root if report.root else None,
    }


def _figures(f: Figures) -> dict[str, Any]:
    return {
        "looks": f.looks,
        "answering": f.answering,
        "kept": f.kept,
        "coverage": f.coverage,
        "coverage_answering": f.coverage_answering,
        "windows": f.windows,
        "windows_answering": f.windows_answering,
        "windows_seen": f.windows_seen,
        "window_coverage": f.window_coverage,
        "window_coverage_answering": f.window_coverage_answering,
        "gaps": f.gaps,
        "worst_gap_s": f.worst_gap_s,
        "p99_gap_s": f.p99_gap_s,
        "worst_answering_s": f.worst_answering_s,
        "p99_answering_s": f.p99_answering_s,
        "attempts": f.attempts,
        "inspected": f.inspected,
        "unusable": f.unusable,
        "unreachable": f.unreachable,
        "missed": f.missed,
        "late": f.late,
        "not_judged": f.not_judged,
        "over_s": round(f.over_s, 3),
    }


def _group(group: Group) -> dict[str, Any]:
    return {"key": group.key, "zh": group.name.zh, "en": group.name.en, **_figures(group.figures)}


def _miss(miss: Miss) -> dict[str, Any]:
    return {
        "visit": miss.visit,
        "look": miss.look,
        "deadline": iso(miss.deadline),
        "cause": miss.cause,
        "signed_by": miss.signed_by,
        "signed_at": iso(miss.signed_at) if miss.signed_at else None,
        "note": miss.note,
    }


def _outage(each: Away) -> dict[str, Any]:
    return {
        "look": each.look,
        "platform": each.platform,
        "started_at": iso(each.started_at),
        "ended_at": iso(each.ended_at) if each.ended_at else None,
        "cause": each.cause,
        "in_day_s": each.in_day_s,
        "part_of": each.part_of,
        "folded": each.folded,
    }


def _incident(each: Seen) -> dict[str, Any]:
    return {
        "id": each.id,
        "camera": each.camera,
        "preset": each.preset,
        "kind": each.kind,
        "verdict": each.verdict,
        "first_seen_at": iso(each.first_seen_at),
        "reviews": [
            {"verdict": r.verdict, "reviewer": r.reviewer, "reason": r.reason, "at": iso(r.at)} for r in each.reviews
        ],
    }
