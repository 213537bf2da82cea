"""A sheet as comma-separated text that spreadsheets open as they should: UTF-8 with its mark, no cell taken for a formula."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

from patrol.paper.book import TEXT_ONLY
from patrol.paper.cells import Share, Sheet
from patrol.paper.words import Words


def text_table(sheet: Sheet, words: Words) -> bytes:
    """The sheet's rows under its headings. Shares are numbers in [0, 1], times county time.

    Args:
        sheet: its rows are read once.
        words: language and county time.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([words(column.title) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if isinstance(value, Share):
        return f"{float(value):.6f}"
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, str) and value.startswith(TEXT_ONLY):
        return f"'{value}"
    return value
