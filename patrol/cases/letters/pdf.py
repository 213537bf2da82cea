"""The letter as a PDF: A4 in the manner of GB/T 9704 (函), its font embedded, the same bytes for the same letter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from patrol.cases.letters import text
from patrol.cases.letters.fields import LetterFields
from patrol.paper.page import FONT, NumberedCanvas, Paper

_RED, _INK, _GREY = HexColor("#D7000F"), HexColor("#111111"), HexColor("#777777")
_TOP, _BOTTOM, _LEFT, _RIGHT = 30 * mm, 28 * mm, 28 * mm, 26 * mm
_WIDTH = A4[0] - _LEFT - _RIGHT
_BODY, _TABLE = 13.0, 10.0
_SEAL = 20 * mm


def write_pdf(letter: LetterFields, file: Path, zone: ZoneInfo) -> None:
    """Write the letter; a draft is marked as one.

    Args:
        letter: what it says.
        file: where to; replaced if it is there.
        zone: the county's.
    """
    paper = Paper("zh")
    heading = paper.clean(f"{text.title(letter)} {letter.doc_no or text.DRAFT}")
    document = BaseDocTemplate(
        str(file),
        pagesize=A4,
        leftMargin=_LEFT,
        rightMargin=_RIGHT,
        topMargin=_TOP,
        bottomMargin=_BOTTOM,
        title=heading,
        author=paper.clean(letter.issuer),
        lang="zh-CN",
        # No time of making, no random id: the sha256 of an issued letter is kept.
        invariant=1,
    )
    frame = Frame(_LEFT, _BOTTOM, _WIDTH, document.height, 0, 0, 0, 0, id="whole")
    drafted = letter.doc_no is None

    def mark(canvas: Any, _document: Any) -> None:
        if drafted:
            canvas.saveState()
            canvas.translate(A4[0] / 2, A4[1] / 2)
            canvas.rotate(45)
            canvas.setFont(FONT, 130)
            canvas.setFillColor(Color(0.6, 0.6, 0.6, alpha=0.18))
            canvas.drawCentredString(0, -40, text.DRAFT)
            canvas.restoreState()

    document.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=mark)])

    def numbered(*args: Any, **more: Any) -> NumberedCanvas:
        return NumberedCanvas(
            *args, foot=paper.clean(letter.doc_no or text.DRAFT), number=lambda page, pages: f"{page} / {pages}", **more
        )

    document.build(list(_story(letter, paper, zone)), canvasmaker=numbered)


def missing_glyphs(letter: LetterFields, zone: ZoneInfo) -> str:
    """The characters of the letter that the font does not have; they are shown as empty boxes."""
    paper = Paper("zh")
    said = "".join([*_all_texts(letter, zone)])
    return "".join(sorted({c for c in said if c.isprintable() and paper.clean(c) != c}))


def _all_texts(letter: LetterFields, zone: ZoneInfo) -> Iterator[str]:
    yield from (letter.issuer, letter.to_unit, *letter.cc, letter.signer, text.number(letter), text.title(letter))
    yield from (text.opening(letter), text.asked(letter), letter.consequences, text.reckoned_by(letter))
    yield from (each for row in (*text.facts(letter, zone), *text.history(letter, zone)) for each in row)
    yield from (each.name for each in letter.attachments)


def _story(letter: LetterFields, paper: Paper, zone: ZoneInfo) -> Iterator[Flowable]:
    def say(said: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(paper.clean(said)), style)

    yield say(letter.issuer, _ISSUER)
    yield HRFlowable(width="100%", thickness=2.2, color=_RED, spaceBefore=2, spaceAfter=1.5)
    yield HRFlowable(width="100%", thickness=0.7, color=_RED, spaceBefore=0, spaceAfter=6)
    yield say(text.number(letter), _NUMBER)
    yield say(text.title(letter), _TITLE)
    yield say(f"{letter.to_unit}：", _TO)
    yield say(text.opening(letter), _TEXT)
    yield Spacer(0, 4)
    yield _grid([[say(a, _CELL), say(b, _CELL)] for a, b in text.facts(letter, zone)], (1.0, 4.6))
    yield say("一、督办要求", _HEAD)
    yield say(text.asked(letter), _TEXT)
    # The table breaks over pages; kept with its heading it would go to the next one whole.
    yield CondPageBreak(40 * mm)
    yield say("二、办理经过", _FREE)
    rows = text.history(letter, zone)
    if rows:
        cells = [[say(each, _CELL) for each in ("时间", "经办", "事项")]]
        cells += [[say(each, _CELL) for each in row] for row in rows]
        yield _grid(cells, (2.0, 1.5, 3.2), head=True)
    else:
        yield say("尚无办理记录。", _TEXT)
    yield say("三、结果运用", _HEAD)
    yield say(letter.consequences, _TEXT)
    yield say(text.reckoned_by(letter), _SMALL)
    if letter.attachments:
        yield say("附件：", _TO)
        for at, each in enumerate(letter.attachments, 1):
            yield say(f"{at}. {each.name}", _ITEM)
            yield say(f"SHA-256 {each.sha256}", _HASH)
    yield CondPageBreak(_SEAL * 2.4)
    yield KeepTogether([Spacer(0, 10), _Signature(letter, paper)])
    if letter.cc:
        yield Spacer(0, 10)
        yield HRFlowable(width="100%", thickness=0.7, color=_INK, spaceAfter=3)
        yield say(f"抄送：{'，'.join(letter.cc)}。", _CC)
        yield HRFlowable(width="100%", thickness=0.7, color=_INK, spaceBefore=3)
    yield PageBreak()
    yield say(text.SLIP, _TITLE)
    slip = [
        ("来函文号", text.number(letter)),
        ("案件编号", letter.case_no),
        ("事项名称", letter.event_title),
        ("承办单位", letter.to_unit),
    ]
    yield _grid([[say(a, _CELL), say(b, _CELL)] for a, b in slip], (1.0, 4.6))
    tall = Table(
        [[say(each, _CELL), ""] for each in text.SLIP_ROWS], colWidths=_columns((1.0, 4.6)), rowHeights=34 * mm
    )
    tall.setStyle(TableStyle(_LINES))
    yield tall
    yield Spacer(0, 14)
    signed = Table(
        [["", say(each, _CELL), ""] for each in text.SLIP_SIGNED],
        colWidths=_columns((2.2, 1.4, 2.0)),
        rowHeights=11 * mm,
    )
    signed.setStyle(TableStyle([("LINEBELOW", (2, 0), (2, -1), 0.5, _INK), ("VALIGN", (0, 0), (-1, -1), "BOTTOM")]))
    yield signed


class _Signature(Flowable):
    """Issuer and date at the right, where the seal goes; the seal's place is dashed and says so."""

    def __init__(self, letter: LetterFields, paper: Paper) -> None:
        super().__init__()
        self._issuer = paper.clean(letter.issuer)
        self._signer = paper.clean(letter.signer)
        self._date = text.day(letter.issue_date) if letter.issue_date else "日期待签发时填写"

    def wrap(self, *_: float) -> tuple[float, float]:
        return _WIDTH, _SEAL * 2

    def draw(self) -> None:
        canvas = self.canv
        middle = _WIDTH - 52 * mm
        canvas.setFont(FONT, _BODY)
        canvas.setFillColor(_INK)
        canvas.drawCentredString(middle, _SEAL * 1.15, self._issuer)
        canvas.drawCentredString(middle, _SEAL * 0.8, self._date)
        if self._signer:
            canvas.drawString(0, _SEAL * 1.15, f"签发：{self._signer}")
        canvas.setDash(2, 2)
        canvas.setStrokeColor(_GREY)
        canvas.circle(middle, _SEAL, _SEAL * 0.95)
        canvas.setDash()
        canvas.setFont(FONT, 8)
        canvas.setFillColor(_GREY)
        canvas.drawCentredString(middle, _SEAL * 0.25, "（印章）")


def _grid(cells: list[list[Any]], shares: tuple[float, ...], *, head: bool = False) -> Table:
    table = Table(cells, colWidths=_columns(shares), repeatRows=1 if head else 0)
    table.setStyle(TableStyle([*_LINES, *([("BACKGROUND", (0, 0), (-1, 0), HexColor("#F2F2F2"))] if head else [])]))
    return table


def _columns(shares: tuple[float, ...]) -> list[float]:
    return [_WIDTH * share / sum(shares) for share in shares]


def _style(name: str, size: float = _BODY, **more: Any) -> ParagraphStyle:
    said = {"fontName": FONT, "fontSize": size, "leading": size * 1.6, "textColor": _INK, "wordWrap": "CJK"}
    return ParagraphStyle(name, **{**said, **more})


_ISSUER = _style("issuer", 24, alignment=TA_CENTER, textColor=_RED, spaceAfter=4)
_NUMBER = _style("number", 11, alignment=TA_RIGHT, spaceAfter=6)
_TITLE = _style("title", 18, alignment=TA_CENTER, leading=27, spaceBefore=8, spaceAfter=12)
_TO = _style("to", spaceBefore=4)
_TEXT = _style("text", firstLineIndent=2 * _BODY, spaceAfter=2)
_HEAD = _style("head", firstLineIndent=2 * _BODY, spaceBefore=6, keepWithNext=1)
_FREE = _style("free", firstLineIndent=2 * _BODY, spaceBefore=6)
_ITEM = _style("item", 11, leftIndent=2 * _BODY)
_HASH = _style("hash", 7.5, leftIndent=3 * _BODY, textColor=_GREY, leading=10)
_SMALL = _style("small", 8, textColor=_GREY, leading=12, spaceBefore=4)
_CC = _style("cc", 11)
_CELL = _style("cell", _TABLE, leading=_TABLE * 1.4)
_LINES: list[Any] = [
    ("GRID", (0, 0), (-1, -1), 0.5, _INK),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]
