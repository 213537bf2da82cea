"""A document of A4 pages with one look: its tables, its lists that end somewhere, its foot with page numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Table, TableStyle

from patrol.paper.page import FONT, NumberedCanvas, Paper
from patrol.paper.words import Words

_MARGIN = 14 * mm
WIDTH = A4[0] - 2 * _MARGIN
"""Between the margins, points."""
_GRID = HexColor("#C9D1D9")
_HEAD = HexColor("#1F3A5F")
_STRIPE = HexColor("#F4F7FA")
_PAIRS = 3
_ROWS = 200
"""Of one list; the rest is in the workbook, and the document says so."""
_TIGHT: list[Any] = [
    ("FONTNAME", (0, 0), (-1, -1), FONT),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 1.6),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
]


def write_document(
    story: Callable[[Paper, float], Iterable[Flowable]], words: Words, file: Path, *, title: str, author: str
) -> None:
    """Write a document, its font embedded.

    Args:
        story: makes what stands in it, given the paragraphs of its language and the height of a page in points.
        words: its texts; ``page`` numbers a page.
        file: where to; replaced if it is there.
        title: stands in the foot, too.
        author: the command that made it.
    """
    paper = Paper(words.lang)
    document = BaseDocTemplate(
        str(file),
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 4 * mm,
        title=paper.clean(title),
        author=author,
        lang="zh-CN" if words.lang == "zh" else "en",
    )
    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0, id="whole")
    document.addPageTemplates([PageTemplate(id="page", frames=[frame])])

    def canvas(*args: Any, **kwargs: Any) -> NumberedCanvas:
        return NumberedCanvas(
            *args, foot=paper.clean(title), number=lambda page, pages: words("page", page=page, pages=pages), **kwargs
        )

    document.build(list(story(paper, document.height)), canvasmaker=canvas)


def facts(pairs: Iterable[tuple[str, str]], words: Words, paper: Paper) -> Table:
    """What the document is about: the keys of headings, and what stands beside each."""
    rows = [[paper.cell(words(key)), paper.cell(value)] for key, value in pairs]
    table = Table(rows, colWidths=[WIDTH * 0.22, WIDTH * 0.78])
    table.setStyle(
        TableStyle([*_TIGHT, ("LINEBELOW", (0, 0), (-1, -1), 0.3, _GRID), ("BACKGROUND", (0, 0), (0, -1), _STRIPE)])
    )
    return table


def paired(values: Sequence[tuple[str, str]], words: Words, paper: Paper) -> Table:
    """Figures in three columns: the key of what each is, and the figure."""
    filled = [*values, *[("", "")] * (-len(values) % _PAIRS)]
    rows = [
        [
            paper.cell(words(key) if key else "") if side == 0 else paper.cell(value)
            for key, value in filled[at : at + _PAIRS]
            for side in (0, 1)
        ]
        for at in range(0, len(filled), _PAIRS)
    ]
    table = Table(rows, colWidths=[WIDTH * share for share in (0.23, 0.11, 0.23, 0.11, 0.21, 0.11)])
    table.setStyle(TableStyle([*_TIGHT, ("GRID", (0, 0), (-1, -1), 0.3, _GRID)]))
    return table


def ruled(cells: list[list[Any]], widths: Sequence[float]) -> Table:
    """A table whose first row is its head; widths are parts of the whole."""
    table = Table(cells, colWidths=[WIDTH * width / sum(widths) for width in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                *_TIGHT,
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, _STRIPE]),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, _GRID),
            ]
        )
    )
    return table


def listed(
    rows: Sequence[Sequence[str]], heads: Sequence[str], widths: Sequence[float], words: Words, paper: Paper
) -> Iterable[Flowable]:
    """A table of texts, at most 200 rows of it; says ``none`` of no rows and how many ``more`` there are.

    Args:
        rows: texts, as many in each as there are heads.
        heads: keys of the columns' headings.
        widths: parts of the whole.
        words, paper: language.
    """
    if not rows:
        yield paper.text(words("none"))
        return
    cells = [[paper.head(words(key)) for key in heads]]
    cells += [[paper.cell(text) for text in row] for row in rows[:_ROWS]]
    yield ruled(cells, widths)
    if len(rows) > _ROWS:
        yield paper.text(words("more", n=len(rows) - _ROWS))
