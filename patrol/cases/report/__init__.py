"""The monthly and yearly report on cases: as a workbook, as a document, as figures for machines; in Chinese and English."""

from __future__ import annotations

from patrol.cases.report._sheets import summary_lines
from patrol.cases.report.as_json import SCHEMA, as_json, figures_json
from patrol.cases.report.pdf import write_pdf
from patrol.cases.report.read import CaseReport, case_rows, letter_rows, read_report
from patrol.cases.report.words import Words
from patrol.cases.report.write import write
from patrol.cases.report.xlsx import write_xlsx
from patrol.paper.words import LANGS, Lang

__all__ = [
    "LANGS",
    "SCHEMA",
    "CaseReport",
    "Lang",
    "Words",
    "as_json",
    "case_rows",
    "figures_json",
    "letter_rows",
    "read_report",
    "summary_lines",
    "write",
    "write_pdf",
    "write_xlsx",
]
