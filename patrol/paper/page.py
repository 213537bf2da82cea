"""What the document is set in: one embedded font that has both languages, paragraph styles, page numbers.

The font is PyMuPDF's ``cjk`` (Droid Sans Fallback, Apache-2.0): a TrueType font that can be embedded as a subset, so the document
looks and prints the same on a machine without Chinese fonts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import pymupdf
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from patrol.paper.words import Lang

FONT = "patrol-cjk"
_MISSING = "□"
_INK = HexColor("#1B2733")
_QUIET = HexColor("#55626F")


@cache
def glyphs() -> frozenset[int]:
    """Register the font; the code points it can show."""
    font = TTFont(FONT, BytesIO(pymupdf.Font("cjk").buffer))  # type: ignore[no-untyped-call]  # PyMuPDF types nothing
    pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=FONT, italic=FONT, boldItalic=FONT)
    return frozenset(font.face.charToGlyph)


class Paper:
    """Paragraphs of one language."""

    def __init__(self, lang: Lang) -> None:
        self._known = glyphs()
        wrap = "CJK" if lang == "zh" else None

        def style(name: str, size: float, **more: Any) -> ParagraphStyle:
            return ParagraphStyle(
                name, fontName=FONT, fontSize=size, leading=size * 1.35, textColor=_INK, wordWrap=wrap, **more
            )

        self._title = style("title", 17, spaceAfter=1)
        self._subtitle = style("subtitle", 9.5, spaceAfter=6)
        self._subtitle.textColor = _QUIET
        self._heading = style("heading", 11.5, spaceBefore=10, spaceAfter=4, keepWithNext=1)
        self._text = style("text", 8, spaceAfter=3)
        self._small = style("small", 7, spaceAfter=2.5)
        self._cell = style("cell", 7.2)
        # Chinese names stand in English reports, too, and English ids in Chinese ones: both must break anywhere.
        self._cell.splitLongWords = 1
        self._head = style("head", 7)
        self._head.textColor = white

    def clean(self, text: str) -> str:
        """The text with what the font cannot show as an empty box."""
        shown = (c if c in "\n " or ord(c) in self._known else _MISSING for c in text if c.isprintable() or c == "\n")
        return "".join(shown)

    def title(self, text: str) -> Paragraph:
        """The title."""
        return self._set(text, self._title)

    def subtitle(self, text: str) -> Paragraph:
        """The line below it."""
        return self._set(text, self._subtitle)

    def heading(self, text: str) -> Paragraph:
        """Of a section; stays with what follows."""
        return self._set(text, self._heading)

    def text(self, text: str) -> Paragraph:
        """A sentence."""
        return self._set(text, self._text)

    def small(self, text: str) -> Paragraph:
        """A footnote."""
        return self._set(text, self._small)

    def cell(self, text: str) -> Paragraph:
        """A cell of a table."""
        return self._set(text[:600], self._cell)

    def head(self, text: str) -> Paragraph:
        """A heading of a table's column."""
        # Chinese may break anywhere, and would before the closing bracket.
        return Paragraph(escape(self.clean(text)).replace("（", "<br/>（"), self._head)

    def _set(self, text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(self.clean(text)), style)


class NumberedCanvas(Canvas):
    """Puts a foot with "page x of y" on every page, once it is known how many there are."""

    def __init__(self, *args: Any, foot: str, number: Callable[[int, int], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._foot, self._number = foot, number
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page; it is finished when the last one is."""
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # not in the stubs

    def save(self) -> None:
        """Finish every page, then write the file."""
        for at, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(FONT, 7)
            self.setFillColor(_QUIET)
            self.drawString(40, 24, self._foot)
            self.drawRightString(A4[0] - 40, 24, self._number(at, len(self._pages)))
            super().showPage()
        super().save()
