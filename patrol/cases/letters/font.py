"""The font inside a DOCX: cut down to the characters that are used, obfuscated as the standard asks.

ECMA-376 part 4, 14.2.1 (part 1, 17.8.1): the first 32 bytes are XORed with the font's key, a GUID, read from its end.
"""

from __future__ import annotations

import uuid
from functools import cache
from io import BytesIO

import pymupdf
from fontTools import subset
from fontTools.ttLib import TTFont

_SPACE = uuid.UUID("6f1d9d0e-7d0b-4a52-9a36-0a3c6c6f7a10")
"""Namespace of the keys: the same font always gets the same key, so that the same letter is the same file."""
_ALWAYS = "".join(map(chr, (*range(0x20, 0x7F), *range(0x3000, 0x3020), *range(0xFF01, 0xFF5F)))) + "·—…“”‘’年月日时分"
"""What small edits of a letter need, beside the characters that stand in it."""
_HEAD = 32


@cache
def _whole() -> bytes:
    return bytes(pymupdf.Font("cjk").buffer)  # type: ignore[no-untyped-call]  # PyMuPDF types nothing


def family() -> str:
    """What the font calls itself."""
    with TTFont(BytesIO(_whole()), lazy=True) as font:
        return str(font["name"].getDebugName(1))


def cut(characters: str) -> bytes:
    """A TrueType font with the characters and what small edits need."""
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, recalc_timestamp=False)
    options.name_IDs = ["*"]
    font = TTFont(BytesIO(_whole()), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters + _ALWAYS)
    cutter.subset(font)
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def key_of(font: bytes) -> str:
    """The key of a font file: ``{XXXXXXXX-XXXX-…}``."""
    return f"{{{str(uuid.uuid5(_SPACE, font.hex())).upper()}}}"


def obfuscate(font: bytes, key: str) -> bytes:
    """The font as it is kept in a document; applied twice, the font again."""
    mask = uuid.UUID(key).bytes[::-1] * 2
    return bytes(a ^ b for a, b in zip(font[:_HEAD], mask, strict=True)) + font[_HEAD:]
