"""The letter as a DOCX: real styles and tables, its font embedded, the same bytes for the same letter."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from patrol.cases.letters import font, text
from patrol.cases.letters.fields import LetterFields

_RED, _GREY = RGBColor(0xD7, 0x00, 0x0F), RGBColor(0x77, 0x77, 0x77)
_BODY = 13
_FONT_TYPE = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
_FONT_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/font"
_BEFORE_FONTS = {
    qn(f"w:{name}")
    for name in (
        "writeProtection", "view", "zoom", "removePersonalInformation", "removeDateAndTime", "doNotDisplayPageBoundaries",
        "displayBackgroundShape", "printPostScriptOverText", "printFractionalCharacterWidth", "printFormsData",
    )
}  # fmt: skip
"""What the schema wants before ``embedTrueTypeFonts`` in the settings."""


_AFTER_BORDER = tuple(
    f"w:{name}" for name in ("shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "spacing", "ind", "jc", "rPr")
)
"""What the schema wants behind a paragraph's border, of what stands here."""


def write_docx(letter: LetterFields, file: Path, zone: ZoneInfo) -> None:
    """Write the letter; a draft is marked as one in its head.

    Args:
        letter: what it says.
        file: where to; replaced if it is there.
        zone: the county's.
    """
    document = Document()
    family = font.family()
    _page(document, letter, family)
    _body(document, letter, zone)
    _slip(document, letter)
    _embed(document, family)
    document.core_properties.title = text.title(letter)
    document.core_properties.author = letter.issuer
    out = BytesIO()
    document.save(out)
    file.write_bytes(_timeless(out.getvalue()))


def _page(document: Any, letter: LetterFields, family: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(30), Mm(28)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    for name, size in (("Normal", _BODY), ("Title", 18), ("Heading 1", _BODY), ("Header", 9), ("Footer", 9)):
        style = document.styles[name]
        style.font.name, style.font.size = family, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            if attribute.endswith("Theme"):
                del fonts.attrib[attribute]
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), family)
    normal = document.styles["Normal"].paragraph_format
    normal.line_spacing, normal.space_after = 1.5, Pt(0)
    for name in ("Title", "Heading 1"):
        style = document.styles[name]
        style.font.bold, style.font.color.rgb = False, RGBColor(0, 0, 0)
        for border in style.element.findall(".//" + qn("w:pBdr")):
            border.getparent().remove(border)
    if letter.doc_no is None:
        _say(section.header.paragraphs[0], text.DRAFT, size=28, colour=_GREY, centre=True)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(foot, "PAGE")
    foot.add_run(" / ")
    _field(foot, "NUMPAGES")


def _body(document: Any, letter: LetterFields, zone: ZoneInfo) -> None:
    add = document.add_paragraph
    head = add()
    _say(head, letter.issuer, size=24, colour=_RED, centre=True)
    _line(head, "D7000F", 18)
    _say(add(), text.number(letter), size=11, right=True)
    title = document.add_paragraph(style="Title")
    _say(title, text.title(letter), centre=True)
    add(f"{letter.to_unit}：")
    _indented(add(text.opening(letter)))
    _table(document, text.facts(letter, zone), (32, 124))
    _indented(document.add_paragraph("一、督办要求", style="Heading 1"))
    _indented(add(text.asked(letter)))
    _indented(document.add_paragraph("二、办理经过", style="Heading 1"))
    rows = text.history(letter, zone)
    if rows:
        _table(document, [("时间", "经办", "事项"), *rows], (46, 35, 75))
    else:
        _indented(add("尚无办理记录。"))
    _indented(document.add_paragraph("三、结果运用", style="Heading 1"))
    _indented(add(letter.consequences))
    _say(add(), text.reckoned_by(letter), size=8, colour=_GREY)
    if letter.attachments:
        add("附件：")
        for at, each in enumerate(letter.attachments, 1):
            add(f"{at}. {each.name}")
            _say(add(), f"SHA-256 {each.sha256}", size=7.5, colour=_GREY)
    add()
    if letter.signer:
        add(f"签发：{letter.signer}")
    _say(add(), letter.issuer, right=True)
    _say(add(), text.day(letter.issue_date) if letter.issue_date else "日期待签发时填写", right=True)
    _say(add(), "（印章）", size=8, colour=_GREY, right=True)
    if letter.cc:
        copies = add(f"抄送：{'，'.join(letter.cc)}。")
        _line(copies, "000000", 6, above=True)


def _slip(document: Any, letter: LetterFields) -> None:
    document.add_page_break()
    _say(document.add_paragraph(style="Title"), text.SLIP, centre=True)
    known = [
        ("来函文号", text.number(letter)),
        ("案件编号", letter.case_no),
        ("事项名称", letter.event_title),
        ("承办单位", letter.to_unit),
    ]
    table = _table(document, [*known, *((each, "") for each in text.SLIP_ROWS)], (32, 124))
    for row in table.rows[len(known) :]:
        row.height = Mm(34)
    document.add_paragraph()
    _table(document, [(each, "") for each in text.SLIP_SIGNED], (50, 106))


def _table(document: Any, rows: Sequence[tuple[str, ...]], widths_mm: tuple[int, ...]) -> Any:
    table = document.add_table(rows=0, cols=len(widths_mm), style="Table Grid")
    table.autofit = False
    for row in rows:
        for cell, said, width in zip(table.add_row().cells, row, widths_mm, strict=True):
            cell.width = Mm(width)
            _say(cell.paragraphs[0], said, size=10)
            cell.paragraphs[0].paragraph_format.line_spacing = 1.2
    return table


def _say(
    paragraph: Any,
    said: str,
    *,
    size: float | None = None,
    colour: RGBColor | None = None,
    centre: bool = False,
    right: bool = False,
) -> None:
    run = paragraph.add_run(said)
    if size is not None:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    if centre or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT


def _indented(paragraph: Any) -> None:
    """By two characters, as Chinese paragraphs begin."""
    paragraph.paragraph_format.first_line_indent = Pt(2 * _BODY)


def _line(paragraph: Any, colour: str, eighths: int, *, above: bool = False) -> None:
    side = "top" if above else "bottom"
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:{side} w:val="single" w:sz="{eighths}" w:space="4" w:color="{colour}"/></w:pBdr>'
    )
    paragraph._p.get_or_add_pPr().insert_element_before(border, *_AFTER_BORDER)


def _field(paragraph: Any, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    shown = OxmlElement("w:t")
    # Until the reader's program has counted the pages.
    shown.text = "1"
    run.append(shown)
    field.append(run)
    paragraph._p.append(field)


def _embed(document: Any, family: str) -> None:
    """Put the font into the package, name it in the font table, and say in the settings that it is there."""
    said = "".join(document.element.itertext()) + text.DRAFT
    cut = font.cut(said)
    key = font.key_of(cut)
    part = Part(PackURI("/word/fonts/font1.odttf"), _FONT_TYPE, font.obfuscate(cut, key), document.part.package)
    table = next(rel.target_part for rel in document.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE)
    rel = table.relate_to(part, _FONT_REL)
    fonts = parse_xml(table.blob)
    entry = parse_xml(
        f'<w:font {nsdecls("w", "r")} w:name="{family}"><w:charset w:val="86"/><w:family w:val="auto"/>'
        f'<w:pitch w:val="variable"/><w:embedRegular r:id="{rel}" w:fontKey="{key}"/></w:font>'
    )
    fonts.append(entry)
    table._blob = serialize_part_xml(fonts)
    settings = document.settings.element
    at = sum(1 for child in settings if child.tag in _BEFORE_FONTS)
    for name in ("saveSubsetFonts", "embedTrueTypeFonts"):
        settings.insert(at, OxmlElement(f"w:{name}"))


def _timeless(package: bytes) -> bytes:
    """The same package without the time it was made at."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as write:
        for entry in read.infolist():
            kept = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            kept.compress_type, kept.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            write.writestr(kept, read.read(entry))
    return out.getvalue()
