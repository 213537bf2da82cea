from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from patrol.ledger.day import DayReport, LedgerLine, ledger_lines, read_day
from patrol.report import LANGS, Lang, Words, write_xlsx
from patrol.store import open_store
from tests.unit.ledger_day.county_day import DAY, local
from tests.unit.report.busy_day import ROOT, fill


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DayReport, list[LedgerLine]]]:
    store = open_store(None, tmp_path_factory.mktemp("store"))
    store.upgrade()
    with store.sessions.begin() as session:
        fill(session, 60)
    with store.reading() as session:
        report = read_day(session, DAY, local("09:00", days=1))
        yield report, list(ledger_lines(session, report.span))
    store.close()


def sheets(made: tuple[DayReport, list[LedgerLine]], lang: Lang, file: Path) -> dict[str, list[tuple[Any, ...]]]:
    report, lines = made
    words = Words(lang, report.span.zone)
    write_xlsx(report, lines, words, file)
    book = load_workbook(file)
    for sheet in book.worksheets:
        assert sheet.freeze_panes in {"A2", "B2"}, sheet.title
        assert sheet.auto_filter.ref.startswith("A1:"), sheet.title
        assert sheet.column_dimensions["A"].width > 5, sheet.title
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_read_back_is_the_day(made: tuple[DayReport, list[LedgerLine]], lang: Lang, tmp_path: Path) -> None:
    report, lines = made
    words = Words(lang, report.span.zone)
    found = sheets(made, lang, tmp_path / "day.xlsx")
    titles = (
        "summary",
        "categories",
        "platforms",
        "cameras",
        "ledger",
        "misses",
        "outages",
        "incidents",
        "spot_checks",
        "revisions",
    )
    assert list(found) == [words(title) for title in titles]
    assert all(len({len(row) for row in rows}) == 1 for rows in found.values())

    summary = {row[0]: row[1:] for row in found[words("summary")]}
    assert summary[words("coverage")] == (report.overall.coverage, report.overall.coverage_answering)
    assert summary[words("window_coverage")] == (
        report.overall.window_coverage,
        report.overall.window_coverage_answering,
    )
    assert summary[words("worst_gap_min")][0] == pytest.approx((report.overall.worst_gap_s or 0) / 60, abs=1e-3)
    assert summary[words("day")][0] == datetime(2026, 11, 20)  # noqa: DTZ001 - a spreadsheet knows no zones
    assert summary[words("root")][0] == ROOT

    head, *rows = found[words("ledger")]
    assert len(rows) == len(lines)
    at = {title: place for place, title in enumerate(head)}
    for row, line in zip(rows, lines, strict=True):
        assert row[at[words("visit")]] == line.id
        assert row[at[words("started_at")]] == words.local(line.started_at)
        assert row[at[words("outcome")]] == words.value("outcome", line.outcome)
        assert row[at[words("decoded")]] == 500
    head, *rows = found[words("cameras")]
    at = {title: place for place, title in enumerate(head)}
    assert [row[0] for row in rows] == [look.key for look in report.looks]
    assert [row[at[words("inspected")]] for row in rows] == [look.inspected for look in report.looks]
    assert [row[0] for row in found[words("misses")][1:]] == [miss.look for miss in report.misses]
    assert len(found[words("outages")]) == len(report.outages) + 1
    assert [row[4] for row in found[words("revisions")][1:]] == [r.sha256 for r in report.revisions]
    names = [words.name(group.name) for group in report.categories]
    assert [row[0] for row in found[words("categories")][1:]] == names
    assert [row[5] for row in found[words("categories")][1:]] == [g.figures.coverage for g in report.categories]


def test_text_that_looks_like_a_formula_stays_text(made: tuple[DayReport, list[LedgerLine]], tmp_path: Path) -> None:
    report, lines = made
    words = Words("en", report.span.zone)
    file = tmp_path / "day.xlsx"
    write_xlsx(report, lines, words, file)
    book = load_workbook(file)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    risky = [cell for cell in cells if isinstance(cell.value, str) and cell.value[:1] in {"=", "+", "-", "@"}]
    assert {"=HYPERLINK(1)", "=connection refused"} <= {cell.value for cell in risky}
    assert any(cell.value.startswith("@cam") for cell in risky)
    assert all(cell.quotePrefix for cell in risky)


def test_shares_are_numbers_shown_as_per_cent(made: tuple[DayReport, list[LedgerLine]], tmp_path: Path) -> None:
    report, _ = made
    file = tmp_path / "day.xlsx"
    write_xlsx(report, [], Words("en", report.span.zone), file)
    book = load_workbook(file)
    cells = {row[0].value: row[1] for row in book["Summary"].iter_rows()}
    assert cells["Coverage by gap"].number_format == "0.00%"
    assert book["By category"]["F2"].number_format == "0.00%"
    assert cells["Made at"].is_date


def test_control_characters_and_endless_text_do_not_break_the_file(tmp_path: Path) -> None:
    from openpyxl import Workbook

    from patrol.paper.book import _write
    from patrol.paper.cells import Column, Sheet

    book = Workbook(write_only=True)
    _write(book, Sheet("ledger", (Column("detail"),), [("bad\x00\x1b text",), ("x" * 50_000,)]), Words("en", UTC))
    book.save(tmp_path / "odd.xlsx")
    rows = list(load_workbook(tmp_path / "odd.xlsx").active.iter_rows(values_only=True))
    assert rows[1] == ("bad text",)
    assert len(rows[2][0]) == 32_000
