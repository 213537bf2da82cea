"""The copy of a clip or a still: plays in a browser, hides what it must, and says nothing beside its picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detectors import Box, Frame, Objects, Zone, ZoneKind
from patrol.evidence.export import ExportError, copy_clip, copy_still
from patrol.evidence.footer import strip
from patrol.evidence.masking import Rules

LINE = "EX-20261126-0001 · 事件 7f3a · 东门 (gate) · 2026-11-26 18:20:05 · 提供给 县交警大队 · 已遮挡 MASKED"
WHERE: Box = (0.4, 0.25, 0.5, 0.75)
HEAD = (slice(60, 96), slice(128, 160))
"""Of a picture of 240 x 320: rows and columns of the head of who stands at ``WHERE``."""


class SeesOnePerson:
    """An object model that sees somebody at one place, but only in some frames."""

    name, classes = "one person", frozenset({"person"})

    def __init__(self, blind: tuple[float, float] = (9.0, 9.0)) -> None:
        self._blind = blind

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        if within is not None or self._blind[0] <= frame.at <= self._blind[1]:
            return Objects(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), ())
        return Objects(np.array([WHERE], np.float32), np.array([0.6], np.float32), ("person",))

    def water(self, frame: Frame) -> None:
        return None


def clip(file: Path, seconds: float = 1.6, *, width: int = 321, height: int = 241) -> Path:
    """Coarse noise that stands still, with sound and a title, as cameras and phones make them."""
    blocks = np.random.default_rng(3).integers(0, 256, (60, 80, 3), np.uint8)
    picture = cv2.resize(blocks, (width, height), interpolation=cv2.INTER_NEAREST)
    with av.open(str(file), "w", format="matroska") as out:
        out.metadata["title"] = "seen at 0730-1234567"
        shown = out.add_stream("mpeg4", rate=25)
        shown.width, shown.height, shown.pix_fmt = width - width % 2, height - height % 2, "yuv420p"
        shown.bit_rate = 4_000_000
        heard = out.add_stream("aac", rate=8000)
        heard.layout = "mono"
        for n in range(round(seconds * 25)):
            frame = av.VideoFrame.from_ndarray(picture[: shown.height, : shown.width].copy(), format="bgr24")
            frame.pts, frame.time_base = n, Fraction(1, 25)
            out.mux(shown.encode(frame))
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 8000
        for n in range(round(seconds * 8000 / 1024)):
            sound.pts, sound.time_base = n * 1024, Fraction(1, 8000)
            out.mux(heard.encode(sound))
        out.mux(shown.encode(None))
        out.mux(heard.encode(None))
    return file


def frames_of(file: Path) -> list[np.ndarray]:
    with av.open(str(file)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def detail(picture: np.ndarray) -> float:
    """How much a region changes from pixel to pixel, in shades."""
    return float(np.abs(np.diff(picture.astype(np.float64), axis=1)).mean())


def test_a_copy_is_h264_in_mp4_without_sound_or_a_word_about_its_source(tmp_path: Path) -> None:
    source = clip(tmp_path / "clip.mkv")
    made = copy_clip(source, tmp_path / "out" / "copy.mp4", model=SeesOnePerson(), rules=Rules(), line=LINE)
    with av.open(str(tmp_path / "out" / "copy.mp4")) as copy:
        assert [(s.type, s.codec_context.name) for s in copy.streams] == [("video", "h264")]
        assert copy.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert not {"title", "comment", "creation_time", "encoder"} & set(copy.metadata)
        assert abs(float(copy.duration or 0) / 1e6 - 1.6) < 0.1
    data = (tmp_path / "out" / "copy.mp4").read_bytes()
    assert b"0730-1234567" not in data
    assert data.index(b"moov") < data.index(b"mdat"), "a browser can begin before it has all of it"
    assert (made.frames, made.hidden, made.bytes) == (40, 40, len(data))
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["copy.mp4"]


def test_the_head_is_gone_in_every_frame_and_the_rest_is_as_it_was(tmp_path: Path) -> None:
    source = clip(tmp_path / "clip.mkv")
    # Blind for a moment: what was seen before and after is hidden in between.
    copy_clip(source, tmp_path / "copy.mp4", model=SeesOnePerson((0.5, 0.9)), rules=Rules(), line=LINE)
    shown, given = frames_of(tmp_path / "copy.mp4"), frames_of(source)
    assert len(shown) == len(given)
    for copy, original in zip(shown, given, strict=True):
        assert detail(copy[HEAD]) < 0.35 * detail(original[HEAD])
        assert np.abs(copy[150:230, 10:100].astype(int) - original[150:230, 10:100]).mean() < 25
        assert detail(copy[150:230, 10:100]) > 0.6 * detail(original[150:230, 10:100])


def test_the_line_stands_below_the_picture_and_covers_nothing_of_it(tmp_path: Path) -> None:
    copy_clip(clip(tmp_path / "clip.mkv"), tmp_path / "copy.mp4", model=None, rules=Rules(), line=LINE)
    first, given = frames_of(tmp_path / "copy.mp4")[0], frames_of(tmp_path / "clip.mkv")[0]
    below = strip(LINE, 320)
    assert first.shape[0] == 240 + below.shape[0]
    assert np.abs(first[:240].astype(int) - given).mean() < 20
    assert np.abs(first[240:].astype(int) - below).mean() < 20


def test_an_unmasked_copy_shows_people_but_no_private_zone(tmp_path: Path) -> None:
    garden = Zone("garden", ZoneKind.PRIVATE, ((0.0, 0.5), (0.3, 0.5), (0.3, 1.0), (0.0, 1.0)))
    source = clip(tmp_path / "clip.mkv")
    made = copy_clip(source, tmp_path / "copy.mp4", model=None, rules=Rules(private=(garden,)), line=LINE)
    first, given = frames_of(tmp_path / "copy.mp4")[0], frames_of(source)[0]
    assert made.hidden == 0
    assert detail(first[HEAD]) > 0.6 * detail(given[HEAD])
    assert first[130:230, 8:88].mean() < 12


def test_the_same_order_gives_the_same_file(tmp_path: Path) -> None:
    source = clip(tmp_path / "clip.mkv", 0.8)
    both = [
        copy_clip(source, tmp_path / f"{n}.mp4", model=SeesOnePerson(), rules=Rules(), line=LINE).sha256
        for n in range(2)
    ]
    assert both[0] == both[1]


def test_a_still_is_masked_and_carries_its_line_and_no_metadata(tmp_path: Path) -> None:
    source = tmp_path / "picture.jpg"
    picture = np.random.default_rng(5).integers(0, 256, (240, 320, 3), np.uint8)
    plain = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    source.write_bytes(plain[:2] + b"\xff\xfe\x00\x0eGPS 28.68 N" + b"\0" + plain[2:])
    made = copy_still(source, tmp_path / "copy.jpg", model=SeesOnePerson(), rules=Rules(), line=LINE)
    data = (tmp_path / "copy.jpg").read_bytes()
    assert b"GPS" in source.read_bytes()
    assert b"GPS" not in data
    copy = cv2.imread(str(tmp_path / "copy.jpg"))
    assert copy is not None
    assert (made.frames, made.hidden) == (1, 1)
    assert copy.shape[0] == 240 + strip(LINE, 320).shape[0]
    assert detail(copy[HEAD]) < 0.2 * detail(picture[HEAD])


@pytest.mark.parametrize("content", [b"", b"this is no video", b"\x1a\x45\xdf\xa3" + b"\0" * 400])
def test_a_file_that_is_no_video_is_refused_by_name_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(content)
    for copy in (copy_clip, copy_still):
        with pytest.raises(ExportError, match=r"clip\.mp4"):
            copy(source, tmp_path / "out" / "copy", model=None, rules=Rules(), line=LINE)
    assert not any((tmp_path / "out").glob("*"))


def test_the_strip_is_as_wide_as_the_picture_and_breaks_what_is_too_long() -> None:
    narrow, wide = strip(LINE, 176), strip(LINE, 1920)
    assert (narrow.shape[1], wide.shape[1]) == (176, 1920)
    assert narrow.shape[0] % 2 == wide.shape[0] % 2 == 0
    assert narrow.shape[0] > 3 * 11
    assert (wide > 200).any()
    assert strip("x" * 300, 176).shape[0] > 5 * 11, "a word longer than a line is broken, not cut"
