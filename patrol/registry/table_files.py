"""Tables of cameras as files: CSV as Excel likes it, and XLSX. What a spreadsheet might run stays text, in and out."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, Literal

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from patrol.registry.table import COLUMNS

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000
_MAX_COLUMNS = 200
_MAX_UNPACKED = 400 * 1024 * 1024
"""A workbook of 200,000 cameras unpacks to a quarter of this."""
_MAX_RATIO = 200
"""Unpacked over packed; spreadsheets reach 20 to 40, a bomb a thousand."""
_MAX_PARTS = 500
_EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet keeps."""

_MAY_RUN = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"''*[=+\-@\t\r]")
_MARKUP = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What the readers of zip files, XML and workbooks raise on damage, as a test with damaged files found."""


class TableError(ValueError):
    """A file that is no table that could be taken in. The message says what to do."""


def head(language: Literal["zh", "en"]) -> list[str]:
    """The heads of the columns; both languages are understood on the way in."""
    return [column.zh if language == "zh" else column.key for column in COLUMNS]


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV: UTF-8 with the mark by which Excel knows it, lines ended as RFC 4180 says."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a workbook, every cell text: an id of 20 digits stays one."""
    book = Workbook(write_only=True)
    page = book.create_sheet("cameras")
    page.freeze_panes = "B2"
    for number, row in enumerate(rows):
        page.append([_text_cell(page, cell, bold=number == 0) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_from(content: bytes) -> Iterator[list[str]]:
    """The rows of a CSV or XLSX file, by what it is, not by what it is called.

    Raises:
        TableError: it is too large, neither of the two, or built to exhaust the reader; also later, while rows are read.
    """
    if len(content) > MAX_BYTES:
        raise TableError(f"the file is larger than {MAX_BYTES // 2**20} MiB")
    if content[:2] == b"PK":
        return _from_xlsx(content)
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise TableError("this is an .xls file or one with a password; save it as .xlsx without one, or as CSV")
    return _from_csv(content)


def _safe(cell: str) -> str:
    return "'" + cell if _MAY_RUN.match(cell) else cell


def _plain(cell: str) -> str:
    return cell[1:] if _ESCAPED.match(cell) else cell


def _text_cell(page: Any, text: str, *, bold: bool) -> Any:
    cell = WriteOnlyCell(page, _safe(text))
    cell.data_type = "s"
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _from_csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = text[: text.find("\n") if "\n" in text else len(text)]
    # Excel writes what the system's regional settings say; a tab comes from "Unicode text".
    between = max(",;\t", key=first.count)
    csv.field_size_limit(100_000)
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True), start=1
        ):
            _bounded(number, len(row))
            yield [_plain(cell) for cell in row]
    except csv.Error as error:
        raise TableError(f"the file is not CSV: {error}") from None


def _decoded(content: bytes) -> str:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise TableError("the file is neither UTF-8 nor GB18030 text; save it as CSV UTF-8") from None
    if b"\0" in content:
        raise TableError("the file is neither CSV nor XLSX; save it as one of the two")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError("the file is neither UTF-8 nor GB18030 text; save it as CSV UTF-8")


def _from_xlsx(content: bytes) -> Iterator[list[str]]:
    _no_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            yield from _pages_rows(book)
        finally:
            book.close()
    except TableError:
        raise
    except _DAMAGED as error:
        raise TableError(f"the workbook cannot be read ({type(error).__name__}); save it anew as .xlsx") from None


def _pages_rows(book: Any) -> Iterator[list[str]]:
    if not book.worksheets:
        raise TableError("the workbook has no sheet")
    page = book.worksheets[0]
    # A file may claim any size; rows are counted as they come.
    page.reset_dimensions()
    for number, row in enumerate(page.iter_rows(), start=1):
        _bounded(number, len(row))
        yield [_from_cell(cell, number) for cell in row]


def _no_bomb(content: bytes) -> None:
    """Refuse what would unpack to more than a table holds, or names entities of its own."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > _MAX_PARTS or unpacked > _MAX_UNPACKED or unpacked > _MAX_RATIO * max(1, len(content)):
                raise TableError("the workbook unpacks to far more than a table of cameras; export only the table")
            for part in parts:
                with packed.open(part) as opened:
                    # What stands in the directory may be a lie: more than it says is not read.
                    if _MARKUP.search(opened.read(min(part.file_size, 4096))):
                        raise TableError("the workbook holds declarations that no spreadsheet writes; save it anew")
    except TableError:
        raise
    except _DAMAGED as error:
        raise TableError(f"the workbook cannot be unpacked ({type(error).__name__}); save it anew as .xlsx") from None


def _from_cell(cell: Any, row: int) -> str:
    value = cell.value
    if value is None:
        return ""
    where = f"row {row}, column {getattr(cell, 'column_letter', '?')}"
    if cell.data_type == "f":
        raise TableError(f"{where}: holds a formula; paste its value")
    if cell.data_type == "e":
        raise TableError(f"{where}: holds an error ({value})")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and len(str(abs(value))) > _EXACT_DIGITS:
        raise TableError(
            f"{where}: the spreadsheet has rounded this number; format the column as text and enter it anew"
        )
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return _plain(str(value))


def _bounded(row: int, width: int) -> None:
    if row > MAX_ROWS + 1:
        raise TableError(f"the table has more than {MAX_ROWS:,} rows")
    if width > _MAX_COLUMNS:
        raise TableError(f"row {row}: more than {_MAX_COLUMNS} columns")
