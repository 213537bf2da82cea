"""The report as a document to print, sign and file: figures, the picture of the day, what went wrong, what the figures mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer, Table

from patrol.ledger.day import DayReport, Figures, Group
from patrol.paper.document import WIDTH, facts, listed, paired, ruled, write_document
from patrol.paper.page import Paper
from patrol.report._heat_pages import heat_pages
from patrol.report._sheets import checks_line, definition
from patrol.report._sheets_of_events import named
from patrol.report.words import Words


def write_pdf(report: DayReport, words: Words, file: Path) -> None:
    """Write the document, A4, its font embedded.

    Args:
        report: the day.
        words: language and county time.
        file: where to; replaced if it is there.
    """
    title = f"{words('title', county=words.name(report.county))} {report.span.day}"
    write_document(
        lambda paper, height: _story(report, words, paper, height), words, file, title=title, author="patrol report"
    )


def _story(report: DayReport, words: Words, paper: Paper, height: float) -> Iterable[Flowable]:
    yield paper.title(words("title", county=words.name(report.county)))
    yield paper.subtitle(words("subject"))
    yield _facts(report, words, paper)
    yield paper.heading(words("summary"))
    yield _measures(report.overall, words, paper)
    yield Spacer(0, 4)
    yield _counts(report, words, paper)
    yield paper.heading(words("categories"))
    yield _groups(report.categories, words, paper)
    yield paper.heading(words("platforms"))
    yield _groups(report.platforms, words, paper)
    yield from heat_pages(report, words, paper, WIDTH, height)
    yield from _over(report, words, paper)
    yield from _misses(report, words, paper)
    yield from _outages(report, words, paper)
    yield from _incidents(report, words, paper)
    yield paper.heading(words("spot_checks"))
    yield paper.text(checks_line(report, words))
    overlooked = [c for c in report.checks.rows if c.answer == "overlooked"]
    if overlooked:
        rows = [
            (c.look, words.at(c.seen_at), words.value("kind", c.kind), c.who or "", c.note or "") for c in overlooked
        ]
        yield from listed(rows, ("look", "seen_at", "overlooked_kind", "who", "note"), (3, 2, 2, 2, 4), words, paper)
    yield paper.heading(words("revisions"))
    revisions = [
        (
            str(r.id),
            words.at(r.since),
            words.at(r.until) if r.until else words("still"),
            str(r.cameras),
            _eights(r.sha256),
        )
        for r in report.revisions
    ]
    yield from listed(
        revisions, ("revision", "since", "until", "cameras_count", "sha256"), (1.2, 1.8, 1.8, 1.3, 7), words, paper
    )
    yield CondPageBreak(60 * mm)
    yield paper.heading(words("definitions"))
    for key in ("def.gap", "def.coverage", "def.window", "def.why", "def.p99"):
        yield paper.small(definition(report, words, key))


def _facts(report: DayReport, words: Words, paper: Paper) -> Table:
    span = report.span
    hours = f"{(span.end - span.start).total_seconds() / 3600:g}"
    known = [
        ("county", f"{words.name(report.county)} ({report.county_code})"),
        ("day", f"{span.day}  ·  {words('hours', hours=hours)}  ·  {span.zone.key}"),
        ("made_at", words.stamp(report.made_at)),
    ]
    if span.until < span.end:
        known.append(("known_until", words.stamp(span.until)))
    if report.revisions:
        known.append(("registry_sha", _eights(report.revisions[-1].sha256)))
    known.append(("root", _eights(report.root.root) if report.root else words("no_root")))
    if report.root:
        known.append(("root_positions", f"{report.root.first_position}–{report.root.last_position}"))
    return facts(known, words, paper)


def _measures(f: Figures, words: Words, paper: Paper) -> Table:
    def share(value: float | None, part: int, whole: int) -> str:
        return f"{words.share(value)}   ({words('of', part=part, whole=whole)})"

    rows = [
        ("measure", "all", "answering_only"),
        (
            "coverage",
            share(f.coverage, f.kept, f.looks),
            share(f.coverage_answering, f.kept, f.answering),
        ),
        (
            "window_coverage",
            share(f.window_coverage, f.windows_seen, f.windows),
            share(f.window_coverage_answering, f.windows_seen, f.windows_answering),
        ),
        ("worst_gap", words.length(f.worst_gap_s), words.length(f.worst_answering_s)),
        ("p99_gap", words.length(f.p99_gap_s), words.length(f.p99_answering_s)),
    ]
    cells = [[paper.head(words(key)) for key in rows[0]]]
    cells += [[paper.cell(words(key)), paper.cell(first), paper.cell(second)] for key, first, second in rows[1:]]
    return ruled(cells, (2, 3, 3))


def _counts(report: DayReport, words: Words, paper: Paper) -> Table:
    f = report.overall
    signed = sum(miss.signed_by is not None for miss in report.misses)
    values = [
        ("attempts", str(f.attempts)),
        ("inspected", str(f.inspected)),
        ("unusable", str(f.unusable)),
        ("unreachable", str(f.unreachable)),
        ("late", str(f.late)),
        ("not_judged", str(f.not_judged)),
        ("missed", str(f.missed)),
        ("signed", words("of", part=signed, whole=len(report.misses))),
        ("off_paused", str(report.paused)),
        ("off_disabled", str(report.disabled)),
        ("review_median", words.length(report.review_median_s)),
        ("over_min", f"{f.over_s / 60:.1f}"),
    ]
    return paired(values, words, paper)


def _groups(groups: Sequence[Group], words: Words, paper: Paper) -> Table:
    heads = (
        "name",
        "looks",
        "answering",
        "coverage_all",
        "coverage_answering",
        "window_all",
        "window_answering",
        "worst_gap",
        "p99_gap",
        "missed",
    )
    cells = [[paper.head(words(key)) for key in heads]]
    for group in groups:
        f = group.figures
        texts = (
            words.name(group.name),
            str(f.looks),
            str(f.answering),
            words.share(f.coverage),
            words.share(f.coverage_answering),
            words.share(f.window_coverage),
            words.share(f.window_coverage_answering),
            words.length(f.worst_gap_s),
            words.length(f.p99_gap_s),
            str(f.missed),
        )
        cells.append([paper.cell(text) for text in texts])
    return ruled(cells, (3.4, 1.1, 1.5, 1.6, 1.7, 1.6, 1.7, 1.5, 1.5, 1.1))


def _over(report: DayReport, words: Words, paper: Paper) -> Iterable[Flowable]:
    found = sorted((look for look in report.looks if look.state == "over"), key=lambda look: -(look.worst_gap_s or 0))
    yield paper.heading(words("over"))
    rows = [
        (
            look.key,
            look.name,
            words.name(report.name_of(f"category:{look.category}")),
            words.length(look.tight_period_s),
            words.length(look.worst_gap_s),
            f"{look.over_s / 60:.1f}",
        )
        for look in found
    ]
    heads = ("look", "name", "category", "tight_period_min", "worst_gap", "over_min")
    yield from listed(rows, heads, (3, 3.4, 2.6, 1.5, 1.5, 1.6), words, paper)


def _misses(report: DayReport, words: Words, paper: Paper) -> Iterable[Flowable]:
    yield paper.heading(words("misses"))
    if report.misses:
        counts = Counter(miss.cause for miss in report.misses).most_common()
        told = ", ".join(f"{words.value('cause', cause)} {number}" for cause, number in counts)
        yield paper.text(words("by_cause", list=told))
    rows = [
        (
            miss.look,
            words.at(miss.deadline, of=report.span.start),
            words.value("cause", miss.cause),
            miss.signed_by or words("unsigned"),
            words.at(miss.signed_at) if miss.signed_at else "—",
            miss.note or "",
        )
        for miss in report.misses
    ]
    heads = ("look", "due_at", "cause", "signed_by", "signed_at", "sign_note")
    yield from listed(rows, heads, (3, 1.5, 1.8, 1.9, 1.9, 4), words, paper)
    yield Spacer(0, 8)
    yield paper.text(words("sign_line"))


def _outages(report: DayReport, words: Words, paper: Paper) -> Iterable[Flowable]:
    yield paper.heading(words("outages"))
    names = {look.key: look.name for look in report.looks}
    platforms = {each.id: each for each in report.outages if each.platform is not None}
    rows = []
    for each in report.outages:
        whole = platforms.get(each.part_of) if each.part_of is not None else None
        if whole is not None and (each.ended_at is not None or whole.ended_at is None):
            # Told by its platform's line; one that outlasts it is told by itself.
            continue
        scope, name = named(each, report, words, names)
        more = f" ({words('folds', n=each.folded)})" if each.folded else ""
        rows.append(
            (
                scope,
                f"{name or each.look}{more}",
                words.value("cause", each.cause),
                words.at(each.started_at, of=report.span.start),
                words.at(each.ended_at, of=report.span.start) if each.ended_at else words("lasts"),
                words.length(each.in_day_s),
                str(each.looks),
            )
        )
    heads = ("scope", "name", "cause", "started_at", "ended_at", "in_day", "failed_looks")
    yield from listed(rows, heads, (1.2, 5, 2, 1.8, 1.8, 1.6, 1), words, paper)


def _incidents(report: DayReport, words: Words, paper: Paper) -> Iterable[Flowable]:
    yield paper.heading(words("incidents"))
    if report.found:
        told = "; ".join(f"{words.value('kind', f.kind)} {f.candidate} / {f.flagged}" for f in report.found)
        yield paper.text(f"{words('findings')}: {told}")
    rows = []
    for each in report.incidents:
        last = each.reviews[-1] if each.reviews else None
        rows.append(
            (
                words.at(each.first_seen_at, of=report.span.start),
                words.value("kind", each.kind),
                words.value("verdict", each.verdict),
                each.summary,
                words.value("review", last.verdict) if last else words("not_reviewed"),
                f"{last.reviewer} {words.at(last.at, of=report.span.start)}" if last else "",
                (last.reason or "") if last else "",
            )
        )
    heads = ("first_seen", "kind", "verdict", "summary_line", "review", "reviewer", "review_reason")
    yield from listed(rows, heads, (1.5, 1.8, 1.2, 5, 1.5, 1.9, 2.4), words, paper)


def _eights(digest: str) -> str:
    """A hash in groups of eight, to be read aloud and compared."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
