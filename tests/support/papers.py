"""Files as people bring them: photos with EXIF, documents, a video; each made by the library that usually writes it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from fractions import Fraction
from typing import Any

import av
import docx
import numpy as np
import openpyxl
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational
from reportlab.pdfgen.canvas import Canvas

XIANGYIN = (112.909, 28.689)
"""Longitude and latitude of the county seat, WGS84, to a thousandth of a degree."""
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The file that every virus scanner reports and that does nothing (eicar.org)."""
SCANNER = 'grep -qF EICAR-STANDARD-ANTIVIRUS-TEST-FILE "$1" && exit 1; exit 0'
"""A shell script that looks for that file. It is a real process with a scanner's exit codes, and no virus scanner."""


def picture(size: tuple[int, int] = (800, 600), seed: int = 1) -> Image.Image:
    """A picture with a red left and a blue right half under some noise, so that its orientation shows."""
    width, height = size
    canvas = np.random.default_rng(seed).integers(0, 40, (height, width, 3), dtype=np.uint8)
    canvas[:, : width // 2, 0] += 200
    canvas[:, width // 2 :, 2] += 200
    return Image.fromarray(canvas)


def dms(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds as cameras write them."""
    seconds = Fraction(abs(degrees)).limit_denominator(10**6) * 3600
    whole, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return IFDRational(int(whole), 1), IFDRational(int(minutes), 1), IFDRational(round(rest * 1000), 1000)


def exif(
    place: tuple[float, float] | None = XIANGYIN,
    taken: str | None = "2026:11:25 16:07:03",
    orientation: int | None = None,
    gps: dict[int, Any] | None = None,
) -> Image.Exif:
    """EXIF of a photo; ``place`` is longitude and latitude, ``gps`` replaces single GPS tags (None takes one away)."""
    made = Image.Exif()
    made[ExifTags.Base.Make] = "Pillow"
    if orientation is not None:
        made[ExifTags.Base.Orientation] = orientation
    if taken is not None:
        made.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if place is not None:
        lon, lat = place
        tags: dict[int, Any] = {
            ExifTags.GPS.GPSLatitudeRef: "N" if lat >= 0 else "S",
            ExifTags.GPS.GPSLatitude: dms(lat),
            ExifTags.GPS.GPSLongitudeRef: "E" if lon >= 0 else "W",
            ExifTags.GPS.GPSLongitude: dms(lon),
            **(gps or {}),
        }
        made.get_ifd(ExifTags.IFD.GPSInfo).update({tag: value for tag, value in tags.items() if value is not None})
    return made


def photo(form: str = "JPEG", said: Image.Exif | None = None, of: Image.Image | None = None, **more: Any) -> bytes:
    """A photo as a file."""
    out = io.BytesIO()
    extra = {} if said is None else {"exif": said}
    (of or picture()).save(out, form, **extra, **more)
    return out.getvalue()


def bomb_png(side: int = 30_000) -> bytes:
    """A PNG of a few hundred kilobytes that decodes to ``side`` x ``side`` black pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    packed = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def word(text: str = "处置情况") -> bytes:
    """A Word document."""
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def workbook() -> bytes:
    """An Excel workbook."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "处置情况"  # type: ignore[index]
    book.save(out)
    return out.getvalue()


def paper(text: str = "feedback") -> bytes:
    """A PDF of one page."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, text)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def video() -> bytes:
    """An MP4 of half a second."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as target:
        stream = target.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), shade * 40, np.uint8), format="rgb24")
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return out.getvalue()


def rezipped(
    document: bytes, more: dict[str, bytes] | None = None, replaced: dict[bytes, bytes] | None = None
) -> bytes:
    """A document with parts added, and words of its list of content types replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "[Content_Types].xml":
                for before, after in (replaced or {}).items():
                    assert before in data
                    data = data.replace(before, after)
            new.writestr(entry.filename, data)
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return out.getvalue()
