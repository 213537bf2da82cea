"""Attachments over HTTP: each role on its own, a child's and a foreign case; what people and attackers send."""

from __future__ import annotations

import http.client
import io
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from patrol.store import Store
from tests.support import papers
from tests.support.attachment_desk import PHOTO, TOWNSHIP, Desk
from tests.support.case_files import number


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(store, tmp_path)
    yield made
    made.stop()


def test_a_photo_that_is_brought_is_given_back_byte_for_byte(desk: Desk) -> None:
    made = desk.bring("township", desk.own, PHOTO, "现场 照片.jpg")
    assert made.status_code == 201
    whole = made.json()
    assert (whole["name"], whole["media_type"], whole["scan"], whole["unit"], whole["by"]) == (
        "现场 照片.jpg",
        "image/jpeg",
        "clean",
        TOWNSHIP,
        "township",
    )
    assert (whole["lon"], whole["lat"], whole["taken_at"]) == (*papers.XIANGYIN, "2026:11:25 16:07:03")
    assert desk.get("township", desk.own).json() == [whole]
    file = desk.get("township", desk.own, f"/{whole['id']}")
    assert (file.status_code, file.content) == (200, PHOTO)
    assert (file.headers["content-type"], file.headers["etag"]) == ("image/jpeg", f'"{whole["sha256"]}"')
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["content-disposition"] == f"inline; filename*=utf-8''{quote('现场 照片.jpg')}"
    small = desk.get("township", desk.own, f"/{whole['id']}/thumbnail")
    image = Image.open(io.BytesIO(small.content))
    assert (small.headers["content-type"], max(image.size), dict(image.getexif())) == ("image/jpeg", 320, {})
    again = desk.bring("operator", desk.own, PHOTO, "b.jpg")
    assert (again.status_code, again.json()) == (201, whole)


def test_ranges_and_copies_that_are_held_already(desk: Desk) -> None:
    whole = desk.bring("centre", desk.own).json()
    below, tag = f"/{whole['id']}", f'"{whole["sha256"]}"'
    part = desk.get("centre", desk.own, below, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, PHOTO[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(PHOTO)}"
    assert desk.get("centre", desk.own, below, headers={"Range": f"bytes={len(PHOTO)}-"}).status_code == 416
    for held in (tag, f'"x", W/{tag}'):
        same = desk.get("centre", desk.own, below, headers={"If-None-Match": held})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert desk.get("auditor", desk.own, below, headers={"If-None-Match": tag}).status_code == 403


READ_FILES = {
    # who: what GET of the list, GET of the centre's file and POST of another one answer, on the own, child's, foreign case
    "centre": ((200, 200, 201), (200, 200, 201), (200, 200, 201)),
    "lead": ((200, 200, 201), (200, 200, 201), (200, 200, 201)),
    "operator": ((200, 200, 201), (200, 200, 201), (200, 200, 201)),
    "township": ((200, 200, 201), (200, 200, 201), (403, 403, 403)),
    "police": ((403, 403, 403), (403, 403, 403), (200, 200, 201)),
    "auditor": ((200, 403, 403), (200, 403, 403), (200, 403, 403)),
    "admin": ((403, 403, 403), (403, 403, 403), (403, 403, 403)),
    "hotline": ((200, 403, 201), (403, 403, 403), (403, 403, 403)),
}


@pytest.mark.parametrize("who", READ_FILES)
def test_each_role_sees_and_brings_what_it_may(desk: Desk, who: str) -> None:
    for case, expected in zip((desk.own, desk.child, desk.foreign), READ_FILES[who], strict=True):
        file = desk.bring("centre", case).json()["id"]
        listed, opened = desk.get(who, case), desk.get(who, case, f"/{file}")
        small = desk.get(who, case, f"/{file}/thumbnail")
        brought = desk.bring(who, case, b"what I saw", "note.txt")
        assert (listed.status_code, opened.status_code, brought.status_code) == expected
        assert small.status_code == opened.status_code
        for answer in (listed, opened, small, brought):
            if answer.status_code == 403:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["detail"]
        if brought.status_code == 403:
            assert [f["id"] for f in desk.get("centre", case).json()] == [file], "a refusal changes nothing"
        if who == "hotline" and case == desk.own:
            assert [f["by"] for f in listed.json()] == []
            assert [f["by"] for f in desk.get(who, case).json()] == ["hotline"]
            assert desk.get(who, case, f"/{brought.json()['id']}").content == b"what I saw"


def test_a_file_is_asked_for_with_its_own_case_only(desk: Desk) -> None:
    file = desk.bring("centre", desk.foreign).json()["id"]
    assert desk.get("township", desk.own, f"/{file}").status_code == 404
    assert desk.get("township", number(99)).status_code == 404
    assert desk.get("centre", "..%2F..%2Fpatrol.sqlite").status_code == 404


def test_only_the_shift_lead_removes_with_a_reason_that_stays(desk: Desk) -> None:
    whole = desk.bring("township", desk.own).json()
    path = f"/cases/{desk.own}/attachments/{whole['id']}"
    for who in ("operator", "township", "hotline", "auditor", "admin"):
        with desk.as_(who) as client:
            assert client.delete(path, params={"because": "x"}).status_code == 403
    with desk.as_("lead") as client:
        assert client.delete(path).status_code == 422
        assert len(desk.lying()) == 2
        removed = client.delete(path, params={"because": "shows a bystander"}).json()["removed"]
    assert (removed["by"], removed["because"], desk.lying()) == ("lead", "shows a bystander", [])
    assert desk.get("township", desk.own).json()[0]["removed"] == removed
    gone = desk.get("township", desk.own, f"/{whole['id']}")
    assert (gone.status_code, gone.json()["detail"]) == (410, "it was removed by lead: shows a bystander")


@pytest.mark.parametrize(
    ("data", "name", "status", "words"),
    [
        (b"", "a.jpg", 422, "the file is empty"),
        (b"\x7fELF" + bytes(50), "a.jpg", 415, "nothing that is accepted"),
        (papers.paper(), "a.jpg", 415, "the name ends in .jpg, but the bytes are a PDF document"),
        (PHOTO[: len(PHOTO) // 2], "a.jpg", 422, "cannot be opened to its end"),
        (papers.bomb_png(), "a.png", 422, "pixels"),
        (papers.rezipped(papers.word(), {"word/media/x.bin": bytes(300 << 20)}), "a.docx", 422, "would expand"),
        (papers.rezipped(papers.word(), {"word/vbaProject.bin": b"x"}), "a.docx", 415, "carries macros"),
        (papers.EICAR, "a.txt", 422, "found malware in the file; it was deleted"),
    ],
    ids=["empty", "program", "contradiction", "truncated", "pixel bomb", "zip bomb", "macros", "EICAR"],
)
def test_what_is_refused_is_said_and_leaves_nothing(
    desk: Desk, data: bytes, name: str, status: int, words: str
) -> None:
    answer = desk.bring("township", desk.own, data, name)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert desk.lying() == []
    assert desk.get("township", desk.own).json() == []


def test_a_file_that_is_too_large_is_refused_before_it_is_read(desk: Desk) -> None:
    announced = desk.bring("township", desk.own, bytes(2 << 20), "a.jpg")
    assert (announced.status_code, "larger than 1 MiB" in announced.json()["detail"]) == (413, True)
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)
    connection.putrequest("POST", f"/api/v1/cases/{desk.own}/attachments")
    connection.putheader("Authorization", f"Bearer {desk.tokens['township']}")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(100 << 30))
    connection.endheaders()
    assert connection.getresponse().status == 413, "answered on the headers alone"
    connection.close()


def test_a_file_of_unknown_length_is_refused_when_it_passes_the_limit(desk: Desk) -> None:
    """The answer comes while the client still sends; it needs not read on to the end."""
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    head = (
        f"POST /api/v1/cases/{desk.own}/attachments HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: Bearer {desk.tokens['township']}\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    sent = 0
    with socket.create_connection(("127.0.0.1", desk.port), timeout=20) as line:
        line.sendall(head.encode() + b"%x\r\n%b\r\n" % (len(part), part))
        while not select.select([line], [], [], 0)[0]:
            line.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")
            sent += 65536
            assert sent < 100 << 20, "a hundred times the limit, and no answer"
        assert line.recv(12) == b"HTTP/1.1 413"
    assert desk.lying() == []


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"", 415),
        ("multipart/form-data; boundary=b", b"no form at all", 422),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--\r\n',
            422,
        ),
        (
            "multipart/form-data; boundary=b",
            (
                b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n'
                b'--b\r\nContent-Disposition: form-data; name="file"; filename="b.txt"\r\n\r\nhello\r\n--b--\r\n'
            ),
            422,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello, and no end',
            422,
        ),
        ("multipart/form-data; boundary=" + "b" * 500, b"--", 422),
        ("multipart/form-data; boundary=b", b"--b\r\nX: " + b"y" * 30_000 + b"\r\n\r\n--b--", 422),
    ],
)
def test_a_form_that_is_not_one_file_is_refused(desk: Desk, content_type: str, body: bytes, status: int) -> None:
    with desk.as_("township") as client:
        answer = client.post(f"/cases/{desk.own}/attachments", content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert desk.lying() == []


NAMES = {
    # as the form says it, byte by byte: as it is kept
    b"../../x.txt": "x.txt",
    rb"..\..\x.txt": "x.txt",
    b"/etc/cron.d/x.txt": "x.txt",
    b"%2e%2e%2fx.txt": "%2e%2e%2fx.txt",
    b"n" * 300 + b".txt": "n" * 196 + ".txt",
    "photo\u202etxt.txt".encode(): "phototxt.txt",
    b"<img src=x onerror=alert(1)>.txt": "<img src=x onerror=alert(1)>.txt",
    b"x.html%0D%0AX-Evil: 1.txt": "x.html%0D%0AX-Evil: 1.txt",
    b"\xff\xfe.txt": "\ufffd\ufffd.txt",
    b"": "unnamed",
}


@pytest.mark.parametrize("said", NAMES)
def test_a_name_is_never_a_path_a_header_or_markup(desk: Desk, said: bytes) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + said + b'"\r\n\r\nhello\r\n--b--\r\n'
    with desk.as_("centre") as client:
        answer = client.post(
            f"/cases/{desk.own}/attachments",
            content=body,
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
    assert (answer.status_code, answer.json()["name"]) == (201, NAMES[said])
    file = desk.get("centre", desk.own, f"/{answer.json()['id']}")
    assert file.content == b"hello"
    assert (file.headers["content-type"], "x-evil" in file.headers) == ("text/plain; charset=utf-8", False)
    assert file.headers["content-disposition"].startswith("attachment; filename")
    assert not set("<>\r\n") & set(file.headers["content-disposition"])
    assert desk.lying() == [f"{answer.json()['sha256']}.txt"]


def test_a_name_with_a_nul_is_refused_by_the_form_or_loses_it(desk: Desk) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a\0.txt"\r\n\r\nhello\r\n--b--\r\n'
    with desk.as_("centre") as client:
        answer = client.post(
            f"/cases/{desk.own}/attachments",
            content=body,
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
    assert "\0" not in answer.text
    assert (answer.status_code, answer.json().get("name")) == (201, "a.txt")


@pytest.mark.parametrize(
    ("data", "name"),
    [(papers.word(), "a.docx"), (papers.workbook(), "a.xlsx"), (papers.paper(), "a.pdf"), (papers.video(), "a.mp4")],
)
def test_documents_and_videos_are_handed_out_to_be_saved_and_not_shown(desk: Desk, data: bytes, name: str) -> None:
    whole = desk.bring("police", desk.foreign, data, name).json()
    assert (whole["thumbnail"], whole["lon"]) == (False, None)
    file = desk.get("police", desk.foreign, f"/{whole['id']}")
    assert (file.content, file.headers["content-disposition"]) == (data, f'attachment; filename="{name}"')
    assert desk.get("police", desk.foreign, f"/{whole['id']}/thumbnail").status_code == 404


def test_a_kept_file_that_was_changed_is_not_handed_out(desk: Desk) -> None:
    whole = desk.bring("centre", desk.own, b"what I saw", "a.txt").json()
    (place,) = (desk.folder / "cases" / desk.own).iterdir()
    place.write_bytes(b"what I say")
    answer = desk.get("centre", desk.own, f"/{whole['id']}")
    assert (answer.status_code, "SHA-256 differs" in answer.json()["detail"]) == (500, True)
    place.unlink()
    assert "is gone" in desk.get("centre", desk.own, f"/{whole['id']}").json()["detail"]
