"""What stands in which column of which sheet: from the day's report to rows of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from patrol.ledger.day import DayReport, Figures, Group, LedgerLine, LookDay
from patrol.paper.cells import Column, Row, Share, Sheet, minutes, share
from patrol.report import _sheets_of_events as events
from patrol.report.words import Words


def sheets(report: DayReport, lines: Iterable[LedgerLine], words: Words) -> Iterator[Sheet]:
    """The sheets in their order."""
    yield Sheet(
        "summary", (Column("measure", 40), Column("all", 28), Column("answering_only", 28)), _summary(report, words)
    )
    yield Sheet("categories", _GROUP_COLUMNS, (_group(g, words) for g in report.categories))
    yield Sheet("platforms", _GROUP_COLUMNS, (_group(g, words) for g in report.platforms))
    yield Sheet("cameras", _CAMERA_COLUMNS, (_camera(look, report, words) for look in report.looks))
    yield Sheet("ledger", _LEDGER_COLUMNS, _ledger(report, lines, words))
    yield Sheet("misses", events.MISS_COLUMNS, events.misses(report, words))
    yield Sheet("outages", events.OUTAGE_COLUMNS, events.outages(report, words))
    yield Sheet("incidents", events.INCIDENT_COLUMNS, events.incidents(report, words))
    yield Sheet("spot_checks", events.CHECK_COLUMNS, events.checks(report, words))
    yield Sheet("revisions", events.REVISION_COLUMNS, events.revisions(report, words))


def _summary(report: DayReport, words: Words) -> Iterator[Row]:
    f, checks = report.overall, report.checks
    yield words("county"), f"{words.name(report.county)} ({report.county_code})", None
    yield words("day"), datetime.combine(report.span.day, datetime.min.time()), None
    yield (
        words("day_length"),
        words("hours", hours=f"{(report.span.end - report.span.start).total_seconds() / 3600:g}"),
        None,
    )
    if report.span.until < report.span.end:
        yield words("known_until"), words.local(report.span.until), None
    yield words("made_at"), words.local(report.made_at), None
    yield words("registry_sha"), report.revisions[-1].sha256 if report.revisions else "", None
    yield words("root"), report.root.root if report.root else words("no_root"), None
    yield words("looks"), f.looks, f.answering
    yield words("kept"), f.kept, f.kept
    yield words("coverage"), share(f.coverage), share(f.coverage_answering)
    yield words("pairs"), f.windows, f.windows_answering
    yield words("windows_seen"), f.windows_seen, f.windows_seen
    yield words("window_coverage"), share(f.window_coverage), share(f.window_coverage_answering)
    yield words("worst_gap_min"), minutes(f.worst_gap_s), minutes(f.worst_answering_s)
    yield words("p99_gap_min"), minutes(f.p99_gap_s), minutes(f.p99_answering_s)
    for key in ("attempts", "inspected", "unusable", "unreachable", "missed", "late", "not_judged"):
        yield words(key), getattr(f, key), None
    yield words("over_min"), minutes(f.over_s), None
    yield words("off_paused"), report.paused, None
    yield words("off_disabled"), report.disabled, None
    yield words("signed"), sum(miss.signed_by is not None for miss in report.misses), None
    for found in report.found:
        text = f"{found.candidate} / {found.flagged}"
        yield f"{words('findings')}: {words.value('kind', found.kind)}", text, None
    yield words("review_median"), words.length(report.review_median_s), None
    yield words("spot_checks"), checks_line(report, words), None
    if checks.share is not None:
        yield words.value("answer", "overlooked"), share(checks.share), None
    for key in ("def.gap", "def.coverage", "def.window", "def.why", "def.p99"):
        yield definition(report, words, key), None, None


def definition(report: DayReport, words: Words, key: str) -> str:
    """One sentence on what a figure means."""
    return words(key, hours=f"{report.window.total_seconds() / 3600:g}") if key == "def.window" else words(key)


def checks_line(report: DayReport, words: Words) -> str:
    """The spot-checks in one sentence."""
    c = report.checks
    if c.share is None:
        return words("checks_open", drawn=c.drawn, unclear=c.unclear) if c.drawn else words("none")
    return words(
        "checks_line",
        drawn=c.drawn,
        told=c.clear + c.overlooked + c.unclear,
        clear=c.clear,
        overlooked=c.overlooked,
        unclear=c.unclear,
        share=words.share(c.share),
        low=words.share(c.low),
        high=words.share(c.high),
        how=words("wilson") if c.overlooked else words("rule_of_three"),
    )


_GROUP_COLUMNS = (
    Column("name", 26),
    Column("key", 24),
    Column("looks", 9),
    Column("answering", 11),
    Column("kept", 14),
    Column("coverage_all", 14, Share.form),
    Column("coverage_answering", 14, Share.form),
    Column("window_all", 14, Share.form),
    Column("window_answering", 14, Share.form),
    Column("worst_gap_min", 14, "0.0"),
    Column("p99_gap_min", 14, "0.0"),
    Column("worst_answering_min", 16, "0.0"),
    Column("p99_answering_min", 16, "0.0"),
    *(Column(key, 11) for key in ("attempts", "inspected", "unusable", "unreachable", "missed", "late", "not_judged")),
    Column("over_min", 14, "0.0"),
)


def _group(group: Group, words: Words) -> Row:
    f: Figures = group.figures
    return (
        words.name(group.name),
        group.key,
        f.looks,
        f.answering,
        f.kept,
        f.coverage,
        f.coverage_answering,
        f.window_coverage,
        f.window_coverage_answering,
        minutes(f.worst_gap_s),
        minutes(f.p99_gap_s),
        minutes(f.worst_answering_s),
        minutes(f.p99_answering_s),
        f.attempts,
        f.inspected,
        f.unusable,
        f.unreachable,
        f.missed,
        f.late,
        f.not_judged,
        minutes(f.over_s),
    )


_CAMERA_COLUMNS = (
    Column("look", 26),
    Column("name", 26),
    Column("place", 28),
    Column("category", 20),
    Column("all_categories", 26),
    Column("platform", 16),
    Column("state", 10),
    Column("period_min", 11, "0.0"),
    Column("tight_period_min", 13, "0.0"),
    Column("on_duty_h", 12, "0.00"),
    *(Column(key, 10) for key in ("attempts", "inspected", "unusable", "unreachable", "missed", "late", "not_judged")),
    Column("worst_gap_min", 13, "0.0"),
    Column("over_min", 14, "0.0"),
    Column("offline_min", 13, "0.0"),
    Column("windows", 10),
    Column("windows_seen", 10),
    Column("last_inspected", 20),
    Column("note", 30),
)


def _camera(look: LookDay, report: DayReport, words: Words) -> Row:
    return (
        look.key,
        look.name,
        look.place,
        words.name(report.name_of(f"category:{look.category}")),
        ", ".join(words.name(report.name_of(f"category:{key}")) for key in look.categories),
        words.name(report.name_of(f"platform:{look.platform}")),
        words.value("state", look.state),
        minutes(look.period_s),
        minutes(look.tight_period_s),
        round(look.on_duty_s / 3600, 4),
        look.attempts,
        look.inspected,
        look.unusable,
        look.unreachable,
        look.missed,
        look.late,
        look.not_judged,
        minutes(look.worst_gap_s),
        minutes(look.over_s),
        minutes(look.offline_s),
        look.windows,
        look.windows_seen,
        words.local(look.last_inspected) if look.last_inspected else None,
        look.note,
    )


_LEDGER_COLUMNS = (
    Column("visit", 34),
    Column("look", 26),
    Column("name", 24),
    Column("all_categories", 24),
    Column("platform", 14),
    Column("window", 14),
    Column("reason", 10),
    *(Column(key, 20) for key in ("due_at", "started_at", "ended_at")),
    Column("outcome", 12),
    Column("cause", 14),
    Column("late_mark", 8),
    Column("gap_min", 10, "0.0"),
    Column("judged", 10),
    Column("detectors", 40),
    Column("seconds", 11),
    Column("decoded", 10),
    Column("analysed", 10),
    Column("quality", 10),
    Column("luma", 9),
    Column("contrast", 9),
    Column("sharpness", 9),
    Column("model", 20),
    Column("revision", 10),
    Column("detail", 50),
)


def _ledger(report: DayReport, lines: Iterable[LedgerLine], words: Words) -> Iterator[Row]:
    looks = {look.key: look for look in report.looks}
    names = {key: words.name(name) for key, name in report.names.items()}
    for line in lines:
        look = looks.get(line.look)
        yield (
            line.id,
            line.look,
            look.name if look else "",
            ", ".join(names.get(f"category:{key}", key) for key in look.categories) if look else "",
            names.get(f"platform:{look.platform}", look.platform) if look else "",
            _window(line.started_at, report, words),
            words.value("reason", line.reason),
            words.local(line.due_at),
            words.local(line.started_at),
            words.local(line.ended_at),
            words.value("outcome", line.outcome),
            words.value("cause", line.cause),
            words("yes") if line.late else "",
            minutes(line.gap_s),
            words("yes") if line.judged else "",
            "; ".join(
                f"{words.value('kind', kind)}: {words.value('verdict', verdict)} {score:.2f}"
                for kind, verdict, score in line.findings
            ),
            line.seconds,
            line.decoded,
            line.analysed,
            words.value("quality", line.quality),
            line.luma,
            line.contrast,
            line.sharpness,
            line.model,
            line.revision,
            line.detail,
        )


def _window(moment: datetime, report: DayReport, words: Words) -> str:
    local = words.local(moment)
    length = int(report.window.total_seconds() // 60)
    begin = (local.hour * 60 + local.minute) // length * length
    end = min(begin + length, 24 * 60)
    return f"{begin // 60:02d}:{begin % 60:02d}–{end // 60:02d}:{end % 60:02d}"
