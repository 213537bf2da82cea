"""What a file is, by its bytes and never by its name; and a name that is safe to keep and to show."""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from dataclasses import dataclass
from typing import BinaryIO

from patrol.cases import _office
from patrol.cases._refused import AttachmentError

_PIECE = 64 * 1024
_LONGEST_NAME = 200
_ENDING = re.compile(r"\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,10}$")
_TEXT_CONTROLS = frozenset("\t\n\r\f")
_MP4_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
_PDF_TAIL = 2048
"""Where a PDF's end mark must stand. ISO 32000 asks for it at the very end; programs look for it in the last kilobyte."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is.

    Attributes:
        media_type: for answers.
        suffix: under which it is stored, with the dot.
        endings: of names that fit it, lower case.
        called: for sentences.
        photo: Pillow's name of the format, None: no photo.
    """

    media_type: str
    suffix: str
    endings: tuple[str, ...]
    called: str
    photo: str | None = None


JPEG = Kind("image/jpeg", ".jpg", (".jpg", ".jpeg", ".jpe", ".jfif"), "a JPEG photo", "JPEG")
PNG = Kind("image/png", ".png", (".png",), "a PNG picture", "PNG")
WEBP = Kind("image/webp", ".webp", (".webp",), "a WebP picture", "WEBP")
PDF = Kind("application/pdf", ".pdf", (".pdf",), "a PDF document")
DOCX = Kind(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", (".docx",), "a Word document"
)
XLSX = Kind(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", (".xlsx",), "an Excel workbook"
)
TEXT = Kind("text/plain; charset=utf-8", ".txt", (".txt", ".csv", ".md", ".log"), "text")
MP4 = Kind("video/mp4", ".mp4", (".mp4", ".m4v"), "an MP4 video")
_ACCEPTED = "JPEG, PNG, WebP, PDF, DOCX, XLSX, text in UTF-8 and MP4 are"


def kind_of(file: BinaryIO) -> Kind:
    """What a file is.

    Args:
        file: seekable, not empty; left at an unknown place.

    Raises:
        AttachmentError: ``kind``: it is nothing that is accepted; ``broken``, ``macros``, ``expands``: it would be, but.
    """
    file.seek(0)
    head = file.read(32)
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return _pdf(file)
    if head.startswith(b"PK\x03\x04"):
        return {"docx": DOCX, "xlsx": XLSX}[_office.main_part(file)]
    if head[4:8] == b"ftyp":
        return _box(head[8:12])
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise AttachmentError(
            "kind",
            "this is an Office file of the old form, or one with a password: save it as .docx or .xlsx without one",
        )
    return _text(file)


def clean_name(name: str) -> str:
    """What a file is called, fit to be kept and shown: no folders, no invisible characters, at most 200 characters.

    Args:
        name: as it came, from anybody.
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/")
    # Controls and formats (C*): NUL, line ends, and the marks that turn the direction of writing to hide an ending.
    shown = "".join(c if not unicodedata.category(c).startswith("C") else "" for c in plain.rpartition("/")[2])
    tidy = " ".join(shown.split()).strip(" .")
    if len(tidy) > _LONGEST_NAME:
        ending = ending_of(tidy)
        tidy = tidy[: _LONGEST_NAME - len(ending)] + ending
    return tidy or "unnamed"


def ending_of(name: str) -> str:
    """The ending of a name with its dot, empty: it has none. ``v1.2`` has none: digits alone are no ending."""
    found = _ENDING.search(name)
    return found.group() if found else ""


def check_ending(name: str, kind: Kind) -> None:
    """Hold the name against the bytes.

    Raises:
        AttachmentError: ``name``: it says something else than the bytes.
    """
    ending = ending_of(name)
    if ending and ending.lower() not in kind.endings:
        raise AttachmentError(
            "name", f"{name}: the name ends in {ending}, but the bytes are {kind.called}; call it …{kind.endings[0]}"
        )


def _pdf(file: BinaryIO) -> Kind:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _PDF_TAIL))
    if b"%%EOF" not in file.read():
        raise AttachmentError("broken", "the PDF breaks off before its end: bring it again, whole")
    return PDF


def _box(brand: bytes) -> Kind:
    if brand in _MP4_BRANDS:
        return MP4
    if brand in _HEIF_BRANDS:
        raise AttachmentError(
            "kind",
            "HEIC and AVIF photos cannot be opened here: send it as JPEG (iPhone: Settings, Camera, Formats, Most Compatible)",
        )
    raise AttachmentError(
        "kind", f"a video of the kind {brand.decode('ascii', 'replace').strip()!r}: of videos only MP4 is accepted"
    )


def _text(file: BinaryIO) -> Kind:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            _only_text(decoder.decode(piece))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise AttachmentError(
            "kind", f"the bytes are nothing that is accepted: {_ACCEPTED} (text in GBK: save it as UTF-8)"
        ) from None
    return TEXT


def _only_text(text: str) -> None:
    if any(unicodedata.category(c) == "Cc" and c not in _TEXT_CONTROLS for c in text):
        raise AttachmentError("kind", f"the bytes are nothing that is accepted: {_ACCEPTED}")
