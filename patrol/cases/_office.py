"""Whether a ZIP is a Word or Excel file without macros that does not expand beyond reason.

Nothing is unpacked but the list of content types: the rest is judged by the central directory.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from typing import BinaryIO, Literal
from xml.parsers import expat

from patrol.cases._refused import AttachmentError

_END = b"PK\x05\x06"
_END_BYTES = 22
_ZIP64_LOCATOR_BYTES = 20
_LARGEST_DIRECTORY = 2 * 1024 * 1024
_LARGEST_TYPES = 1024 * 1024
_LARGEST_WHOLE = 1024 * 1024 * 1024
_LARGEST_RATIO = 150
_SMALL = 16 * 1024 * 1024
"""What expands to no more than this may do so at any ratio: a table of equal cells does."""
_MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
}
_TYPES = "[Content_Types].xml"
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, IndexError, KeyError, OSError, OverflowError),
    *(RuntimeError, ValueError),
)
"""What ``zipfile`` raises on bytes that are none; NotImplementedError (a method it does not know) is a RuntimeError."""


def main_part(file: BinaryIO) -> Literal["docx", "xlsx"]:
    """Which of the two a ZIP is, by ECMA-376 part 2: its content types name the main part, and the part is there.

    Raises:
        AttachmentError: ``kind``: neither; ``broken``: damaged; ``macros``: it carries some; ``expands``: a ZIP bomb.
    """
    _check_end(file)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_expansion(entries, file.seek(0, os.SEEK_END))
            names = [entry.filename.lower() for entry in entries]
            if names.count(_TYPES.lower()) != 1:
                raise AttachmentError("kind", "a ZIP archive that is neither a Word nor an Excel file: unpack it first")
            if any(name.endswith("vbaproject.bin") for name in names):
                raise AttachmentError("macros", "the document carries macros: save it without them, as .docx or .xlsx")
            with archive.open(next(e for e in entries if e.filename.lower() == _TYPES.lower())) as part:
                types = _types_of(part.read(_LARGEST_TYPES + 1))
    except _DAMAGED as error:
        raise AttachmentError(
            "broken", "the document is damaged and cannot be opened: bring it again, whole"
        ) from error
    if any("macroenabled" in t.lower() or "vbaproject" in t.lower() for _, t in types):
        raise AttachmentError("macros", "the document carries macros: save it without them, as .docx or .xlsx")
    for part_name, content_type in types:
        kind = _MAIN.get(content_type)
        if kind and part_name.lstrip("/").lower() in names:
            return "docx" if kind == "docx" else "xlsx"
    raise AttachmentError("kind", "a ZIP archive that is neither a Word nor an Excel file: unpack it first")


def _check_end(file: BinaryIO) -> None:
    """The end record stands at the very end, without ZIP64: then ``zipfile`` reads no more than the directory it names."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES - _ZIP64_LOCATOR_BYTES))
    tail = file.read()
    end = tail[-_END_BYTES:]
    if not end.startswith(_END) or tail[:4] == b"PK\x06\x07":
        raise AttachmentError("broken", "the document breaks off, or is written in a form that Office does not use")
    if int.from_bytes(end[12:16], "little") > _LARGEST_DIRECTORY:
        raise AttachmentError("expands", "the archive names more parts than any document has")


def _check_expansion(entries: list[zipfile.ZipInfo], size: int) -> None:
    whole, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if packed > size:
        raise AttachmentError("expands", "the parts of the archive lie over each other: this is no document")
    if whole > _LARGEST_WHOLE or (whole > _SMALL and whole > _LARGEST_RATIO * size):
        raise AttachmentError(
            "expands", f"the document would expand from {size} to {whole} bytes, which no document does"
        )


def _types_of(xml: bytes) -> list[tuple[str, str]]:
    """Part names and content types of the list; the name is empty for a type that is given by ending."""
    if len(xml) > _LARGEST_TYPES:
        raise AttachmentError("expands", "the list of content types is longer than any document's")
    found: list[tuple[str, str]] = []

    def element(_name: str, attributes: dict[str, str]) -> None:
        found.append((attributes.get("PartName", ""), attributes.get("ContentType", "")))

    def doctype(*_: object) -> None:
        raise AttachmentError("broken", "the document's list of content types declares entities, which none may")

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise AttachmentError(
            "broken", "the document is damaged and cannot be opened: bring it again, whole"
        ) from error
    return found
