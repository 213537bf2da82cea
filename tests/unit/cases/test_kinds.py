"""What a file is, by its bytes; and what of a name is kept."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.cases._kinds import Kind, check_ending, clean_name, ending_of, kind_of
from patrol.cases._refused import AttachmentError
from tests.support import papers

WORD_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def refused(data: bytes) -> tuple[str, str]:
    with pytest.raises(AttachmentError) as error:
        kind_of(io.BytesIO(data))
    return error.value.why, str(error.value)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (papers.photo(), "image/jpeg"),
        (papers.photo("PNG"), "image/png"),
        (papers.photo("WEBP"), "image/webp"),
        (papers.paper(), "application/pdf"),
        (papers.word(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (papers.workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("已到场处置。\r\n拥堵已疏通。\n".encode(), "text/plain; charset=utf-8"),
        (b"\xef\xbb\xbfwith a mark\n", "text/plain; charset=utf-8"),
        (papers.video(), "video/mp4"),
    ],
)
def test_a_file_is_known_by_its_bytes(data: bytes, media_type: str) -> None:
    assert kind_of(io.BytesIO(data)).media_type == media_type


@pytest.mark.parametrize(
    ("data", "why", "words"),
    [
        (b"GIF89a" + bytes(100), "kind", "nothing that is accepted"),
        (b"MZ\x90\x00" + bytes(100), "kind", "nothing that is accepted"),
        ("拥堵".encode("gbk"), "kind", "text in GBK: save it as UTF-8"),
        (b"fine\x00until here", "kind", "nothing that is accepted"),
        (b"text\x1b[2Jthat drives a terminal", "kind", "nothing that is accepted"),
        ("字".encode()[:2], "kind", "nothing that is accepted"),
        (papers.photo("AVIF"), "kind", "send it as JPEG"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "kind", "send it as JPEG"),
        (b"\0\0\0\x14ftypqt  " + bytes(40), "kind", "'qt'"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "kind", "save it as .docx or .xlsx"),
        (papers.paper()[:-40], "broken", "breaks off"),
    ],
)
def test_what_is_not_accepted_is_refused_with_what_to_do(data: bytes, why: str, words: str) -> None:
    found, said = refused(data)
    assert (found, words in said) == (why, True), said


def test_text_that_breaks_between_two_reads_is_still_text() -> None:
    text = ("拥" * 50_000).encode()
    assert len(text) > 2 * 64 * 1024
    assert kind_of(io.BytesIO(text)).suffix == ".txt"


def zipped(parts: dict[str, bytes], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
        made.comment = comment
    return out.getvalue()


def types(*inner: str, before: str = "") -> bytes:
    return f"<?xml version='1.0'?>{before}<Types>{''.join(inner)}</Types>".encode()


MAIN = f'<Override PartName="/word/document.xml" ContentType="{WORD_MAIN.decode()}"/>'


def test_a_zip_that_only_calls_itself_a_document_is_refused() -> None:
    assert refused(zipped({"a.txt": b"x"})) == (
        "kind",
        "a ZIP archive that is neither a Word nor an Excel file: unpack it first",
    )
    assert refused(zipped({"[Content_Types].xml": types(MAIN), "other.xml": b"<x/>"}))[0] == "kind", "no main part"
    assert (
        kind_of(io.BytesIO(zipped({"[Content_Types].xml": types(MAIN), "word/document.xml": b"<x/>"}))).suffix
        == ".docx"
    )


@pytest.mark.parametrize(
    "data",
    [
        papers.rezipped(papers.word(), {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
        papers.rezipped(papers.word(), {"word/VBAPROJECT.BIN": b"\xd0\xcf\x11\xe0"}),
        papers.rezipped(papers.word(), replaced={WORD_MAIN: b"application/vnd.ms-word.document.macroEnabled.main+xml"}),
        papers.rezipped(
            papers.word(), replaced={WORD_MAIN: b"application/vnd.ms-word.document.macro&#69;nabled.main+xml"}
        ),
        papers.rezipped(
            papers.word(),
            {"word/other.bin": b"x"},
            {
                b"</Types>": b'<Override PartName="/word/other.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
            },
        ),
    ],
    ids=["part", "part in capitals", "docm", "docm behind a character reference", "part by another name"],
)
def test_macros_are_refused_however_they_are_called(data: bytes) -> None:
    assert refused(data) == ("macros", "the document carries macros: save it without them, as .docx or .xlsx")


def test_a_zip_bomb_is_refused_without_being_unpacked() -> None:
    bomb = papers.rezipped(papers.word(), {"word/media/big.bin": bytes(300 * 1024 * 1024)})
    assert len(bomb) < 400_000
    why, said = refused(bomb)
    assert (why, "which no document does" in said) == ("expands", True)


def test_parts_that_lie_over_each_other_are_refused() -> None:
    """Many directory entries that share the same packed bytes expand far beyond what each ratio shows."""
    plain = zipped({"[Content_Types].xml": types(MAIN), "word/document.xml": bytes(2_000_000)})
    at = plain.rfind(b"PK\x01\x02")
    entry, end = plain[at:-22], bytearray(plain[-22:])
    copies = entry * 200
    start = int.from_bytes(end[16:20], "little")
    end[8:12] = (202).to_bytes(2, "little") * 2
    end[12:16] = (len(plain) - 22 - start + len(copies)).to_bytes(4, "little")
    why, _ = refused(plain[:-22] + copies + bytes(end))
    assert why == "expands"


def test_a_directory_longer_than_any_documents_is_refused_before_it_is_read() -> None:
    end = bytearray(zipped({"[Content_Types].xml": types(MAIN)}))
    end[-10:-6] = (3 * 1024 * 1024).to_bytes(4, "little")
    assert refused(bytes(end))[0] == "expands"


@pytest.mark.parametrize(
    "data",
    [
        papers.word()[:-30],
        zipped({"[Content_Types].xml": types(MAIN), "word/document.xml": b"<x/>"}, comment=b"hidden"),
        zipped({"[Content_Types].xml": b"<Types>"}),
        zipped(
            {"[Content_Types].xml": types(MAIN, before='<!DOCTYPE x [<!ENTITY a "b">]>'), "word/document.xml": b"x"}
        ),
        papers.word()[:200] + bytes(200) + papers.word()[400:],
    ],
    ids=["truncated", "with a comment", "types cut off", "with entities", "overwritten in the middle"],
)
def test_a_damaged_document_is_refused(data: bytes) -> None:
    assert refused(data)[0] == "broken"


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2**32))
def test_no_bytes_after_a_zips_beginning_do_anything_but_refuse(junk: bytes, at: int) -> None:
    good = zipped({"[Content_Types].xml": types(MAIN), "word/document.xml": b"<x/>"})
    place = at % len(good)
    data = b"PK\x03\x04" + (good[:place] + junk + good[place + len(junk) :])[4:]
    with contextlib.suppress(AttachmentError):
        assert kind_of(io.BytesIO(data)).suffix == ".docx"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("现场照片 1.jpg", "现场照片 1.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\x.jpg", "x.jpg"),
        ("/", "unnamed"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("a\0.jpg", "a.jpg"),
        ("a\r\nSet-Cookie: b.jpg", "aSet-Cookie: b.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\u200b\u2066b.jpg", "ab.jpg"),
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
        ("  a   b .jpg. ", "a b .jpg"),
        ("x" * 300 + ".jpeg", "x" * 195 + ".jpeg"),
        ("现" * 300, "现" * 200),
    ],
)
def test_a_name_loses_its_folders_and_what_cannot_be_seen(name: str, kept: str) -> None:
    assert clean_name(name) == kept


@given(st.text(max_size=400))
def test_whatever_somebody_calls_a_file_its_kept_name_is_no_path_and_fits(name: str) -> None:
    kept = clean_name(name)
    assert 0 < len(kept) <= 200
    assert not set("/\\\0\r\n\u202e") & set(kept)
    assert kept not in {".", ".."}
    assert clean_name(kept) == kept


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.JPG", ".JPG"),
        ("a.tar.gz", ".gz"),
        ("v1.2", ""),
        ("湘阴.照片", ""),
        ("a.7z", ".7z"),
        ("a", ""),
        (".docx", ".docx"),
    ],
)
def test_an_ending_is_letters_after_the_last_dot(name: str, ending: str) -> None:
    assert ending_of(name) == ending


def test_a_name_that_contradicts_the_bytes_is_refused_with_both_named() -> None:
    jpeg: Kind = kind_of(io.BytesIO(papers.photo()))
    for fits in ("a.jpg", "a.JPEG", "a", "v1.2"):
        check_ending(fits, jpeg)
    with pytest.raises(AttachmentError) as error:
        check_ending("report.pdf", jpeg)
    assert str(error.value) == "report.pdf: the name ends in .pdf, but the bytes are a JPEG photo; call it ….jpg"
