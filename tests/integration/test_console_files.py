"""How the built console is served: a page for each of its addresses, code that is kept, nothing beside it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import problems
from api.console import is_page, serve_console

SCRIPT = b"console.log('patrol');" * 100


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / ".vite").mkdir()
    (static / ".vite" / "manifest.json").write_text("{}")
    (static / "index.html").write_text("<title>patrol</title>")
    (static / "manifest.webmanifest").write_text("{}")
    (static / "assets" / "main-1a2b.js").write_bytes(SCRIPT)
    (static / "assets" / "main-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (static / "assets" / "small-3c.js").write_bytes(b"1")
    (tmp_path / "secret.txt").write_text("not for you")
    app = FastAPI()
    problems.install(app, lambda _request, _why: None)
    serve_console(app, static)
    with TestClient(app) as made:
        yield made


@pytest.mark.parametrize("path", ["/", "/review", "/admin/cameras/gate", "/enter", "/dispatch/"])
def test_every_address_of_the_console_answers_with_its_page_and_is_asked_for_again(
    client: TestClient, path: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (200, "<title>patrol</title>")
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/evidence/nothing",
        "/a/nothing",
        "/assets/nothing.js",
        "/assets/..%2F..%2Fsecret.txt",
        "/..%2Fsecret.txt",
        "/%2e%2e/secret.txt",
        "/.vite/manifest.json",
        "/favicon.ico",
    ],
)
def test_what_is_no_page_and_no_file_is_an_error(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "not for you" not in answer.text


def test_code_is_kept_for_ever_and_comes_compressed_to_who_takes_it(client: TestClient) -> None:
    packed = client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip, deflate, br"})
    plain = client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip;q=0, identity"})
    small = client.get("/assets/small-3c.js", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", SCRIPT)
    assert int(packed.headers["content-length"]) < len(SCRIPT)
    assert ("content-encoding" in plain.headers, plain.content) == (False, SCRIPT)
    assert ("content-encoding" in small.headers, small.content) == (False, b"1")
    for answer in (packed, plain, small):
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"


def test_code_that_a_browser_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip"})
    again = client.get(
        "/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_what_stands_beside_the_page_is_served_by_its_name(client: TestClient) -> None:
    answer = client.get("/manifest.webmanifest")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/manifest+json")
    assert answer.headers["cache-control"] == "no-cache"


def test_a_console_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    app = FastAPI()
    serve_console(app, tmp_path / "none")
    with TestClient(app) as client:
        answer = client.get("/review")
    assert answer.status_code == 503
    assert "make console" in answer.text


def test_an_address_of_the_service_is_never_a_page() -> None:
    assert all(is_page(path) for path in ("/", "/review", "/admin/users"))
    assert not any(is_page(path) for path in ("/api", "/api/v2/x", "/a/x", "/evidence/x", "/healthz", "/sw.js"))
