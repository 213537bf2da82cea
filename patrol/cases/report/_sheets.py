"""What stands in which column of which sheet: from the report to rows of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from patrol.cases.appraisal import PARTS, Score
from patrol.cases.figures import GRADES, CaseFigures, ClockFigures, Figures, Line
from patrol.cases.report._texts import DEFINITIONS
from patrol.cases.report.read import CaseReport
from patrol.cases.report.words import Words
from patrol.paper.cells import Column, Row, Share, Sheet, share

_TIME = "yyyy-mm-dd hh:mm"
COUNTS = ("opened", "closed", "in_time", "late", "share", "open", "suspended", "provisional", "returned", "closed_returned", "transferred", "extended", "issued")  # fmt: skip
"""Figures of every line, in order."""
_JUDGED = ("evaluated", *(f"grade.{grade}" for grade in GRADES), "satisfied", "satisfaction", "merged", "withdrawn")


def sheets(report: CaseReport, cases: Iterable[Any], letters: Iterable[Any], words: Words) -> Iterator[Sheet]:
    """The sheets in their order."""
    yield Sheet("summary", (Column("measure", 40), Column("figure", 34)), _summary(report, words))
    figures = report.figures
    named = [(line, report.name(line.key, words)) for line in figures.units]
    yield _lines("units", named)
    yield _lines("levels", [(line, _level(line.key, words)) for line in figures.levels])
    yield _lines("kinds", [(line, words.value("kind", line.key)) for line in figures.kinds])
    yield _lines("townships", [(line, report.name(line.key, words)) for line in figures.townships])
    whole = [(Line("", figures.overall), words("all"))]
    yield Sheet("clocks", _CLOCK_COLUMNS, (row for each in whole + named for row in _clocks(*each, words)))
    yield Sheet("letters", _LETTER_COLUMNS, (_letter(row, report, words) for row in letters))
    yield Sheet("appraisal", _SCORE_COLUMNS, (_score(score, report, words) for score in report.scores))
    yield Sheet("notice", _NOTICE_COLUMNS, (notice_row(key, f, report, words) for key, f in report.noticed))
    yield Sheet("cases", _CASE_COLUMNS, (_case(row, report, words) for row in cases))
    texts = (*(words(key) for key in DEFINITIONS), formula_line(report, words), rules(report, words))
    yield Sheet("definitions", (Column("definitions", 140),), ((text,) for text in texts))


def value(figures: Figures, key: str) -> Any:
    """One figure of a line, by the key of its heading."""
    if key == "issued":
        return sum(figures.letters)
    if key.startswith("grade."):
        return dict(figures.grades)[key.removeprefix("grade.")]
    return getattr(figures, key)


def formula_line(report: CaseReport, words: Words) -> str:
    """The formula of the appraisal with its weights."""
    weights = report.terms.weights
    terms = " + ".join(f"{getattr(weights, key):g} × {words(f'part.{key}')}" for key in PARTS if getattr(weights, key))
    return words("formula_line", terms=terms, points=f"{report.terms.letter_points:g}")


def rules(report: CaseReport, words: Words) -> str:
    """What the parts of the formula are, and who is ranked."""
    return words("rules", least=report.terms.least_cases)


def rank(score: Score, words: Words) -> str | int:
    """A unit's place within its level."""
    return words("not_ranked") if score.rank is None else score.rank


def left_out(score: Score, words: Words) -> str:
    """The parts without data, by name."""
    return "、".join(words(f"part.{key}") for key in score.left_out)


def notice_row(key: str, f: Figures, report: CaseReport, words: Words) -> Row:
    """A unit of the notice: red clocks one by one, those red at the end, letters."""
    breached = (clock.breached for clock in f.clocks)
    return report.name(key, words), *breached, sum(clock.overdue for clock in f.clocks), sum(f.letters)


def summary_lines(found: CaseFigures, words: Words) -> Iterator[str]:
    """The overall figures and clocks as lines of text: what a terminal shows."""
    yield found.period.label
    for key in (*COUNTS, *_JUDGED):
        yield f"{words(key)}: {text(found.overall, key, words)}"
    for clock in found.overall.clocks:
        heads = ("judged", "in_time", "late", "share", "mean_h", "p90_h", "breached", "overdue")
        shown = zip(heads, clock_texts(clock, words), strict=True)
        yield f"{words.value('clock', clock.name)}: " + ", ".join(f"{words(key)} {told}" for key, told in shown)


def text(f: Figures, key: str, words: Words) -> str:
    """One figure of a line, as it is written."""
    found = value(f, key)
    if key == "share":
        return words.share(found)
    return words.mean(found) if key == "satisfaction" else str(found)


def clock_texts(c: ClockFigures, words: Words) -> tuple[str, ...]:
    """One clock's figures, as they are written: judged, in time, late, share, mean, p90, turned red, red at the end."""
    return (
        str(c.judged),
        str(c.in_time),
        str(c.late),
        words.share(c.share),
        words.hours(c.mean_s),
        words.hours(c.p90_s),
        str(c.breached),
        str(c.overdue),
    )


def _level(key: str, words: Words) -> str:
    return words.value("level", key) or words("nobody")


def _summary(report: CaseReport, words: Words) -> Iterator[Row]:
    f, period = report.figures.overall, report.period
    yield words("county"), f"{words.name(report.county)} ({report.county_code})"
    yield words("period"), f"{period.label} · {period.zone.key}"
    if not period.is_over:
        yield words("known_until"), words.stamp(period.until)
    yield words("made_at"), words.stamp(report.made_at)
    yield words("policy"), report.basis
    for key in (*COUNTS, *_JUDGED):
        found = value(f, key)
        yield words(key), share(found) if key == "share" else found
    for step, number in enumerate(f.letters):
        yield words("issued_step", step=step), number


_LINE_COLUMNS = (
    Column("name", 26),
    Column("key", 18),
    *(Column(key, 12, Share.form if key == "share" else None) for key in COUNTS),
    *(Column(key, 12, "0.00" if key == "satisfaction" else None) for key in _JUDGED),
)


def _lines(title: str, lines: Iterable[tuple[Line, str]]) -> Sheet:
    rows = ((name, line.key, *(value(line.figures, key) for key in (*COUNTS, *_JUDGED))) for line, name in lines)
    return Sheet(title, _LINE_COLUMNS, rows)


_CLOCK_COLUMNS = (
    Column("name", 26),
    Column("key", 18),
    Column("clock", 10),
    Column("judged", 10),
    Column("in_time", 10),
    Column("late", 10),
    Column("share", 12, Share.form),
    Column("mean_h", 16, "0.00"),
    Column("p90_h", 16, "0.00"),
    Column("breached", 12),
    Column("overdue", 12),
)


def _clocks(line: Line, name: str, words: Words) -> Iterator[Row]:
    for c in line.figures.clocks:
        mean, p90 = (None if used is None else round(used / 3600, 4) for used in (c.mean_s, c.p90_s))
        clock = words.value("clock", c.name)
        yield name, line.key, clock, c.judged, c.in_time, c.late, c.share, mean, p90, c.breached, c.overdue


_LETTER_COLUMNS = (
    Column("doc_no", 24),
    Column("number", 24),
    Column("case_title", 40),
    Column("unit", 24),
    Column("clock", 10),
    Column("step", 7),
    Column("to_unit", 24),
    Column("issued_at", 18, _TIME),
)


def _letter(row: Any, report: CaseReport, words: Words) -> Row:
    return (
        row.doc_no,
        row.case,
        row.title,
        report.name(row.unit, words),
        words.value("clock", row.clock),
        row.step,
        report.name(row.to_unit, words),
        words.local(row.decided_at),
    )


_SCORE_COLUMNS = (
    Column("rank", 10),
    Column("unit", 26),
    Column("level", 16),
    Column("score", 10, "0.00"),
    Column("scored_cases", 10),
    *(Column(f"part.{key}", 14, "0.0000") for key in PARTS),
    Column("issued", 12),
    Column("deducted", 12, "0.##"),
    Column("formula", 90),
    Column("left_out", 40),
)


def _score(score: Score, report: CaseReport, words: Words) -> Row:
    values = {part.name: part.value for part in score.parts}
    return (
        rank(score, words),
        report.name(score.unit, words),
        _level(score.level or "", words),
        score.score,
        score.cases,
        *(values.get(key) for key in PARTS),
        score.letters,
        score.deducted,
        score.formula or words("no_score"),
        left_out(score, words),
    )


_NOTICE_COLUMNS = (
    Column("unit", 26),
    *(Column(f"clock.{name}", 12) for name in ("assign", "feedback", "resolve")),
    Column("overdue", 12),
    Column("issued", 12),
)
_CASE_COLUMNS = (
    Column("number", 24),
    Column("case_title", 40),
    Column("stage", 10),
    Column("light", 16),
    Column("is_suspended", 9),
    Column("is_provisional", 10),
    Column("kind", 12),
    Column("severity", 9),
    Column("source", 11),
    Column("unit", 24),
    Column("level", 16),
    Column("division", 18),
    Column("address", 36),
    Column("opened_at", 18, _TIME),
    Column("resolve_due", 18, _TIME),
    Column("closed_at", 18, _TIME),
    Column("returned", 10),
    Column("grade", 10),
    Column("satisfaction_mark", 10),
)


def _case(row: Any, report: CaseReport, words: Words) -> Row:
    return (
        row.number,
        row.title,
        words.value("stage", row.stage),
        words.value("light", row.light),
        words("yes") if row.suspended else "",
        words("yes") if row.provisional else "",
        words.value("kind", row.kind),
        words.value("severity", row.severity),
        words.value("source", row.source),
        report.name(row.unit, words),
        words.value("level", row.level),
        row.division,
        row.address,
        words.local(row.opened_at),
        words.local(row.resolve_due),
        words.local(row.closed_at) if row.closed_at else None,
        row.returned,
        words.value("grade", row.grade),
        row.satisfaction,
    )
