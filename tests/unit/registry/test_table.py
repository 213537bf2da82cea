"""The cameras as a table: out and back exactly, nothing runs, nothing bursts, every wrong cell is named."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from patrol.registry import LoadedRegistry, parse
from patrol.registry.edit import Operation, apply
from patrol.registry.table import COLUMNS, rows_of, take
from patrol.registry.table_files import TableError, head, rows_from, to_csv, to_xlsx
from tests.unit.registry.county import TEXT
from tests.unit.registry.test_edit import SHIPPED

COUNTY = parse(TEXT, "county")
WRITERS = [to_csv, to_xlsx]


def table(loaded: LoadedRegistry) -> list[list[str]]:
    return [head("zh"), *rows_of(loaded.registry)]


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("text", [TEXT, SHIPPED])
def test_a_table_that_comes_back_as_it_went_changes_nothing(write: Callable[..., bytes], text: str) -> None:
    loaded = parse(text, "x")
    back = list(rows_from(write(table(loaded))))
    assert back == table(loaded)
    taken = take(loaded.registry, back)
    assert (taken.operations, taken.problems) == ((), ())
    assert taken.read == len(loaded.registry.cameras)


_text = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)


@pytest.mark.parametrize("write", WRITERS)
@given(
    name=st.one_of(_text, st.sampled_from(["=1+1", "'=x", "''@y", "+86", "-", "@a", "'quoted'", 'a"b,c'])),
    address=_text,
)
@settings(max_examples=40)
def test_any_name_goes_out_harmless_and_comes_back_as_it_was(
    write: Callable[..., bytes], name: str, address: str
) -> None:
    edited = apply(
        TEXT,
        [
            Operation("set", ("cameras", "gate-12", "name"), name),
            Operation("set", ("cameras", "gate-12", "place", "address"), address),
        ],
    )
    loaded = parse(edited.text, "x")
    content = write(table(loaded))
    cells = _cells(content)
    assert not any(isinstance(cell, str) and cell[:1] in {"=", "+", "@", "\t", "\r"} for cell in cells)
    assert not any(isinstance(cell, str) and cell[:1] == "-" for cell in cells)
    back = list(rows_from(content))
    assert back[1][COLUMNS.index(next(c for c in COLUMNS if c.key == "name"))] == name
    assert take(loaded.registry, back).operations == ()


def _cells(content: bytes) -> list[Any]:
    if content[:2] == b"PK":
        page = load_workbook(io.BytesIO(content)).active
        assert page is not None
        found = [cell for row in page.iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in found)
        return [cell.value for cell in found]
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]


def test_a_table_from_a_chinese_excel_is_read() -> None:
    sent = "编号;名称\r\ngate-12;北门广场\r\n".encode("gb18030")
    taken = take(COUNTY.registry, rows_from(sent))
    assert [(c.row, c.camera, c.columns) for c in taken.changes] == [(2, "gate-12", ("name",))]
    assert "name: 北门广场\n" in apply(TEXT, taken.operations).text


def test_only_what_the_table_names_is_changed() -> None:
    taken = take(COUNTY.registry, [["id", "period", "enabled"], ["gate-12", "30m", "否"]])
    text = apply(TEXT, taken.operations).text
    camera = parse(text, "x").registry.cameras[0]
    assert (camera.enabled, str(camera.period), camera.zones[0].name) == (False, "0:30:00", "sky")
    # An empty cell takes the field out again.
    again = take(parse(text, "x").registry, [["id", "period", "enabled"], ["gate-12", "", ""]])
    assert apply(text, again.operations).text == TEXT


def test_a_pause_begins_and_ends_by_table() -> None:
    heads = ["id", "paused_reason", "paused_until"]
    begun = apply(TEXT, take(COUNTY.registry, [heads, ["gate-12", "roadworks", "2026-12-01T08:00"]]).operations).text
    paused = parse(begun, "x").registry
    assert paused.cameras[0].paused is not None
    assert paused.cameras[0].paused.until == datetime(2026, 12, 1, 8)  # noqa: DTZ001 - county time
    assert take(paused, [head("en"), *rows_of(paused)]).operations == ()
    assert apply(begun, take(paused, [heads, ["gate-12", "", ""]]).operations).text == TEXT
    wrong = take(COUNTY.registry, [heads, ["gate-12", "", "2026-12-01T08:00"]])
    assert [(p.row, p.column) for p in wrong.problems] == [(2, "paused_reason")]


@pytest.mark.parametrize(
    ("rows", "where", "why"),
    [
        ([["id", "colour"]], (1, "colour"), "no column"),
        ([["id", "id"]], (1, "id"), "twice"),
        ([["name"], ["x"]], (1, "id"), "no column id"),
        ([["id", "name"], ["", "x"]], (2, "id"), "is empty"),
        ([["id", "name"], ["gate-12", "x"], [], ["gate-12", "y"]], (4, "id"), "row 2 already"),
        ([["id"], ["4.30624E+19"]], (2, "id"), "rounded"),
        ([["id", "lon"], ["gate-12", "112,88"]], (2, "lon"), "no number"),
        ([["id", "enabled"], ["gate-12", "maybe"]], (2, "enabled"), "neither true"),
        ([["id", "name"], ["gate-12", ""]], (2, "name"), "must not be empty"),
        ([["id", "name"], ["gate-12", "a", "b"]], (2, None), "more cells than heads"),
        ([["id", "name"], ["gate-13", "a"]], (2, "platform"), "a new camera needs platform"),
    ],
)
def test_every_wrong_cell_is_named(rows: list[list[str]], where: tuple[int, str | None], why: str) -> None:
    taken = take(COUNTY.registry, rows)
    assert [(p.row, p.column) for p in taken.problems] == [where]
    assert why in taken.problems[0].message
    assert taken.operations == ()


def test_formulas_errors_and_rounded_numbers_of_a_workbook_are_refused() -> None:
    for cell, why in (
        ("=1+1", "row 2, column B: holds a formula"),
        (43062400051328000123, "row 2, column B: the spreadsheet has rounded"),
    ):
        with pytest.raises(TableError, match=why):
            list(rows_from(workbook(["id", "name"], ["gate-12", cell])))
    assert list(rows_from(workbook(["id", "lon"], ["gate-12", 112.5], [7, True]))) == [
        ["id", "lon"],
        ["gate-12", "112.5"],
        ["7", "true"],
    ]


def test_what_unpacks_to_too_much_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    assert len(out.getvalue()) < 100_000
    with pytest.raises(TableError, match="unpacks to far more"):
        list(rows_from(out.getvalue()))


def test_entities_of_a_workbook_are_refused() -> None:
    good = io.BytesIO(workbook(["id"], ["gate-12"]))
    out = io.BytesIO()
    with zipfile.ZipFile(good) as packed, zipfile.ZipFile(out, "w") as other:
        for part in packed.infolist():
            content = packed.read(part)
            if part.filename.endswith("workbook.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            other.writestr(part, content)
    with pytest.raises(TableError, match="declarations"):
        list(rows_from(out.getvalue()))


@given(place=st.integers(0, 4000), byte=st.integers(0, 255), cut=st.booleans())
@settings(max_examples=100)
def test_a_damaged_workbook_is_read_or_refused_with_a_sentence(place: int, byte: int, cut: bool) -> None:
    content = bytearray(to_xlsx(table(COUNTY)))
    place %= len(content)
    if cut:
        del content[place:]
    else:
        content[place] = byte
    try:
        rows = list(rows_from(bytes(content)))
    except TableError:
        # The one error that is told to people; any other is a crash.
        return
    assert all(isinstance(cell, str) for row in rows for cell in row)


def test_what_is_no_table_is_refused() -> None:
    for content, why in (
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, r"\.xls file"),
        (b"PK\x03\x04" + b"x" * 100, "cannot be unpacked"),
        (b"a\0b", "neither CSV nor XLSX"),
        (b"\xff", "neither UTF-8 nor GB18030"),
        (b"x" * (20 * 2**20 + 1), "larger than 20 MiB"),
        (b'id,name\r\n"a,b', "not CSV"),
        (b"id\r\n" + b"a\r\n" * 200_001, "more than 200,000 rows"),
    ):
        with pytest.raises(TableError, match=why):
            list(rows_from(content))
