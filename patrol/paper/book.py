"""Sheets as a workbook, ready to filter.

Times are county time as real dates, shares are numbers shown as per cent. Written row by row, so that many rows need no more
memory than few.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from patrol.paper.cells import Column, Share, Sheet
from patrol.paper.words import Words

_ROWS = 1_000_000
"""Of one sheet; Excel holds 1,048,576. The ledger of a longer day goes on in further sheets."""
_LONGEST = 32_000
"""Characters of one cell; Excel holds 32,767."""
TEXT_ONLY = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for a formula when it stands first: kept as text, marked with the quote prefix."""
_HEAD = PatternFill("solid", fgColor="1F3A5F")
_WHITE = Font(bold=True, color="FFFFFF")


def write_book(sheets: Iterable[Sheet], words: Words, file: Path, *, title: str, creator: str) -> None:
    """Write a workbook.

    Args:
        sheets: in order; rows are read once, as they are written.
        words: language and county time.
        file: where to; replaced if it is there.
        title, creator: its properties.
    """
    book = Workbook(write_only=True)
    book.properties.title = title
    book.properties.creator = creator
    for sheet in sheets:
        _write(book, sheet, words)
    book.save(file)


def _write(book: Workbook, sheet: Sheet, words: Words) -> None:
    number, count = 1, 0
    page = _page(book, sheet, words(sheet.title), words)
    for row in sheet.rows:
        if count == _ROWS:
            _close(page, sheet, count)
            number, count = number + 1, 0
            page = _page(book, sheet, f"{words(sheet.title)} {number}", words)
        page.append([_cell(page, column, value) for column, value in zip(sheet.columns, row, strict=True)])
        count += 1
    _close(page, sheet, count)


def _page(book: Workbook, sheet: Sheet, title: str, words: Words) -> Any:
    page: Any = book.create_sheet(title)
    page.freeze_panes = "B2" if len(sheet.columns) > 4 else "A2"
    for place, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(place)].width = column.width
    head = []
    for column in sheet.columns:
        cell = WriteOnlyCell(page, words(column.title))
        cell.font, cell.fill = _WHITE, _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        head.append(cell)
    page.append(head)
    return page


def _close(page: Any, sheet: Sheet, count: int) -> None:
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{count + 1}"


def _cell(page: Any, column: Column, value: Any) -> Any:
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
        if not text.startswith(TEXT_ONLY):
            return text
        cell = WriteOnlyCell(page, "")
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = True
        return cell
    form = Share.form if isinstance(value, Share) else column.form
    if form is None or value is None:
        return value
    cell = WriteOnlyCell(page, float(value) if isinstance(value, Share) else value)
    cell.number_format = form
    return cell
