"""The letter as a DOCX: real styles and tables, its font embedded, the same bytes for the same letter."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
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

_RED, _INK, _GREY = RGBColor(0xD7, 0x00, 0x0F), RGBColor(0x11, 0x11, 0x11), RGBColor(0x77, 0x77, 0x77)
_CENTRE, _RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


@dataclass(frozen=True, slots=True)
class _Look:
    """Of a style: size in points, leading in lines."""

    size: float
    leading: float = 1.5
    colour: RGBColor = _INK
    side: WD_ALIGN_PARAGRAPH | None = None
    indented: bool = False
    """By two characters, as Chinese paragraphs begin."""


_ISSUER, _NUMBER, _INDENTED, _SMALL = "发文机关标志", "发文字号", "缩进正文", "附注"
_SIGNED, _SEAL, _CELL = "署名", "印章", "表格文字"
_LOOKS = {
    "Normal": _Look(13),
    "Title": _Look(18, side=_CENTRE),
    "Heading 1": _Look(13, indented=True),
    "Header": _Look(20, colour=_GREY, side=_CENTRE),
    "Footer": _Look(9, side=_CENTRE),
    _ISSUER: _Look(24, colour=_RED, side=_CENTRE),
    _NUMBER: _Look(11, side=_RIGHT),
    _INDENTED: _Look(13, indented=True),
    _SMALL: _Look(8, colour=_GREY),
    _SIGNED: _Look(13, side=_RIGHT),
    _SEAL: _Look(8, colour=_GREY, side=_RIGHT),
    _CELL: _Look(10, 1.2),
}
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
_WATERMARK = (
    '<w:pict xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office">'
    '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">'
    '<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>'
    '<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>'
    '<v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/>'
    '<v:f eqn="sum @6 0 @5"/></v:formulas><v:path textpathok="t" o:connecttype="custom" '
    'o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/>'
    '<o:lock v:ext="edit" text="t" shapetype="t"/></v:shapetype>'
    '<v:shape id="draft" type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;width:360pt;height:180pt;'
    "rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
    'mso-position-vertical:center;mso-position-vertical-relative:margin" o:allowincell="f" fillcolor="silver" stroked="f">'
    '<v:fill opacity=".5"/><v:textpath style="font-family:&quot;{family}&quot;;font-size:1pt" string="{said}"/></v:shape>'
    "</w:pict>"
)
"""WordArt across the page, as Word itself writes a watermark."""


def write_docx(letter: LetterFields, file: Path, zone: ZoneInfo) -> None:
    """Write the letter; a draft is marked as one on every page.

    Args:
        letter: what it says.
        file: where to; replaced if it is there.
        zone: the county's.
    """
    document = Document()
    family = font.family()
    _page(document)
    _styles(document, family)
    _margins(document, letter, family)
    _body(document, letter, zone)
    _slip(document, letter)
    _embed(document, family)
    known = document.core_properties
    known.title, known.author, known.comments = font.shown(text.title(letter)), font.shown(letter.issuer), ""
    known.language = "zh-CN"
    known.created = known.modified = datetime.combine(letter.issue_date or letter.reckoned_on, time(), UTC)
    out = BytesIO()
    document.save(out)
    file.write_bytes(_timeless(out.getvalue()))


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(30), Mm(28)
    section.left_margin, section.right_margin = Mm(28), Mm(26)


def _styles(document: Any, family: str) -> None:
    """What each kind of paragraph looks like; all of them in the one font, for every script."""
    styles = document.styles
    language = styles.element.find(".//" + qn("w:lang"))
    for attribute in ("val", "eastAsia"):
        language.set(qn(f"w:{attribute}"), "zh-CN")
    for name, look in _LOOKS.items():
        style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.font.name, style.font.size, style.font.bold = family, Pt(look.size), False
        style.font.color.rgb = look.colour
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            if attribute.endswith("Theme"):
                del fonts.attrib[attribute]
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), family)
        for border in style.element.findall(".//" + qn("w:pBdr")):
            border.getparent().remove(border)
        paragraph = style.paragraph_format
        paragraph.line_spacing, paragraph.space_after, paragraph.alignment = look.leading, Pt(0), look.side
        paragraph.first_line_indent = Pt(2 * look.size) if look.indented else Pt(0)


def _margins(document: Any, letter: LetterFields, family: str) -> None:
    """Page numbers in the foot; in the head of a draft that it is one."""
    section = document.sections[0]
    foot = section.footer.paragraphs[0]
    foot.add_run(font.shown(f"{letter.doc_no or text.DRAFT}　　"))
    _field(foot, "PAGE")
    foot.add_run(" / ")
    _field(foot, "NUMPAGES")
    if letter.doc_no is None:
        head = section.header.paragraphs[0]
        head.add_run(text.DRAFT)
        head.add_run()._r.append(parse_xml(_WATERMARK.format(family=family, said=text.DRAFT)))


def _body(document: Any, letter: LetterFields, zone: ZoneInfo) -> None:
    def add(said: str, style: str = _INDENTED) -> Any:
        return document.add_paragraph(font.shown(said), style=style)

    _line(add(letter.issuer, _ISSUER), "D7000F", 18)
    add(text.number(letter), _NUMBER)
    add(text.title(letter), "Title")
    add(f"{letter.to_unit}：", "Normal")
    add(text.opening(letter, zone))
    _table(document, text.facts(letter, zone), (32, 124))
    add(text.REQUIREMENT, "Heading 1")
    for each in text.asked(letter):
        add(each)
    add(text.HISTORY, "Heading 1")
    rows = text.history(letter, zone)
    if rows:
        table = _table(document, [text.HISTORY_HEAD, *rows], (46, 35, 75))
        # On every page that it goes on to.
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    else:
        add(text.NO_HISTORY)
    add(text.CONSEQUENCES, "Heading 1")
    for each in letter.consequences.split("\n"):
        add(each)
    add(text.reckoned_by(letter), _SMALL)
    if letter.attachments:
        add(text.ATTACHED, "Normal")
        for at, attached in enumerate(letter.attachments, 1):
            add(f"{at}. {attached.name}")
            add(f"SHA-256 {attached.sha256}", _SMALL)
    add("", "Normal")
    if letter.signer:
        add(text.SIGNER + letter.signer, "Normal")
    signed = [
        add(letter.issuer, _SIGNED),
        add(text.day(letter.issue_date) if letter.issue_date else text.UNDATED, _SIGNED),
        add(text.SEAL, _SEAL),
    ]
    for paragraph in signed[:-1]:
        paragraph.paragraph_format.keep_with_next = True
    if letter.cc:
        _line(add(text.copies(letter), "Normal"), "000000", 6, above=True)


def _slip(document: Any, letter: LetterFields) -> None:
    """The reply, to be filled in."""
    title = document.add_paragraph(text.SLIP, style="Title")
    title.paragraph_format.page_break_before = True
    known = [(a, font.shown(b)) for a, b in text.slip(letter)]
    table = _table(document, [*known, *((each, "") for each in text.SLIP_ROWS)], (32, 124))
    for row in table.rows[len(known) :]:
        row.height = Mm(34)
    document.add_paragraph()
    _table(document, [(each, "") for each in text.SLIP_SIGNED], (50, 106))


def _table(document: Any, rows: Sequence[tuple[str, ...]], widths_mm: tuple[int, ...]) -> Any:
    table = document.add_table(rows=0, cols=len(widths_mm), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for row in rows:
        for cell, said, width in zip(table.add_row().cells, row, widths_mm, strict=True):
            cell.width = Mm(width)
            cell.paragraphs[0].style = _CELL
            cell.paragraphs[0].add_run(font.shown(said.replace("\n", " ")))
    return table


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
    foot = document.sections[0].footer.paragraphs[0].text
    said = "".join(document.element.itertext()) + foot + text.DRAFT
    cut = font.cut(said)
    key = font.key_of(cut)
    part = Part(PackURI("/word/fonts/font1.odttf"), _FONT_TYPE, font.obfuscate(cut, key), document.part.package)
    table = next(rel.target_part for rel in document.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE)
    rel = table.relate_to(part, _FONT_REL)
    fonts = parse_xml(table.blob)
    panose, signature = font.description()
    entry = parse_xml(
        f'<w:font {nsdecls("w", "r")} w:name="{family}"><w:panose1 w:val="{panose}"/><w:charset w:val="86"/>'
        f'<w:family w:val="swiss"/><w:pitch w:val="variable"/><w:sig {signature}/>'
        f'<w:embedRegular r:id="{rel}" w:fontKey="{key}"/></w:font>'
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
