"""The list of clips: what it says of a clip, and how it says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detectors import Kind
from patrol.evaluation import ManifestError, read_manifest

HEADER = "file\tkind\tlabel\tday_night\tsource"
Write = Callable[..., Path]


@pytest.fixture
def listed(tmp_path: Path) -> Write:
    for name in ("a.mp4", "b.mp4", "c.MKV"):
        (tmp_path / name).write_bytes(b"video")

    def write(*rows: str, header: str = HEADER) -> Path:
        file = tmp_path / "MANIFEST.tsv"
        file.write_text("\n".join([header, *rows]) + "\n", "utf-8")
        return file

    return write


@pytest.mark.parametrize(
    ("kind", "label", "shows"),
    [
        ("traffic", "congested", {Kind.CONGESTION}),
        ("traffic", "dense-moving", set()),
        ("traffic", "free", set()),
        ("fireworks", "fireworks", {Kind.FIREWORKS}),
        ("fishing", "angling", {Kind.FISHING}),
        ("negative", "none", set()),
    ],
)
def test_a_clip_shows_what_its_label_says_and_nothing_else(
    listed: Write, kind: str, label: str, shows: set[Kind]
) -> None:
    (clip,) = read_manifest(listed(f"a.mp4\t{kind}\t{label}\tday\tx/y")).clips
    assert (clip.shows, clip.line, clip.synthetic, clip.source) == (shows, 2, False, "x/y")


def test_further_kinds_stand_in_also(listed: Write) -> None:
    (clip,) = read_manifest(
        listed("a.mp4\ttraffic\tcongested\tnight\tx/y\tfireworks, fishing", header=f"{HEADER}\talso")
    ).clips
    assert clip.shows == {Kind.CONGESTION, Kind.FIREWORKS, Kind.FISHING}


def test_synthetic_is_said_in_a_column_or_by_the_first_word(listed: Write) -> None:
    manifest = read_manifest(
        listed(
            "a.mp4\tnegative\tnone\tday\tx/y\tyes\tdrawn",
            "b.mp4\tnegative\tnone\tday\tx/y\t-\tSynthetic street",
            "c.MKV\tnegative\tnone\tday\tsynthetic scenes\tno\tbut filmed off a screen",
            header=f"{HEADER}\tsynthetic\tdescription",
        )
    )
    assert [clip.synthetic for clip in manifest.clips] == [True, True, False]


def test_rows_of_no_video_are_passed_over_and_counted_whatever_they_say(listed: Write) -> None:
    manifest = read_manifest(
        listed(
            "w/model.onnx\tweights\tcoco80\t-\tx/y",
            "i/1.jpg\tfishing\tcatch-portrait\tday\tx/y",
            "i/2.JPG\tfishing\tnone\tday\tx/y",
            'a.mp4\tnegative\tnone\tday\tsaid to be "x" or "y',
        )
    )
    assert manifest.passed_over == {".jpg": 2, ".onnx": 1}
    assert [clip.source for clip in manifest.clips] == ['said to be "x" or "y']


@pytest.mark.parametrize(
    ("rows", "line", "why"),
    [
        (["a.mp4\tnegative\tnone\tday\tx", "b.mp4\tlitter\tnone\tday\tx"], 3, "kind 'litter' of b.mp4 is unknown"),
        (["a.mp4\ttraffic\tslow\tday\tx"], 2, "label 'slow' of a.mp4 is unknown; kind traffic has congested"),
        (["a.mp4\tnegative\tnone\tdusk\tx"], 2, "neither day nor night"),
        (["a.mp4\tnegative\tnone\tday\t-"], 2, "a.mp4 has no source"),
        (["", "", "gone.mp4\tnegative\tnone\tday\tx"], 4, "gone.mp4 is not there"),
        ([f"{'x' * 300}.mp4\tnegative\tnone\tday\tx"], 2, "xxx.mp4 is not there"),
        (["a.mp4\tnegative\tnone\tday"], 2, "4 tab-separated fields, the header has 5"),
        (["a.mp4\tnegative\tnone\tday\tx", "a.mp4\tnegative\tnone\tday\tx"], 3, "stands on line 2 already"),
        (["a.jpg\tnegative\tnone\tday\tx"], None, "no row names a video"),
        ([], None, "no row names a video"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(listed: Write, rows: list[str], line: int | None, why: str) -> None:
    file = listed(*rows)
    with pytest.raises(ManifestError) as caught:
        read_manifest(file)
    assert caught.value.line == line
    said = str(caught.value)
    assert said.startswith(f"{file}, line {line}: " if line else f"{file}: ")
    assert why in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [("also", "litter", "kind 'litter' is unknown"), ("synthetic", "perhaps", "'perhaps' is neither yes nor no")],
)
def test_a_wrong_optional_column_is_named(listed: Write, column: str, value: str, why: str) -> None:
    file = listed(f"a.mp4\tnegative\tnone\tday\tx\t{value}", header=f"{HEADER}\t{column}")
    with pytest.raises(ManifestError, match=f"line 2: {column}: {why}"):
        read_manifest(file)


def test_a_wrong_header_is_line_1(listed: Write) -> None:
    with pytest.raises(ManifestError, match="line 1: no column label, source in the header"):
        read_manifest(listed(header="file\tkind\tday_night"))
    with pytest.raises(ManifestError, match="line 1: column kind stands there twice"):
        read_manifest(listed(header=f"{HEADER}\tkind"))


def test_a_list_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"none\.tsv: no such file"):
        read_manifest(tmp_path / "none.tsv")
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(tmp_path)
    (tmp_path / "odd.tsv").write_bytes(b"file\tkind\xff")
    with pytest.raises(ManifestError, match="not UTF-8"):
        read_manifest(tmp_path / "odd.tsv")
