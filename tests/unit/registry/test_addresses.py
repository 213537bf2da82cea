"""Addresses: the credential goes in, and never shows."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from patrol.registry import CredentialError, address, redact
from patrol.registry.addresses import has_clear_credential
from tests.unit.registry.county import load_changed, spec

SOURCE = "source: rtsp://192.0.2.1/live"


def opened(
    *changes: tuple[str, str], environ: dict[str, str] | None = None, base: Path | None = None, key: str = "gate-12"
) -> str:
    found = spec(load_changed(*changes), key)
    return address(found.camera, found.platform, found.preset, environ or {}, base)


def test_the_platforms_credential_is_put_in_quoted() -> None:
    assert opened(environ={"POLICE": "op:p@ss/w:rd?"}) == "rtsp://op:p%40ss%2Fw%3Ard%3F@192.0.2.1/live"


def test_a_user_without_password_and_the_end_of_line_of_a_file() -> None:
    assert opened(environ={"POLICE": " op\n"}) == "rtsp://op@192.0.2.1/live"


def test_the_placeholder_says_where_it_belongs() -> None:
    environ = {"POLICE": "a b:c/d"}
    assert (
        opened((SOURCE, "source: 'rtsp://{credential}@192.0.2.1/x'"), environ=environ)
        == "rtsp://a%20b:c%2Fd@192.0.2.1/x"
    )
    assert (
        opened((SOURCE, "source: 'http://192.0.2.1/x?t={credential}'"), environ=environ)
        == "http://192.0.2.1/x?t=a%20b%3Ac%2Fd"
    )


def test_the_cameras_own_credential_goes_first() -> None:
    change = ("platform: police", "platform: police\n    credential: env:OWN")
    assert opened(change, environ={"OWN": "me:x", "POLICE": "op:y"}) == "rtsp://me:x@192.0.2.1/live"


def test_a_credential_file_is_found_beside_the_registry(tmp_path: Path) -> None:
    (tmp_path / "police.txt").write_text("op:geheim\n", "utf-8")
    assert opened(("env:POLICE", "file:police.txt"), base=tmp_path) == "rtsp://op:geheim@192.0.2.1/live"


def test_a_file_source_starts_from_the_registrys_folder_and_needs_no_credential(tmp_path: Path) -> None:
    assert opened(key="river-1") == "clips/river.mp4"
    assert opened(key="river-1", base=tmp_path) == str(tmp_path / "clips/river.mp4")
    assert opened(("clips/river.mp4", "/data/a.mp4"), key="river-1", base=tmp_path) == "/data/a.mp4"
    assert opened(("platform: files", "platform: police"), key="river-1") == "clips/river.mp4"


def test_a_presets_own_source_wins() -> None:
    presets = ("name: River", "name: River\n    presets: [{id: a, source: 'http://192.0.2.9/a'}, {id: b}]")
    assert opened(presets, key="river-1/a") == "http://192.0.2.9/a"
    assert opened(presets, key="river-1/b") == "clips/river.mp4"


def test_the_environment_is_the_process_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "POLICE", "op:1")
    found = spec(load_changed(), "gate-12")
    assert address(found.camera, found.platform) == "rtsp://op:1@192.0.2.1/live"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "camera gate-12: credential env:POLICE: the environment variable POLICE is not set"),
        ({"POLICE": " \n"}, "camera gate-12: credential env:POLICE is empty; it must hold user:password"),
        (
            {"POLICE": "op:hunter2\nop:hunter3"},
            "camera gate-12: credential env:POLICE holds more than one line of text",
        ),
    ],
)
def test_a_credential_that_is_not_there_is_named_never_shown(environ: dict[str, str], said: str) -> None:
    with pytest.raises(CredentialError) as missing:
        opened(environ=environ)
    assert str(missing.value).startswith(said)
    assert "hunter" not in str(missing.value)
    assert isinstance(missing.value, ValueError)


def test_a_credential_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match=r"credential file:none.txt: .*none.txt cannot be read \(No such file"):
        opened(("env:POLICE", "file:none.txt"), base=tmp_path)
    (tmp_path / "bad.txt").write_bytes(b"op:\xff")
    with pytest.raises(CredentialError, match="is not UTF-8 text"):
        opened(("env:POLICE", "file:bad.txt"), base=tmp_path)


SECRET = st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)


@given(SECRET.filter(lambda user: ":" not in user), SECRET)
@example("a@b", "p:/?#[]@")
def test_any_credential_survives_the_way_into_the_address_and_never_shows(user: str, password: str) -> None:
    url = opened(environ={"POLICE": f"{user}:{password}"})
    parts = urlsplit(url)
    assert (unquote(parts.username or ""), unquote(parts.password or ""), parts.hostname) == (
        user,
        password,
        "192.0.2.1",
    )
    assert redact(url) == "rtsp://***@192.0.2.1/live"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://192.0.2.1:554/live", "rtsp://192.0.2.1:554/live"),
        ("rtsp://op:hunter2@192.0.2.1:554/live", "rtsp://***@192.0.2.1:554/live"),
        ("RTSP://op:hunter2@192.0.2.1/", "RTSP://***@192.0.2.1/"),
        ("rtsp://op@192.0.2.1/live", "rtsp://***@192.0.2.1/live"),
        ("rtsp://op:hunt/er2@192.0.2.1/live", "rtsp://***@192.0.2.1/live"),
        ("rtsp://op:hunt?er2@192.0.2.1/live", "rtsp://***@192.0.2.1/live"),
        ("rtsp://op:hunt#er2@192.0.2.1/live", "rtsp://***@192.0.2.1/live"),
        ("rtsp://op:12/34@192.0.2.1/live", "rtsp://***@192.0.2.1/live"),
        ("rtsp://op:hunter2@[2001:db8::1]:554/live", "rtsp://***@[2001:db8::1]:554/live"),
        ("rtsp://[2001:db8::1]:554/cam@1", "rtsp://[2001:db8::1]:554/cam@1"),
        ("rtsp://192.0.2.1:554/cam@1", "rtsp://192.0.2.1:554/cam@1"),
        ("http://h/x?token=hunter2&ch=1", "http://h/x?token=***&ch=1"),
        ("http://h/x?ch=1&Password=hunter2#a", "http://h/x?ch=1&Password=***#a"),
        ("http://h/x?%74oken=hunter2", "http://h/x?%74oken=***"),
        ("http://h/x?streamKey=hunter2", "http://h/x?streamKey=***"),
        ("http://h/x?to=rtsp%3A%2F%2Fop%3Ahunter2%40h2", "http://h/x?to=***"),
        ("rtsp://h/user=op&password=hunter2&channel=1.sdp", "rtsp://h/user=***&password=***&channel=1.sdp"),
        ("rtsp://h/channel=1_user=op_password=hunter2_stream=0.sdp", "rtsp://h/channel=***"),
        ("rtsp://op:hunter2@[::1/live", "rtsp://***@[::1/live"),
        ("clips/river.mp4", "clips/river.mp4"),
        ("/data/cam@1/clip.mp4", "/data/cam@1/clip.mp4"),
        ("", ""),
        ("cannot open rtsp://op:hunter2@192.0.2.1/live: refused", "cannot open rtsp://***@192.0.2.1/live: refused"),
        ("op:hunter2@192.0.2.1/live", "***@192.0.2.1/live"),
    ],
)
def test_what_logs_show(url: str, shown: str) -> None:
    assert redact(url) == shown
    assert "hunter2" not in redact(url)


@given(SECRET, SECRET, st.sampled_from(["/live", "/live?x=1", "", "/cam@1"]))
def test_even_an_unquoted_password_never_shows(user: str, password: str, path: str) -> None:
    # Of a dotted user whose password begins with digits and a slash no reader could tell that it is not a host.
    assume("." not in user)
    assert "S3cr3t" not in redact(f"rtsp://{user}:{password}S3cr3t@192.0.2.1{path}")


@given(SECRET, st.sampled_from(["token", "access_token", "key", "apikey", "pwd", "password", "sign", "auth"]))
def test_no_token_shows(secret: str, name: str) -> None:
    url = f"http://192.0.2.1/x?a=1&{name}={quote('S3cr3t' + secret)}&b=2"
    assert redact(url) == f"http://192.0.2.1/x?a=1&{name}=***&b=2"
    assert has_clear_credential(url)


@given(st.text(max_size=60))
def test_redact_takes_anything_and_twice_is_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    assert redact("rtsp://" + text) is not None
