"""Photos: decoded whole or refused; where and when they say; small pictures that say neither."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from patrol.cases._photos import MAX_PIXELS, Photo, read_photo
from patrol.cases._refused import AttachmentError
from tests.support import footage, papers

G = ExifTags.GPS


def read(data: bytes, folder: Path, form: str = "JPEG") -> Photo:
    file = folder / "photo"
    file.write_bytes(data)
    return read_photo(file, form)


@pytest.mark.footage
def test_a_real_photo_with_a_place_gives_it_and_its_small_picture_does_not(tmp_path: Path) -> None:
    real = footage.ROOT / "images" / "fishing_frames" / "wading_14s.jpg"
    with Image.open(real) as image:
        data = papers.photo(said=papers.exif(), of=image, quality=90, comment=b"at 112.909, 28.689")
    found = read(data, tmp_path)
    assert (found.lon, found.lat, found.taken_at) == (*papers.XIANGYIN, "2026:11:25 16:07:03")
    assert b"112.909" in data
    assert b"112.909" not in found.thumbnail
    small = Image.open(io.BytesIO(found.thumbnail))
    assert (small.format, max(small.size)) == ("JPEG", 320)
    assert dict(small.getexif()) == {}
    assert set(small.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("place", [(112.909, 28.689), (-70.5, -33.25), (0.0, 51.5), (180.0, -90.0)])
def test_places_keep_their_hemisphere_in_every_format(form: str, place: tuple[float, float], tmp_path: Path) -> None:
    found = read(papers.photo(form, papers.exif(place)), tmp_path, form)
    assert (found.lon, found.lat) == pytest.approx(place, abs=1e-6)


@pytest.mark.parametrize(
    "gps",
    [
        {G.GPSLatitude: (IFDRational(28, 1), IFDRational(41, 0), IFDRational(0, 1))},
        {G.GPSLatitude: (IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0))},
        {G.GPSLatitude: (IFDRational(91, 1), IFDRational(0, 1), IFDRational(0, 1))},
        {G.GPSLatitude: (IFDRational(90, 1), IFDRational(0, 1), IFDRational(1, 1))},
        {G.GPSLatitude: (IFDRational(28, 1), IFDRational(60, 1), IFDRational(0, 1))},
        {G.GPSLatitude: (IFDRational(28, 1), IFDRational(41, 1))},
        {G.GPSLongitude: (IFDRational(181, 1), IFDRational(0, 1), IFDRational(0, 1))},
        {G.GPSLongitudeRef: None},
        {G.GPSLatitudeRef: "X"},
        {G.GPSLongitude: None},
        {G.GPSMapDatum: "TOKYO"},
        {G.GPSMapDatum: "GCJ-02"},
    ],
)
def test_a_place_that_cannot_be_is_none_and_the_photo_is_a_photo_all_the_same(
    gps: dict[int, object], tmp_path: Path
) -> None:
    found = read(papers.photo(said=papers.exif(gps=gps)), tmp_path)
    assert (found.lon, found.lat) == (None, None)
    assert found.taken_at == "2026:11:25 16:07:03"
    assert found.thumbnail


def test_zero_zero_is_no_place_and_a_named_wgs84_is_one(tmp_path: Path) -> None:
    zero = read(papers.photo(said=papers.exif((0.0, 0.0))), tmp_path)
    assert (zero.lon, zero.lat) == (None, None)
    named = read(papers.photo(said=papers.exif(gps={G.GPSMapDatum: "WGS-84"})), tmp_path)
    assert (named.lon, named.lat) == papers.XIANGYIN


@pytest.mark.parametrize(
    "said", ["    :  :     :  :  ", "0000:00:00 00:00:00", "<script>alert(1)</script>", "9" * 40, None]
)
def test_a_moment_that_is_none_is_not_kept(said: str | None, tmp_path: Path) -> None:
    assert read(papers.photo(said=papers.exif(taken=said)), tmp_path).taken_at is None


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    # EXIF 2.32, 0x0112: where the stored picture's left (red) half is to be shown.
    [
        (1, "left"),
        (2, "right"),
        (3, "right"),
        (4, "left"),
        (5, "top"),
        (6, "top"),
        (7, "bottom"),
        (8, "bottom"),
        (99, "left"),
    ],
)
def test_small_pictures_stand_upright(orientation: int, red_at: str, tmp_path: Path) -> None:
    data = papers.photo(said=papers.exif(orientation=orientation), quality=95)
    small = Image.open(io.BytesIO(read(data, tmp_path).thumbnail)).convert("RGB")
    width, height = small.size
    assert (width > height) is (red_at in {"left", "right"})
    spots = {
        "left": (width // 4, height // 2),
        "right": (3 * width // 4, height // 2),
        "top": (width // 2, height // 4),
        "bottom": (width // 2, 3 * height // 4),
    }
    shown = {side for side, spot in spots.items() if red_and_not_blue(small, spot)}
    assert red_at in shown
    assert {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[red_at] not in shown


def red_and_not_blue(image: Image.Image, spot: tuple[int, int]) -> bool:
    pixel = image.getpixel(spot)
    assert isinstance(pixel, tuple)
    return pixel[0] > 150 > pixel[2]


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "I;16", "1"])
def test_pictures_of_every_mode_have_a_small_picture(mode: str, tmp_path: Path) -> None:
    made = Image.new("I;16", (600, 400), 30000) if mode == "I;16" else papers.picture().convert(mode)
    small = Image.open(io.BytesIO(read(papers.photo("PNG", of=made), tmp_path, "PNG").thumbnail))
    assert (small.format, small.mode, max(small.size)) == ("JPEG", "RGB", 320)


def test_what_is_transparent_is_white_in_the_small_picture(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (400, 400), (255, 0, 0, 0))
    small = Image.open(io.BytesIO(read(papers.photo("PNG", of=clear), tmp_path, "PNG").thumbnail))
    assert small.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_photo_that_breaks_off_is_refused(form: str, share: float, tmp_path: Path) -> None:
    whole = papers.photo(form)
    with pytest.raises(AttachmentError, match="bring it again, whole") as error:
        read(whole[: int(len(whole) * share)], tmp_path, form)
    assert error.value.why == "broken"


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    data = papers.bomb_png()
    assert len(data) < 400_000
    with pytest.raises(AttachmentError, match="pixels") as error:
        read(data, tmp_path, "PNG")
    assert error.value.why == "expands"
    just_too_many = papers.bomb_png(9_000)
    assert MAX_PIXELS < 9_000**2
    with pytest.raises(AttachmentError, match="9000 x 9000 pixels"):
        read(just_too_many, tmp_path, "PNG")


def test_a_format_that_the_bytes_do_not_say_is_never_tried(tmp_path: Path) -> None:
    with pytest.raises(AttachmentError) as error:
        read(papers.photo("PNG"), tmp_path, "JPEG")
    assert error.value.why == "broken"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's own words about the damage
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_damage_to_exif_breaks_a_photo(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = bytearray(papers.photo(said=papers.exif(orientation=6), of=papers.picture((64, 48))))
    begin = whole.index(b"Exif\0\0") + 6
    length = int.from_bytes(whole[begin - 8 : begin - 6], "big") - 8
    for _ in range(data.draw(st.integers(1, 8))):
        whole[begin + data.draw(st.integers(0, length - 1))] = data.draw(st.integers(0, 255))
    found = read(bytes(whole), tmp_path_factory.getbasetemp())
    assert found.thumbnail
    assert (found.lon is None) == (found.lat is None)
    assert found.lon is None or (-180 <= found.lon <= 180 and -90 <= (found.lat or 0) <= 90)
