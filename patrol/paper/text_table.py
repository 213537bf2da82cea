"""A sheet as comma-separated text that spreadsheets open as they should: UTF-8 with its mark, no cell taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
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
    return "".join(text_rows(sheet, words)).encode()


def text_rows(sheet: Sheet, words: Words) -> Iterator[str]:
    """The same a piece a row, for sheets that are sent while they are read."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow([words(column.title) for column in sheet.columns])
    for row in sheet.rows:
        yield out.getvalue()
        out.seek(0)
        out.truncate()
        writer.writerow([_cell(value) for value in row])
    yield out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, Share):
        return f"{float(value):.6f}"
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, str) and value.startswith(TEXT_ONLY):
        return f"'{value}"
    return value
