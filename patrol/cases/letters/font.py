"""The font of letters: what it can show; and inside a DOCX, cut down to what is used and obfuscated as the standard asks.

ECMA-376 part 4, 14.2.1 (part 1, 17.8.1): the first 32 bytes are XORed with the font's key, a GUID, read from its end.
"""

from __future__ import annotations

import unicodedata
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
_PANOSE = tuple(
    f"b{name}"
    for name in (
        "FamilyType", "SerifStyle", "Weight", "Proportion", "Contrast", "StrokeVariation", "ArmStyle", "LetterForm",
        "Midline", "XHeight",
    )
)  # fmt: skip
_MISSING = "□"
_UNSEEN = {"Cc", "Cf", "Cs"}
"""Control and format characters and halves of pairs: nothing of them is seen, so that nothing is missed."""


@cache
def _whole() -> bytes:
    return bytes(pymupdf.Font("cjk").buffer)  # type: ignore[no-untyped-call]  # PyMuPDF types nothing


def family() -> str:
    """What the font calls itself."""
    with TTFont(BytesIO(_whole()), lazy=True) as font:
        return str(font["name"].getDebugName(1))


def description() -> tuple[str, str]:
    """What a font table says of it: its PANOSE numbers, and the signature of scripts and code pages as attributes."""
    with TTFont(BytesIO(_whole()), lazy=True) as font:
        table = font["OS/2"]
    panose = "".join(f"{getattr(table.panose, name):02X}" for name in _PANOSE)
    scripts = (f'w:usb{n}="{getattr(table, f"ulUnicodeRange{n + 1}"):08X}"' for n in range(4))
    pages = (f'w:csb{n}="{getattr(table, f"ulCodePageRange{n + 1}"):08X}"' for n in range(2))
    return panose, " ".join((*scripts, *pages))


@cache
def known() -> frozenset[int]:
    """The code points that it has."""
    with TTFont(BytesIO(_whole()), lazy=True) as font:
        return frozenset(font.getBestCmap())


def shown(text: str) -> str:
    """The text as a letter shows it: what the font does not have is an empty box, what nobody can see is left out."""
    return "".join(_shown(c) for c in text if unicodedata.category(c) not in _UNSEEN or c == "\n")


def missing_glyphs(text: str) -> str:
    """The characters of a text that a letter can show only as an empty box, each once, in order."""
    seen = {c for c in text if unicodedata.category(c) not in _UNSEEN}
    return "".join(sorted(c for c in seen if c != _MISSING and _shown(c) == _MISSING))


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


def _shown(character: str) -> str:
    if character == "\n" or ord(character) in known():
        return character
    return " " if unicodedata.category(character).startswith("Z") else _MISSING
