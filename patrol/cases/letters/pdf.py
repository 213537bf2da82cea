"""The letter as a PDF: A4 in the manner of GB/T 9704 (函), its font embedded, the same bytes for the same letter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
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
from patrol.cases.letters.font import shown
from patrol.paper.page import FONT, NumberedCanvas, glyphs
from patrol.paper.wrap import Wrapped

_RED, _INK, _GREY = HexColor("#D7000F"), HexColor("#111111"), HexColor("#777777")
_TOP, _BOTTOM, _LEFT, _RIGHT = 30 * mm, 28 * mm, 28 * mm, 26 * mm
_WIDTH, _HEIGHT = A4[0] - _LEFT - _RIGHT, A4[1] - _TOP - _BOTTOM
_BODY, _TABLE = 13.0, 10.0
_SEAL = 20 * mm
_PART = 240
"""Characters of a cell in one row: 12 lines in the narrowest column; a page has 48. Longer ones fill pages badly."""


def write_pdf(letter: LetterFields, file: Path, zone: ZoneInfo) -> None:
    """Write the letter; a draft is marked as one.

    Args:
        letter: what it says.
        file: where to; replaced if it is there.
        zone: the county's.
    """
    glyphs()
    heading = shown(f"{text.title(letter)} {letter.doc_no or text.DRAFT}")
    document = BaseDocTemplate(
        str(file),
        pagesize=A4,
        leftMargin=_LEFT,
        rightMargin=_RIGHT,
        topMargin=_TOP,
        bottomMargin=_BOTTOM,
        title=heading,
        author=shown(letter.issuer),
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
            *args,
            foot=shown(letter.doc_no or text.DRAFT),
            number=lambda page, pages: f"{page} / {pages}",
            **more,
        )

    document.build(list(_story(letter, zone)), canvasmaker=numbered)


def _story(letter: LetterFields, zone: ZoneInfo) -> Iterator[Flowable]:
    yield from _head(letter)
    yield from _title(letter)
    yield _say(f"{letter.to_unit}：", _TO)
    yield _say(text.opening(letter, zone), _TEXT)
    yield Spacer(0, 4)
    yield _grid(text.facts(letter, zone), (1.0, 4.6))
    yield _say(text.REQUIREMENT, _HEAD)
    for each in text.asked(letter):
        yield _say(each, _TEXT)
    # The table breaks over pages; kept with its heading it would go to the next one whole.
    yield CondPageBreak(40 * mm)
    yield _say(text.HISTORY, _FREE)
    rows = text.history(letter, zone)
    if rows:
        yield _grid([text.HISTORY_HEAD, *rows], (2.0, 1.5, 3.2), head=True)
    else:
        yield _say(text.NO_HISTORY, _TEXT)
    yield _say(text.CONSEQUENCES, _HEAD)
    for each in letter.consequences.split("\n"):
        yield _say(each, _TEXT)
    yield _say(text.reckoned_by(letter), _SMALL)
    if letter.attachments:
        yield _say(text.ATTACHED, _TO)
        for at, attached in enumerate(letter.attachments, 1):
            yield _say(f"{at}. {attached.name}", _ITEM)
            yield _say(f"SHA-256 {attached.sha256}", _HASH)
    yield KeepTogether([Spacer(0, 10), _Signature(letter)])
    if letter.cc:
        yield Spacer(0, 10)
        rules = (HRFlowable("100%", 0.7, color=_INK, spaceBefore=gap, spaceAfter=3 - gap) for gap in (0, 3))
        yield KeepTogether([next(rules), _say(text.copies(letter), _CC), next(rules)])
    yield PageBreak()
    yield from _slip(letter)


def _head(letter: LetterFields) -> Iterator[Flowable]:
    """Who writes, in red, and the number below a double line."""
    issuer = shown(letter.issuer)
    size = min(_ISSUER.fontSize, 0.98 * _WIDTH / max(1.0, stringWidth(issuer, FONT, 1)))
    yield _say(issuer, ParagraphStyle("issuer_fit", _ISSUER, fontSize=max(size, _BODY)))
    yield HRFlowable(width="100%", thickness=2.2, color=_RED, spaceBefore=2, spaceAfter=3)
    yield HRFlowable(width="100%", thickness=0.7, color=_RED, spaceBefore=0, spaceAfter=6)
    yield _say(text.number(letter), _NUMBER)


def _title(letter: LetterFields) -> Iterator[Flowable]:
    """In one line, or broken where its sense is."""
    lines = text.title_parts(letter)
    if stringWidth(shown("".join(lines)), FONT, _TITLE.fontSize) <= _WIDTH:
        lines = ("".join(lines),)
    yield Spacer(0, _TITLE.leading / 2)
    for line in lines:
        yield _say(line, _TITLE)
    yield Spacer(0, _TITLE.leading / 2)


def _slip(letter: LetterFields) -> Iterator[Flowable]:
    """The reply, to be filled in."""
    signed = Table(
        [["", _say(each, _CELL), ""] for each in text.SLIP_SIGNED],
        colWidths=_columns((2.2, 1.4, 2.0)),
        rowHeights=11 * mm,
    )
    signed.setStyle(TableStyle([("LINEBELOW", (2, 0), (2, -1), 0.5, _INK), ("VALIGN", (0, 0), (-1, -1), "BOTTOM")]))
    known = _grid(text.slip(letter), (1.0, 4.6))
    # It stays one page, however long the title.
    taken = sum(part.wrap(_WIDTH, _HEIGHT)[1] for part in (known, signed)) + 34 * mm
    high = min(34 * mm, (_HEIGHT - taken) / len(text.SLIP_ROWS))
    columns = _columns((1.0, 4.6))
    blank = Table([[_say(each, _CELL), ""] for each in text.SLIP_ROWS], colWidths=columns, rowHeights=high)
    blank.setStyle(TableStyle(_LINES))
    yield from (_say(text.SLIP, _TITLE), Spacer(0, 12), known, blank, Spacer(0, 14), signed)


class _Signature(Flowable):
    """Issuer and date at the right, where the seal goes; the seal's place is dashed and says so."""

    def __init__(self, letter: LetterFields) -> None:
        super().__init__()
        self._issuer = shown(letter.issuer)
        self._signer = shown(text.SIGNER + letter.signer) if letter.signer else ""
        self._date = text.day(letter.issue_date) if letter.issue_date else text.UNDATED

    def wrap(self, *_: float) -> tuple[float, float]:
        return _WIDTH, _SEAL * 2 + (_BODY * 2 if self._signer else 0)

    def draw(self) -> None:
        canvas = self.canv
        wide = stringWidth(self._issuer, FONT, _BODY)
        size = min(_BODY, _BODY * _WIDTH / wide) if wide else _BODY
        # Two characters are left free at the right, as long as there is room.
        middle = max(_WIDTH / 2, _WIDTH - max(wide / 2, _SEAL) - 2 * _BODY)
        canvas.setFillColor(_INK)
        if self._signer:
            canvas.setFont(FONT, min(_BODY, _WIDTH / stringWidth(self._signer, FONT, 1)))
            canvas.drawString(0, _SEAL * 2 + _BODY, self._signer)
        canvas.setFont(FONT, size)
        canvas.drawCentredString(middle, _SEAL * 1.15, self._issuer)
        canvas.setFont(FONT, _BODY)
        canvas.drawCentredString(middle, _SEAL * 0.8, self._date)
        canvas.setDash(2, 2)
        canvas.setStrokeColor(_GREY)
        canvas.circle(middle, _SEAL, _SEAL * 0.95)
        canvas.setDash()
        canvas.setFont(FONT, 8)
        canvas.setFillColor(_GREY)
        canvas.drawCentredString(middle, _SEAL * 0.25, text.SEAL)


def _say(said: str, style: ParagraphStyle) -> Paragraph:
    return Wrapped(escape(shown(said)), style)


def _grid(rows: Sequence[Sequence[str]], shares: tuple[float, ...], *, head: bool = False) -> Table:
    cells = [[_say(each, _CELL) for each in row] for long in rows for row in _parts(long)]
    table = Table(cells, colWidths=_columns(shares), repeatRows=1 if head else 0)
    table.setStyle(TableStyle([*_LINES, *([("BACKGROUND", (0, 0), (-1, 0), HexColor("#F2F2F2"))] if head else [])]))
    return table


def _parts(row: Sequence[str]) -> Iterator[list[str]]:
    """The row, and a further one for each part of a last cell that is too long to stand on one page."""
    *first, rest = (each.replace("\n", " ") for each in row)
    while len(rest) > _PART:
        end = 1 + max(rest.rfind(mark, _PART // 2, _PART) for mark in "。；，")
        yield [*first, rest[: end or _PART]]
        first, rest = ["" for _ in first], rest[end or _PART :]
    yield [*first, rest]


def _columns(shares: tuple[float, ...]) -> list[float]:
    return [_WIDTH * share / sum(shares) for share in shares]


def _style(name: str, size: float = _BODY, **more: Any) -> ParagraphStyle:
    said = {"fontName": FONT, "fontSize": size, "leading": size * 1.6, "textColor": _INK, "wordWrap": "CJK"}
    return ParagraphStyle(name, **{**said, **more})


_ISSUER = _style("issuer", 24, alignment=TA_CENTER, textColor=_RED, spaceAfter=4)
_NUMBER = _style("number", 11, alignment=TA_RIGHT, spaceAfter=6)
_TITLE = _style("title", 18, alignment=TA_CENTER, leading=27)
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
