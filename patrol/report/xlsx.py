"""The report as a workbook: every figure, every look, every row of the day's ledger, ready to filter."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from patrol.ledger.day import DayReport, LedgerLine
from patrol.paper.book import write_book
from patrol.report import _sheets
from patrol.report.words import Words


def write_xlsx(report: DayReport, lines: Iterable[LedgerLine], words: Words, file: Path) -> None:
    """Write the workbook. Lengths are minutes.

    Args:
        report: the day.
        lines: its ledger, see :func:`patrol.ledger.day.ledger_lines`; read once, as it is written.
        words: language and county time.
        file: where to; replaced if it is there.
    """
    title = f"{words('title', county=words.name(report.county))} {report.span.day}"
    write_book(_sheets.sheets(report, lines, words), words, file, title=title, creator="patrol report")
