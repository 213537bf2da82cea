"""The report as a workbook: every figure, every letter, every case, ready to filter."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from patrol.cases.report._sheets import sheets
from patrol.cases.report.read import CaseReport
from patrol.cases.report.words import Words
from patrol.paper.book import write_book


def write_xlsx(report: CaseReport, cases: Iterable[Any], letters: Iterable[Any], words: Words, file: Path) -> None:
    """Write the workbook.

    Args:
        report: the month or year.
        cases, letters: see :mod:`patrol.cases.report.read`; read once, as they are written.
        words: language and county time.
        file: where to; replaced if it is there.
    """
    title = f"{report.title(words)} {report.period.label}"
    write_book(sheets(report, cases, letters, words), words, file, title=title, creator="patrol case report")
