"""The report as a document to print, sign and file: figures, tables, the appraisal with its formula, the notice, definitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from patrol.cases.appraisal import PARTS, Score
from patrol.cases.figures import GRADES, Figures, Line
from patrol.cases.report._sheets import clock_texts, formula_line, left_out, notice_row, rank, rules, text
from patrol.cases.report._texts import DEFINITIONS
from patrol.cases.report.read import CaseReport
from patrol.cases.report.words import Words
from patrol.paper.document import facts, listed, paired, write_document
from patrol.paper.page import Paper

_LINE = ("opened", "closed", "in_time", "late", "share", "open", "suspended", "returned", "transferred", "extended", "issued")  # fmt: skip
_WIDE = {"share": 1.25, "suspended": 1.3, "transferred": 1.25, "extended": 1.35, "returned": 1.1}
_LINE_WIDTHS = (3.6, *(_WIDE.get(key, 1) for key in _LINE))


def write_pdf(report: CaseReport, words: Words, file: Path) -> None:
    """Write the document, A4.

    Args:
        report: the month or year.
        words: language and county time.
        file: where to; replaced if it is there.
    """
    title = f"{report.title(words)} {report.period.label}"
    write_document(
        lambda paper, _height: _story(report, words, paper), words, file, title=title, author="patrol case report"
    )


def _story(report: CaseReport, words: Words, paper: Paper) -> Iterable[Flowable]:
    figures, period = report.figures, report.period
    yield paper.title(f"{report.title(words)} {period.label}")
    yield paper.subtitle(words("subject"))
    known = [
        ("county", f"{words.name(report.county)} ({report.county_code})"),
        ("period", f"{words.stamp(period.start)} – {words.stamp(period.end)} · {period.zone.key}"),
        ("made_at", words.stamp(report.made_at)),
        ("policy", report.basis),
    ]
    if not period.is_over:
        known.insert(3, ("known_until", words.stamp(period.until)))
    yield facts(known, words, paper)
    yield paper.heading(words("summary"))
    yield paired(_summary(figures.overall, words), words, paper)
    if figures.overall.letters:
        steps = (f"{words('issued_step', step=step)}: {number}" for step, number in enumerate(figures.overall.letters))
        yield Spacer(0, 3)
        yield paper.text("; ".join(steps))
    yield paper.heading(words("clocks"))
    heads = ("clock", "judged", "in_time", "late", "share", "mean_h", "p90_h", "breached", "overdue")
    yield from listed(_clocks(figures.overall, words), heads, (1.5, 1, 1, 1, 1.2, 1.6, 1.6, 1, 1), words, paper)
    for key, lines in (
        ("levels", [(line, words.value("level", line.key) or words("nobody")) for line in figures.levels]),
        ("units", [(line, report.name(line.key, words)) for line in figures.units]),
        ("kinds", [(line, words.value("kind", line.key)) for line in figures.kinds]),
        ("townships", [(line, report.name(line.key, words)) for line in figures.townships]),
    ):
        yield CondPageBreak(35 * mm)
        yield paper.heading(words(key))
        yield from listed(_lines(lines, words), ("name", *_LINE), _LINE_WIDTHS, words, paper)
    yield CondPageBreak(50 * mm)
    yield from _appraisal(report, words, paper)
    yield CondPageBreak(40 * mm)
    yield paper.heading(words("notice"))
    yield paper.text(words("notice_line", n=len(report.noticed)))
    rows = [[str(each) for each in notice_row(key, f, report, words)] for key, f in report.noticed]
    columns = ("unit", "clock.assign", "clock.feedback", "clock.resolve", "overdue", "issued")
    yield from listed(rows, columns, (4, 1.4, 1.4, 1.4, 1.4, 1.4), words, paper)
    yield CondPageBreak(60 * mm)
    yield paper.heading(words("definitions"))
    for key in DEFINITIONS:
        yield paper.small(words(key))


def _summary(f: Figures, words: Words) -> list[tuple[str, str]]:
    keys = (
        "opened",
        "closed",
        "share",
        "in_time",
        "late",
        "open",
        "suspended",
        "provisional",
        "returned",
        "closed_returned",
        "transferred",
        "extended",
        "issued",
        "merged",
        "withdrawn",
        "evaluated",
        *(f"grade.{grade}" for grade in GRADES),
        "satisfaction",
    )
    return [(key, text(f, key, words)) for key in keys]


def _clocks(f: Figures, words: Words) -> list[tuple[str, ...]]:
    return [(words.value("clock", clock.name), *clock_texts(clock, words)) for clock in f.clocks]


def _lines(lines: Sequence[tuple[Line, str]], words: Words) -> list[tuple[str, ...]]:
    return [(name, *(text(line.figures, key, words) for key in _LINE)) for line, name in lines]


def _appraisal(report: CaseReport, words: Words, paper: Paper) -> Iterable[Flowable]:
    yield paper.heading(words("appraisal"))
    yield paper.text(formula_line(report, words))
    yield paper.small(rules(report, words))
    heads = ("rank", "unit", "level", "score", "scored_cases", *(f"part.{key}" for key in PARTS), "issued")
    widths = (1.1, 3.4, 1.8, 1.1, 1, 1.4, 1.4, 1.4, 1.4, 1.4, 1.2)
    yield from listed([_score(score, report, words) for score in report.scores], heads, widths, words, paper)
    if report.scores:
        yield paper.heading(words("formulas"))
        rows = [
            (report.name(score.unit, words), score.formula or words("no_score"), left_out(score, words) or "—")
            for score in report.scores
        ]
        yield from listed(rows, ("unit", "formula", "left_out"), (2.6, 9, 2.4), words, paper)


def _score(score: Score, report: CaseReport, words: Words) -> tuple[str, ...]:
    values = {part.name: part.value for part in score.parts}
    shown = ("—" if (found := values.get(key)) is None else f"{found:.4f}" for key in PARTS)
    return (
        str(rank(score, words)),
        report.name(score.unit, words),
        words.value("level", score.level),
        words.mean(score.score),
        str(score.cases),
        *shown,
        str(score.letters),
    )
