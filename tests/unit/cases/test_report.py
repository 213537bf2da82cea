from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from patrol.cases.appraisal import PARTS
from patrol.cases.report import LANGS, CaseReport, Lang, Words, as_json, case_rows, letter_rows, write_pdf, write_xlsx
from patrol.cases.report._texts import DEFINITIONS, TEXTS
from patrol.paper.page import glyphs
from patrol.store import open_store
from tests.support.case_months import END, NOW, START, some_cases
from tests.support.case_rows import CaseRow, put_cases
from tests.unit.cases.months import reported
from tests.unit.ledger_day.county_day import SHANGHAI

ROWS = [*some_cases(11, 200), CaseRow(900, START, title="=HYPERLINK(1) 车辆排队<120m>&不动")]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    store = open_store(None, tmp_path_factory.mktemp("store"))
    store.upgrade()
    with store.sessions.begin() as writing:
        put_cases(writing, ROWS)
    with store.reading() as reading:
        yield reading
    store.close()


@pytest.fixture(scope="module")
def october(session: Session) -> CaseReport:
    return reported(session)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def text_of(file: Path) -> str:
    with pymupdf.open(file) as document:
        return "\n".join(page.get_text() for page in document)


def section(text: str, words: Words, first: str, then: str) -> str:
    """Between two headings, which stand in lines of their own."""
    lines = text.split("\n")
    start = lines.index(words(first))
    return squeezed("".join(lines[start : lines.index(words(then), start)]))


@pytest.mark.parametrize("lang", LANGS)
def test_the_document_says_what_the_figures_are(october: CaseReport, lang: Lang, tmp_path: Path) -> None:
    words = Words(lang, SHANGHAI)
    write_pdf(october, words, tmp_path / "month.pdf")
    text = text_of(tmp_path / "month.pdf")
    f = october.figures.overall
    summary = section(text, words, "summary", "clocks")
    for key in ("opened", "closed", "in_time", "late", "open", "suspended", "provisional", "returned", "closed_returned",
                "transferred", "extended", "merged", "withdrawn", "evaluated"):  # fmt: skip
        assert squeezed(f"{words(key)}{getattr(f, key)}") in summary, key
    assert squeezed(f"{words('share')}{words.share(f.share)}") in summary
    assert squeezed(f"{words('issued')}{sum(f.letters)}") in summary
    assert f"{words('satisfaction')}{f.satisfaction:.2f}".replace(" ", "") in summary
    for grade, number in f.grades:
        assert squeezed(words(f"grade.{grade}") + str(number)) in summary
    clocks = section(text, words, "clocks", "levels")
    for c in f.clocks:
        told = (words.value("clock", c.name), c.judged, c.in_time, c.late, words.share(c.share), words.hours(c.mean_s),
                words.hours(c.p90_s), c.breached, c.overdue)  # fmt: skip
        assert squeezed("".join(map(str, told))) in clocks
    units = section(text, words, "units", "kinds")
    for line in october.figures.units:
        u = line.figures
        told = (october.name(line.key, words), u.opened, u.closed, u.in_time, u.late, words.share(u.share), u.open,
                u.suspended, u.returned, u.transferred, u.extended, sum(u.letters))  # fmt: skip
        assert squeezed("".join(map(str, told))) in units, line.key
    for score in october.scores:
        assert squeezed(score.formula) in squeezed(text)
    notice = section(text, words, "notice", "definitions")
    for key, u in october.noticed:
        told = (
            october.name(key, words),
            *(c.breached for c in u.clocks),
            sum(c.overdue for c in u.clocks),
            sum(u.letters),
        )
        assert squeezed("".join(map(str, told))) in notice
    whole = squeezed(text)
    assert [key for key in DEFINITIONS if squeezed(words(key)) not in whole] == []
    assert squeezed(words("rules", least=18)) in whole
    assert words("not_ranked").replace(" ", "") in whole


@pytest.mark.parametrize("lang", LANGS)
def test_every_character_has_a_glyph_and_the_font_is_in_the_file(
    october: CaseReport, lang: Lang, tmp_path: Path
) -> None:
    write_pdf(october, Words(lang, SHANGHAI), tmp_path / "month.pdf")
    with pymupdf.open(tmp_path / "month.pdf") as document:
        shown = [glyph for page in document for span in page.get_texttrace() for _, glyph, *_ in span["chars"]]
        fonts = {font[3]: font[1] for page in document for font in page.get_fonts()}
    assert shown
    assert 0 not in shown
    assert not {"□", "\ufffd"} & set(text_of(tmp_path / "month.pdf"))
    assert {kind for name, kind in fonts.items() if "Droid" in name} == {"ttf"}


def test_the_font_has_every_character_of_every_text() -> None:
    known = glyphs()
    missing = {c for pair in TEXTS.values() for text in pair for c in text if c not in "\n " and ord(c) not in known}
    assert missing == set()


def book(session: Session, report: CaseReport, lang: Lang, file: Path) -> dict[str, list[tuple[Any, ...]]]:
    words = Words(lang, SHANGHAI)
    write_xlsx(report, case_rows(session, report.period), letter_rows(session, report.period), words, file)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(file).worksheets}


@pytest.mark.parametrize("lang", LANGS)
def test_the_workbook_has_every_figure_letter_and_case(
    session: Session, october: CaseReport, lang: Lang, tmp_path: Path
) -> None:
    words = Words(lang, SHANGHAI)
    found = book(session, october, lang, tmp_path / "month.xlsx")
    titles = (
        "summary",
        "units",
        "levels",
        "kinds",
        "townships",
        "clocks",
        "letters",
        "appraisal",
        "notice",
        "cases",
        "definitions",
    )
    assert list(found) == [words(key) for key in titles]
    f = october.figures.overall
    summary = dict(found[words("summary")])
    assert (summary[words("opened")], summary[words("closed")], summary[words("share")]) == (
        f.opened,
        f.closed,
        pytest.approx(f.share),
    )
    for title in ("units", "levels", "kinds", "townships"):
        head, *rows = found[words(title)]
        lines = getattr(october.figures, title)
        assert [row[head.index(words("closed"))] for row in rows] == [line.figures.closed for line in lines]
        assert sum(row[head.index(words("issued"))] for row in rows) == sum(f.letters)
    assert len(found[words("clocks")]) == 1 + 3 * (1 + len(october.figures.units))
    assert len(found[words("letters")]) == 1 + sum(f.letters)
    head, *rows = found[words("appraisal")]
    assert [row[head.index(words("formula"))] for row in rows] == [score.formula for score in october.scores]
    assert [row[head.index(words(f"part.{PARTS[0]}"))] for row in rows] == [
        pytest.approx(s.parts[0].value) for s in october.scores
    ]


def test_the_list_has_the_cases_that_stand_in_a_figure_and_no_other(
    session: Session, october: CaseReport, tmp_path: Path
) -> None:
    def stands(row: CaseRow) -> bool:
        if row.stage in {"merged", "withdrawn"}:
            return any(m in {"merge", "withdraw"} and START <= at < END for m, at in row.events) and row.opened < END
        return row.opened < END and (row.closed is None or row.closed >= START)

    head, *rows = book(session, october, "en", tmp_path / "month.xlsx")["Cases"]
    assert [row[0] for row in rows] == sorted(row.key for row in ROWS if stands(row))
    tricky = next(row for row in rows if str(row[0]).endswith("000900"))
    assert tricky[head.index("Title")] == "=HYPERLINK(1) 车辆排队<120m>&不动"
    assert str(tricky[head.index("Opened at")]) == "2026-10-01 00:00:00"
    cell = load_workbook(tmp_path / "month.xlsx")["Cases"].cell(2 + rows.index(tricky), 1 + head.index("Title"))
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_a_month_with_nothing_in_it_makes_both_files(session: Session, tmp_path: Path) -> None:
    empty = reported(session, "2020-02")
    for lang in LANGS:
        words = Words(lang, SHANGHAI)
        write_pdf(empty, words, tmp_path / "month.pdf")
        text = text_of(tmp_path / "month.pdf")
        assert words("none") in text
        assert "100%" not in section(text, words, "summary", "definitions")
        found = book(session, empty, lang, tmp_path / "month.xlsx")
        assert [len(found[words(key)]) for key in ("units", "letters", "cases")] == [1, 1, 1]


def test_a_year_that_is_not_over_says_up_to_when_it_is_known(session: Session, tmp_path: Path) -> None:
    words = Words("en", SHANGHAI)
    write_pdf(reported(session, "2026"), words, tmp_path / "year.pdf")
    text = text_of(tmp_path / "year.pdf")
    assert "Yearly report on cases of Xiangyin 2026" in text
    assert squeezed(words("known_until") + words.stamp(NOW)) in squeezed(text)


def test_the_figures_for_machines_are_json(october: CaseReport) -> None:
    value = json.loads(json.dumps(as_json(october), default=str))
    f = october.figures.overall
    assert (value["schema"], value["period"], value["until"]) == (
        "patrol.case_report/1",
        "2026-10",
        "2026-10-31T16:00:00.000Z",
    )
    assert (value["overall"]["closed"], value["overall"]["share"]) == (f.closed, f.share)
    assert value["overall"]["clocks"]["resolve"]["p90_s"] == f.clocks[2].p90_s
    assert value["overall"]["grades"] == dict(f.grades)
    assert [line["key"] for line in value["units"]] == [line.key for line in october.figures.units]
    assert [score["formula"] for score in value["appraisal"]["scores"]] == [s.formula for s in october.scores]
