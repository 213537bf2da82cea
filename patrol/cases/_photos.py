"""Photos: whole or not, where and when they say they were taken, and a small picture that says neither."""

from __future__ import annotations

import io
import math
import re
import struct
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from patrol.cases._refused import AttachmentError

MAX_PIXELS = 64_000_000
"""Phones' 50-megapixel photos (8192 x 6144) fit. Own measurement at 62.9 million: 244 MiB as JPEG, 484 MiB as PNG with alpha."""
THUMBNAIL_SIDE = 320
_QUALITY = 80
_ONE_AT_A_TIME = threading.Lock()
"""Many photos at once must not take the memory that the patrol needs."""
_ODD_EXIF = (
    *(AttributeError, IndexError, KeyError, OSError, OverflowError, SyntaxError, TypeError, ValueError),
    *(ZeroDivisionError, struct.error),
)
"""What Pillow raises on EXIF that is not as the standard says. It is somebody's camera; the photo is a photo all the same."""
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation (CIPA DC-008, tag 0x0112) to what sets it upright."""
_MOMENT = re.compile(r"[0-9: ./T+Z-]{4,32}")


@dataclass(frozen=True, slots=True)
class Photo:
    """What a photo says of itself.

    Attributes:
        lon, lat: where it was taken, degrees, WGS84, both or neither; None: it does not say, or nonsense.
        taken_at: when, by the camera's own clock, as it says it.
        thumbnail: JPEG of at most 320 x 320 pixels, upright, without EXIF; flattened on white.
    """

    lon: float | None
    lat: float | None
    taken_at: str | None
    thumbnail: bytes


def read_photo(path: Path, form: str) -> Photo:
    """Decode a photo to its last pixel and read its EXIF. The file is only read.

    Args:
        path: where it lies.
        form: Pillow's name of the format its bytes say; no other is tried.

    Raises:
        AttachmentError: ``expands``: more pixels than are opened here; ``broken``: it cannot be decoded to the end.
    """
    try:
        with _ONE_AT_A_TIME, Image.open(path, formats=(form,)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_many_pixels(f"{image.width} x {image.height}")
            image.load()
            exif = _exif_of(image)
            return Photo(*position_of(exif), moment_of(exif), _small(image, exif, THUMBNAIL_SIDE))
    except Image.DecompressionBombError:
        raise _too_many_pixels("far too many") from None
    except (UnidentifiedImageError, *_ODD_EXIF, EOFError, MemoryError) as error:
        raise AttachmentError(
            "broken", f"the photo cannot be opened to its end ({error}): bring it again, whole"
        ) from error


def clean_copy(path: Path, form: str, side: int) -> bytes:
    """A photo drawn anew as JPEG: upright, at most ``side`` pixels wide and high, nothing of the old file but its pixels.

    Args:
        path: of a photo that :func:`read_photo` has read.
        form: Pillow's name of its format.
        side: pixels.
    """
    with _ONE_AT_A_TIME, Image.open(path, formats=(form,)) as image:
        return _small(image, _exif_of(image), side)


def position_of(exif: Image.Exif | None) -> tuple[float | None, float | None]:
    """Longitude and latitude, degrees, WGS84; (None, None) where a photo does not say, or says what cannot be.

    Exactly 0, 0 is what cameras without a fix write, and another datum than WGS84 is not recalculated: both count as not said.
    """
    try:
        gps: dict[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo) if exif is not None else {}
        datum = re.sub(r"[^A-Z0-9]", "", _word(gps.get(ExifTags.GPS.GPSMapDatum)).upper())
        lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), _word(gps.get(ExifTags.GPS.GPSLatitudeRef)), "N", "S", 90)
        lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), _word(gps.get(ExifTags.GPS.GPSLongitudeRef)), "E", "W", 180)
    except _ODD_EXIF:
        return None, None
    if lat is None or lon is None or (lat == 0 and lon == 0) or datum not in {"", "WGS84", "WGS1984"}:
        return None, None
    return lon, lat


def moment_of(exif: Image.Exif | None) -> str | None:
    """DateTimeOriginal as it stands; None where a photo does not say, or what stands there is no date."""
    try:
        said = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) if exif is not None else None
    except _ODD_EXIF:
        return None
    text = _word(said)
    return text if _MOMENT.fullmatch(text) and re.search("[1-9]", text) else None


def _exif_of(image: Image.Image) -> Image.Exif | None:
    try:
        return image.getexif()
    except _ODD_EXIF:
        return None


def _word(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _degrees(value: Any, hemisphere: str, positive: str, negative: str, most: int) -> float | None:
    """Degrees, minutes and seconds with their hemisphere as signed degrees; None: they are none."""
    if value is None or hemisphere.upper() not in {positive, negative}:
        return None
    degrees, minutes, seconds = (float(part) for part in value)
    if not (
        0 <= degrees <= most and 0 <= minutes < 60 and 0 <= seconds < 60
    ):  # a division by zero is NaN and fails too
        return None
    whole = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(whole) or whole > most:
        return None
    return round(-whole if hemisphere.upper() == negative else whole, 7)


def _small(image: Image.Image, exif: Image.Exif | None, side: int) -> bytes:
    if image.mode in {"RGB", "L", "RGBA", "CMYK"}:
        small = image
    else:
        small = image.convert("RGBA" if "transparency" in image.info or "A" in image.mode else "RGB")
    small.thumbnail((side, side))
    # A new picture, so that nothing of the old one but its pixels can come along: no EXIF, no comment, no profile.
    clean = Image.new("RGB", small.size, "white")
    clean.paste(small.convert("RGB"), mask=small.getchannel("A") if small.mode == "RGBA" else None)
    turn = _UPRIGHT.get(_orientation(exif))
    out = io.BytesIO()
    (clean.transpose(turn) if turn is not None else clean).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _orientation(exif: Image.Exif | None) -> int:
    try:
        said = exif.get(ExifTags.Base.Orientation) if exif is not None else None
    except _ODD_EXIF:
        return 1
    return said if isinstance(said, int) else 1


def _too_many_pixels(said: str) -> AttachmentError:
    return AttachmentError(
        "expands",
        f"the picture has {said} pixels, and at most {MAX_PIXELS // 1_000_000} million are opened here: bring it smaller",
    )
