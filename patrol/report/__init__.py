"""The daily patrol report (巡查台账) as a workbook, as a document and as figures for machines; in Chinese and English."""

from __future__ import annotations

from patrol.paper.words import LANGS, Lang
from patrol.report.figures import SCHEMA, figures
from patrol.report.pdf import write_pdf
from patrol.report.words import Words
from patrol.report.xlsx import write_xlsx

__all__ = ["LANGS", "SCHEMA", "Lang", "Words", "figures", "write_pdf", "write_xlsx"]
