"""The line burnt in below an exported picture: which copy it is, of what, for whom. It never covers the picture itself.

The font is PyMuPDF's ``cjk`` (Droid Sans Fallback), as on paper, so that it reads the same on a machine without Chinese fonts.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO

import numpy as np
import pymupdf
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from detectors import Image

_INK, _GROUND = (235, 235, 235), (16, 16, 16)


def strip(text: str, width: int) -> Image:
    """The text on a dark strip, ``(H, width, 3)`` BGR, H even and as high as its lines need.

    Args:
        text: broken anywhere it must; at least the number of the copy.
        width: pixels of the picture above.
    """
    size = max(11, min(26, width // 48))
    font, margin = _font(size), max(4, size // 3)
    lines = _lines(text, font, width - 2 * margin)
    height = round(len(lines) * size * 1.35) + 2 * margin
    ground = Pillow.new("RGB", (width, height + height % 2), _GROUND)
    draw = ImageDraw.Draw(ground)
    for row, line in enumerate(lines):
        draw.text((margin, margin + round(row * size * 1.35)), line, _INK, font)
    return np.ascontiguousarray(np.asarray(ground, np.uint8)[:, :, ::-1])


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Broken by measure, a word kept whole where it fits a line."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if lines[-1] and font.getlength(lines[-1] + character) > width:
                lines.append("")
            lines[-1] += character
    return lines


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BytesIO(pymupdf.Font("cjk").buffer), size)  # type: ignore[no-untyped-call]  # PyMuPDF types nothing
