"""A letter's files say what its fields say, in characters that are in the file, and are the same for the same letter."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import unicodedata
import uuid
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pymupdf
import pytest
from docx import Document
from docx.oxml import parse_xml
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, given, settings

from patrol.cases.letters import text
from patrol.cases.letters.docx import write_docx
from patrol.cases.letters.fields import LetterFields, Step
from patrol.cases.letters.font import cut, key_of, known, missing_glyphs, obfuscate, shown
from patrol.cases.letters.pdf import write_pdf
from patrol.cases.types import ClockName
from patrol.paper.wrap import NOT_FIRST, NOT_LAST
from tests.support.letters import (  # fmt: skip
    OPENED,
    RARE,
    ZONE,
    any_letter,
    clock_of,
    drafted,
    fields_said,
    issued,
    lines_of_pdf,
    sentences,
    slanting,
    squeezed,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
TEN = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
FORTY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

ALL = [
    drafted(clock_of(clock), step, None if clock is ClockName.ASSIGN else "traffic_police")
    for clock in ClockName
    for step in range(3)
]
LONG_AGO = tuple(
    Step(OPENED, "值班岗", f"第{n}次反馈办理情况：" + "协调信号配时，组织分流；" * (n * 7 % 40)) for n in range(40)
)


def wanted(letter: LetterFields) -> list[str]:
    return [squeezed(shown(each)) for each in sentences(letter)]


def has_every_field(letter: LetterFields, said: str) -> None:
    assert [each for each in fields_said(letter) if squeezed(shown(each)) not in said] == []


# --- PDF ----------------------------------------------------------------------------------------------------------


def pdf_says(letter: LetterFields, file: Path) -> None:
    write_pdf(letter, file, ZONE)
    # A table that goes on to a next page says its head again.
    head = "".join(text.HISTORY_HEAD)
    said = squeezed("".join(lines_of_pdf(file))).replace(head, "")
    assert said == "".join(wanted(letter)).replace(head, "")
    has_every_field(letter, said)


@given(any_letter())
@FORTY
def test_the_text_of_the_pdf_is_what_the_letter_says(letter: LetterFields) -> None:
    with TemporaryDirectory() as folder:
        pdf_says(letter, Path(folder) / "letter.pdf")


@pytest.mark.parametrize("letter", [*ALL, issued(drafted(history=LONG_AGO)), drafted(history=())])
def test_a_drafted_letter_says_what_it_must_in_glyphs_that_are_there(letter: LetterFields, tmp_path: Path) -> None:
    pdf_says(letter, tmp_path / "letter.pdf")
    with pymupdf.open(tmp_path / "letter.pdf") as document:
        spans = [span for page in document for span in page.get_texttrace()]
        fonts = {
            font[3].split("+")[-1]: document.extract_font(font[0])[3] for page in document for font in page.get_fonts()
        }
    [used] = {span["font"] for span in spans}
    assert fonts[used].startswith(b"\0\1\0\0"), "the font is not in the file"
    assert 0 not in {glyph for span in spans for _, glyph, *_ in span["chars"]}
    assert "□" not in "".join(lines_of_pdf(tmp_path / "letter.pdf"))


@pytest.mark.parametrize("letter", [*ALL, issued(drafted(history=LONG_AGO, address="很长的地址，" * 60))])
def test_no_line_of_the_pdf_begins_with_a_closing_mark_or_ends_with_an_opening_one(
    letter: LetterFields, tmp_path: Path
) -> None:
    asked = "及时处理，书面报告（附照片）；" * 90
    write_pdf(replace(letter, requirement=asked, consequences=asked[3:420]), tmp_path / "letter.pdf", ZONE)
    lines = [line.strip() for line in lines_of_pdf(tmp_path / "letter.pdf")]
    assert len(lines) > 60
    assert [line for line in lines if line[0] in NOT_FIRST or line[-1] in NOT_LAST] == []


@pytest.mark.parametrize("letter", ALL)
def test_only_a_draft_is_marked_across_each_page(letter: LetterFields, tmp_path: Path) -> None:
    write_pdf(letter, tmp_path / "draft.pdf", ZONE)
    write_pdf(issued(letter), tmp_path / "issued.pdf", ZONE)
    assert set(slanting(tmp_path / "draft.pdf")) == {text.DRAFT}
    assert set(slanting(tmp_path / "issued.pdf")) == {""}
    assert "（未编号）" in lines_of_pdf(tmp_path / "draft.pdf")
    assert "湘阴治督[2026]012号" in lines_of_pdf(tmp_path / "issued.pdf")


def test_pages_are_counted_and_the_reply_is_the_last_one(tmp_path: Path) -> None:
    letter = issued(replace(drafted(history=LONG_AGO, title="路" * 200), issuer="办" * 60, signer="岗" * 80))
    write_pdf(letter, tmp_path / "letter.pdf", ZONE)
    with pymupdf.open(tmp_path / "letter.pdf") as document:
        pages = [page.get_text() for page in document]
        beyond = [
            block
            for page in document
            for block in page.get_text("blocks")
            if block[0] < 0 or block[2] > page.rect.width
        ]
    assert len(pages) > 4
    assert all(f"{at} / {len(pages)}" in page for at, page in enumerate(pages, 1))
    assert [at for at, page in enumerate(pages, 1) if text.SLIP in page] == [len(pages)]
    assert all(each in pages[-1] for each in text.SLIP_SIGNED)
    assert beyond == []


# --- DOCX ---------------------------------------------------------------------------------------------------------


def said_in_docx(file: Path) -> list[str]:
    """Paragraphs and cells, in order."""
    document: Any = Document(str(file))
    found = []
    for part in document.iter_inner_content():
        if hasattr(part, "rows"):
            found += [cell.text for row in part.rows for cell in row.cells]
        else:
            found.append(part.text)
    return found


def docx_says(letter: LetterFields, file: Path) -> None:
    write_docx(letter, file, ZONE)
    said = [squeezed(each) for each in said_in_docx(file)]
    assert [each for each in said if each] == wanted(letter)
    has_every_field(letter, "".join(said))


@given(any_letter())
@TEN
def test_the_text_of_the_docx_is_what_the_letter_says(letter: LetterFields) -> None:
    with TemporaryDirectory() as folder:
        docx_says(letter, Path(folder) / "letter.docx")


@pytest.mark.parametrize("letter", [*ALL, issued(drafted(history=LONG_AGO)), drafted(history=())])
def test_a_drafted_letter_is_written_whole_as_docx(letter: LetterFields, tmp_path: Path) -> None:
    docx_says(letter, tmp_path / "letter.docx")


def embedded(file: Path) -> tuple[TTFont, str]:
    """The font inside, found and uncovered as ECMA-376 says, and what the document calls it."""
    with zipfile.ZipFile(file) as package:
        assert package.testzip() is None
        table = parse_xml(package.read("word/fontTable.xml"))
        fonts = [font for font in table.iter(f"{W}font") if font.find(f"{W}embedRegular") is not None]
        [font] = fonts
        regular = font.find(f"{W}embedRegular")
        assert regular is not None
        rels = parse_xml(package.read("word/_rels/fontTable.xml.rels"))
        target = next(rel.get("Target") for rel in rels if rel.get("Id") == regular.get(f"{R}id"))
        covered = package.read(f"word/{target}")
        types = package.read("[Content_Types].xml").decode()
    assert "application/vnd.openxmlformats-officedocument.obfuscatedFont" in types
    # The key's hexadecimal digits, last byte first, over the first and the second sixteen bytes.
    key = bytes.fromhex((regular.get(f"{W}fontKey") or "").strip("{}").replace("-", ""))[::-1]
    clear = bytes(byte ^ key[at % 16] for at, byte in enumerate(covered[:32])) + covered[32:]
    return TTFont(io.BytesIO(clear)), font.get(f"{W}name") or ""


@pytest.mark.parametrize("letter", [drafted(), issued(drafted(title=f"{RARE}路口（夜间）", address="①号"))])
def test_every_character_of_the_docx_has_an_outline_in_the_font_inside(letter: LetterFields, tmp_path: Path) -> None:
    write_docx(letter, tmp_path / "letter.docx", ZONE)
    font, name = embedded(tmp_path / "letter.docx")
    document: Any = Document(str(tmp_path / "letter.docx"))
    margins = document.sections[0].footer.paragraphs[0].text + document.sections[0].header.paragraphs[0].text
    said = {c for each in (*said_in_docx(tmp_path / "letter.docx"), margins, "0123456789") for c in each}
    cmap, outlines = font.getBestCmap(), font["glyf"]
    bare = [c for c in said if not c.isspace() and outlines[cmap[ord(c)]].numberOfContours == 0]
    assert bare == []
    assert font["OS/2"].fsType & 0x2 == 0, "the font forbids being embedded"
    assert {str(entry) for entry in font["name"].names if entry.nameID == 1} == {name}


def test_the_docx_says_that_its_font_is_inside_and_uses_it_for_every_script(tmp_path: Path) -> None:
    write_docx(issued(drafted()), tmp_path / "letter.docx", ZONE)
    _, name = embedded(tmp_path / "letter.docx")
    with zipfile.ZipFile(tmp_path / "letter.docx") as package:
        settings_part = parse_xml(package.read("word/settings.xml"))
        styles = parse_xml(package.read("word/styles.xml"))
        body = parse_xml(package.read("word/document.xml"))
    tags = [child.tag.removeprefix(W) for child in settings_part]
    assert tags.index("embedTrueTypeFonts") + 1 == tags.index("saveSubsetFonts")
    used = {style.get(f"{W}val") for style in body.iter(f"{W}pStyle")} | {"Normal", "Header", "Footer"}
    for style in styles.iter(f"{W}style"):
        if style.get(f"{W}styleId") in used:
            fonts = style.find(f"{W}rPr/{W}rFonts")
            assert fonts is not None
            assert {fonts.get(f"{W}{script}") for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {name}
            used.discard(style.get(f"{W}styleId"))
    assert used == set(), "styles that are used and not there"


def test_only_a_draft_is_marked_in_the_docx_and_pages_are_counted(tmp_path: Path) -> None:
    heads = {}
    for name, letter in (("draft", drafted()), ("issued", issued(drafted()))):
        write_docx(letter, tmp_path / name, ZONE)
        with zipfile.ZipFile(tmp_path / name) as package:
            parts = {part: package.read(part).decode() for part in package.namelist() if part.endswith(".xml")}
        heads[name] = "".join(said for part, said in parts.items() if "header" in part)
        foot = next(said for part, said in parts.items() if "footer" in part)
        assert 'instr="PAGE"' in foot
        assert 'instr="NUMPAGES"' in foot
        assert text.DRAFT not in parts["word/document.xml"]
    assert f'string="{text.DRAFT}"' in heads["draft"]
    assert text.DRAFT not in heads["issued"]


def test_the_head_of_the_history_stands_on_every_page_that_it_goes_on_to(tmp_path: Path) -> None:
    write_docx(drafted(history=LONG_AGO), tmp_path / "letter.docx", ZONE)
    tables = Document(str(tmp_path / "letter.docx")).tables
    heads = [[cell.text for cell in table.rows[0].cells] for table in tables if table._tbl.xpath(".//w:tblHeader")]
    assert heads == [list(text.HISTORY_HEAD)]


# --- both ---------------------------------------------------------------------------------------------------------

_AGAIN = """
import json, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from patrol.cases.letters.docx import write_docx
from patrol.cases.letters.fields import LetterFields
from patrol.cases.letters.pdf import write_pdf
letter, folder = LetterFields.from_json(json.load(sys.stdin)), Path(sys.argv[1])
write_pdf(letter, folder / "again.pdf", ZoneInfo("Asia/Shanghai"))
write_docx(letter, folder / "again.docx", ZoneInfo("Asia/Shanghai"))
"""


def test_the_same_letter_is_the_same_file_in_another_process_at_another_time(tmp_path: Path) -> None:
    letter = issued(drafted(history=LONG_AGO, title=f"{RARE}路口"))
    write_pdf(letter, tmp_path / "first.pdf", ZONE)
    write_docx(letter, tmp_path / "first.docx", ZONE)
    subprocess.run(
        [sys.executable, "-c", _AGAIN, str(tmp_path)],
        input=json.dumps(letter.to_json()).encode(),
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parents[4])},
        timeout=120,
    )
    for form in ("pdf", "docx"):
        first, again = ((tmp_path / f"{name}.{form}").read_bytes() for name in ("first", "again"))
        assert hashlib.sha256(first).digest() == hashlib.sha256(again).digest(), form
    write_docx(replace(letter, phone="0730-1"), tmp_path / "other.docx", ZONE)
    assert (tmp_path / "other.docx").read_bytes() != (tmp_path / "first.docx").read_bytes()


def test_what_the_font_does_not_have_is_an_empty_box_and_told(tmp_path: Path) -> None:
    title = f"{RARE}\ue000村\u200b\x07与\u2003路□"
    assert missing_glyphs(title) == "㛃\ue000𠮷"
    assert shown(title) == "镕喆□□堃犇□村与 路□"
    letter = drafted(title=title)
    write_pdf(letter, tmp_path / "letter.pdf", ZONE)
    write_docx(letter, tmp_path / "letter.docx", ZONE)
    assert "镕喆□□堃犇□村与路□" in squeezed("".join(lines_of_pdf(tmp_path / "letter.pdf")))
    assert "镕喆□□堃犇□村与 路□" in said_in_docx(tmp_path / "letter.docx")


def test_a_font_is_covered_by_its_key_and_uncovered_by_it() -> None:
    font = cut("督办函")
    key = key_of(font)
    covered = obfuscate(font, key)
    assert str(uuid.UUID(key)).upper() == key.strip("{}")
    assert covered[:32] != font[:32]
    assert covered[32:] == font[32:]
    assert obfuscate(covered, key) == font


def test_every_chinese_character_in_use_has_a_glyph() -> None:
    common = [chr(c) for c in range(0x4E00, 0x9FA6)]
    assert missing_glyphs("".join(common)) == ""
    assert len([c for c in known() if unicodedata.category(chr(c)) == "Lo"]) > 20_000


def test_a_service_that_writes_no_letter_loads_no_library_for_it() -> None:
    heavy = "{'reportlab', 'docx', 'fontTools', 'pymupdf', 'openpyxl'}"
    script = (
        f"import sys, patrol.cases.drafts, patrol.cases.letters.register; print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
